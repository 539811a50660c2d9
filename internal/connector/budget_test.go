package connector_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/simulator/fftsim"
)

// counted is how many calls of each platform f leads to.
func (r *rig) counted(f func()) (ct, fft int) {
	r.t.Helper()
	r.CTLog.Reset()
	r.FFTLog.Reset()
	f()
	r.settle()
	return r.ctCalls(), r.fftCalls()
}

func TestStartingMakesNoCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/problems"} {
			if status, body := r.get(path); status != 200 {
				t.Errorf("%s: %d %s", path, status, body)
			}
		}
		r.restart(nil)
		if n := len(r.CTLog.All()) + len(r.FFTLog.All()); n > 0 {
			t.Errorf("%d calls were made:%s", n, r.listing())
		}
	})
}

// TestAnOrdersLifeStaysWithinItsBudget counts the life of an order that is not split,
// with deliveries and parcels. The carrier's news of its parcel cost one call more.
func TestAnOrdersLifeStaysWithinItsBudget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configuration map[string]any
		handover      int // commercetools calls when the handover job is created
		echoes        int // messages about custom fields, which are ours, as docs/mapping.md says
	}{
		"with tracking":                         {map[string]any{}, 2, 0},
		"without tracking":                      {map[string]any{"feedback": map[string]any{"tracking": false}}, 1, 0},
		"with tracking, reading a custom field": {map[string]any{"customFieldTagMapping": map[string]any{"gift": "gift"}}, 2, 13},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := newRig(t, rigOptions{world: quick(), bare: true})
				r.CT.PutCustomObject("fft", "configuration", test.configuration)
				r.install()
				lifeWithinBudget(t, r, test.handover, test.echoes)
			})
		})
	}
}

// heardOfFields is how many messages about custom fields of orders have come.
func (r *rig) heardOfFields() (heard int) {
	r.t.Helper()
	_, metrics := r.get("/metrics")
	for _, found := range fieldMessages.FindAllStringSubmatch(metrics, -1) {
		n, err := strconv.Atoi(found[1])
		if err != nil {
			r.t.Fatal(err)
		}
		heard += n
	}
	return heard
}

var fieldMessages = regexp.MustCompile(`fftconnect_messages_total\{[^}]*type="OrderCustom[^}]*\} (.*)`)

func lifeWithinBudget(t *testing.T, r *rig, handover, echoes int) {
	t.Helper()
	r.CT.PlaceOrder(shippedOrder("WARM"))
	r.ship()
	before := r.heardOfFields()

	var id string
	totalCT, totalFFT := 0, 0
	stage := func(name string, maxCT, maxFFT int, f func()) {
		t.Helper()
		ct, fft := r.counted(f)
		totalCT, totalFFT = totalCT+ct, totalFFT+fft
		t.Logf("%-28s commercetools %d, fulfillmenttools %d", name, ct, fft)
		if ct > maxCT || fft > maxFFT {
			t.Errorf("%s costs %d and %d calls, at most %d and %d are allowed:%s", name, ct, fft, maxCT, maxFFT, r.listing())
		}
	}
	// Creating the order brings ORDER_CREATED, which is the second commercetools call.
	stage("export and ORDER_CREATED", 2, 2, func() { id = r.CT.PlaceOrder(shippedOrder("A-1")) })
	for _, name := range []string{"PICK_JOB_CREATED", "picking begins", "PICK_JOB_PICKING_FINISHED", "HANDOVERJOB_CREATED", "HANDOVERJOB_HANDED_OVER"} {
		maxCT, maxFFT := 1, 0
		switch name {
		case "picking begins":
			maxCT = 0
		case "PICK_JOB_PICKING_FINISHED":
			maxFFT = 1
		case "HANDOVERJOB_CREATED":
			maxCT = handover
		}
		stage(name, maxCT, maxFFT, r.step)
	}
	if r.shipmentState(id) != "Shipped" || r.field(id, "fft_load_units_amount") == nil {
		t.Fatalf("the order did not arrive:%s", describe(r.outcomes(id)))
	}
	if deliveries := r.deliveries(id); len(deliveries) != 1 || len(deliveries[0].Parcels) != 1 || deliveries[0].Parcels[0].Tracking.ID == "" {
		t.Errorf("deliveries %+v", deliveries)
	}
	if heard := r.heardOfFields() - before; heard != echoes {
		t.Errorf("%d messages about custom fields, want %d", heard, echoes)
	}
	t.Logf("whole life: commercetools %d, fulfillmenttools %d", totalCT, totalFFT)
	if totalCT > 5+handover || totalFFT > 3 {
		t.Errorf("the whole life costs %d and %d calls, at most %d and 3 are allowed", totalCT, totalFFT, 5+handover)
	}
}

// TestAnOrderThatRemembersNothingCostsAProcessReadAnEvent: its type lacks fft_jobs.
func TestAnOrderThatRemembersNothingCostsAProcessReadAnEvent(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.install()
		r.CT.PutType(ourType())
		life := func(number string) (ct, fft int) {
			return r.counted(func() {
				id := r.CT.PlaceOrder(shippedOrder(number))
				r.ship()
				time.Sleep(time.Minute)
				if r.shipmentState(id) != "Shipped" || r.field(id, feedback.RecordField) != nil {
					t.Errorf("%s: %v", r.shipmentState(id), r.field(id, feedback.RecordField))
				}
			})
		}
		life("WARM")
		ct, fft := life("A-1")
		t.Logf("whole life: commercetools %d, fulfillmenttools %d", ct, fft)
		// Each event of a job or parcel reads the process; of a parcel and its handover job, told at
		// the same instant, each may read the other, and the parcel's its own.
		if ct > 7 || fft > 3+5+3 {
			t.Errorf("the whole life costs %d and %d calls:%s", ct, fft, r.listing())
		}
	})
}

// deliveries are those of an order that ships in one way.
func (r *rig) deliveries(id string) []commercetools.Delivery {
	r.t.Helper()
	document, _ := r.CT.Order(id)
	text, err := json.Marshal(document)
	if err != nil {
		r.t.Fatal(err)
	}
	var order commercetools.Snapshot
	if err := json.Unmarshal(text, &order); err != nil {
		r.t.Fatal(err)
	}
	if len(order.Shipping) != 1 {
		r.t.Fatalf("the order ships in %d ways", len(order.Shipping))
	}
	return order.Shipping[0].Deliveries
}

// shippedOrder is a simple one with a shipping method.
func shippedOrder(number string) map[string]any {
	draft := simpleOrder(number)
	draft["shippingInfo"] = map[string]any{"shippingMethodName": "Standard"}
	return draft
}

func TestAnExportCostsThreeCalls(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.CT.PutType(ourType())
		warm := r.CT.PlaceOrder(simpleOrder("WARM"))
		r.post("/event", confirmed(warm))
		for name, draft := range map[string]map[string]any{"with a number": simpleOrder("A-1"), "without a number": simpleOrder("")} {
			id := r.CT.PlaceOrder(draft)
			message := confirmed(id)
			if number, ok := draft["orderNumber"]; ok {
				message = notification("OrderStateChanged", id, map[string]any{
					"orderState": "Confirmed", "resourceUserProvidedIdentifiers": map[string]any{"orderNumber": number},
				})
			}
			ct, fft := r.counted(func() { r.post("/event", message) })
			mustBeOne(t, r.FFT.OrdersOf(id), name)
			t.Logf("export of an order %s: commercetools %d, fulfillmenttools %d", name, ct, fft)
			if ct+fft > 3 {
				t.Errorf("export of an order %s costs %d calls:%s", name, ct+fft, r.listing())
			}
			if ct, fft := r.counted(func() { r.post("/event", message) }); ct+fft > 1 {
				t.Errorf("a second message about an order %s costs %d calls:%s", name, ct+fft, r.listing())
			}
		}
	})
}

// TestAParcelAndItsHandoverJobCostNoLookIntoEither gives both events at once, as
// fulfillmenttools does, and in either order.
func TestAParcelAndItsHandoverJobCostNoLookIntoEither(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.install()
		r.dropWebhooks()
		seen := r.watchEvents()
		const parcel, handover = "PARCEL_CARRIER_ACKNOWLEDGED", "HANDOVERJOB_CREATED"
		for name, events := range map[string][]string{"the parcel first": {parcel, handover}, "the handover job first": {handover, parcel}, "at once": nil} {
			order := r.live("A-" + name)
			for _, event := range []string{"ORDER_CREATED", "PICK_JOB_CREATED", "PICK_JOB_PICKING_FINISHED"} {
				r.post("/service", seen.body(t, event, order.there))
			}
			ct, fft := r.counted(func() {
				for _, event := range events {
					r.post("/service", seen.body(t, event, order.there))
				}
				if events == nil {
					var both sync.WaitGroup
					for _, event := range []string{parcel, handover} {
						both.Go(func() { r.post("/service", seen.body(t, event, order.there)) })
					}
					both.Wait()
				}
			})
			if ct > 2 || fft > 0 {
				t.Errorf("%s: %d and %d calls:%s", name, ct, fft, r.listing())
			}
			if deliveries := r.deliveries(order.id); len(deliveries) != 1 || len(deliveries[0].Parcels) != 1 || deliveries[0].Parcels[0].Tracking.ID == "" {
				t.Errorf("%s: deliveries %+v", name, deliveries)
			}
		}
	})
}

// TestAnEventOfAnOrderThatWasNotReadCostsOneCallMore gives the events of an order to
// a connector that never saw it, as after a restart or in a second replica.
func TestAnEventOfAnOrderThatWasNotReadCostsOneCallMore(t *testing.T) {
	for name, test := range map[string]struct {
		fields []string
		asked  int // calls to fulfillmenttools for what the order does not remember
	}{
		"the order remembers its jobs":         {[]string{feedback.RecordField}, 0},
		"its type has no place to remember it": {nil, 4}, // process, pick job, handover job, parcel
	} {
		t.Run(name, func(t *testing.T) { eventsUnseen(t, ourType(test.fields...), test.asked) })
	}
}

func eventsUnseen(t *testing.T, orderType map[string]any, asked int) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.CT.PutType(orderType)
		seen := r.watchEvents()
		export := func(number string) (id string) {
			id = r.CT.PlaceOrder(simpleOrder(number))
			r.post("/event", confirmed(id))
			return id
		}
		warm := export("WARM")
		ids := map[string]string{} // event to the order that has no trace of it yet
		names := []string{"ORDER_CREATED", "PICK_JOB_CREATED", "PICK_JOB_PICKING_FINISHED", "HANDOVERJOB_CREATED", "HANDOVERJOB_HANDED_OVER"}
		for _, name := range names {
			ids[name] = export("A-" + name)
		}
		for _, order := range r.FFT.Orders() {
			for range stages - 1 {
				if _, err := r.FFT.Step(order.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(time.Minute) // lists may have lagged behind
		fresh := r.beside(nil)
		there := func(id string) fftsim.Order { return mustBeOne(t, r.FFT.OrdersOf(id), id) }
		for _, name := range names {
			fresh.post("/service", seen.body(t, name, there(warm).ID))
		}
		for _, name := range names {
			body := seen.body(t, name, there(ids[name]).ID)
			count := func() (ct, fft int) {
				r.CTLog.Reset()
				r.FFTLog.Reset()
				if response := fresh.post("/service", body); response.StatusCode != 200 {
					t.Errorf("%s: %d", name, response.StatusCode)
				}
				return r.ctCalls(), r.fftCalls()
			}
			maxFFT := 0
			if name == "PICK_JOB_PICKING_FINISHED" {
				maxFFT = 1
			}
			// Nothing tells this connector, or the order, whose the entity is: it is read, and
			// of a handover job its pick job.
			verified := 1
			if strings.HasPrefix(name, "HANDOVERJOB") {
				verified = 2
			}
			ct, fft := count()
			t.Logf("%s, order not read yet: commercetools %d, fulfillmenttools %d", name, ct, fft)
			asks := asked
			if name == "ORDER_CREATED" {
				asks = 0
			}
			if ct > 2 || fft > maxFFT+verified+asks {
				t.Errorf("%s costs %d and %d calls:%s", name, ct, fft, r.listing())
			}
			// A repetition may look whether the order was cancelled meanwhile, or whether
			// other jobs add to the load units.
			if ct, fft := count(); ct > 1 || fft > 2*maxFFT+asks {
				t.Errorf("%s once more costs %d and %d calls:%s", name, ct, fft, r.listing())
			}
		}
	})
}
