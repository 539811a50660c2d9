package shadow

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/outcome"
)

// Report sums comparisons up: what somebody wants to know before switching.
type Report struct {
	Export     Side `json:"export"`
	Feedback   Side `json:"feedback"`
	Facilities Side `json:"facilities"` // its orders are channels
}

// Side is one direction.
type Side struct {
	Orders    int     `json:"orders"` // compared
	Same      int     `json:"same"`
	More      int     `json:"more"` // the same, and with what the other connector does not know
	Different int     `json:"different"`
	Fields    []Field `json:"differences"`
}

// Field is one field that differed, most orders first.
type Field struct {
	Field  string `json:"field"`
	Kind   Kind   `json:"kind"`
	Orders int    `json:"orders"`
	Detail string `json:"detail,omitempty"` // of the latest order
	Order  string `json:"order"`            // that one
}

// Tally takes comparisons in, oldest first. The zero value is empty.
type Tally struct {
	Last  time.Time // of the latest comparison
	sides map[outcome.Flow]*sideTally
}

type sideTally struct {
	orders map[string]likeness // by the least like of the order's comparisons
	fields map[fieldKey]*fieldTally
}

// likeness is how like the other's our work is, the most like first.
type likeness int

const (
	alike likeness = iota
	richer
	unlike
)

func likenessOf(differences []Difference) likeness {
	like := alike
	for _, d := range differences {
		if !d.isAddition() {
			return unlike
		}
		like = richer
	}
	return like
}

type fieldKey struct {
	field string
	kind  Kind
}

type fieldTally struct {
	orders        map[string]bool
	detail, order string
}

// Add takes what the journal holds of one comparison; anything else is left out.
func (t *Tally) Add(flow outcome.Flow, order, reason string, at time.Time) {
	differences, ok := parseDifferences(reason)
	if !ok {
		return
	}
	if flow == outcome.Facilities {
		order = channelOf(reason)
	}
	if t.sides == nil {
		t.sides = map[outcome.Flow]*sideTally{}
	}
	s := t.sides[flow]
	if s == nil {
		s = &sideTally{orders: map[string]likeness{}, fields: map[fieldKey]*fieldTally{}}
		t.sides[flow] = s
	}
	if at.After(t.Last) {
		t.Last = at
	}
	s.orders[order] = max(s.orders[order], likenessOf(differences))
	for _, d := range differences {
		key := fieldKey{d.Field, d.Kind}
		if s.fields[key] == nil {
			s.fields[key] = &fieldTally{orders: map[string]bool{}}
		}
		s.fields[key].orders[order] = true
		s.fields[key].detail, s.fields[key].order = d.Detail, order
	}
}

// Report is what was taken in so far.
func (t *Tally) Report() Report {
	return Report{
		Export: t.sides[outcome.Export].report(), Feedback: t.sides[outcome.Feedback].report(),
		Facilities: t.sides[outcome.Facilities].report(),
	}
}

// channelOf is what stands in the place of an order for a facility: channel KEY.
func channelOf(reason string) string {
	_, what, _ := strings.Cut(reason, "[")
	channel, _, _ := strings.Cut(what, ":")
	return channel
}

func (s *sideTally) report() Side {
	report := Side{Fields: []Field{}}
	if s == nil {
		return report
	}
	report.Orders = len(s.orders)
	for _, like := range s.orders {
		switch like {
		case alike:
			report.Same++
		case richer:
			report.More++
		default:
			report.Different++
		}
	}
	for key, tally := range s.fields {
		report.Fields = append(report.Fields, Field{
			Field: key.field, Kind: key.kind, Orders: len(tally.orders), Detail: tally.detail, Order: tally.order,
		})
	}
	slices.SortFunc(report.Fields, func(a, b Field) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), strings.Compare(a.Field, b.Field), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return report
}
