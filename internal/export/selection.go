package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/rules"
)

// Excluded is a line that does not go to fulfillmenttools.
type Excluded struct {
	Line   string `json:"line"` // such as line 2, or custom line item 1
	Reason string `json:"reason"`
}

// Why lines stay.
const (
	noPieces      = "it has no pieces"
	byRule        = "export.lines leaves it out"
	notNamed      = "export.customLineItems does not name it"
	negativePrice = "its price is negative"
)

// nothingLeft begins the reason of an order of which no line goes.
const nothingLeft = "nothing is left to fulfil"

// selection is which of an order's lines go to fulfillmenttools.
type selection struct {
	lines, customs []int // their indexes
	excluded       []Excluded
}

// selectLines takes line items, and custom line items that the shop named and that are no
// vouchers, as long as they have pieces and export.lines is true for them. A line at which
// the rule fails is taken; the error is *Undecided. scope makes what expressions read.
func selectLines(order *commercetools.Order, shop config.ExportRules, scope func() rules.OrderScope) (selection, error) {
	var s selection
	var failed error
	allowed := func(label string, line func(rules.Order) *rules.Line) bool {
		if !shop.Lines.IsSet() {
			return true
		}
		seen := scope()
		wanted, err := shop.Lines.EvalBool(rules.LineScope{Order: seen.Order, Line: line(seen.Order), Budget: seen.Budget})
		if err != nil && failed == nil {
			failed = &Undecided{Rule: "export.lines", Err: fmt.Errorf("%s: %w", label, err)}
		}
		return wanted || err != nil
	}
	for i := range order.LineItems {
		line, label := &order.LineItems[i], lineLabel(i)
		switch {
		case line.Quantity < 1:
			s.exclude(label, noPieces)
		case !allowed(label, func(o rules.Order) *rules.Line { return o.LineItems[i] }):
			s.exclude(label, byRule)
		default:
			s.lines = append(s.lines, i)
		}
	}
	for i := range order.CustomLineItems {
		line, label := &order.CustomLineItems[i], customLabel(i)
		switch {
		case !isWantedCustomLine(line, shop.CustomLineItems):
			s.exclude(label, notNamed)
		case isVoucher(line):
			s.exclude(label, negativePrice)
		case line.Quantity < 1:
			s.exclude(label, noPieces)
		case !allowed(label, func(o rules.Order) *rules.Line { return o.CustomLineItems[i] }):
			s.exclude(label, byRule)
		default:
			s.customs = append(s.customs, i)
		}
	}
	return s, failed
}

func lineLabel(index int) string   { return fmt.Sprintf("line %d", index+1) }
func customLabel(index int) string { return fmt.Sprintf("custom line item %d", index+1) }

func (s *selection) exclude(label, reason string) {
	s.excluded = append(s.excluded, Excluded{label, reason})
}

func (s *selection) isEmpty() bool { return len(s.lines)+len(s.customs) == 0 }

// countExcluded is how many lines stay for this reason.
func (s *selection) countExcluded(reason string) (n int) {
	for _, staying := range s.excluded {
		if staying.Reason == reason {
			n++
		}
	}
	return n
}

// whyEmpty says why nothing is left of the order.
func (s *selection) whyEmpty() string {
	var reasons []string
	for _, reason := range []string{byRule, noPieces, notNamed, negativePrice} {
		if n := s.countExcluded(reason); n > 0 {
			reasons = append(reasons, fmt.Sprintf("%s (%d)", reason, n))
		}
	}
	if len(reasons) == 0 {
		return nothingLeft + ": the order has no line"
	}
	return nothingLeft + ", of each line: " + strings.Join(reasons, ", ")
}

// isWantedCustomLine reports a custom line item that the shop wants; the others, such as fees, are
// nothing that could be picked.
func isWantedCustomLine(line *platform.CustomLineItem, wanted config.CustomLineItems) bool {
	return matchesAny(wanted.Keys, orEmpty(line.Key)) || matchesAny(wanted.Slugs, strings.TrimSpace(line.Slug))
}

// isVoucher reports a voucher: nobody picks one, whatever its name.
func isVoucher(line *platform.CustomLineItem) bool {
	seen := rules.CustomLineOf(*line)
	return min(seen.Price.CentAmount, seen.Price.PreciseAmount, seen.TotalPrice.CentAmount) < 0
}

// isDeliveredAlready reports whether the order's deliveries hold every piece of the lines that would go.
func (s *selection) isDeliveredAlready(order *commercetools.Order) bool {
	delivered := map[string]int{}
	for _, shipping := range order.Snapshot.Shipping {
		for _, delivery := range shipping.Deliveries {
			for _, item := range delivery.Items {
				delivered[item.ID] += item.Quantity
			}
		}
	}
	missing := func(id string, quantity int) bool { return delivered[id] < quantity }
	return !s.isEmpty() &&
		!slices.ContainsFunc(s.lines, func(i int) bool { return missing(order.LineItems[i].ID, order.LineItems[i].Quantity) }) &&
		!slices.ContainsFunc(s.customs, func(i int) bool { return missing(order.CustomLineItems[i].ID, order.CustomLineItems[i].Quantity) })
}
