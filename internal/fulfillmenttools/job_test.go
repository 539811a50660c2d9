package fulfillmenttools_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator/fftsim"
)

// fulfil creates an order and takes it through a number of stages.
func (r *rig) fulfil(stages int) fulfillmenttools.Order {
	r.t.Helper()
	created, err := r.CreateOrder(r.t.Context(), order("A-1"))
	if err != nil {
		r.t.Fatal(err)
	}
	for range stages {
		if _, err := r.fft.Step(created.ID); err != nil {
			r.t.Fatal(err)
		}
	}
	return created
}

const picked = 3 // stages until an order is picked

// pickJobs are the pick jobs of an order's process.
func (r *rig) pickJobs(t *testing.T, orderID string) (jobs []fulfillmenttools.Job) {
	t.Helper()
	process, err := r.ProcessOfOrder(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range process.PickJobRefs {
		job, err := r.PickJob(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job)
	}
	return jobs
}

func TestJobsAreRead(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{SplitEvery: 1, LoadUnits: 2})
	created := r.fulfil(0)
	for range 8 {
		if _, err := r.fft.Step(created.ID); err != nil {
			break
		}
	}
	jobs := r.pickJobs(t, created.ID)
	if len(jobs) != 2 || jobs[0].OrderRef != created.ID || jobs[0].FacilityRef == "" {
		t.Fatalf("got %+v, want two jobs", jobs)
	}
	job, err := r.PickJob(t.Context(), jobs[0].ID)
	if err != nil || job.ID != jobs[0].ID || job.ShortID == "" || job.TenantOrderID != "A-1" || job.Created.IsZero() || job.CustomAttributes[fulfillmenttools.AttributeOrderID] != "ct-order" {
		t.Errorf("got %+v, %v", job, err)
	}
	if units, err := r.LoadUnits(t.Context(), job.ID); units.Count != 2 || units.Pieces != job.PickLineItems.PickedPieces() || units.Pieces == 0 || err != nil {
		t.Errorf("got %+v, %v, want 2 of %d pieces", units, err, job.PickLineItems.PickedPieces())
	}
	_, err = r.HandoverJob(t.Context(), "none")
	wantError(t, err, remote.NotFound, "read handover job")
}

func TestAHandoverJobIsRead(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	var id string
	r.fft.OnEvent(func(event, _ string, body []byte) {
		if event == fulfillmenttools.HandoverJobCreatedEvent {
			decoded, _ := fulfillmenttools.DecodeEvent(body)
			id = decoded.Payload.ID
		}
	})
	r.fulfil(picked + 1)
	job, err := r.HandoverJob(t.Context(), id)
	if err != nil || job.ID != id || job.PickJobRef == "" || job.FacilityRef == "" || job.Status == "" {
		t.Errorf("got %+v, %v", job, err)
	}
}

func TestLoadUnitsAreCountedBeyondAPage(t *testing.T) {
	t.Parallel()
	for units, calls := range map[int]int{1: 1, 99: 1, 100: 2, 101: 2, 250: 3} {
		r := setup(t, fftsim.Options{LoadUnits: units})
		jobs := r.pickJobs(t, r.fulfil(picked).ID)
		got, err := r.LoadUnits(t.Context(), jobs[0].ID)
		if got.Count != units || err != nil {
			t.Errorf("got %+v, %v, want %d load units", got, err, units)
		}
		if n := r.log.Count("GET /api/loadunits"); n != calls {
			t.Errorf("%d load units took %d calls, want %d", units, n, calls)
		}
	}
}

func TestALoadUnitMayHoldAFraction(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{}, func(o *fulfillmenttools.Options) {
		o.Base = inProcess{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"idToken":"x","refreshToken":"y","expiresIn":"3600","total":2,
			 "loadUnits":[{"id":"1","loadUnitLineItems":[{"quantity":2},{"quantity":0.5}]},{"id":"2","loadUnitLineItems":[{"quantity":0.5}]}]}`))
		})}
	})
	if units, err := r.LoadUnits(t.Context(), "p"); units.Count != 2 || units.Pieces != 3 || err != nil {
		t.Errorf("got %+v, %v", units, err)
	}
}

// stingy gives at most seven rows a page, whatever is asked for.
type stingy struct{ handler http.Handler }

func (s stingy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if query := r.URL.Query(); query.Has("size") {
		query.Set("size", "7")
		r.URL.RawQuery = query.Encode()
	}
	s.handler.ServeHTTP(w, r)
}

func TestShortPagesDoNotEndAList(t *testing.T) {
	t.Parallel()
	platform := setup(t, fftsim.Options{LoadUnits: 20})
	r := setup(t, fftsim.Options{}, func(o *fulfillmenttools.Options) { o.Base = inProcess{stingy{platform.fft.Handler()}} })
	jobs := platform.pickJobs(t, platform.fulfil(picked).ID)
	if got, err := r.LoadUnits(t.Context(), jobs[0].ID); got.Count != 20 || err != nil {
		t.Errorf("got %+v, %v, want 20 load units", got, err)
	}
	platform.addSubscriptions(15)
	if all, err := r.Subscriptions(t.Context()); err != nil || len(all) != 15 {
		t.Errorf("got %d subscriptions, %v, want 15", len(all), err)
	}
}

func TestAProcessNamesTheJobsOfAnOrder(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	created := r.fulfil(picked + 2)
	process, err := r.ProcessOfOrder(t.Context(), created.ID)
	if err != nil || process.ID == "" || process.OrderRef != created.ID || len(process.PickJobRefs) != 1 || len(process.HandoverJobRefs) != 1 {
		t.Fatalf("got %+v, %v", process, err)
	}
	pick, err := r.PickJob(t.Context(), process.PickJobRefs[0])
	if err != nil || !pick.IsPickingFinished() || pick.IsHandedOver() {
		t.Errorf("got %+v, %v", pick, err)
	}
	handover, err := r.HandoverJob(t.Context(), process.HandoverJobRefs[0])
	if err != nil || !handover.IsHandedOver() || handover.IsVoid() || handover.IsPickingFinished() {
		t.Errorf("got %+v, %v", handover, err)
	}
	for status, void := range map[string]bool{"CANCELED": true, "OBSOLETE": true, "OPEN": false, "": false} {
		if (fulfillmenttools.Job{Status: status}).IsVoid() != void {
			t.Errorf("a handover job that is %q: void is %v", status, !void)
		}
	}
	_, err = r.ProcessOfOrder(t.Context(), "none")
	wantError(t, err, remote.NotFound, "read process")
}

func webhook(event, name string) fulfillmenttools.Subscription {
	return fulfillmenttools.Subscription{Name: name, Event: event, Target: &fulfillmenttools.Target{
		Type: "WEBHOOK", CallbackURL: "https://connector.example/service",
		Headers: []fulfillmenttools.Header{{Key: "Authorization", Value: "Bearer eyJhbGciOiJIUzI1NiJ9"}},
	}}
}

// addSubscriptions adds other systems' subscriptions, five an event.
func (r *rig) addSubscriptions(n int) {
	r.t.Helper()
	events := []string{
		"ORDER_CREATED", "ORDER_CANCELLED", "ORDER_UNLOCKED", "ORDER_MODIFIED", "ROUTING_PLAN_ROUTED", "ROUTING_PLAN_FALLBACK",
		"ROUTING_PLAN_WAITING", "ROUTING_PLAN_SPLITTED", "ROUTING_PLAN_CANCELLED", "PICK_JOB_CREATED", "PICK_JOB_OPENED",
		"PICK_JOB_ABORTED", "PICK_JOB_CANCELED", "PICK_JOB_REROUTED", "PICK_JOB_RESET", "PACK_JOB_CREATED", "PACK_JOB_UPDATED",
		"PACK_JOB_CLOSED", "PACK_JOB_CANCELED", "HANDOVERJOB_CREATED", "HANDOVERJOB_REVERTED", "SHIPMENT_CREATED",
		"SHIPMENT_UPDATED", "RETURN_CREATED", "RETURN_CLAIMED", "RETURN_CLOSED", "RETURN_UPDATED",
	}
	for i := range n {
		_, err := r.fft.AddSubscription(fftsim.Subscription{Name: fmt.Sprint("other-", i), Event: events[i/5], CallbackURL: "https://other.example"})
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestSubscriptionsAreListedBeyondAPage(t *testing.T) {
	t.Parallel()
	for n, calls := range map[int]int{0: 1, 30: 1, 100: 2, 130: 2} {
		r := setup(t, fftsim.Options{})
		r.addSubscriptions(n)
		all, err := r.Subscriptions(t.Context())
		if err != nil || len(all) != n || r.log.Count("GET /api/subscriptions") != calls {
			t.Errorf("got %d subscriptions in %d calls, %v, want %d in %d", len(all), r.log.Count("GET /api/subscriptions"), err, n, calls)
		}
		names := map[string]bool{}
		for _, s := range all {
			names[s.Name] = true
		}
		if len(names) != n {
			t.Errorf("%d different ones of %d", len(names), n)
		}
	}
}

func TestASubscriptionIsCreatedAndDeleted(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	created, err := r.CreateSubscription(t.Context(), webhook("PICK_JOB_CREATED", "ours"))
	if err != nil || created.ID == "" || created.TargetURL() != "https://connector.example/service" || created.Header("authorization") != "Bearer eyJhbGciOiJIUzI1NiJ9" {
		t.Fatalf("got %+v, %v", created, err)
	}
	for range 2 { // one that is gone already is no error
		if err := r.DeleteSubscription(t.Context(), created.ID); err != nil {
			t.Error(err)
		}
	}
	if left := r.fft.Subscriptions(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	r.addSubscriptions(5)
	_, err = r.CreateSubscription(t.Context(), webhook("ORDER_CREATED", "ours"))
	wantError(t, err, remote.Rejected, "create subscription", "has 5 subscriptions already")
}

func TestBothFormsOfASubscriptionAreRead(t *testing.T) {
	t.Parallel()
	old := fulfillmenttools.Subscription{CallbackURL: "https://a.example", Headers: []fulfillmenttools.Header{{Key: "X-Key", Value: "1"}}}
	queue := fulfillmenttools.Subscription{CallbackURL: "", Target: &fulfillmenttools.Target{Type: "GOOGLE_CLOUD_PUB_SUB"}}
	got := []string{old.TargetURL(), old.Header("x-key"), old.Header("none"), queue.TargetURL(), queue.Header("x-key")}
	if want := []string{"https://a.example", "1", "", "", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
