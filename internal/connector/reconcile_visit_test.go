package connector_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
)

// visited is platforms in process with one exported order.
type visited struct {
	shelf
	truth    feedback.Truth
	behind   bool // the order lacks what fulfillmenttools has done
	gone     bool // from commercetools
	answered func(id string, hint export.Hint) outcome.Result
	looks    []time.Duration // since the beginning
	lists    int
	rounds   reconcile.Rounds
	began    time.Time
	found    []reconcile.Published
	db       ledgertest.Database
	store    *ledgertest.Store
}

func (v *visited) Snapshot(_ context.Context, id string) (commercetools.Snapshot, error) {
	v.looks = append(v.looks, time.Since(v.began))
	if v.gone {
		return commercetools.Snapshot{}, &remote.Error{Platform: "test", Operation: "read order", Kind: remote.NotFound}
	}
	return v.order(), nil
}

func (v *visited) order() commercetools.Snapshot {
	return commercetools.Snapshot{ID: "o1", OrderNumber: "A-1", OrderState: commercetools.StateConfirmed, LastModifiedAt: v.began, Fields: map[string]any{export.OrderIDField: "f1"}}
}

func (v *visited) OrdersUnfinished(_ context.Context, after string, which commercetools.Unfinished, _ int) ([]commercetools.Snapshot, error) {
	v.lists++
	modified := v.order().LastModifiedAt
	within := slices.ContainsFunc(which.Spans, func(span commercetools.Span) bool {
		return modified.After(span.After) && !modified.After(span.Until)
	})
	if after != "" || !within || modified.Before(which.Since) {
		return nil, nil
	}
	return []commercetools.Snapshot{v.order()}, nil
}

func (v *visited) Outlook(context.Context, commercetools.Snapshot) (export.Verdict, error) {
	return export.Exported, nil
}

func (v *visited) FindCounterpart(context.Context, commercetools.Snapshot) (fulfillmenttools.Order, error) {
	if v.store == nil {
		v.looks = append(v.looks, time.Since(v.began))
	}
	return v.truth.Order, nil
}

func (v *visited) ReadTruth(context.Context, commercetools.Snapshot, fulfillmenttools.Order) (feedback.Truth, error) {
	return v.truth, nil
}

func (v *visited) Handle(_ context.Context, id string, hint export.Hint) (outcome.Result, error) {
	return v.answered(id, hint), nil
}

// updater is the flow back.
type updater struct{ *visited }

func (u updater) Preview(context.Context, commercetools.Snapshot, feedback.Facts) (feedback.Decision, error) {
	if u.behind {
		return feedback.Decision{Changed: []string{"shipmentState Shipped"}, Actions: make([]platform.OrderUpdateAction, 1)}, nil
	}
	return feedback.Decision{}, nil
}

func (u updater) CatchUp(context.Context, string, feedback.Facts) (outcome.Result, error) {
	u.visited.behind = false
	return outcome.Result{Kind: outcome.Applied}, nil
}

// exported is an order that fulfillmenttools has just got.
func exported() *visited {
	v := &visited{began: time.Now()}
	v.truth.Order = fulfillmenttools.Order{ID: "f1", Status: "OPEN", Created: v.began}
	return v
}

func (v *visited) pickJob(status string, at time.Time) {
	v.truth.PickJobs = []fulfillmenttools.Job{{ID: "p1", Version: 1, ShortID: "XY12", Status: status, OrderRef: "f1", Created: at, LastModified: at, FacilityRef: "berlin"}}
}

func (v *visited) handedOver(parcel string) {
	v.truth.HandoverJobs = []fulfillmenttools.Job{{ID: "h1", Version: 2, Status: fulfillmenttools.HandoverHandedOver, PickJobRef: "p1", ParcelInfo: fulfillmenttools.ParcelInfo{ParcelRef: parcel}}}
}

func (v *visited) reconciler(withStore bool) *reconcile.Reconciler {
	opts := reconcile.Options{
		Orders: v, Exporter: v, Updater: updater{v}, Tracks: func(context.Context) (bool, error) { return true, nil },
		Rounds: v.rounds, Publish: func(_ context.Context, f reconcile.Published) { v.found = append(v.found, f) },
	}
	if withStore {
		v.store = v.db.Open(ledgertest.Options{})
		entry := outcome.Entry{At: v.began, Flow: outcome.Export, Type: "OrderCreated"}
		entry.Order, entry.Kind = "o1", outcome.Applied
		v.store.RecordAttempt(entry, 1)
		opts.Open = v.store
	}
	return reconcile.New(opts)
}

// visits has due visits made every minute, in fake time.
func (v *visited) visits(t *testing.T, r *reconcile.Reconciler, lasts time.Duration) {
	t.Helper()
	for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(time.Minute) {
		if _, err := r.VisitDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnOpenOrderIsVisitedWithGrowingPausesWithAndWithoutAStore(t *testing.T) {
	t.Parallel()
	for name, withStore := range map[string]bool{"with a store": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := exported()
				v.pickJob("OPEN", v.began)
				r := v.reconciler(withStore)
				v.visits(t, r, 4*24*time.Hour)
				minutes := []int{}
				for _, look := range v.looks {
					minutes = append(minutes, int(look.Round(time.Minute)/time.Minute))
				}
				want := []int{15, 45, 105, 225, 465, 945, 1905, 3345, 4785}
				for i, m := range minutes {
					if i < len(want) && (m < want[i] || m > want[i]+1+i) {
						t.Errorf("visited after %v minutes, want about %v", minutes, want)
						break
					}
				}
				if len(minutes) < len(want) || len(minutes) > len(want)+1 {
					t.Errorf("%d visits in four days, want %d: %v", len(minutes), len(want), minutes)
				}
			})
		})
	}
}

func TestWhatAVisitRepairsBringsItBackSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := exported()
		r := v.reconciler(true)
		v.visits(t, r, 3*time.Hour)
		before := len(v.looks)
		v.behind = true
		v.visits(t, r, 5*time.Hour)
		if len(v.found) != 1 || !v.found[0].Repaired || v.found[0].By != reconcile.ByVisit {
			t.Fatalf("found %+v", v.found)
		}
		if n := len(v.looks) - before; n < 4 {
			t.Errorf("%d visits after a repair, want them soon again: %v", n, v.looks)
		}
	})
}

func TestADeletedOrderThatCannotBeCancelledIsVisitedLessAndLess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := exported()
		v.gone = true
		v.answered = func(string, export.Hint) outcome.Result {
			if len(v.looks) > 1000 {
				panic("visited without a pause")
			}
			return outcome.Result{Kind: outcome.Refused, Reason: "it is being packed"}
		}
		v.visits(t, v.reconciler(true), 40*24*time.Hour)
		if n := len(v.looks); n < 30 || n > 40 {
			t.Errorf("%d visits in 40 days: %v", n, v.looks)
		}
		if len(v.found) != len(v.looks) || v.found[0].Problem != "it is being packed" {
			t.Errorf("found %+v", v.found)
		}
		if open := v.db.OpenOrders(); len(open) != 1 || !open[0].Next.IsZero() || open[0].AbandonedFor == "" {
			t.Errorf("%+v", open)
		}
	})
}

// stuck are open orders that stay due, whatever is noted of their visits.
type stuck struct{ *ledgertest.Store }

func (stuck) SaveVisit(context.Context, reconcile.OpenOrder, reconcile.OpenOrder) error { return nil }

func TestAnOrderThatStaysDueIsVisitedOnceACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := exported()
		v.reconciler(true) // has the order known
		time.Sleep(20 * time.Minute)
		r := reconcile.New(reconcile.Options{Orders: v, Exporter: v, Updater: updater{v}, Open: stuck{v.store}})
		for calls := 1; calls <= 2; calls++ {
			if _, err := r.VisitDue(t.Context()); err != nil || len(v.looks) != calls {
				t.Fatalf("%d visits in %d calls, %v", len(v.looks), calls, err)
			}
		}
	})
}

func TestAFinishedOrderIsForgotten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ends func(*visited)
		left time.Duration // until when it may still be open
	}{
		"delivered": {func(v *visited) {
			v.pickJob("CLOSED", v.began)
			v.handedOver("parcel")
			v.truth.Parcels = []fulfillmenttools.Payload{{Job: fulfillmenttools.Job{ID: "parcel", Version: 3}, Parcel: fulfillmenttools.ParcelResult{TrackingNumber: "1", Delivered: true}}}
		}, 20 * time.Minute},
		"shipped without a carrier": {func(v *visited) { v.pickJob("CLOSED", v.began); v.handedOver("") }, 20 * time.Minute},
		"shipped, and no news":      {func(v *visited) { v.pickJob("CLOSED", v.began); v.handedOver("parcel") }, 9 * 24 * time.Hour},
		"deleted": {func(v *visited) {
			v.gone = true
			v.answered = func(id string, hint export.Hint) outcome.Result {
				if id != "o1" || !hint.Deleted {
					panic("not told that it was deleted")
				}
				return outcome.Result{Kind: outcome.Applied}
			}
		}, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := exported()
				test.ends(v)
				r := v.reconciler(true)
				v.visits(t, r, test.left)
				if open := v.db.OpenOrders(); len(open) > 0 {
					t.Errorf("still open: %+v", open)
				}
			})
		})
	}
}

func TestAnOrderWithoutASignOfLifeIsReportedOnceAndLeft(t *testing.T) {
	t.Parallel()
	for name, withStore := range map[string]bool{"with a store": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := exported()
				v.pickJob("OPEN", v.began)
				r := v.reconciler(withStore)
				v.visits(t, r, 40*24*time.Hour)
				open := v.db.OpenOrders()
				if withStore && (len(open) != 1 || !open[0].Next.IsZero() || open[0].AbandonedFor == "") {
					t.Errorf("%+v", open)
				}
				if len(v.found) != 1 || v.found[0].Kind != reconcile.Abandoned || v.found[0].Hint == "" {
					t.Errorf("found %+v", v.found)
				}
				if last := v.looks[len(v.looks)-1]; last > 31*24*time.Hour {
					t.Errorf("visited after %s", last)
				}
			})
		})
	}
}

// kept are rounds that outlive a process.
type kept struct{ round reconcile.Round }

func (k *kept) Round(context.Context) (reconcile.Round, error) { return k.round, nil }

func (k *kept) SaveRound(_ context.Context, round reconcile.Round) error {
	k.round = round
	return nil
}

func TestWithoutAStoreARestartCostsNoVisit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := exported()
		v.pickJob("OPEN", v.began)
		v.rounds = &kept{}
		for range 4 * 24 { // a new process every hour
			v.visits(t, v.reconciler(false), time.Hour)
		}
		if n := len(v.looks); n < 9 || n > 10 {
			t.Errorf("%d visits in four days, want 9: %v", n, v.looks)
		}
	})
}

func TestARoundThatIsCutOffIsGoneOnWithByTheNextProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := exported()
		v.pickJob("OPEN", v.began)
		k := &kept{reconcile.Round{Since: v.began.Add(-time.Minute), Until: v.began.Add(20 * time.Minute), After: "z"}}
		v.rounds = k
		time.Sleep(50 * time.Minute)
		if _, err := v.reconciler(false).VisitDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Of the round that was cut off it is behind; the next one has the visit after 45 minutes.
		if len(v.looks) != 1 || k.round.Since != time.Now() || k.round.Until != (time.Time{}) || k.round.After != "" {
			t.Errorf("%d visits, then %+v", len(v.looks), k.round)
		}
	})
}

func TestLateOrdersAreSeenWhenTheyBecomeLate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		is    func(*visited)
		why   reconcile.Late
		after time.Duration
	}{
		"no pick job":           {func(*visited) {}, reconcile.LateNoPickJob, 2 * time.Hour},
		"picked and left there": {func(v *visited) { v.pickJob("CLOSED", v.began.Add(time.Hour)) }, reconcile.LateNotHandedOver, 25 * time.Hour},
		"in time":               {func(v *visited) { v.pickJob("IN_PROGRESS", v.began) }, "", 50 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := exported()
				test.is(v)
				r := v.reconciler(true)
				v.visits(t, r, test.after-2*time.Minute)
				if late, _, _ := v.store.CountLate(t.Context()); len(late) > 0 {
					t.Errorf("late too early: %v", late)
				}
				v.visits(t, r, 4*time.Minute)
				late, _, _ := v.store.CountLate(t.Context())
				if test.why != "" && late[test.why] != 1 || test.why == "" && len(late) > 0 {
					t.Errorf("late: %v, want %q", late, test.why)
				}
			})
		})
	}
}

func TestTheUsualCallIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := exported()
		v.pickJob("IN_PROGRESS", v.began)
		v.behind = true
		r := v.reconciler(true)
		report, err := r.Report(t.Context(), v.order(), true)
		if err != nil || report.Finding == nil || report.FFTOrder != "f1" || len(v.found) > 0 || !v.behind {
			t.Fatalf("%+v, %v", report, err)
		}
		for _, word := range []string{"f1", "XY12", "berlin", "at picking since", "not handed over"} {
			if !strings.Contains(report.Where, word) {
				t.Errorf("%q does not say %q", report.Where, word)
			}
		}
		if report, err := r.Report(t.Context(), v.order(), false); err != nil || report.Finding == nil || !report.Finding.Repaired {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// TestAnOldOrderThatIsErasedThereIsNotMissed: fulfillmenttools deletes old orders; that is
// no cancellation, and no reason to export again or to call somebody.
func TestAnOldOrderThatIsErasedThereIsNotMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			created time.Time
			want    reconcile.Kind
		}{
			"a year old":            {time.Now().AddDate(-1, 0, 0), ""},
			"of this week":          {time.Now().AddDate(0, 0, -5), reconcile.Missing},
			"of an age not told of": {time.Time{}, reconcile.Missing},
		} {
			v := exported()
			v.truth.Order = fulfillmenttools.Order{}
			order := v.order()
			order.CreatedAt = c.created
			report, err := v.reconciler(true).Report(t.Context(), order, true)
			var got reconcile.Kind
			if report.Finding != nil {
				got = report.Finding.Kind
			}
			if err != nil || got != c.want || (got != "" && report.Finding.Detail == "") {
				t.Errorf("%s: %+v, %v", name, report, err)
			}
		}
	})
}
