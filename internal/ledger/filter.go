package ledger

import (
	"slices"
	"time"

	"fftconnect/internal/outcome"
)

// Filter says which stored events are meant; a zero field leaves all in.
type Filter struct {
	IDs   []int64      `json:"ids"` // not nil: only these
	State State        `json:"state,omitempty"`
	Order string       `json:"order,omitempty"` // commercetools' order id
	Type  string       `json:"type,omitempty"`
	Flow  outcome.Flow `json:"flow,omitempty"`
	Class Class        `json:"class,omitempty"` // of dead letters
	Cause string       `json:"cause,omitempty"` // of dead letters: one that Causes gave
	Since time.Time    `json:"since,omitzero"`  // received then or later
	// Limit is how many at most: for lists 100 when zero, otherwise without a limit.
	Limit int `json:"limit,omitempty"`
	// After continues a list behind the event of this id; 0 is the beginning.
	After int64 `json:"after,omitempty"`
	// Newest lists the newest first.
	Newest bool `json:"newest,omitempty"`
}

// matches reports whether the filter, apart from its limit and order, leaves the event in.
func (f Filter) matches(e Event) bool {
	is := func(wanted, value string) bool { return wanted == "" || wanted == value }
	behind := f.After == 0 || e.ID > f.After && !f.Newest || e.ID < f.After && f.Newest
	return (f.IDs == nil || slices.Contains(f.IDs, e.ID)) && behind && !e.ReceivedAt.Before(f.Since) &&
		is(string(f.State), string(e.State)) && is(f.Order, e.Order) && is(f.Type, e.Type) && is(string(f.Flow), string(e.Flow))
}
