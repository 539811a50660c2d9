package shadow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// UpdaterOptions make an Updater; all are required unless a default is named.
type UpdaterOptions struct {
	Updater intake.Updater // works on the copies
	Copies  *Orders
	// There reads an order of fulfillmenttools.
	There    func(ctx context.Context, id string) (fulfillmenttools.Order, error)
	Patience time.Duration                          // how long the other connector is given
	Found    func(outcome.Flow, string, Difference) // told of every difference with its order; may be nil
}

// Updater is intake.Updater that updates copies and compares them with the orders.
type Updater struct{ opts UpdaterOptions }

// NewUpdater fills the defaults in.
func NewUpdater(opts UpdaterOptions) *Updater {
	if opts.Found == nil {
		opts.Found = func(outcome.Flow, string, Difference) {}
	}
	return &Updater{opts: opts}
}

// Handle brings the copy up to the event at once, and compares it when the order has been
// left alone for a while.
func (u *Updater) Handle(ctx context.Context, event fulfillmenttools.Event) (outcome.Result, error) {
	result, err := u.opts.Updater.Handle(ctx, event)
	switch {
	case err != nil && (remote.KindOf(err).IsTemporary() || result.Order == ""):
		return result, err
	case err != nil:
		aside := Difference{"event", OnlyTheirs, "we would put it aside"}
		u.opts.Found(outcome.Feedback, result.Order, aside)
		return resultOf(result.Order, "put aside: "+err.Error(), []Difference{aside}), nil
	case result.Kind == outcome.Ignored || result.Order == "":
		return result, nil
	}
	now := u.opts.Copies.now()
	if wait := patienceLeft(ctx, now, u.opts.Copies.changedAt(result.Order), u.opts.Patience); wait > 0 {
		return result, errLater("what would be done ("+result.Reason+")", wait)
	}
	order, err := u.opts.Copies.Orders.Snapshot(ctx, result.Order)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", result.Order, err)
	}
	return u.compareCopy(ctx, order, result)
}

func (u *Updater) compareCopy(ctx context.Context, order commercetools.Snapshot, result outcome.Result) (outcome.Result, error) {
	wrote, differences, cancels := u.opts.Copies.compareWithReal(order)
	if cancels != "" {
		there, err := u.opts.There(ctx, cancels)
		switch {
		case err != nil && !remote.Is(err, remote.NotFound):
			return result, fmt.Errorf("order %s: %w", order.ID, err)
		case err == nil && there.Status != fulfillmenttools.OrderCancelled:
			differences = append(differences, Difference{"cancellation", OnlyOurs, "goes on: " + cancels})
		}
	}
	for _, d := range differences {
		u.opts.Found(outcome.Feedback, order.ID, d)
	}
	what := "nothing"
	if len(wrote) > 0 {
		what = "set " + strings.Join(wrote, ", ")
	}
	done := resultOf(order.ID, what, differences)
	done.Notes, done.Hint = result.Notes, result.Hint
	return done, nil
}
