package notify

import "time"

// Kind is what can be wrong.
type Kind string

// What can be wrong.
const (
	DeadLetters   Kind = "dead_letters"
	LateOrders    Kind = "late_orders"
	Backlog       Kind = "backlog"
	Blocked       Kind = "blocked"
	PlatformAway  Kind = "platform_away"
	Paused        Kind = "paused"
	TokenEnds     Kind = "token_ends"
	StoreAway     Kind = "store_away"
	Installation  Kind = "installation"
	Configuration Kind = "configuration"
)

// about is what goes for all conditions of a kind.
type about struct {
	hold    time.Duration // that it lasts before it is told
	page    string        // of the console
	runbook string        // heading in docs/operations.md, as an anchor
	alert   string        // the rule in deploy/alerts.yaml that tells the same; empty: none
}

var kinds = map[Kind]about{
	DeadLetters:   {time.Minute, "/attention", "orders-need-attention", "FftconnectOrdersNeedAttention"},
	LateOrders:    {30 * time.Minute, "/late", "orders-late", "FftconnectOrdersLate"},
	Backlog:       {5 * time.Minute, "/now", "backlog-ages", "FftconnectBacklogAges"},
	Blocked:       {2 * time.Minute, "/now", "blocked", "FftconnectBlocked"},
	PlatformAway:  {5 * time.Minute, "/now", "platform-away", "FftconnectPlatformAway"},
	Paused:        {time.Hour, "/now", "paused", "FftconnectPaused"},
	TokenEnds:     {0, "/now", "token-ends", "FftconnectTokenEnds"},
	StoreAway:     {2 * time.Minute, "/now", "store-away", "FftconnectStoreAway"},
	Installation:  {2 * time.Hour, "/now", "installation-broken", "FftconnectInstallationBroken"},
	Configuration: {2 * time.Minute, "/settings", "configuration-wrong", ""},
}

// Kinds lists them all, with the alert rule that tells the same, the time that a condition
// lasts before it is told, and where the runbook speaks of it.
func Kinds(each func(kind Kind, alert string, hold time.Duration, runbook string)) {
	for kind, of := range kinds {
		each(kind, of.alert, of.hold, of.runbook)
	}
}

// Thresholds that the alert rules have too.
const (
	// OldBacklog is how long a stored event may wait.
	OldBacklog = time.Hour
	// tokenNear is how long before its end a token is near it, or an eighth of its life if
	// that is less: it is renewed in the last quarter, so that has failed several times.
	tokenNear = 14 * 24 * time.Hour
)

// TokenIsNearItsEnd reports whether a token that ends then should have been renewed.
func TokenIsNearItsEnd(now, ends time.Time, life time.Duration) bool {
	left := ends.Sub(now)
	return !ends.IsZero() && left < tokenNear && left < life/8
}

// Condition is one thing that is wrong. It holds no personal data.
type Condition struct {
	Kind   Kind
	Key    string // tells it from others of its kind, and stays the same while it lasts
	Title  string // in one line
	Advice string // what to do about it
	Count  int    // how many orders or messages; 0 where that means nothing
}

func (c Condition) id() string { return string(c.Kind) + " " + c.Key }

// Found is what is wrong now.
type Found struct {
	Conditions []Condition
	// Unknown are kinds that could not be looked at: nothing is said of them, not that they
	// are over either.
	Unknown []Kind
}
