package simulator_test

import (
	"net/http"
	"net/url"
	"testing"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
)

func TestExpansion(t *testing.T) {
	t.Parallel()
	s, _ := fixture(t)
	first := line("l-1", "S1", 1)
	first["supplyChannel"] = object{"typeId": "channel", "key": "depot"}
	first["distributionChannel"] = object{"typeId": "channel", "id": "gone"}
	id := s.PlaceOrder(object{
		"lineItems":    []any{first, line("l-2", "S2", 1)},
		"shippingInfo": object{"shippingMethod": object{"typeId": "shipping-method", "key": "dhl"}},
	})
	query := "?expand=lineItems[*].supplyChannel&expand=lineItems[*].distributionChannel&expand=shippingInfo.shippingMethod&expand=custom.type"
	check := func(order object) {
		t.Helper()
		if dig(order, "shippingInfo", "shippingMethod", "obj", "key") != "dhl" || dig(order, "lineItems", 0, "supplyChannel", "obj", "key") != "depot" {
			t.Errorf("not expanded: %v", order)
		}
		if channel, _ := dig(order, "lineItems", 0, "distributionChannel").(object); channel["obj"] != nil || channel["id"] != "gone" {
			t.Errorf("a missing target: %v", channel)
		}
	}
	check(s.get("/orders/" + id + query))
	check(dig(s.get("/orders"+query+"&where="+url.QueryEscape(`id = "`+id+`"`)), "results", 0).(object))
	status, updated := s.call(http.MethodPost, "/orders/"+id+query, object{"version": 1, "actions": []any{
		object{"action": "changeShipmentState", "shipmentState": "Ready"},
	}})
	if status != 200 {
		t.Fatalf("%d %v", status, updated)
	}
	check(updated)
	if plain := s.get("/orders/" + id); dig(plain, "shippingInfo", "shippingMethod", "obj") != nil {
		t.Error("the expansion is stored")
	}
}

func TestStores(t *testing.T) {
	t.Parallel()
	s, _ := fixture(t)
	s.PutStore(object{"key": "berlin", "supplyChannels": []any{"depot", object{"typeId": "channel", "key": "fft"}}})
	store := s.get("/stores/key=berlin?expand=supplyChannels[*]")
	if dig(store, "supplyChannels", 0, "obj", "key") != "depot" || dig(store, "supplyChannels", 1, "obj", "key") != "fft" {
		t.Errorf("%v", store)
	}
	if list := s.get("/stores?where=" + url.QueryEscape(`key in ("berlin")`)); list["count"] != 1.0 {
		t.Errorf("%v", list)
	}
	if byID := s.get("/stores/" + store["id"].(string)); byID["key"] != "berlin" {
		t.Errorf("%v", byID)
	}
}

func TestPutReplaces(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{})
	id := s.PutChannel(object{"key": "depot", "name": object{"en": "Old"}})
	if again := s.PutChannel(object{"key": "depot", "name": object{"en": "New"}}); again != id {
		t.Errorf("ids %s and %s", id, again)
	}
	if channel := s.get("/channels/key=depot"); channel["version"] != 2.0 || dig(channel, "name", "en") != "New" {
		t.Errorf("%v", channel)
	}
}

func TestChannelUpdates(t *testing.T) {
	t.Parallel()
	s, _ := fixture(t)
	status, created := s.call(http.MethodPost, "/channels", object{"key": "new-one", "roles": []any{"InventorySupply"}})
	if status != http.StatusCreated || created["version"] != 1.0 {
		t.Fatalf("%d %v", status, created)
	}
	status, changed := s.call(http.MethodPost, "/channels/key=new-one", object{"version": 1, "actions": []any{
		object{"action": "changeName", "name": object{"en": "Depot"}},
		object{"action": "setAddress", "address": object{"country": "DE", "city": "Berlin"}},
		object{"action": "addRoles", "roles": []any{"OrderExport", "InventorySupply"}},
		object{"action": "removeRoles", "roles": []any{"InventorySupply"}},
	}})
	roles, _ := changed["roles"].([]any)
	if status != 200 || len(roles) != 1 || roles[0] != "OrderExport" || dig(changed, "address", "city") != "Berlin" {
		t.Errorf("%d %v", status, changed)
	}
	if status, body := s.call(http.MethodPost, "/channels", object{"key": "new-one"}); status != 400 {
		t.Errorf("%d %v", status, body)
	}
	if err := s.EditChannel("new-one", object{"action": "changeKey", "key": "depot"}); err == nil {
		t.Error("a key is used twice")
	}
	if status, _ := s.call(http.MethodDelete, "/channels/key=new-one?version=5", nil); status != 200 {
		t.Errorf("not deleted: %d", status)
	}
}

func TestStatesAreListed(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{})
	list := s.get("/states?where=" + url.QueryEscape(`type = "LineItemState" and builtIn = true`))
	if dig(list, "results", 0, "key") != "Initial" {
		t.Errorf("%v", list)
	}
}

func TestCustomObjects(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{})
	post := func(body object) (int, object) { return s.call(http.MethodPost, "/custom-objects", body) }
	steps := []struct {
		name    string
		body    object
		status  int
		version any
	}{
		{"created", object{"container": "fft", "key": "a", "value": object{"x": 1, "none": nil}}, 201, 1.0},
		{"replaced", object{"container": "fft", "key": "a", "value": object{"x": 2}}, 200, 2.0},
		{"with version", object{"container": "fft", "key": "a", "value": object{"x": 3}, "version": 2}, 200, 3.0},
		{"stale", object{"container": "fft", "key": "a", "value": object{"x": 4}, "version": 2}, 409, nil},
		{"create only", object{"container": "fft", "key": "a", "value": object{"x": 4}, "version": 0}, 409, nil},
		{"bad key", object{"container": "fft", "key": "a b", "value": 1}, 400, nil},
		{"no value", object{"container": "fft", "key": "b"}, 400, nil},
	}
	for _, step := range steps {
		if status, body := post(step.body); status != step.status || body["version"] != step.version {
			t.Errorf("%s: %d %v", step.name, status, body)
		}
	}
	if got := s.get("/custom-objects/fft/a"); dig(got, "value", "x") != 3.0 {
		t.Errorf("%v", got)
	}
	s.PutCustomObject("other", "a", "text")
	if got := s.get("/custom-objects/fft"); got["count"] != 1.0 {
		t.Errorf("%v", got)
	}
	if got := s.get("/custom-objects"); got["count"] != 2.0 {
		t.Errorf("%v", got)
	}
	if status, _ := s.call(http.MethodDelete, "/custom-objects/fft/a?version=1", nil); status != 409 {
		t.Errorf("a stale version is deleted: %d", status)
	}
	if status, _ := s.call(http.MethodDelete, "/custom-objects/fft/a?version=3", nil); status != 200 {
		t.Errorf("not deleted: %d", status)
	}
	s.DeleteCustomObject("other", "a")
	if got := s.get("/custom-objects"); got["count"] != 0.0 {
		t.Errorf("%v", got)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	faults := simulator.NewFaults(1)
	s := newShop(t, ctsim.Options{Log: simulator.NewLog(false), Faults: faults})
	control := func(method, path string, body any) (int, object) { return s.call(method, "/_sim"+path, body) }
	status, placed := control(http.MethodPost, "/orders", object{"draft": object{"orderNumber": "A"}})
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, placed)
	}
	id := placed["id"].(string)
	status, edited := control(http.MethodPost, "/orders/"+id+"/edit", object{"actions": []any{object{"action": "changeOrderState", "orderState": "Confirmed"}}})
	if status != 200 || edited["orderState"] != "Confirmed" {
		t.Errorf("%d %v", status, edited)
	}
	if status, _ = control(http.MethodPost, "/orders", object{"draft": object{"orderNumber": "A"}}); status != 400 {
		t.Errorf("a number is used twice: %d", status)
	}
	if _, order := control(http.MethodGet, "/orders/"+id, nil); order["orderNumber"] != "A" {
		t.Errorf("%v", order)
	}
	s.get("/orders/" + id)
	if _, count := control(http.MethodGet, "/exchanges/count?contains=GET&contains=/orders/", nil); count["count"] != 1.0 {
		t.Errorf("%v", count)
	}
	if _, stats := control(http.MethodGet, "/stats", nil); stats["orders"] != 1.0 || stats["apiCalls"] != 1.0 || stats["tokenCalls"] != 1.0 || stats["pendingDeliveries"] != 0.0 {
		t.Errorf("%v", stats)
	}
	s.subscribe(orderMessages())
	status, body := control(http.MethodPost, "/routes", object{
		"destination": "GoogleCloudPubSub:gcp/orders", "url": "http://connector/push", "header": object{"X-One": "1", "X-Two": []any{"2"}},
	})
	if status != 200 || body["url"] != "http://connector/push" {
		t.Errorf("%d %v", status, body)
	}
	if status, body := control(http.MethodPost, "/orders/"+id+"/edit", object{"actions": []any{object{"action": "no"}}}); status != 400 {
		t.Errorf("%d %v", status, body)
	}
	if status, body := control(http.MethodPost, "/faults", object{"outage": true}); status != 200 {
		t.Errorf("%d %v", status, body)
	}
	if status, _ = s.call(http.MethodGet, "/orders", nil); status != 503 {
		t.Errorf("no outage: %d", status)
	}
	if status, body := control(http.MethodPost, "/nope", nil); status != 404 {
		t.Errorf("%d %v", status, body)
	}
}
