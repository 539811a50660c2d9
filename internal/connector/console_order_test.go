package connector_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/telemetry"
	"fftconnect/internal/testtime"
)

// shipped is the order in commercetools.
func shipped() commercetools.Snapshot {
	order := commercetools.Snapshot{ID: orderID, Version: 7, OrderNumber: orderNumber, OrderState: "Confirmed", ShipmentState: "Shipped"}
	parcel := commercetools.Parcel{Key: "p1"}
	parcel.Tracking.ID, parcel.Tracking.Carrier = "00340434161094000001", "DHL"
	order.Shipping = []commercetools.Shipping{{Deliveries: []commercetools.Delivery{{
		Key: "d1", Items: []commercetools.DeliveryItem{{ID: "l1", Quantity: 3}}, Parcels: []commercetools.Parcel{parcel},
	}}}}
	return order
}

func TestAnOrderIsFoundByEveryNameThatMessagesTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	names := []outcome.Name{
		{Kind: outcome.OrderNumber, Text: orderNumber},
		{Kind: outcome.FFTOrderID, Text: "ord-7f3a1c"},
		{Kind: outcome.TenantOrderID, Text: "T-1001"},
		{Kind: outcome.PickJobID, Text: "pj-aa01"},
		{Kind: outcome.ShortID, Text: "AS12"},
		{Kind: outcome.TrackingNumber, Text: "00340434161094000001"},
	}
	d.record(outcome.Entry{Result: outcome.Result{Kind: outcome.Applied, Order: orderID, Reason: "exported", Names: names}, Flow: outcome.Export, Type: "OrderCreated", EventID: "e1", At: time.Now()})
	for _, text := range []string{orderNumber, orderID, strings.ToUpper(orderID), "ord-7f3a1c", "T-1001", "pj-aa01", "AS12", "as12", " 00340434161094000001 "} {
		to := d.to(d.send(http.MethodGet, "/search?"+url.Values{"q": {text}}.Encode(), nil))
		if !strings.HasPrefix(to, "/orders/"+orderID+"?") {
			t.Errorf("%q leads to %s", text, to)
		}
	}
	if d.ct.calls != 0 {
		t.Errorf("commercetools was asked %d times", d.ct.calls)
	}
	page := d.get("/orders/"+orderID+"?as=short+id", http.StatusOK)
	d.want(page, "Order A-1001", "Found by its short id", "ord-7f3a1c", "exported", "https://mc.example/orders/"+orderID, "https://fft.example/ord-7f3a1c")
}

func TestWhatTheStoreDoesNotKnowThePlatformsAreAskedAndTheCostIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ct.orders[orderID] = shipped()
	d.fft.orders = map[string]fulfillmenttools.Order{"ord-7f3a1c": {ID: "ord-7f3a1c", TenantOrderID: orderNumber}}
	d.fft.jobs = map[string]fulfillmenttools.Job{"pj-aa01": {
		ID: "pj-aa01", ShortID: "AS12", CustomAttributes: map[string]any{fulfillmenttools.AttributeOrderID: orderID},
	}}
	for text, kind := range map[string]string{
		orderNumber: "order number", "ord-7f3a1c": "fulfillmenttools order", "pj-aa01": "pick job", "as12": "short id", "00340434161094000001": "tracking number",
	} {
		page := d.get("/search?q="+text, http.StatusOK)
		d.want(page, "/orders/"+orderID, text+" is its "+kind, "API call", "What was asked")
		// From then on the store knows.
		d.to(d.send(http.MethodGet, "/search?q="+text, nil))
	}
	page := d.get("/search?q=B-2002", http.StatusNotFound)
	d.want(page, "No order is called “B-2002”", "an order with this number", "none")
}

func TestAPlatformThatCannotBeAskedIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ct.err = errAway
	d.want(d.get("/search?q=A-1001", http.StatusNotFound), "as far as could be asked", "could not be asked")
}

func TestBothPlatformsAreAskedOnlyWhenThatIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ct.orders[orderID] = shipped()
	d.platform.report = reconcile.Report{Where: "FFT order ord-7f3a1c is OPEN.\nPick job AS12 in Cologne is OPEN.", FFTOrder: "ord-7f3a1c", Late: reconcile.LateNotHandedOver, LateSince: time.Now()}
	d.record(outcome.Entry{Result: outcome.Result{Kind: outcome.Applied, Order: orderID}, Flow: outcome.Export, Type: "OrderCreated", EventID: "e1", At: time.Now()})
	d.wantNot(d.get("/orders/"+orderID, http.StatusOK), "Pick job AS12")
	if len(d.platform.did)+d.ct.calls != 0 {
		t.Errorf("asked without being told to: %v", d.platform.did)
	}
	page := d.get("/orders/"+orderID+"?ask=platforms", http.StatusOK)
	d.want(page, "Pick job AS12 in Cologne", "It is late since", "picked, not handed over", "Both platforms agree", "00340434161094000001", "DHL", "shipment state")
	if !slices.Equal(d.platform.did, []string{"report A-1001 dry=true"}) {
		t.Errorf("did %v", d.platform.did)
	}
}

func TestSyncIsADryRunFirstAndARepairIsJournaled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ct.orders[orderID] = shipped()
	d.platform.report = reconcile.Report{Where: "FFT order ord-1 is OPEN.", FFTOrder: "ord-1", Finding: &reconcile.Finding{Kind: reconcile.Behind, Detail: "lacks shipmentState"}}
	page := d.post("/orders/"+orderID+"/sync", nil, http.StatusOK)
	d.want(page, "status behind", "lacks shipmentState", "Nothing was changed yet", "Repair it")
	d.platform.report.Finding.Repaired = true
	page = d.post("/orders/"+orderID+"/sync", url.Values{"do": {"repair"}}, http.StatusOK)
	d.want(page, "Repaired: status behind")
	if want := []string{"by somebody on this machine: report A-1001 dry=true", "by somebody on this machine: report A-1001 dry=false"}; !slices.Equal(d.platform.did, want) {
		t.Errorf("did %v", d.platform.did)
	}
	d.platform.report.Finding = nil
	d.post("/orders/"+orderID+"/sync", url.Values{"do": {"repair"}}, http.StatusOK)
	d.journaled("sync", "(by somebody on this machine)")
}

func TestSendingAgainIsShownFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ct.orders[orderID] = shipped()
	d.want(d.post("/orders/"+orderID+"/resend", nil, http.StatusOK), "A new order is created", "nothing was changed yet")
	if slices.Contains(d.platform.did, "resend "+orderID) {
		t.Fatal("sent again without being asked to")
	}
	d.want(d.post("/orders/"+orderID+"/resend", url.Values{"do": {"send"}}, http.StatusOK), "Send again: applied")
	d.journaled("resend", "(by somebody on this machine)")
}

// journaled waits for a row about the order.
func (d *desk) journaled(what, reason string) {
	d.t.Helper()
	testtime.Until(d.t, "a row of "+what+" "+reason, func() bool {
		rows, err := d.store.Timeline(d.t.Context(), orderID)
		if err != nil {
			d.t.Fatal(err)
		}
		return slices.ContainsFunc(rows, func(row ledger.JournalRow) bool {
			return row.Type == what && strings.Contains(row.Reason, reason)
		})
	})
}

func TestWithoutAStoreTheConsoleShowsWhatItCan(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withoutStore)
	d.ct.orders[orderID] = shipped()
	d.platform.report = reconcile.Report{Where: "FFT order ord-1 is OPEN.", FFTOrder: "ord-1"}
	d.status.Problems = []telemetry.Problem{
		{Flow: outcome.Export, Type: "OrderCreated", Order: orderID, Outcome: outcome.Rejected, Reason: "order " + orderID + ": no address", Hint: "correct it"},
		{Flow: outcome.Export, Type: "OrderCreated", Outcome: outcome.Rejected, Reason: "order 22222222-2222-4333-8444-555555555555: no address"},
	}
	d.want(d.get("/", http.StatusOK), "There is no store", "<b>2</b> need attention")
	d.want(d.get("/search?q=A-1001", http.StatusOK), "There is no store, so the platforms were asked")
	d.want(d.get("/orders/"+orderID, http.StatusOK), "FFT order ord-1 is OPEN.", "There is no store")
	d.want(d.get("/attention", http.StatusOK), "2 messages", "no address", "correct it", "There is no store")
	d.want(d.get("/now", http.StatusOK), "Pausing takes a store")
	for _, path := range []string{"/late", "/events/1", "/retries/1", "/attention/events?cause=x"} {
		d.want(d.get(path, http.StatusConflict), "There is no store")
	}
	d.want(d.post("/pause", url.Values{"flow": {"export"}, "why": {"x"}}, http.StatusConflict), "Pausing takes a store")
}
