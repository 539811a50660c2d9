package commercetools_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
)

func shipped() []platform.OrderUpdateAction {
	return []platform.OrderUpdateAction{platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentStateShipped}}
}

func TestAnOrderIsReadWithWhatTheMappingNeeds(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	orders := r.furnish()
	methods, channels, types := 0, 0, 0
	for n := range 60 {
		id := r.ct.PlaceOrder(orders.At(n).Draft)
		order, err := r.Order(t.Context(), id)
		if err != nil {
			t.Fatalf("order %d: %v", n, err)
		}
		for _, info := range shippingInfos(order) {
			if info.ShippingMethod == nil {
				continue
			}
			methods++
			if info.ShippingMethod.Obj == nil || info.ShippingMethod.Obj.Name == "" {
				t.Errorf("order %d: its shipping method is not expanded", n)
			}
		}
		for _, line := range order.LineItems {
			if line.SupplyChannel == nil {
				continue
			}
			channels++
			if line.SupplyChannel.Obj == nil || line.SupplyChannel.Obj.Key == "" {
				t.Errorf("order %d: the supply channel of line %s is not expanded", n, line.ID)
			}
		}
		if order.Custom != nil {
			types++
			if order.Custom.Type.Obj == nil || order.Custom.Type.Obj.Key == "" {
				t.Errorf("order %d: its type is not expanded", n)
			}
		}
	}
	if methods == 0 || channels == 0 || types == 0 {
		t.Errorf("the orders have %d shipping methods, %d supply channels and %d types", methods, channels, types)
	}
	if calls := r.log.Count("GET"); calls != 60 {
		t.Errorf("%d calls for 60 orders", calls)
	}
}

func shippingInfos(order commercetools.Order) []*platform.ShippingInfo {
	var all []*platform.ShippingInfo
	if order.ShippingInfo != nil {
		all = append(all, order.ShippingInfo)
	}
	for i := range order.Shipping {
		all = append(all, &order.Shipping[i].ShippingInfo)
	}
	return all
}

// linesAgree holds the snapshot's lines and ways of shipping against the full order.
func linesAgree(t *testing.T, got commercetools.Snapshot, order commercetools.Order) {
	t.Helper()
	if len(got.Lines) != len(order.LineItems) || len(got.CustomLines) != len(order.CustomLineItems) {
		t.Fatalf("%d lines and %d custom ones", len(got.Lines), len(got.CustomLines))
	}
	for i, line := range order.LineItems {
		sku := ""
		if line.Variant.Sku != nil {
			sku = *line.Variant.Sku
		}
		if own := got.Lines[i]; own.ID != line.ID || own.Quantity != line.Quantity || own.Variant.SKU != sku || len(own.States) != len(line.State) {
			t.Fatalf("line %+v, want %+v", own, line)
		}
	}
	ways := len(order.Shipping)
	if order.ShippingInfo != nil {
		ways++
	}
	if len(got.Shipping) != ways {
		t.Fatalf("%d ways of shipping, want %d", len(got.Shipping), ways)
	}
	for i, shipping := range order.Shipping {
		if got.Shipping[i].Key != shipping.ShippingKey {
			t.Fatalf("shipping key %q, want %q", got.Shipping[i].Key, shipping.ShippingKey)
		}
	}
}

func TestASnapshotAgreesWithTheFullOrder(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	orders := r.furnish()
	for n := range 100 {
		id := r.ct.PlaceOrder(orders.At(n).Draft)
		order, err := r.Order(t.Context(), id)
		if err != nil {
			t.Fatalf("order %d: %v", n, err)
		}
		want := commercetools.Snapshot{
			ID: order.ID, Version: order.Version, CreatedAt: order.CreatedAt, LastModifiedAt: order.LastModifiedAt,
			OrderState: string(order.OrderState),
		}
		if order.PaymentState != nil {
			want.PaymentState = string(*order.PaymentState)
		}
		if order.OrderNumber != nil {
			want.OrderNumber = *order.OrderNumber
		}
		if order.ShipmentState != nil {
			want.ShipmentState = string(*order.ShipmentState)
		}
		if order.Custom != nil {
			want.TypeID = order.Custom.Type.ID
			want.Fields = order.Custom.Fields
		}
		got := order.Snapshot
		linesAgree(t, got, order)
		got.Lines, got.CustomLines, got.Shipping = nil, nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("order %d:\ngot  %+v\nwant %+v", n, got, want)
		}
		alone, err := r.Snapshot(t.Context(), id)
		if err != nil || !reflect.DeepEqual(alone, order.Snapshot) {
			t.Fatalf("order %d read by itself: %+v, %v", n, alone, err)
		}
		assertSameAsStored(t, r, order, n)
	}
}

// assertSameAsStored compares what the SDK decoded with what the platform holds.
func assertSameAsStored(t *testing.T, r *rig, order commercetools.Order, n int) {
	t.Helper()
	stored, _ := r.ct.Order(order.ID)
	lines, _ := stored["lineItems"].([]any)
	custom, _ := stored["customLineItems"].([]any)
	if len(order.LineItems) != len(lines) || len(order.CustomLineItems) != len(custom) || len(lines)+len(custom) == 0 {
		t.Errorf("order %d: %d and %d lines decoded, of %d and %d", n, len(order.LineItems), len(order.CustomLineItems), len(lines), len(custom))
	}
	for i, line := range order.LineItems {
		wire := lines[i].(object)
		if line.ID != wire["id"] || float64(line.Quantity) != wire["quantity"] || len(line.Name) != len(wire["name"].(object)) {
			t.Errorf("order %d: line %d is decoded as %+v", n, i, line)
		}
		attributes, _ := wire["variant"].(object)["attributes"].([]any)
		if len(line.Variant.Attributes) != len(attributes) {
			t.Errorf("order %d: line %d has %d attributes, of %d", n, i, len(line.Variant.Attributes), len(attributes))
		}
	}
	if (order.ShippingAddress != nil) != (stored["shippingAddress"] != nil) || (order.Store != nil) != (stored["store"] != nil) {
		t.Errorf("order %d: address or store are lost", n)
	}
	if len(order.Raw) == 0 || !json.Valid(order.Raw) {
		t.Errorf("order %d: what commercetools gave is lost", n)
	}
}

func TestUpstreamDefect42AnOrderNumberMayHoldAnything(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	for _, number := range []string{"A-1", "A/1", "A&b=1", "A 1", "A+1", "100%", "#7?x=1", "Größe", "注文-1", `"quoted"`, "..", "a;b,c:d@e"} {
		id := r.order(object{"orderNumber": number})
		got, err := r.SnapshotByNumber(t.Context(), number)
		if err != nil || got.ID != id || got.OrderNumber != number {
			t.Errorf("%q: got %+v, %v", number, got, err)
		}
	}
	_, err := r.SnapshotByNumber(t.Context(), "none/of these")
	wantError(t, err, remote.NotFound, "read order", "answered 404 ResourceNotFound", "none/of these")
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	_, err := r.Order(t.Context(), "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10")
	wantError(t, err, remote.NotFound, "read order")
	_, err = r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10", Version: 1}, shipped())
	wantError(t, err, remote.NotFound, "update order")
}

func TestAnUpdateGivesTheNewSnapshot(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	id := r.order(object{"shipmentState": "Pending"})
	order, err := r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: 1}, shipped())
	if err != nil || order.Version != 2 || order.ShipmentState != "Shipped" {
		t.Errorf("got %+v, %v", order, err)
	}
}

func TestAStaleVersionIsAConflict(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	id := r.order(nil)
	if err := r.ct.Edit(id, object{"action": "setOrderNumber", "orderNumber": "N"}); err != nil {
		t.Fatal(err)
	}
	_, err := r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: 1}, shipped())
	wantError(t, err, remote.Conflict, "update order", "answered 409 ConcurrentModification", "Actual: 2")
	if remote.IsAmbiguous(err) || r.log.Count("POST /demo/orders") != 1 {
		t.Errorf("ambiguous %v after %d calls", remote.IsAmbiguous(err), r.log.Count("POST /demo/orders"))
	}
}

func TestAnUpdateWhoseAnswerIsLostIsSentAgainAndMeetsTheNewVersion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, ctsim.Options{})
		id := r.order(nil)
		r.faults.PlanFaults("POST /demo/orders", 1, simulator.Fault{LoseAnswer: true})
		_, err := r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: 1}, shipped())
		wantError(t, err, remote.Conflict)
		order, err := r.Snapshot(t.Context(), id)
		if err != nil || order.Version != 2 || order.ShipmentState != "Shipped" {
			t.Errorf("got %+v, %v", order, err)
		}
	})
}

func TestAnUpdateThatNeverArrivedIsSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, ctsim.Options{})
		id := r.order(nil)
		r.faults.PlanFaults("POST /demo/orders", 1, simulator.Fault{Drop: true})
		r.faults.PlanFaults("POST /demo/orders", 1, simulator.Fault{Status: http.StatusInternalServerError})
		order, err := r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: 1}, shipped())
		if err != nil || order.Version != 2 || r.log.Count("POST /demo/orders") != 3 {
			t.Errorf("got %+v, %v after %d calls", order, err, r.log.Count("POST /demo/orders"))
		}
	})
}

func TestARefusedUpdateTellsThePlatformsWords(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	id := r.order(nil)
	_, err := r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: 1}, []platform.OrderUpdateAction{
		platform.OrderSetCustomFieldAction{Name: "fft_order_id", Value: "x"},
	})
	wantError(t, err, remote.Rejected, "answered 400 InvalidOperation: ")
	_, err = r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: 1}, []platform.OrderUpdateAction{platform.OrderChangeShipmentStateAction{ShipmentState: "Teleported"}})
	wantError(t, err, remote.Rejected, "Teleported")
}

func TestAnOrderWithoutIdentityIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"id":"x"}`, `{"version":1}`, `{"id":"x","version":"1"}`, `{"id":"x","version":1,"custom":1}`, `[]`, ``} {
		if order, err := commercetools.DecodeOrder([]byte(text)); err == nil {
			t.Errorf("%s: got %+v", text, order.Snapshot)
		}
	}
}

func TestASnapshotHasTextsOnlyWhereThereAreTexts(t *testing.T) {
	t.Parallel()
	order, err := commercetools.DecodeOrder([]byte(`{"id":"x","version":1,"createdAt":"2026-03-01T09:15:00.000Z",
	 "custom":{"type":{"typeId":"type","id":"t"},"fields":{"text":"a","number":1,"list":["a"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := order.Snapshot
	if s.TextField("text") != "a" || s.TextField("number") != "" || s.TextField("list") != "" || s.TextField("missing") != "" || s.TypeID != "t" {
		t.Errorf("got %+v", s)
	}
	if !s.CreatedAt.Equal(time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC)) || !slices.Contains([]string{s.ShipmentState, s.OrderNumber}, "") {
		t.Errorf("got %+v", s)
	}
}

func TestASnapshotKnowsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	const delivery = `{"key":"h1","items":[{"id":"l1","quantity":2}],"parcels":[{"key":"p1","measurements":{"heightInMillimeter":100,"weightInGram":900},
		"trackingData":{"trackingId":"T1","carrier":"DHL"},"custom":{"type":{"typeId":"type","id":"t1"},"fields":{"fft_tracking_url":"https://t.example/T1"}}}]}`
	for name, document := range map[string]string{
		"one way":      `"shippingInfo":{"deliveries":[` + delivery + `]}`,
		"several ways": `"shipping":[{"shippingKey":"fast","shippingInfo":{"deliveries":[` + delivery + `]}},{"shippingKey":"slow","shippingInfo":{}}]`,
	} {
		var got commercetools.Snapshot
		if err := json.Unmarshal([]byte(`{"id":"o","version":1,"returnInfo":[{"items":[{"key":"r1"},{}]}],`+document+`}`), &got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.ReturnKeys, []string{"r1"}) || len(got.Shipping) == 0 || len(got.Shipping[0].Deliveries) != 1 {
			t.Fatalf("%s: %+v", name, got)
		}
		found := got.Shipping[0].Deliveries[0]
		parcel := found.Parcels[0]
		if found.Key != "h1" || found.Items[0] != (commercetools.DeliveryItem{ID: "l1", Quantity: 2}) || parcel.Key != "p1" ||
			parcel.Tracking.ID != "T1" || parcel.Measurements.Height != 100 || parcel.TypeID() != "t1" || parcel.TextField("fft_tracking_url") != "https://t.example/T1" {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
