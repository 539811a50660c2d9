package console

import (
	"context"
	"net/http"

	"fftconnect/internal/ledger"
	"fftconnect/internal/reconcile"
)

// glance is the first page: the search, and what there is to look at.
type glance struct {
	Status Status
	Depth  ledger.StoredCounts
	Lates  []lateCount
	Late   int
	Open   int
}

// lateCount is how many orders are late for a reason.
type lateCount struct {
	Why   reconcile.Late
	Count int
}

func (c *Console) homePage(r *http.Request) (answer, error) {
	g := glance{Status: c.opts.Status(r.Context())}
	if c.opts.Store != nil {
		var err error
		if g.Depth, err = c.opts.Store.CountStored(r.Context()); err != nil {
			return answer{}, err
		}
		if g.Lates, g.Late, g.Open, err = c.countLate(r.Context()); err != nil {
			return answer{}, err
		}
	} else {
		g.Depth.Dead = len(g.Status.Problems)
	}
	return answer{page: "home", title: "Find an order", data: g}, nil
}

// countLate counts late orders, the most pressing reason first.
func (c *Console) countLate(ctx context.Context) (lates []lateCount, late, open int, err error) {
	counts, open, err := c.opts.Store.CountLate(ctx)
	for _, why := range reconcile.Lates {
		if n := counts[why]; n > 0 {
			lates, late = append(lates, lateCount{why, n}), late+n
		}
	}
	return lates, late, open, err
}
