package reconcile

import (
	"context"
	"errors"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
)

// Round is visits of orders by when they were last modified: all that fall due in a time.
type Round struct {
	Since time.Time `json:"since"`           // until then all due visits were made
	Until time.Time `json:"until,omitzero"`  // of the round that was cut off; zero: none was
	Part  int       `json:"part,omitempty"`  // of its lists, from 0
	After string    `json:"after,omitempty"` // id of the last order of that list that was visited
}

// Rounds remembers the last round, where no store remembers open orders.
type Rounds interface {
	// Round is the zero value when none is remembered.
	Round(ctx context.Context) (Round, error)
	SaveRound(ctx context.Context, round Round) error
}

// rounds is Rounds as long as the process lives.
type rounds struct{ last Round }

func (r *rounds) Round(context.Context) (Round, error) { return r.last, nil }

func (r *rounds) SaveRound(_ context.Context, round Round) error {
	r.last = round
	return nil
}

const (
	// cancelledFor is how long cancelled orders are looked into when nobody remembers which
	// of them went on.
	cancelledFor = 24 * time.Hour
	// spansOfList is how many times of modification one list asks for: a longer query may
	// not get through.
	spansOfList = 12
	// saveTimeout bounds remembering a round, also of one that was cut off.
	saveTimeout = 10 * time.Second
)

// visitByModification visits the orders that are not finished by what they show. Which
// visits are due follows from when an order was modified last: RevisitAfter later, twice
// that later, and so on. So only orders that are due are listed, and each comes with its
// list. A round that is cut off is gone on with, also by another process.
func (r *Reconciler) visitByModification(ctx context.Context) (findings []Finding, err error) {
	r.rounds.Lock()
	defer r.rounds.Unlock()
	round, err := r.opts.Rounds.Round(ctx)
	if err != nil {
		return nil, err
	}
	for now := r.opts.Now(); round.Since.Before(now) && err == nil; {
		if round.Until.IsZero() {
			round.Until = now
		}
		var found []Finding
		found, err = r.visitRound(ctx, &round)
		findings = append(findings, found...)
		if err == nil {
			round = Round{Since: round.Until}
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	return findings, errors.Join(err, r.opts.Rounds.SaveRound(ctx, round))
}

// visitRound makes the visits of a round, from where it is.
func (r *Reconciler) visitRound(ctx context.Context, round *Round) (findings []Finding, err error) {
	lists := slices.Collect(slices.Chunk(r.modifiedWhenDue(round.Since, round.Until), spansOfList))
	for ; round.Part < len(lists); round.Part++ {
		spans := lists[round.Part]
		pages := r.unfinishedPages(commercetools.Unfinished{
			Since: spans[len(spans)-1].After, Shipped: round.Until.Add(-r.opts.ShippedFor), Cancelled: round.Until.Add(-cancelledFor), Spans: spans,
		}, round.After)
		for more := true; more; {
			var orders []commercetools.Snapshot
			if orders, more, err = pages(ctx); err != nil {
				return findings, err
			}
			found, err := r.visitListed(ctx, orders, round.Until)
			findings = append(findings, found...)
			if err != nil {
				return findings, err
			}
			if len(orders) > 0 {
				round.After = orders[len(orders)-1].ID
			}
		}
		round.After = ""
	}
	return findings, nil
}

// modifiedWhenDue is when orders were modified of which a visit falls due in the time, the
// latest first. The last visit is after RevisitFor.
func (r *Reconciler) modifiedWhenDue(since, until time.Time) (spans []commercetools.Span) {
	oldest := until.Add(-r.opts.RevisitFor)
	add := func(ago time.Duration) {
		span := commercetools.Span{After: since.Add(-ago), Until: until.Add(-ago)}
		if since.IsZero() {
			span.After = oldest
		}
		if n := len(spans); n > 0 && !span.Until.Before(spans[n-1].After) {
			spans[n-1].After = span.After
		} else {
			spans = append(spans, span)
		}
	}
	ago := r.pauseAfterVisits(0)
	for visits := 1; ago < r.opts.RevisitFor; visits++ {
		add(ago)
		ago += r.pauseAfterVisits(visits)
	}
	if !since.IsZero() {
		add(r.opts.RevisitFor)
	}
	return spans
}

// visitListed visits those of the orders about which something may be done.
func (r *Reconciler) visitListed(ctx context.Context, orders []commercetools.Snapshot, until time.Time) ([]Finding, error) {
	due := slices.DeleteFunc(slices.Clone(orders), func(order commercetools.Snapshot) bool {
		verdict, err := r.opts.Exporter.Outlook(ctx, order)
		return err == nil && !isUnfinished(order, verdict)
	})
	found, late := make([]*Finding, len(due)), make([]OpenOrder, len(due))
	errs, err := r.runConcurrently(ctx, len(due), func(ctx context.Context, i int) (err error) {
		late[i], found[i], err = r.visitOne(ctx, due[i], until)
		return err
	})
	r.late.mu.Lock()
	defer r.late.mu.Unlock()
	for i, order := range late {
		if order.Late != "" {
			r.late.orders[order.ID] = order
		} else {
			delete(r.late.orders, due[i].ID)
		}
		if errs[i] != nil && err == nil {
			found[i] = r.publish(ctx, r.unclearFinding(due[i], errs[i]), ByVisit)
		}
	}
	return nonNil(found), err
}

// visitOne makes one order right and says how it stands. The last visit reports it.
func (r *Reconciler) visitOne(ctx context.Context, order commercetools.Snapshot, until time.Time) (now OpenOrder, finding *Finding, err error) {
	now = OpenOrder{ID: order.ID, Number: order.OrderNumber, Opened: order.CreatedAt, LastActivity: order.LastModifiedAt}
	seen, finding, err := r.examineAndRepair(ctx, order, ByVisit)
	if err != nil {
		return now, nil, err
	}
	now.State = seen.describeBriefly()
	now.Next = r.opts.Now().Add(longestPause + r.opts.RevisitAfter) // by then it was looked into again
	now.Late, now.Since, _ = whyLate(seen, r.opts.LateAfter, r.opts.Now())
	isLast := !order.LastModifiedAt.After(until.Add(-r.opts.RevisitFor))
	if finding == nil && isLast && !r.isDone(ctx, now, seen) {
		now.AbandonedFor = r.noSignOfLife()
		if finding = r.abandonedFinding(seen, now); finding != nil {
			r.publish(ctx, *finding, ByVisit)
		}
	}
	return now, finding, nil
}
