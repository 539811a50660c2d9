package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// Explanation is what an order becomes, and why.
type Explanation struct {
	Export   ExportDecision                    `json:"export"`
	Order    fulfillmenttools.OrderForCreation `json:"order"` // as far as it could be mapped
	Notes    []string                          `json:"notes"`
	Problems []string                          `json:"problems"` // fulfillmenttools would refuse it when there are any
	Excluded []Excluded                        `json:"excluded"`
	Fields   []Explained                       `json:"explanation"`
}

// ExportDecision is whether an order would be exported as it is.
type ExportDecision struct {
	Would  bool   `json:"would"`
	Reason string `json:"reason,omitempty"` // why not
	// Empty: none of its lines goes, so there is nothing that could be mapped.
	Empty bool `json:"-"`
}

func exportDecisionOf(order commercetools.Order, shop config.Shop, budget *rules.Budget) ExportDecision {
	decision, err := Decide(order, shop, budget)
	switch {
	case err != nil:
		return ExportDecision{Reason: err.Error()}
	case decision.Verdict == Exported:
		return ExportDecision{Reason: "exported already: it names fulfillmenttools order " + order.Snapshot.TextField(OrderIDField)}
	case decision.Verdict == Cancel:
		return ExportDecision{Reason: "order state is " + order.Snapshot.OrderState + ": its fulfillmenttools order is cancelled"}
	}
	return ExportDecision{
		Would: decision.Verdict == Create, Reason: decision.Reason,
		Empty: strings.HasPrefix(decision.Reason, nothingLeft),
	}
}

// Explained is one field of the fulfillmenttools order.
type Explained struct {
	Field string   `json:"field"` // its path, such as orderLineItems[0].quantity
	Value string   `json:"value"`
	Rule  string   `json:"rule"`         // the rule's field in docs/mapping.md
	From  string   `json:"from"`         // where the rule takes it from; of export.set, the expression too
	Of    string   `json:"of,omitempty"` // what that is part of, such as mapLineItems[0]
	Notes []string `json:"notes,omitempty"`
}

// Explain is Map, and tells of each field which rule filled it.
func Explain(order commercetools.Order, shop config.Shop, surroundings Surroundings) Explanation {
	surroundings.Budget = cmp.Or(surroundings.Budget, new(rules.Budget))
	prospect := exportDecisionOf(order, shop, surroundings.Budget)
	m := newMapping(order, shop, surroundings)
	m.trail = &trail{rows: map[string]row{}}
	mapped := m.mapOrder()
	return Explanation{
		Export: prospect,
		Order:  mapped, Fields: m.trail.explainFields(&mapped), Excluded: append([]Excluded{}, m.selected.excluded...),
		Notes: append([]string{}, m.notes...), Problems: append([]string{}, m.problems...), // lists in JSON, even when empty
	}
}

// trail remembers which rule filled which field, by watching what each rule changes.
type trail struct {
	rows  map[string]row
	steps int
}

type row struct {
	rule, from, of string
	notes          []string
	step           int // when it was filled
}

// watchRule looks at what a rule is about to fill; the function that it gives looks again
// and notes down what changed, except what a rule within that rule has filled.
func (t *trail) watchRule(m *mapping, at place, field, from string, to any) func() {
	begun, noted, before := t.steps, len(m.notes), map[string]string{}
	for _, leaf := range leavesOf(at.to, to) {
		before[leaf.path] = leaf.value
	}
	return func() {
		t.steps++
		of := at.from
		if m.origin != "" {
			from, of, m.origin = m.origin, "", ""
		}
		for _, leaf := range leavesOf(at.to, to) {
			value, there := before[leaf.path]
			filled, known := t.rows[leaf.path]
			if there && value == leaf.value || known && filled.step > begun {
				continue
			}
			t.rows[leaf.path] = row{rule: joinedPath(at.to, field), from: from, of: of, notes: append([]string(nil), m.notes[noted:]...), step: t.steps}
		}
	}
}

func (t *trail) explainFields(order *fulfillmenttools.OrderForCreation) []Explained {
	var fields []Explained
	for _, leaf := range leavesOf("", order) {
		row := t.rows[leaf.path]
		fields = append(fields, Explained{Field: leaf.path, Value: leaf.value, Rule: withoutIndexes(row.rule), From: row.from, Of: row.of, Notes: row.notes})
	}
	return fields
}

// dropUnsent forgets what was filled and is not there in the end.
func (t *trail) dropUnsent(order *fulfillmenttools.OrderForCreation) {
	there := map[string]bool{}
	for _, leaf := range leavesOf("", order) {
		there[leaf.path] = true
	}
	maps.DeleteFunc(t.rows, func(path string, _ row) bool { return !there[path] })
}

// sourceOf says what the field was taken from, or all those within it; empty for one that
// nothing filled, or that several sources did.
func (t *trail) sourceOf(field string) (common string) {
	for path, filled := range t.rows {
		if !isWithinPath(path, field) {
			continue
		}
		source := filled.from
		if filled.of != "" {
			source = filled.of + ": " + filled.from
		}
		if common != "" && common != source {
			return ""
		}
		common = source
	}
	return common
}

// leaf is a field that holds no other.
type leaf struct{ path, value string }

// leavesOf lists the fields of what is sent, in the order of its JSON.
func leavesOf(place string, sent any) []leaf {
	text, err := json.Marshal(sent)
	if err != nil {
		return nil
	}
	var found []leaf
	collectLeaves(jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true)), place, &found)
	return found
}

// collectLeaves reads one value of what json.Marshal wrote, so that it cannot fail.
func collectLeaves(decoder *jsontext.Decoder, path string, found *[]leaf) {
	token, _ := decoder.ReadToken()
	switch token.Kind() {
	case '{':
		for decoder.PeekKind() == '"' {
			key, _ := decoder.ReadToken()
			collectLeaves(decoder, joinedPath(path, key.String()), found)
		}
		_, _ = decoder.ReadToken()
	case '[':
		for i := 0; decoder.PeekKind() > 0 && decoder.PeekKind() != ']'; i++ {
			collectLeaves(decoder, path+"["+strconv.Itoa(i)+"]", found)
		}
		_, _ = decoder.ReadToken()
	default:
		*found = append(*found, leaf{path, token.String()})
	}
}

func joinedPath(place, field string) string {
	if place == "" {
		return field
	}
	return place + "." + field
}

// withoutIndexes turns orderLineItems[3].quantity into orderLineItems[].quantity.
func withoutIndexes(path string) string {
	var general strings.Builder
	within := false
	for _, r := range path {
		if r == ']' {
			within = false
		}
		if !within {
			general.WriteRune(r)
		}
		if r == '[' {
			within = true
		}
	}
	return general.String()
}
