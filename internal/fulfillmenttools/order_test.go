package fulfillmenttools_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// order ships one line to one person.
func order(tenantOrderID string) fulfillmenttools.OrderForCreation {
	return fulfillmenttools.OrderForCreation{
		TenantOrderID: tenantOrderID, OrderDate: time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC), Status: "OPEN",
		CustomAttributes: map[string]any{fulfillmenttools.AttributeOrderID: "ct-order", fulfillmenttools.AttributeProjectKey: "demo"},
		Consumer: fulfillmenttools.Consumer{Addresses: []fulfillmenttools.ConsumerAddress{{
			AddressType: fulfillmenttools.PostalAddress, FirstName: "Ada", LastName: "Berg", Street: "Lindenweg", HouseNumber: "7",
			PostalCode: "50667", City: "Köln", Country: "DE", Email: "ada@example.org",
			PhoneNumbers: []fulfillmenttools.PhoneNumber{{Type: "MOBILE", Value: "+49 170 5550"}},
		}}},
		OrderLineItems: []fulfillmenttools.OrderLineItem{{
			Article: fulfillmenttools.Article{TenantArticleID: "MUG-1", Title: "Becher"}, Quantity: 2,
		}},
	}
}

func TestAnOrderIsCreatedReadAndFound(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	for _, number := range []string{"A-1", "A/1", "A&size=0", "A 1", "A+1", "100%", "#7?x=1", "Größe", "注文-1", `"quoted"`, "a;b,c:d@e"} {
		created, err := r.CreateOrder(t.Context(), order(number))
		if err != nil || created.ID == "" || created.TenantOrderID != number || created.Status != "OPEN" {
			t.Fatalf("%q: got %+v, %v", number, created, err)
		}
		read, err := r.Order(t.Context(), created.ID)
		if err != nil || read.TenantOrderID != number || read.CustomAttributes[fulfillmenttools.AttributeOrderID] != "ct-order" || read.Created.IsZero() {
			t.Errorf("%q: read %+v, %v", number, read, err)
		}
		found, err := r.OrdersByTenantOrderID(t.Context(), number)
		if err != nil || len(found) != 1 || found[0].ID != created.ID || found[0].Version != 1 {
			t.Errorf("%q: found %+v, %v", number, found, err)
		}
	}
	if found, err := r.OrdersByTenantOrderID(t.Context(), "none"); err != nil || len(found) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestASecondOpenOrderIsRejectedWithThePlatformsWords(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	if _, err := r.CreateOrder(t.Context(), order("A-1")); err != nil {
		t.Fatal(err)
	}
	_, err := r.CreateOrder(t.Context(), order("A-1"))
	wantError(t, err, remote.Rejected, "answered 400", `an order with tenantOrderId "A-1" exists already`)
}

func TestACreationWhoseAnswerIsLostIsAmbiguousAndNotRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   simulator.Fault
		created int
	}{
		"answer lost":  {simulator.Fault{LoseAnswer: true}, 1},
		"never served": {simulator.Fault{Drop: true}, 0},
		"500":          {simulator.Fault{Status: http.StatusInternalServerError}, 0},
	} {
		platform := setup(t, fftsim.Options{AllowSecondOrder: true})
		wire := overWire(t, platform.fft.Handler())
		r := setup(t, fftsim.Options{}, wire)
		if err := r.use(); err != nil { // the connection is open and will be used again
			t.Fatal(err)
		}
		platform.faults.PlanFaults("POST /api/orders", 1, c.fault)
		_, err := r.CreateOrder(t.Context(), order("A-1"))
		wantError(t, err, remote.Transient, "create order")
		if !remote.IsAmbiguous(err) {
			t.Errorf("%s: %v is not ambiguous", name, err)
		}
		if calls, orders := platform.log.Count("POST /api/orders"), len(platform.fft.Orders()); calls != 1 || orders != c.created {
			t.Errorf("%s: %d calls made %d orders, want 1 and %d", name, calls, orders, c.created)
		}
	}
}

func TestACreationThatOutlastsItsCallerIsAmbiguous(t *testing.T) {
	t.Parallel()
	platform := setup(t, fftsim.Options{})
	arrived := make(chan struct{})
	r := setup(t, fftsim.Options{}, overWire(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPost && request.URL.Path == "/api/orders" {
			close(arrived)
		}
		platform.fft.Handler().ServeHTTP(w, request)
	})))
	if err := r.use(); err != nil {
		t.Fatal(err)
	}
	platform.faults.PlanFaults("POST /api/orders", 1, simulator.Fault{Delay: time.Minute})
	_, err := r.CreateOrder(endedBy{t.Context(), arrived}, order("A-1"))
	wantError(t, err, remote.Transient, "create order: no answer in time")
	if !remote.IsAmbiguous(err) {
		t.Errorf("%v is not ambiguous", err)
	}
}

// endedBy is a context whose time is up when something has happened.
type endedBy struct {
	context.Context
	event <-chan struct{}
}

func (e endedBy) Done() <-chan struct{} { return e.event }

func (e endedBy) Err() error {
	select {
	case <-e.event:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestWithoutAConnectionNothingWasCreated(t *testing.T) {
	t.Parallel()
	platform := setup(t, fftsim.Options{})
	wire := overWire(t, platform.fft.Handler())
	r := setup(t, fftsim.Options{}, wire, func(o *fulfillmenttools.Options) { o.APIURL = "http://127.0.0.1:1" })
	_, err := r.CreateOrder(t.Context(), order("A-1"))
	wantError(t, err, remote.Transient, "create order: connection failed: dial")
	if remote.IsAmbiguous(err) {
		t.Errorf("%v is ambiguous", err)
	}
}

func TestACreationIsRepeatedWhenItCertainlyDidNotHappen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, fftsim.Options{})
		r.faults.PlanFaults("POST /api/orders", 1, simulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second})
		start := time.Now()
		if _, err := r.CreateOrder(t.Context(), order("A-1")); err != nil || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if n := len(r.fft.Orders()); n != 1 {
			t.Errorf("%d orders", n)
		}
	})
}

func TestAnOrderIsCancelledAtItsVersion(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	created, err := r.CreateOrder(t.Context(), order("A-1"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.CancelOrder(t.Context(), created.ID, created.Version+1, false)
	wantError(t, err, remote.Conflict, "cancel order: answered 409: Version conflict")
	if err := r.fft.RefuseCancel(created.ID); err != nil {
		t.Fatal(err)
	}
	_, err = r.CancelOrder(t.Context(), created.ID, created.Version, false)
	wantError(t, err, remote.Rejected, "cancel order: answered 400: ")
	cancelled, err := r.CancelOrder(t.Context(), created.ID, created.Version, true)
	if err != nil || cancelled.Status != fulfillmenttools.OrderCancelled {
		t.Errorf("got %+v, %v", cancelled, err)
	}
	_, err = r.CancelOrder(t.Context(), "none", 1, false)
	wantError(t, err, remote.NotFound)
}
