package connector_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/connector"
	"fftconnect/internal/ledger"
	"fftconnect/internal/simulator/fftsim"
)

// storeOpener opens a rig's store.
type storeOpener = func(*rig) connector.Store

// upkept restarts the connector and waits until its first upkeep is over.
func (r *rig) upkept(d *depot, env map[string]string) {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Fatal(err)
	}
	r.FFTLog.Reset()
	r.CTLog.Reset()
	before := d.upkeeps.Load()
	r.start(strings.TrimPrefix(r.publicURL, "http://"), env)
	r.eventually("the upkeep is over", func() bool { return d.upkeeps.Load() > before })
}

// webhooks are ours by event.
func (r *rig) webhooks() map[string][]fftsim.Subscription {
	found := map[string][]fftsim.Subscription{}
	for _, s := range r.FFT.Subscriptions() {
		found[s.Event] = append(found[s.Event], s)
	}
	return found
}

func TestWhereNothingWasInstalledUpkeepInstallsNothing(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty(), bare: true, store: store})
		r.upkept(d, hasty())
		if len(r.FFT.Subscriptions())+len(r.CT.Subscriptions()) > 0 {
			t.Error("something was installed")
		}
		if n := r.FFTLog.Count("POST /api/") + r.CTLog.Count("POST /demo/"); n > 0 {
			t.Errorf("%d calls changed something:%s", n, r.listing())
		}
		if ready := r.readiness(); ready.Status != "ready" {
			t.Errorf("%+v", ready)
		}
	})
}

func TestUpkeepMendsAnInstallation(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty("JWT_LIFETIME", "1h"), store: store})
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		if n := r.FFTLog.Count("POST /api/subscriptions"); n > 0 {
			t.Errorf("a healthy installation was changed by %d calls", n)
		}
		expiry := r.metric("fftconnect_webhook_token_expiry_timestamp_seconds")
		if left := time.Until(time.Unix(int64(expiry), 0)); left < 50*time.Minute || left > 70*time.Minute {
			t.Errorf("the token's end shows as %v from now", left)
		}

		// Somebody deletes a webhook, and commercetools gives up a destination.
		for _, s := range r.FFT.Subscriptions() {
			if s.Event == "PICK_JOB_CREATED" {
				if err := r.connector.Fulfillmenttools.DeleteSubscription(t.Context(), s.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		key := r.CT.Subscriptions()[0]["key"].(string)
		r.CT.SetSubscriptionStatus(key, "ConfigurationErrorDeliveryStopped")
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		if n := len(r.webhooks()["PICK_JOB_CREATED"]); n != 1 {
			t.Errorf("%d webhooks for the event whose webhook was deleted", n)
		}
		if status := r.CT.Subscriptions()[0]["status"]; status != "Healthy" {
			t.Errorf("the subscription is %v", status)
		}

		// The tokens are near their end.
		old := r.webhooks()
		r.upkept(d, hasty("JWT_LIFETIME", "8760h"))
		for event, now := range r.webhooks() {
			if len(now) != 1 || now[0].ID == old[event][0].ID {
				t.Errorf("%s: %d webhooks, want one that is new", event, len(now))
			}
		}
		if left := time.Until(time.Unix(int64(r.metric("fftconnect_webhook_token_expiry_timestamp_seconds")), 0)); left < 8000*time.Hour {
			t.Errorf("the token's end shows as %v from now", left)
		}
		if r.metric("fftconnect_upkeep_problems") != 0 || r.readiness().Status != "ready" {
			t.Errorf("%+v", r.readiness())
		}
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.ship()
		if r.shipmentState(id) != "Shipped" {
			t.Errorf("an order does not get through:%s", describe(r.outcomes(id)))
		}
	})
}

func TestWhatUpkeepCannotMendShows(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty(), store: store})
		ours := r.webhooks()["ORDER_CREATED"][0]
		if err := r.connector.Fulfillmenttools.DeleteSubscription(t.Context(), ours.ID); err != nil {
			t.Fatal(err)
		}
		forbid(r.FFTFaults, "POST /api/subscriptions", http.StatusForbidden)
		r.upkept(d, hasty())
		ready := r.readiness()
		if ready.Status != "degraded" || len(ready.Installation) != 1 || !strings.Contains(ready.Installation[0], "ORDER_CREATED") || !strings.Contains(ready.Installation[0], "permission") {
			t.Errorf("%+v", ready)
		}
		if got := r.metric("fftconnect_upkeep_problems"); got != 1 {
			t.Errorf("%v problems are counted, want 1", got)
		}
		r.FFTFaults.Clear()
		r.upkept(d, hasty())
		if ready := r.readiness(); ready.Status != "ready" || r.metric("fftconnect_upkeep_problems") != 0 {
			t.Errorf("fixed, but %+v", ready)
		}
		// Even when it cannot be looked at.
		forbid(r.FFTFaults, "GET /api/subscriptions", http.StatusForbidden)
		forbid(r.CTFaults, "GET /demo/subscriptions", http.StatusForbidden)
		r.upkept(d, hasty())
		if ready := r.readiness(); ready.Status != "degraded" || len(ready.Installation) == 0 || r.metric("fftconnect_upkeep_problems") == 0 {
			t.Errorf("%+v", ready)
		}
	})
}

func TestEveryReplicaShowsWhatTheLastUpkeepFound(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty("JWT_LIFETIME", "1h"), store: store})
		other := r.twin(hasty("JWT_LIFETIME", "1h"), func(*rig) connector.Store { return idle{d} })
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		if expiry := other.metric("fftconnect_webhook_token_expiry_timestamp_seconds"); time.Until(time.Unix(int64(expiry), 0)) < 50*time.Minute {
			t.Errorf("the token's end shows as %v", expiry)
		}
		forbid(r.FFTFaults, "GET /api/subscriptions", http.StatusForbidden)
		forbid(r.CTFaults, "GET /demo/subscriptions", http.StatusForbidden)
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		ready := other.readiness()
		if ready.Status != "degraded" || len(ready.Installation) == 0 || other.metric("fftconnect_upkeep_problems") == 0 {
			t.Errorf("%+v", ready)
		}
		if other.metric("fftconnect_webhook_token_expiry_timestamp_seconds") == 0 {
			t.Error("the token's end was forgotten since it could not be looked at")
		}
		r.FFTFaults.Clear()
		r.CTFaults.Clear()
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		if ready := other.readiness(); ready.Status != "ready" || other.metric("fftconnect_upkeep_problems") != 0 {
			t.Errorf("fixed, but %+v", ready)
		}
	})
}

// idle is the store of a replica that works nothing off and does no chores.
type idle struct{ *depot }

func (idle) Run(ctx context.Context, _ func(context.Context, ledger.Event) ledger.Verdict, _ ...ledger.Periodic) error {
	<-ctx.Done()
	return nil
}

// TestAStoreThatCannotBeAskedMakesUpkeepForgetNothing of what a process before this one saw.
func TestAStoreThatCannotBeAskedMakesUpkeepForgetNothing(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		asked := &unreadable{depot: d}
		r := newRig(t, rigOptions{world: quick(), env: hasty("JWT_LIFETIME", "1h"), store: func(r *rig) connector.Store { store(r); return asked }})
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		forbid(r.FFTFaults, "GET /api/subscriptions", http.StatusForbidden)
		asked.failures.Store(1)
		r.upkept(d, hasty("JWT_LIFETIME", "1h"))
		if asked.failures.Load() > 0 {
			t.Fatal("nobody asked the store")
		}
		if r.metric("fftconnect_webhook_token_expiry_timestamp_seconds") == 0 {
			t.Error("the token's end was forgotten")
		}
	})
}

// unreadable is a store that cannot say, for some times, what was written down before.
type unreadable struct {
	*depot
	failures atomic.Int64
}

func (u *unreadable) Checkpoint(ctx context.Context, name string) (string, time.Time, bool, error) {
	if name == "upkeep" && u.failures.Load() > 0 {
		u.failures.Add(-1)
		return "", time.Time{}, false, errors.New("the database is away")
	}
	return u.depot.Checkpoint(ctx, name)
}

// TestWithoutAnAddressTheTokensEndIsKnownAllTheSame, and it is said that there is none.
func TestWithoutAnAddressTheTokensEndIsKnownAllTheSame(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty("JWT_LIFETIME", "100h"), store: store})
		r.upkept(d, hasty("JWT_LIFETIME", "100h", "PUBLIC_URL", ""))
		ends := time.Unix(int64(r.metric("fftconnect_webhook_token_expiry_timestamp_seconds")), 0)
		if left := time.Until(ends); left < 90*time.Hour || left > 100*time.Hour {
			t.Errorf("the token's end shows as %s from now", left)
		}
		if !strings.Contains(r.logs.String(), "PUBLIC_URL is not set") {
			t.Error("the log does not say that there is no address")
		}
		if ready := r.readiness(); ready.Status != "ready" {
			t.Errorf("%+v", ready)
		}
	})
}
