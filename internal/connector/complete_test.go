package connector_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testform"
)

// configured is a rig whose shop has this configuration, for what becomes of one order. At
// the end everything that was said is held against the vendors' descriptions of their interfaces.
func configured(t *testing.T, configuration map[string]any) *rig {
	t.Helper()
	testform.NotInRace(t)
	return configuredIn(t, quick(), configuration)
}

func configuredIn(t *testing.T, options world.Options, configuration map[string]any) *rig {
	t.Helper()
	options.KeepBodies = true
	r := newRig(t, rigOptions{world: options, bare: true})
	t.Cleanup(r.keptToContracts)
	r.CT.PutCustomObject("fft", "configuration", configuration)
	r.CT.PutState(map[string]any{"key": "initial", "type": "LineItemState", "initial": true})
	r.CT.PutState(map[string]any{"key": "short", "type": "LineItemState"})
	r.install()
	return r
}

func (r *rig) keptToContracts() {
	if _, ok := contract.FindSpecs(); !ok || testform.Raced {
		return
	}
	validator, err := contract.Shared()
	if err != nil {
		r.t.Fatal(err)
	}
	violations := newViolations()
	for _, exchange := range append(r.CTLog.All(), r.FFTLog.All()...) {
		violations.add(exchange.Method+" "+exchange.Path, validator.Exchange(exchange))
	}
	violations.report(r.t)
}

// exported places an order and gives its ids on both platforms.
func (r *rig) exported(draft map[string]any) (id, there string) {
	r.t.Helper()
	id = r.CT.PlaceOrder(draft)
	r.settle()
	return id, mustBeOne(r.t, r.FFT.OrdersOf(id), "exported").ID
}

// does ends the test when something that happens in fulfillmenttools cannot happen,
// and lets the news arrive.
func (r *rig) does(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

func (r *rig) wantShipment(id, want, when string) {
	r.t.Helper()
	if got := r.shipmentState(id); got != want {
		r.t.Fatalf("%s: shipment state %q, want %q:%s", when, got, want, describe(r.outcomes(id)))
	}
}

// exceptions are what fft_exceptions names.
func (r *rig) exceptions(id string) []string {
	var names []string
	set, _ := r.field(id, "fft_exceptions").([]any)
	for _, name := range set {
		names = append(names, name.(string))
	}
	return names
}

func (r *rig) wantExceptions(id string, want ...string) {
	r.t.Helper()
	if got := r.exceptions(id); !slices.Equal(got, want) {
		r.t.Errorf("exceptions %v, want %v:%s", got, want, describe(r.outcomes(id)))
	}
}

// twoLines is a shipped order of two lines, which can be split.
func twoLines(number string) map[string]any {
	draft := shippedOrder(number)
	line := map[string]any{}
	for key, value := range draft["lineItems"].([]any)[0].(map[string]any) {
		line[key] = value
	}
	line["id"] = "44444444-4444-4444-8444-444444444444"
	line["variant"] = map[string]any{"id": 1, "sku": "MUG-2"}
	draft["lineItems"] = append(draft["lineItems"].([]any), line)
	return draft
}

func TestASplitOrderIsPartialUntilAllOfItIsHandedOver(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{})
		id, there := r.exported(twoLines("A-1"))
		r.does(r.FFT.Split(there))
		for range stages - 2 {
			r.step()
		}
		r.wantShipment(id, "Ready", "two handover jobs are there")
		order := mustBeOne(t, r.FFT.OrdersOf(id), "split")
		if len(order.PickJobs) != 2 || len(order.HandoverJobs) != 2 {
			t.Fatalf("%d pick jobs, %d handover jobs", len(order.PickJobs), len(order.HandoverJobs))
		}
		r.FFTLog.Reset()
		r.does(r.FFT.HandOver(order.HandoverJobs[0].ID))
		r.wantShipment(id, "Partial", "one is handed over")
		r.does(r.FFT.HandOver(order.HandoverJobs[1].ID))
		r.wantShipment(id, "Shipped", "both are handed over")
		if n := r.fftCalls(); n > 2 {
			t.Errorf("the hand-over cost %d calls", n)
		}
		var pickJobs, handoverJobs []string
		for i := range order.PickJobs {
			pickJobs = append(pickJobs, order.PickJobs[i].ID)
			handoverJobs = append(handoverJobs, order.HandoverJobs[i].ID)
		}
		for field, want := range map[string][]string{"fft_pickjob_ids": pickJobs, "fft_handoverjob_ids": handoverJobs} {
			got, _ := r.field(id, field).([]any)
			for _, job := range want {
				if len(got) != 2 || !slices.Contains(got, any(job)) {
					t.Errorf("%s is %v, want %v", field, got, want)
				}
			}
		}
		if got := r.field(id, "fft_load_units_amount"); got != float64(order.LoadUnits) {
			t.Errorf("load units %v, want %d", got, order.LoadUnits)
		}
		if deliveries := r.deliveries(id); len(deliveries) != 2 || len(deliveries[0].Items) == 0 || len(deliveries[1].Parcels) != 1 {
			t.Errorf("deliveries %+v", deliveries)
		}
		r.does(r.FFT.RevertHandoverJob(order.HandoverJobs[1].ID))
		r.wantShipment(id, "Partial", "one hand-over is undone")
		r.does(r.FFT.RevertHandoverJob(order.HandoverJobs[0].ID))
		r.wantShipment(id, "Ready", "both are undone")
		r.does(r.FFT.HandOver(order.HandoverJobs[0].ID))
		r.does(r.FFT.CancelHandoverJob(order.HandoverJobs[1].ID, "CONSUMER_REJECTS"))
		r.wantShipment(id, "Shipped", "one is handed over and the other one cancelled")
		if deliveries := r.deliveries(id); len(deliveries) != 1 {
			t.Errorf("deliveries %+v", deliveries)
		}
	})
}

func TestTheSimpleShipmentStateIsTheLiteralTable(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{"feedback": map[string]any{"shipmentState": "simple"}})
		id, there := r.exported(twoLines("A-1"))
		r.does(r.FFT.Split(there))
		for range stages - 2 {
			r.step()
		}
		order := mustBeOne(t, r.FFT.OrdersOf(id), "split")
		r.does(r.FFT.HandOver(order.HandoverJobs[0].ID))
		r.wantShipment(id, "Shipped", "one of two is handed over")
		r.does(r.FFT.HandOver(order.HandoverJobs[1].ID))
		r.wantShipment(id, "Shipped", "both are handed over")
	})
}

func TestTrackingThatComesLaterIsAdded(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{"feedback": map[string]any{"parcelsField": true}})
		id, there := r.exported(shippedOrder("A-1"))
		r.does(r.FFT.HoldLabel(there))
		r.ship()
		r.wantShipment(id, "Shipped", "handed over without a label")
		r.does(r.FFT.AcknowledgeLabel(there))
		parcel := r.deliveries(id)[0].Parcels[0]
		if parcel.Tracking.ID == "" || parcel.Tracking.Carrier == "" || parcel.TextField("fft_tracking_url") == "" || parcel.Measurements == nil || parcel.Measurements.Weight == 0 {
			t.Errorf("parcel %+v:%s", parcel, describe(r.outcomes(id)))
		}
		text, _ := r.field(id, "fft_parcels").(string)
		var rows []map[string]string
		if err := json.Unmarshal([]byte(text), &rows); err != nil || len(rows) != 1 || rows[0]["tracking_number"] != parcel.Tracking.ID || rows[0]["tracking_url"] == "" {
			t.Errorf("fft_parcels is %q", text)
		}
		r.does(r.FFT.Track(there, "transit"))
		r.wantShipment(id, "Shipped", "on its way")
		r.does(r.FFT.TrackDelivered(there))
		r.wantShipment(id, "Delivered", "delivered")
	})
}

func TestACarriersScansThatChangeNothingCostNoCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{})
		_, there := r.exported(shippedOrder("A-1"))
		r.ship()
		ct, fft := r.counted(func() {
			for _, status := range []string{"picked_up", "transit", "out_for_delivery"} {
				r.does(r.FFT.Track(there, status))
			}
		})
		if ct+fft > 0 {
			t.Errorf("%d and %d calls:%s", ct, fft, r.listing())
		}
	})
}

func TestWhatFulfillmenttoolsCancelsIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configuration map[string]any
		cancel        func(*rig, string) error
		orderState    string
	}{
		"cancelled":           {nil, func(r *rig, id string) error { return r.FFT.CancelByFFT(id, false) }, "Confirmed"},
		"cancelled by force":  {nil, func(r *rig, id string) error { return r.FFT.CancelByFFT(id, true) }, "Confirmed"},
		"expired, configured": {map[string]any{"orderState": "Cancelled"}, func(r *rig, id string) error { return r.FFT.Expire(id) }, "Cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := configured(t, map[string]any{"feedback": map[string]any{"cancelled": test.configuration}})
				id, there := r.exported(shippedOrder("A-1"))
				r.step()
				r.does(test.cancel(r, there))
				r.wantShipment(id, "Canceled", name)
				r.wantExceptions(id, "cancelled")
				if order, _ := r.CT.Order(id); order["orderState"] != test.orderState {
					t.Errorf("order state %v, want %s", order["orderState"], test.orderState)
				}
			})
		})
	}
}

func TestAnOrderThatNobodyCanFulfilIsToldUntilSomebodyCan(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{})
		id, there := r.exported(shippedOrder("A-1"))
		r.does(r.FFT.NotRoutable(there))
		r.step()
		r.wantExceptions(id, "notRoutable")
		r.does(r.FFT.Routable(there))
		r.ship()
		r.wantExceptions(id)
		r.wantShipment(id, "Shipped", "routed after all")
	})
}

func TestShortPickedLinesGoToTheConfiguredState(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{"feedback": map[string]any{"shortPicked": map[string]any{"lineItemState": "short"}}})
		id, there := r.exported(shippedOrder("A-1"))
		r.does(r.FFT.ShortPick(there, "MUG-1", 1))
		r.ship()
		r.wantExceptions(id, "shortPicked")
		r.wantShipment(id, "Shipped", "the rest is handed over")
		order, _ := r.CT.Order(id)
		line := order["lineItems"].([]any)[0].(map[string]any)
		if states, _ := line["state"].([]any); len(states) != 2 {
			t.Errorf("states of the line %v:%s", line["state"], describe(r.outcomes(id)))
		}
	})
}

func TestWhatTheWorkflowRefusesDoesNotKeepTheRestBack(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{"feedback": map[string]any{"shortPicked": map[string]any{"workflowState": "no-such-state"}}})
		id, there := r.exported(shippedOrder("A-1"))
		r.does(r.FFT.ShortPick(there, "MUG-1", 1))
		r.ship()
		r.wantExceptions(id, "shortPicked")
		r.wantShipment(id, "Shipped", "handed over")
		if !slices.ContainsFunc(r.outcomes(id), noted) {
			t.Errorf("nothing tells of the refusal:%s", describe(r.outcomes(id)))
		}
	})
}

func TestAcceptedReturnsAreTold(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{"feedback": map[string]any{"returns": true}})
		id, there := r.exported(shippedOrder("A-1"))
		r.ship()
		r.does(r.FFT.Return(there, fftsim.Returned{TenantArticleID: "MUG-1", Quantity: 1}))
		order, _ := r.CT.Order(id)
		returns, _ := order["returnInfo"].([]any)
		if len(returns) != 1 {
			t.Fatalf("return info %v:%s", order["returnInfo"], describe(r.outcomes(id)))
		}
		item := returns[0].(map[string]any)["items"].([]any)[0].(map[string]any)
		if item["lineItemId"] != "11111111-1111-4111-8111-111111111111" || item["shipmentState"] != "Returned" {
			t.Errorf("return item %v", item)
		}
	})
}

func noted(entry outcome.Entry) bool { return len(entry.Notes) > 0 }

func TestCollectedOrdersGetTheConfiguredStates(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{
			"collectChannelReferenceFieldName": "pickup_facility",
			"shippingMethodMapping":            map[string]any{"Collect": map[string]any{"serviceType": "CLICK_AND_COLLECT"}},
			"feedback": map[string]any{"collect": map[string]any{
				"ready":     map[string]any{"lineItemState": "short"},
				"collected": map[string]any{"shipmentState": "Delivered", "orderState": "Complete"},
			}},
		})
		draft := shippedOrder("A-1")
		draft["shippingInfo"] = map[string]any{"shippingMethodName": "Collect"}
		draft["custom"] = map[string]any{"type": map[string]any{"typeId": "type", "key": "fft-order"}, "fields": map[string]any{"pickup_facility": "store-koeln"}}
		id, _ := r.exported(draft)
		for range stages - 2 {
			r.step()
		}
		r.wantShipment(id, "Ready", "ready to be collected")
		if order, _ := r.CT.Order(id); order["orderState"] != "Confirmed" {
			t.Errorf("order state %v", order["orderState"])
		}
		r.step()
		r.wantShipment(id, "Delivered", "collected")
		order, _ := r.CT.Order(id)
		if order["orderState"] != "Complete" || len(r.deliveries(id)) != 0 {
			t.Errorf("order state %v, deliveries %v", order["orderState"], r.deliveries(id))
		}
	})
}

// TestAnOrderBroughtFromAnotherFacilityIsCollectedOnce: that the goods left their supplier
// says nothing about the consumer.
func TestAnOrderBroughtFromAnotherFacilityIsCollectedOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := configured(t, map[string]any{
			"collectChannelReferenceFieldName": "pickup_facility",
			"shippingMethodMapping":            map[string]any{"Collect": map[string]any{"serviceType": "CLICK_AND_COLLECT"}},
		})
		draft := shippedOrder("A-1")
		draft["shippingInfo"] = map[string]any{"shippingMethodName": "Collect"}
		draft["custom"] = map[string]any{"type": map[string]any{"typeId": "type", "key": "fft-order"}, "fields": map[string]any{"pickup_facility": "store-koeln"}}
		id, fft := r.exported(draft)
		if err := r.FFT.Transfer(fft); err != nil {
			t.Fatal(err)
		}
		var states []string
		for range 2 * stages {
			if _, err := r.FFT.Step(fft); err != nil {
				break
			}
			r.settle()
			if state := r.shipmentState(id); len(states) == 0 || states[len(states)-1] != state {
				states = append(states, state)
			}
		}
		if got := strings.Join(states, " "); got != "Pending Ready Shipped" {
			t.Errorf("%s:%s", got, describe(r.outcomes(id)))
		}
	})
}
