package shadow

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fftconnect/internal/outcome"
)

// Kind is what kind of difference there is.
type Kind string

const (
	// Differs: both wrote it, not the same.
	Differs Kind = "differs"
	// OnlyOurs: we would have written it, the other connector did not.
	OnlyOurs Kind = "only ours"
	// OnlyTheirs: the other connector wrote it, we would not have.
	OnlyTheirs Kind = "only theirs"
)

// Kinds lists them all.
var Kinds = []Kind{Differs, OnlyOurs, OnlyTheirs}

// Difference is one field that is not the same on both sides, in however many places.
type Difference struct {
	Field  string // a path without positions, or what was done as a whole: order, cancellation
	Kind   Kind
	Detail string // an example, without personal data; may be empty
}

// isAddition reports something that the other connector does not know at all, rather than
// something that it did otherwise.
func (d Difference) isAddition() bool {
	return d.Kind == OnlyOurs && !slices.Contains(known, d.Field)
}

// known is what the existing connector does too.
var known = []string{
	"order", "cancellation", "shipmentState", "fft_order_id", "fft_pickjob_id", "fft_short_id", "fft_facility_id",
	"fft_handoverjob_id", "fft_load_units_amount", "fft_parcels", "facility",
	"orderLineItems", "consumer.addresses", "tags", "deliveryPreferences.collect", "deliveryPreferences.shipping.preferredCarriers",
	"deliveryPreferences.shipping.serviceLevel", "deliveryPreferences.shipping.preselectedFacilities",
}

func (d Difference) String() string {
	if d.Detail == "" {
		return fmt.Sprintf("%s (%s)", d.Field, d.Kind)
	}
	return fmt.Sprintf("%s (%s: %s)", d.Field, d.Kind, d.Detail)
}

// The journal holds a comparison as a text that begins with one of these.
const (
	same    = "same as the other connector"
	differs = "differs from the other connector"
)

// resultOf is how a message ends whose order was compared. what says in plain words
// what we would have written.
func resultOf(orderID, what string, differences []Difference) outcome.Result {
	result := outcome.Result{Kind: outcome.Shadowed, Order: orderID, Reason: same + " [" + what + "]"}
	if len(differences) > 0 {
		texts := make([]string, len(differences))
		for i, d := range differences {
			texts[i] = d.String()
		}
		result.Reason = differs + " [" + what + "]: " + strings.Join(texts, "; ")
	}
	return result
}

// written is a difference in a journal's text. A detail may hold quoted texts.
var written = regexp.MustCompile(`(\S+) \((differs|only ours|only theirs)(?:: ((?:"(?:[^"\\]|\\.)*"|[^")])*))?\)(?:; |$)`)

// parseDifferences takes the differences out of a journal's text; ok is false for a text of
// something else.
func parseDifferences(reason string) (differences []Difference, ok bool) {
	if strings.HasPrefix(reason, same) {
		return nil, true
	}
	if !strings.HasPrefix(reason, differs) {
		return nil, false
	}
	_, texts, _ := strings.Cut(reason, "]: ")
	for _, found := range written.FindAllStringSubmatch(texts, -1) {
		differences = append(differences, Difference{Field: found[1], Kind: Kind(found[2]), Detail: found[3]})
	}
	return differences, true
}

// withoutRepetitions puts the places of a field together, the fields in the order of their names.
func withoutRepetitions(all []Difference) []Difference {
	type key struct {
		field string
		kind  Kind
	}
	places := map[key]int{}
	var first []Difference
	for _, d := range all {
		k := key{d.Field, d.Kind}
		if places[k]++; places[k] == 1 {
			first = append(first, d)
		}
	}
	for i, d := range first {
		if n := places[key{d.Field, d.Kind}]; n > 1 {
			first[i].Detail = strings.TrimPrefix(fmt.Sprintf("%s, %d places", d.Detail, n), ", ")
		}
	}
	slices.SortStableFunc(first, func(a, b Difference) int { return strings.Compare(a.Field, b.Field) })
	return first
}
