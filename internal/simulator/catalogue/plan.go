package catalogue

// plan is what an order will look like, before it is written out. Traits change it.
type plan struct {
	locale, country string
	currency        *currency // nil: the country's
	method          string
	collect         collection
	branch          int  // position in places of the branch that hands over or sends
	supplied        bool // lines name the branch as supply channel
	store           string

	number      string // pattern with * for the counter; empty: none
	numberLater bool
	entry       string
	after       string
	fate        Fate
	cancel      bool

	shipping  []func(map[string]any) // changes of the shipping address
	billing   string                 // same, separate, none
	noEmail   bool
	nobody    bool // neither address nor e-mail
	unpaid    bool
	fieldType string // type of the order's custom fields; empty: none

	lines         int
	products      []int // the first lines are these
	gift          bool
	reduced       bool // price is discounted
	byQuantity    bool // cart discount on part of the line
	externalTotal bool
	precise       bool
	fee, wrap     bool
}

// collection is how an order says where its goods are collected.
type collection int

const (
	notCollected collection = iota
	byField                 // an order field names the channel
	byLines                 // the lines' supply channel
	torn                    // the lines name two channels and nothing else decides
)

// Where collected orders wait, by country; other countries collect in Berlin.
func branchNumber(country string) int {
	switch country {
	case "AT":
		return 4
	case "FR":
		return 5
	case "GB":
		return 6
	case "PL":
		return 7
	case "JP":
		return 8
	}
	return 1
}

func (p *plan) money() currency {
	if p.currency != nil {
		return *p.currency
	}
	switch p.country {
	case "GB":
		return gbp
	case "JP":
		return jpy
	case "KW":
		return kwd
	}
	return eur
}

func (p *plan) isCollected() bool { return p.collect != notCollected }
