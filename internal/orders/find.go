package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Found is what a search gave.
type Found struct {
	Text    string
	Orders  []ledger.Named // each with the name that the text is of it
	Stored  bool           // the store knew
	Asked   []Question     // what the platforms were asked
	Calls   int            // API calls that it cost
	Unclear bool           // a platform could not be asked: there may be an order after all
}

// Question is what a platform was asked, and what it said.
type Question struct {
	Platform string
	What     string // such as: an order with this number
	Found    int
	Problem  string // why it could not be asked
}

// maxName is the longest name that is looked for, in bytes.
const maxName = 256

// ErrNoName says that a text is the name of nothing.
var ErrNoName = errors.New("nothing to look for: give an order number, an id, a short id or a tracking number")

// Find looks for orders by any of their names: in the store, and where that does not know, on
// the platforms, which costs calls. What is found there is noted in the store.
func (o *Orders) Find(ctx context.Context, text string) (Found, error) {
	text = strings.TrimSpace(text)
	found := Found{Text: text}
	if text == "" || len(text) > maxName {
		return found, ErrNoName
	}
	if o.Store != nil {
		orders, err := o.Store.FindOrders(ctx, text)
		if err != nil {
			return found, fmt.Errorf("look for %s: %w", text, err)
		}
		if len(orders) > 0 {
			found.Orders, found.Stored = OncePerOrder(orders), true
			return found, nil
		}
	}
	var tally remote.Tally
	o.askPlatforms(remote.WithTally(ctx, &tally), &found)
	found.Orders, found.Calls = OncePerOrder(found.Orders), tally.Calls()
	if o.Store != nil {
		for _, order := range found.Orders {
			_ = o.Store.SaveNames(ctx, order.Order, []outcome.Name{order.Name}) // asked again otherwise
		}
	}
	return found, nil
}

// OncePerOrder keeps the name of each order that was told first, which is its number where the
// same text is several names of it; orders come newest first.
func OncePerOrder(orders []ledger.Named) (kept []ledger.Named) {
	for _, order := range orders {
		known := slices.IndexFunc(kept, func(k ledger.Named) bool { return k.Order == order.Order })
		if known < 0 {
			kept = append(kept, order)
		} else {
			kept[known] = order
		}
	}
	return kept
}

// OrderByAnyName is the one order of this name, as it is in commercetools now. It says so when there
// is none, or more than one.
func (o *Orders) OrderByAnyName(ctx context.Context, text string) (commercetools.Snapshot, error) {
	// By far the most are numbers and commercetools' own ids: one call, no search.
	order, err := o.orderByNumberOrID(ctx, strings.TrimSpace(text))
	if !remote.Is(err, remote.NotFound) {
		return order, err
	}
	found, err := o.Find(ctx, text)
	switch {
	case err != nil:
		return order, err
	case len(found.Orders) == 1:
		return o.Commercetools.Snapshot(ctx, found.Orders[0].Order)
	case len(found.Orders) > 1:
		return order, fmt.Errorf("%s is the %s of %d orders: name one by its order number or id", text, found.Orders[0].Kind, len(found.Orders))
	case found.Unclear:
		return order, fmt.Errorf("no order %s was found, but not everything could be asked: %s", text, found.WhyUnclear())
	default:
		return order, fmt.Errorf("there is no order with the id or number %s, nor anything in fulfillmenttools that is called so and belongs to one", text)
	}
}

// orderByNumberOrID reads an order by its number, or its own id.
func (o *Orders) orderByNumberOrID(ctx context.Context, text string) (commercetools.Snapshot, error) {
	if commercetools.IsID(text) {
		return o.Commercetools.Snapshot(ctx, text)
	}
	return o.Commercetools.SnapshotByNumber(ctx, text)
}

// WhyUnclear is why something could not be asked; empty when all could.
func (f Found) WhyUnclear() string {
	var problems []string
	for _, question := range f.Asked {
		if question.Problem != "" {
			problems = append(problems, question.Problem)
		}
	}
	return strings.Join(slices.Compact(problems), "; ")
}
