package connector_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator"
)

// ruled is a rig whose shop has these rules about exports.
func ruled(t *testing.T, rules map[string]any) *rig {
	t.Helper()
	return configured(t, map[string]any{"export": rules})
}

// unpaid is an order that nobody has paid or confirmed.
func unpaid(number string) map[string]any {
	draft := simpleOrder(number)
	draft["orderState"], draft["paymentState"] = "Open", "Pending"
	return draft
}

// exports reports whether the order is in fulfillmenttools once all is delivered.
func (r *rig) exports(id string) bool {
	r.t.Helper()
	r.settle()
	there := r.FFT.OrdersOf(id)
	if len(there) > 1 {
		r.t.Errorf("%d orders in fulfillmenttools", len(there))
	}
	return len(there) == 1
}

// status is the order's in fulfillmenttools once all is delivered.
func (r *rig) status(id string) string {
	r.t.Helper()
	r.settle()
	return mustBeOne(r.t, r.FFT.OrdersOf(id), "exported").Status
}

// took reports whether a message of this type changed something there.
func (r *rig) took(id, messageType string) bool {
	return slices.ContainsFunc(r.outcomes(id), func(e outcome.Entry) bool {
		return e.Flow == outcome.Export && e.Type == messageType && e.Kind == outcome.Applied
	})
}

func TestAnOrderIsExportedWhenItIsPaid(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"trigger": map[string]any{"paymentState": "Paid"}})
		id := r.CT.PlaceOrder(unpaid("A-1"))
		if r.exports(id) || r.last(id).Reason != "payment state is Pending" {
			t.Errorf("not paid:%s", describe(r.outcomes(id)))
		}
		if r.does(r.CT.Confirm(id)); r.exports(id) {
			t.Error("exported when it was confirmed")
		}
		if r.does(r.CT.Pay(id)); !r.exports(id) || !r.took(id, "OrderPaymentStateChanged") {
			t.Errorf("paid:%s", describe(r.outcomes(id)))
		}
		r.does(r.CT.Edit(id, map[string]any{"action": "changePaymentState", "paymentState": "CreditOwed"}))
		if r.cancel(id); r.status(id) != "CANCELLED" {
			t.Errorf("cancelled:%s", describe(r.outcomes(id)))
		}
	})
}

func TestAnOrderIsExportedWhenItsWorkflowSaysSo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"trigger": map[string]any{"orderState": "Confirmed", "workflowState": "released"}})
		r.CT.PutState(map[string]any{"key": "review", "type": "OrderState", "initial": true})
		r.CT.PutState(map[string]any{"key": "released", "type": "OrderState"})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		if r.exports(id) || r.last(id).Reason != "workflow state is none" {
			t.Errorf("without workflow state:%s", describe(r.outcomes(id)))
		}
		if r.does(r.CT.Transition(id, "review")); r.exports(id) || r.last(id).Reason != "workflow state is review" {
			t.Errorf("under review:%s", describe(r.outcomes(id)))
		}
		if r.does(r.CT.Transition(id, "released")); !r.exports(id) || !r.took(id, "OrderStateTransition") {
			t.Errorf("released:%s", describe(r.outcomes(id)))
		}
	})
}

func TestOneOrderIsMadeRightWhenItsWorkflowSaysSo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := unheard(t, map[string]any{"trigger": map[string]any{"workflowState": "released"}})
		time.Sleep(settledIn)
		r.CT.PutState(map[string]any{"key": "released", "type": "OrderState"})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.does(r.CT.Transition(id, "released"))
		order, err := r.connector.Commercetools.SnapshotByNumber(t.Context(), "A-1")
		if err != nil {
			t.Fatal(err)
		}
		finding, err := r.connector.Reconciler.RepairOrder(t.Context(), order, reconcile.BySync)
		if err != nil || finding == nil || finding.Kind != reconcile.Missing || !finding.Repaired || !r.exports(id) {
			t.Errorf("%+v, %v", finding, err)
		}
	})
}

func TestAnOpenOrderIsExportedWhereThatIsWanted(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"trigger": map[string]any{"orderState": "Open"}})
		if id := r.CT.PlaceOrder(unpaid("A-1")); !r.exports(id) {
			t.Errorf("open:%s", describe(r.outcomes(id)))
		}
		if id := r.CT.PlaceOrder(simpleOrder("A-2")); r.exports(id) {
			t.Error("a confirmed order was exported")
		}
	})
}

func TestAnOrderThatIsLeftOutIsExportedOnceItIsNot(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"when": `order.custom.fields.pickup_facility == "store-1"`})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		if r.exports(id) || r.last(id).Kind != outcome.Ignored || r.last(id).Reason != "left out by export.when" {
			t.Errorf("left out:%s", describe(r.outcomes(id)))
		}
		for _, finding := range r.compared() {
			t.Errorf("a comparison finds %+v", finding)
		}
		ct, fft := r.counted(func() { r.compared() })
		if ct > 2 || fft > 0 {
			t.Errorf("a second comparison costs %d and %d calls, count and page are enough:%s", ct, fft, r.listing())
		}
		definition := map[string]any{"name": "pickup_facility", "label": map[string]any{"en": "x"}, "type": map[string]any{"name": "String"}, "required": false}
		r.CT.PutType(map[string]any{
			"key": "fft-order", "name": map[string]any{"en": "x"}, "resourceTypeIds": []any{"order"}, "fieldDefinitions": []any{definition},
		})
		if r.does(r.CT.SetField(id, "fft-order", "pickup_facility", "store-1")); !r.exports(id) || !r.took(id, "OrderCustomTypeSet") {
			t.Errorf("no longer left out:%s", describe(r.outcomes(id)))
		}
	})
}

// TestAnOrderThatIsFulfilledAlreadyStaysHere: placed, imported, or found by a comparison,
// which is what back-fill is.
func TestAnOrderThatIsFulfilledAlreadyStaysHere(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{})
		for number, state := range map[string]string{"A-1": "Shipped", "A-2": "Delivered", "A-3": "Canceled", "A-4": "Partial"} {
			draft := simpleOrder(number)
			draft["shipmentState"] = state
			imported := simpleOrder(number + "-imported")
			imported["shipmentState"] = state
			for _, id := range []string{r.CT.PlaceOrder(draft), r.CT.ImportOrder(imported)} {
				if r.exports(id) || r.last(id).Kind != outcome.Ignored || !strings.Contains(r.last(id).Reason, "shipment state is "+state) {
					t.Errorf("%s %s:%s", number, state, describe(r.outcomes(id)))
				}
			}
		}
		for _, finding := range r.compared() {
			t.Errorf("a comparison finds %+v", finding)
		}
		if there := r.FFT.Orders(); len(there) != 0 {
			t.Errorf("%d orders were exported", len(there))
		}
	})
}

// compared is what a comparison of all orders finds.
func (r *rig) compared() []reconcile.Finding {
	r.t.Helper()
	findings, err := r.connector.Reconciler.WalkAll(r.t.Context(), reconcile.Walk{Until: time.Now().Add(time.Minute)})
	if err != nil {
		r.t.Fatal(err)
	}
	return findings
}

func TestARuleThatFailsAtAnOrderIsADeadLetter(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"when": `order.lineItems[7].quantity > 0`})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		if r.exports(id) || r.last(id).Kind != outcome.Rejected || !strings.Contains(r.last(id).Reason, "export.when") || r.last(id).Hint == "" {
			t.Errorf("%s", describe(r.outcomes(id)))
		}
		if problems := r.problems(); len(problems) != 1 || problems[0].Order != id {
			t.Errorf("problems: %+v", problems)
		}
	})
}

// settledIn is when a process without a store no longer waits for what it might have forgotten of
// orders that got their number late.
const settledIn = 2 * time.Minute

// unheard is a rig whose shop has these rules, and of which no sender knows.
func unheard(t *testing.T, rules map[string]any) *rig {
	t.Helper()
	r := newRig(t, rigOptions{world: quick(), env: brief(), bare: true})
	r.CT.PutType(ourType())
	r.CT.PutCustomObject("fft", "configuration", map[string]any{"export": rules})
	return r
}

func TestAnOrderWithAConfiguredNameIsFoundAfterACrash(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := unheard(t, map[string]any{"tenantOrderId": `"DE-" + order.orderNumber`})
		time.Sleep(settledIn)
		// The process ends between the create call and its answer.
		r.FFTFaults.PlanFaults("POST /api/orders", 1, simulator.Fault{LoseAnswer: true})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.post("/event", confirmed(id))
		r.restart(brief())
		time.Sleep(settledIn)
		r.post("/event", confirmed(id))
		if there := mustBeOne(t, r.FFT.OrdersOf(id), "after a crash"); there.TenantOrderID != "DE-A-1" || r.last(id).Reason != "found in fulfillmenttools" {
			t.Errorf("named %s:%s", there.TenantOrderID, describe(r.outcomes(id)))
		}
		if n := r.FFTLog.Count("POST /api/orders"); n != 1 {
			t.Errorf("%d create calls", n)
		}
		r.restart(brief())
		r.cancel(id)
		r.post("/event", confirmed(id))
		if r.status(id) != "CANCELLED" {
			t.Errorf("cancelled:%s", describe(r.outcomes(id)))
		}
	})
}

func TestADeletedOrderWithAConfiguredNameIsCancelledThere(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"tenantOrderId": `"DE-" + order.orderNumber`})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		r.restart(nil)
		if r.does(r.CT.DeleteOrder(id)); r.status(id) != "CANCELLED" {
			t.Errorf("deleted:%s", describe(r.outcomes(id)))
		}
	})
}

func TestAHeldOrderIsUnlockedWhenItIsPaid(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"hold": `order.paymentState != "Paid"`, "changes": map[string]any{"addresses": "ignore", "lines": "ignore", "deliveryTime": "ignore"}})
		r.CT.Courier().SetDisorder(simulator.Disorder{Duplicate: 1, Copies: 2})
		draft := unpaid("A-1")
		draft["orderState"] = "Confirmed"
		id := r.CT.PlaceOrder(draft)
		if r.status(id) != "LOCKED" {
			t.Fatalf("not paid:%s", describe(r.outcomes(id)))
		}
		if r.does(r.CT.Pay(id)); r.status(id) != "OPEN" || !r.took(id, "OrderPaymentStateChanged") {
			t.Fatalf("paid:%s", describe(r.outcomes(id)))
		}
		if n := r.FFTLog.Count("/actions"); n != 1 {
			t.Errorf("%d actions", n)
		}
		ct, fft := r.counted(func() { r.does(r.CT.Edit(id, map[string]any{"action": "setCustomerEmail", "email": "b@example.org"})) })
		if ct > 3 || fft > 0 {
			t.Errorf("three messages about an order that is known to be open cost %d and %d calls:%s", ct, fft, r.listing())
		}
		r.ship()
		if r.shipmentState(id) != "Shipped" {
			t.Errorf("the order is %s", r.shipmentState(id))
		}
	})
}

func TestOurOwnWritesLeadToNoLookAtTheOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"hold": "false"})
		id := r.CT.PlaceOrder(shippedOrder("A-1"))
		r.ship()
		for _, entry := range r.outcomes("") {
			if strings.HasPrefix(entry.Type, "OrderCustomField") && (entry.Kind != outcome.Ignored || entry.Calls > 0) {
				t.Errorf("%s: %+v", entry.Type, entry.Result)
			}
		}
		looks := 0
		for _, entry := range r.outcomes(id) {
			if entry.Flow == outcome.Export && entry.Calls > 0 {
				looks++
			}
		}
		if looks > 2 { // the export, and the custom type that ORDER_CREATED brings
			t.Errorf("%d messages led to a look:%s", looks, describe(r.outcomes(id)))
		}
	})
}

func TestAnUnlockThatMeetsAnOutageComesAgain(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"hold": `order.paymentState != "Paid"`})
		draft := unpaid("A-1")
		draft["orderState"] = "Confirmed"
		id := r.CT.PlaceOrder(draft)
		r.settle()
		r.FFTFaults.PlanFaults("/actions", 1, simulator.Fault{Status: 503})
		r.FFTFaults.PlanFaults("/actions", 1, simulator.Fault{LoseAnswer: true})
		if r.does(r.CT.Pay(id)); r.status(id) != "OPEN" {
			t.Errorf("%s", describe(r.outcomes(id)))
		}
	})
}

func TestAComparisonUnlocksWhatNoMessageDid(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := unheard(t, map[string]any{"hold": `order.paymentState != "Paid"`})
		draft := unpaid("A-1")
		draft["orderState"] = "Confirmed"
		id := r.CT.PlaceOrder(draft)
		r.post("/event", confirmed(id))
		for _, finding := range r.compared() {
			if finding.Kind == reconcile.Held {
				t.Errorf("while it is held: %+v", finding)
			}
		}
		if err := r.CT.Pay(id); err != nil {
			t.Fatal(err)
		}
		findings := r.compared()
		if len(findings) != 1 || findings[0].Kind != reconcile.Held || !findings[0].Repaired || r.status(id) != "OPEN" {
			t.Errorf("it is %s: %+v", r.status(id), findings)
		}
		for _, finding := range r.compared() {
			t.Errorf("afterwards: %+v", finding)
		}
	})
}

func TestAnOrderThatStaysLockedWithoutARuleIsReported(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := unheard(t, map[string]any{"hold": "true"})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.post("/event", confirmed(id))
		r.CT.PutCustomObject("fft", "configuration", map[string]any{})
		r.restart(brief())
		findings := r.compared()
		if len(findings) != 1 || findings[0].Repaired || !strings.Contains(findings[0].Problem, "LOCKED") || !strings.Contains(findings[0].Hint, "export.hold") {
			t.Errorf("without a rule: %+v", findings)
		}
		r.CT.PutCustomObject("fft", "configuration", map[string]any{"export": map[string]any{"hold": "false"}})
		r.restart(brief())
		if r.compared(); r.status(id) != "OPEN" {
			t.Errorf("with a rule that holds nothing it is %s", r.status(id))
		}
	})
}

func TestACancelledOrderIsCancelledAlthoughItIsHeld(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := ruled(t, map[string]any{"hold": "true"})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		if r.status(id) != "LOCKED" {
			t.Fatal(r.status(id))
		}
		if r.cancel(id); r.status(id) != "CANCELLED" {
			t.Errorf("%s", describe(r.outcomes(id)))
		}
	})
}
