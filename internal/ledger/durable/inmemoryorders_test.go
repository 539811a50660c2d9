package durable_test

import (
	"slices"
	"testing"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// handled is a message that was handled so.
func handled(order string, kind outcome.Kind, typ string) outcome.Entry {
	entry := outcome.Entry{At: time.Now(), Flow: outcome.Feedback, Type: typ}
	entry.Order, entry.Kind = order, kind
	return entry
}

// journalDelay is waited for a batch of the journal to be written.
const journalDelay = 1500 * time.Millisecond

func TestWhatWasSentIsKnownWhileTheOrderIsOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		a, b, ctx := open(), open(), t.Context()
		defer a.close()
		defer b.close()
		shows := func(want string) {
			t.Helper()
			time.Sleep(journalDelay) // the journal is written a moment later
			if got, err := b.SentValues(ctx, "o1"); err != nil || got != want {
				t.Errorf("sent is %q, want %q: %v", got, want, err)
			}
		}
		check(t, a.SaveSent(ctx, "o1", "before"))
		shows("")
		created := handled("o1", outcome.Applied, "OrderStateChanged")
		created.Flow, created.Sent = outcome.Export, "first"
		a.RecordAttempt(created, 1)
		shows("first")
		a.RecordAttempt(handled("o1", outcome.Applied, "PICK_JOB_CREATED"), 1)
		shows("first")
		check(t, a.SaveSent(ctx, "o1", "second"))
		shows("second")
		time.Sleep(time.Hour)
		due, err := b.DueOrders(ctx, 1)
		check(t, err)
		check(t, b.ForgetOrder(ctx, due[0]))
		shows("")
	})
}

func TestOpenOrdersAreVisitedAndForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		a, b, ctx := open(), open(), t.Context()
		defer a.close()
		defer b.close()
		due := func(want ...string) (orders []reconcile.OpenOrder) {
			t.Helper()
			time.Sleep(journalDelay) // the journal is written a moment later
			orders, err := b.DueOrders(ctx, 10)
			check(t, err)
			var ids []string
			for _, order := range orders {
				ids = append(ids, order.ID)
			}
			if !slices.Equal(ids, want) {
				t.Fatalf("due are %v, want %v", ids, want)
			}
			return orders
		}
		a.RecordAttempt(handled("o1", outcome.Applied, "PICK_JOB_CREATED"), 1)
		a.RecordAttempt(handled("o2", outcome.Unchanged, "PICK_JOB_CREATED"), 1)
		a.RecordAttempt(handled("o3", outcome.Applied, string(reconcile.ByVisit)), 0)
		a.RecordAttempt(handled("o4", outcome.Ignored, "OrderStateChanged"), 1)
		due()
		time.Sleep(15 * time.Minute)
		first := due("o1")[0]

		// A visit puts it off; one that overlooked a sign of life does not.
		later := first
		later.Visits, later.Next, later.State = 1, time.Now().Add(30*time.Minute), "picking"
		later.Late, later.Since = reconcile.LateNotHandedOver, first.LastActivity
		check(t, b.SaveVisit(ctx, first, later))
		due()
		if late, n, err := b.CountLate(ctx); err != nil || n != 1 || late[reconcile.LateNotHandedOver] != 1 {
			t.Errorf("late: %v of %d, %v", late, n, err)
		}
		a.RecordAttempt(handled("o1", outcome.Applied, "HANDOVERJOB_CREATED"), 1)
		due()
		check(t, b.SaveVisit(ctx, first, later))
		check(t, b.ForgetOrder(ctx, first))
		if late, n, err := b.CountLate(ctx); err != nil || n != 1 || len(late) != 0 {
			t.Errorf("after an event: %v of %d, %v", late, n, err)
		}
		time.Sleep(15 * time.Minute)
		second := due("o1")[0]
		if second.Visits != 0 || !second.Opened.Equal(first.Opened) || !second.LastActivity.After(first.LastActivity) {
			t.Errorf("%+v", second)
		}
		check(t, b.ForgetOrder(ctx, second))
		due()

		// What is tracked is not changed by being tracked again, and left orders stay known.
		check(t, a.TrackOrders(ctx, []reconcile.OpenOrder{{ID: "o5", LastActivity: first.LastActivity, Next: time.Now()}}))
		check(t, a.TrackOrders(ctx, []reconcile.OpenOrder{{ID: "o5", Next: time.Now().Add(time.Hour)}}))
		due("o5")
		check(t, a.AbandonOrder(ctx, "o5", "discarded"))
		check(t, a.AbandonOrder(ctx, "o6", "discarded"))
		due()
		known, err := b.TrackedOrders(ctx, []string{"o1", "o5", "o6"})
		if err != nil || known["o1"] || !known["o5"] || !known["o6"] {
			t.Errorf("known: %v, %v", known, err)
		}
		a.RecordAttempt(handled("o6", outcome.Applied, "OrderStateChanged"), 1)
		time.Sleep(15 * time.Minute)
		due("o6")
	})
}
