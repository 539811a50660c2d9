package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"fftconnect/internal/ledger"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/telemetry"
)

// attentionView is what somebody must look at, grouped by cause.
type attentionView struct {
	Groups []causes
	Lates  []lateCount
	Late   int
	Left   []reconcile.OpenOrder
	// Remembered is all there is without a store.
	Remembered []rememberedCause
	Stored     bool
	Empty      bool
}

// causes are those of one class.
type causes struct {
	Title, Meaning string
	Causes         []ledger.Cause
	Count          int
}

// rememberedCause are messages of one cause that this process could not handle.
type rememberedCause struct {
	Cause    string
	Count    int
	Hint     string
	Problems []telemetry.Problem
}

// classes are shown in this order.
var classes = []struct {
	class          ledger.Class
	title, meaning string
}{
	{ledger.ClassRefused, "Refused cancellations and changes", "fulfillmenttools did not let us cancel or change these orders. Stop or change them there by hand, then discard."},
	{ledger.ClassRejected, "Dead letters", "These messages cannot be handled as things are. Remove the cause, then retry."},
	{ledger.ClassUnreadable, "Unreadable messages", "What came in and is no message that fftconnect understands."},
}

const mostRows = 50

func (c *Console) attentionPage(r *http.Request) (answer, error) {
	a := answer{page: "attention", title: "Needs attention"}
	if c.opts.Store == nil {
		v := attentionView{Remembered: groupByCause(c.opts.Status(r.Context()).Problems)}
		v.Empty = len(v.Remembered) == 0
		a.data = v
		return a, nil
	}
	v, err := c.loadAttention(r.Context())
	a.data = v
	return a, err
}

func (c *Console) loadAttention(ctx context.Context) (attentionView, error) {
	v := attentionView{Stored: true}
	all, err := c.opts.Store.Causes(ctx)
	if err != nil {
		return v, err
	}
	for _, class := range classes {
		group := causes{Title: class.title, Meaning: class.meaning}
		for _, cause := range all {
			if cause.Class == class.class {
				group.Causes, group.Count = append(group.Causes, cause), group.Count+cause.Count
			}
		}
		if group.Count > 0 {
			v.Groups = append(v.Groups, group)
		}
	}
	if v.Lates, v.Late, _, err = c.countLate(ctx); err != nil {
		return v, err
	}
	if v.Left, err = c.opts.Store.OpenOrders(ctx, ledger.OpenOrderFilter{Abandoned: true, Limit: mostRows}); err != nil {
		return v, err
	}
	if err := c.nameOpenOrders(ctx, v.Left); err != nil {
		return v, err
	}
	v.Empty = len(v.Groups)+v.Late+len(v.Left) == 0
	return v, err
}

func groupByCause(problems []telemetry.Problem) (groups []rememberedCause) {
	place := map[string]int{}
	for _, problem := range problems {
		cause := ledger.CauseOf(problem.Reason)
		at, known := place[cause]
		if !known {
			at = len(groups)
			place[cause] = at
			groups = append(groups, rememberedCause{Cause: cause, Hint: problem.Hint})
		}
		groups[at].Count++
		groups[at].Problems = append(groups[at].Problems, problem)
	}
	return groups
}

// ofCauseView is the dead letters of one cause.
type ofCauseView struct {
	Choice  choice
	Events  []ledger.Event
	Numbers map[string]string
	Count   int
	Next    int64 // the page behind this one; 0: there is none
}

// causePage lists the dead letters of one cause, newest first.
func (c *Console) causePage(r *http.Request) (answer, error) {
	if c.opts.Store == nil {
		return answer{}, errNoStore
	}
	choice, err := readChoice(r)
	if err != nil {
		return answer{}, err
	}
	filter := choice.filter()
	v := ofCauseView{Choice: choice}
	if v.Count, err = c.opts.Store.Count(r.Context(), filter); err != nil {
		return answer{}, err
	}
	filter.Newest, filter.Limit, filter.After = true, mostRows+1, choice.After
	if v.Events, err = c.opts.Store.Events(r.Context(), filter); err != nil {
		return answer{}, err
	}
	if len(v.Events) > mostRows {
		v.Events = v.Events[:mostRows]
		v.Next = v.Events[mostRows-1].ID
	}
	v.Numbers, err = c.orderNumbers(r.Context(), v.Events)
	return answer{page: "cause", title: "Dead letters of one cause", data: v}, err
}

func (c *Console) orderNumbers(ctx context.Context, events []ledger.Event) (map[string]string, error) {
	var ids []string
	for _, event := range events {
		ids = append(ids, event.Order)
	}
	return c.opts.Store.OrderNumbers(ctx, ids)
}

// latePage lists late orders, the longest late first.
func (c *Console) latePage(r *http.Request) (answer, error) {
	if c.opts.Store == nil {
		return answer{}, errNoStore
	}
	open, err := c.opts.Store.OpenOrders(r.Context(), ledger.OpenOrderFilter{Late: true, Limit: 4 * mostRows})
	if err != nil {
		return answer{}, err
	}
	why := reconcile.Late(r.URL.Query().Get("why"))
	var orders []reconcile.OpenOrder
	for _, order := range open {
		if why == "" || order.Late == why {
			orders = append(orders, order)
		}
	}
	if err := c.nameOpenOrders(r.Context(), orders); err != nil {
		return answer{}, err
	}
	var reasons []reconcile.Late
	for _, reason := range reconcile.Lates {
		if slices.ContainsFunc(orders, func(o reconcile.OpenOrder) bool { return o.Late == reason }) {
			reasons = append(reasons, reason)
		}
	}
	return answer{page: "late", title: "Late orders", data: map[string]any{"Orders": orders, "Why": why, "Reasons": reasons, "Full": len(open) == 4*mostRows}}, nil
}

// nameOpenOrders gives orders that no visit has seen yet the number that their messages told.
func (c *Console) nameOpenOrders(ctx context.Context, open []reconcile.OpenOrder) error {
	var ids []string
	for _, order := range open {
		if order.Number == "" {
			ids = append(ids, order.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	numbers, err := c.opts.Store.OrderNumbers(ctx, ids)
	for i := range open {
		open[i].Number = cmp.Or(open[i].Number, numbers[open[i].ID])
	}
	return err
}
