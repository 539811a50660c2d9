package connector_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/simulator/world"
)

// imitation does what the existing connector does for the five events and the export,
// with its defects: a blank for a title in a language that it does not know, empty texts
// in addresses, errors of fulfillmenttools swallowed, every hand-over job making the
// order Ready, first value lost when a second comes.
//
// Unlike the original it answers fulfillmenttools 200: the original's 201 would have
// every event repeated for days.
type imitation struct {
	t      *testing.T
	w      *world.World
	url    string
	closed atomic.Bool // it answers 503, as while it is being undeployed
	gone   atomic.Bool // nobody is there any more, and the broker has forgotten its messages

	mu     sync.Mutex
	tokens map[string]string // by platform
}

// Where the existing connector is delivered to.
const (
	otherTopic       = "GoogleCloudPubSub:demo/existing"
	otherAgent       = "existing-connector"
	otherSubscribed  = "fft-ctc-orders"
	otherTypeKey     = "fft-order"
	otherDestination = `{"type":"GoogleCloudPubSub","projectId":"demo","topic":"existing"}`
)

var otherEvents = map[string]string{
	"ORDER_CREATED": "order/created", "PICK_JOB_CREATED": "pickjob/created", "PICK_JOB_PICKING_FINISHED": "pickjob/finished",
	"HANDOVERJOB_CREATED": "handoverjob/created", "HANDOVERJOB_HANDED_OVER": "handoverjob/handedover",
}

func startImitation(t *testing.T, w *world.World) *imitation {
	o := &imitation{t: t, w: w, tokens: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /event", o.message)
	mux.HandleFunc("POST /service/", o.event)
	listener, err := w.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	o.url = "http://" + listener.Addr().String()
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return o
}

// deploy is its post-deploy scripts.
func (o *imitation) deploy() {
	o.t.Helper()
	o.gone.Store(false)
	o.closed.Store(false)
	o.w.CT.RoutePush(otherTopic, o.url+"/event", nil)
	o.ct(http.MethodPost, "/subscriptions", map[string]any{
		"key": otherSubscribed, "destination": json.RawMessage(otherDestination),
		"messages": []any{map[string]any{"resourceTypeId": "order", "types": []any{"OrderCreated", "OrderDeleted", "OrderStateChanged"}}},
	}, nil)
	for event, path := range otherEvents {
		o.fft(http.MethodPost, "/subscriptions", map[string]any{
			"name": "CTC_" + event, "event": event, "callbackUrl": o.url + "/service/" + path,
			"headers": []any{map[string]any{"key": "x-ocff-subscriber", "value": "ctc-app"}},
		}, nil)
	}
}

// undeploy is its pre-undeploy scripts; a direction that is empty is both.
func (o *imitation) undeploy(direction string) {
	o.t.Helper()
	if direction != "service" {
		var found struct{ Version int }
		o.ct(http.MethodGet, "/subscriptions/key="+otherSubscribed, nil, &found)
		o.ct(http.MethodDelete, fmt.Sprintf("/subscriptions/key=%s?version=%d", otherSubscribed, found.Version), nil, nil)
	}
	if direction == "event" {
		return
	}
	for _, s := range o.w.FFT.Subscriptions() {
		if strings.HasPrefix(s.Name, "CTC_") {
			o.fft(http.MethodDelete, "/subscriptions/"+s.ID, nil, nil)
		}
	}
}

// message is its event app.
func (o *imitation) message(w http.ResponseWriter, r *http.Request) {
	if o.away(w) {
		return
	}
	var envelope struct{ Message struct{ Data []byte } }
	var n struct {
		Type, OrderState                string
		Resource                        struct{ TypeID, ID string }
		Order                           struct{ OrderState string }
		ResourceUserProvidedIdentifiers struct{ OrderNumber string }
	}
	body, _ := io.ReadAll(r.Body)
	if json.Unmarshal(body, &envelope) != nil || json.Unmarshal(envelope.Message.Data, &n) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	name := n.ResourceUserProvidedIdentifiers.OrderNumber
	if name == "" {
		name = n.Resource.ID
	}
	switch {
	case n.Resource.TypeID != "order":
	case n.Type == "OrderDeleted", n.Type == "OrderStateChanged" && n.OrderState == "Cancelled":
		o.cancel(name)
	case n.Type == "OrderCreated" && n.Order.OrderState == "Confirmed", n.Type == "OrderStateChanged" && n.OrderState == "Confirmed":
		o.export(n.Resource.ID, name)
	}
	w.WriteHeader(http.StatusCreated)
}

// away answers when it does nothing.
func (o *imitation) away(w http.ResponseWriter) bool {
	if o.gone.Load() {
		return true
	}
	if o.closed.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	return o.closed.Load()
}

func (o *imitation) export(id, name string) {
	if len(o.lookUp(name)) > 0 {
		return
	}
	var order map[string]any
	o.ct(http.MethodGet, "/orders/"+id+"?expand=shippingInfo.shippingMethod", nil, &order)
	if order["orderState"] == "Cancelled" {
		return
	}
	o.fft(http.MethodPost, "/orders", mapped(order), nil) // what it is answered does not matter
}

func (o *imitation) lookUp(name string) []map[string]any {
	var list struct{ Orders []map[string]any }
	o.fft(http.MethodGet, "/orders?tenantOrderId="+url.QueryEscape(name), nil, &list)
	return list.Orders
}

func (o *imitation) cancel(name string) {
	found := o.lookUp(name)
	if len(found) > 0 && found[0]["status"] != "CANCELLED" {
		o.fft(http.MethodPost, "/orders/"+found[0]["id"].(string)+"/actions", map[string]any{"name": "CANCEL", "version": found[0]["version"]}, nil)
	}
}

// event is its service app.
func (o *imitation) event(w http.ResponseWriter, r *http.Request) {
	if o.away(w) {
		return
	}
	var event struct {
		Event   string
		Payload map[string]any
	}
	if json.NewDecoder(r.Body).Decode(&event) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id, fields, shipment := o.update(event.Event, event.Payload)
	if id != "" && !o.write(id, event.Event == "ORDER_CREATED", fields, shipment) {
		w.WriteHeader(http.StatusInternalServerError) // a conflict; the sender repeats
	}
}

// update is what an event changes on which order.
func (o *imitation) update(event string, payload map[string]any) (id string, fields map[string]any, shipment string) {
	id = textAt(payload, "customAttributes", "commercetoolsId")
	switch event {
	case "ORDER_CREATED":
		return id, map[string]any{"fft_order_id": payload["id"]}, ""
	case "PICK_JOB_CREATED":
		return id, map[string]any{"fft_pickjob_id": payload["id"], "fft_shortid": payload["shortId"], "fft_facility_id": payload["facilityRef"]}, ""
	case "PICK_JOB_PICKING_FINISHED":
		var units struct{ LoadUnits []any }
		o.fft(http.MethodGet, "/loadunits?pickJobRef="+payload["id"].(string), nil, &units)
		if len(units.LoadUnits) == 0 {
			return "", nil, ""
		}
		return id, map[string]any{"fft_load_units_amount": len(units.LoadUnits)}, ""
	}
	for _, row := range o.lookUp(textAt(payload, "tenantOrderId")) {
		var order map[string]any
		o.fft(http.MethodGet, "/orders/"+row["id"].(string), nil, &order)
		id = textAt(order, "customAttributes", "commercetoolsId")
	}
	if event == "HANDOVERJOB_CREATED" {
		return id, map[string]any{"fft_handover_job_id": payload["id"]}, "Ready"
	}
	return id, nil, "Shipped"
}

// write updates an order once, and leaves fields out that the order has no type for.
func (o *imitation) write(id string, first bool, fields map[string]any, shipment string) bool {
	var order struct {
		Version int
		Custom  *struct{ Type struct{ ID string } }
	}
	if o.ct(http.MethodGet, "/orders/"+id, nil, &order) != http.StatusOK {
		return true
	}
	var actions []map[string]any
	typeID := o.orderType()
	switch {
	case order.Custom == nil && first:
		actions = append(actions, map[string]any{"action": "setCustomType", "type": map[string]any{"typeId": "type", "key": otherTypeKey}, "fields": fields})
	case order.Custom != nil && order.Custom.Type.ID == typeID:
		for name, value := range fields {
			actions = append(actions, map[string]any{"action": "setCustomField", "name": name, "value": value})
		}
	}
	if shipment != "" {
		actions = append(actions, map[string]any{"action": "changeShipmentState", "shipmentState": shipment})
	}
	if len(actions) == 0 {
		return true
	}
	return o.ct(http.MethodPost, "/orders/"+id, map[string]any{"version": order.Version, "actions": actions}, nil) != http.StatusConflict
}

// orderType makes sure of its type and fields.
func (o *imitation) orderType() (id string) {
	var found struct {
		ID               string
		Version          int
		FieldDefinitions []struct{ Name string }
	}
	o.ct(http.MethodGet, "/types/key="+otherTypeKey, nil, &found)
	has := map[string]bool{}
	for _, field := range found.FieldDefinitions {
		has[field.Name] = true
	}
	var actions []any
	for _, name := range []string{"fft_order_id", "fft_pickjob_id", "fft_shortid", "fft_facility_id", "fft_handover_job_id", "fft_load_units_amount"} {
		kind := "String"
		if name == "fft_load_units_amount" {
			kind = "Number"
		}
		if !has[name] {
			actions = append(actions, map[string]any{"action": "addFieldDefinition", "fieldDefinition": map[string]any{
				"name": name, "label": map[string]any{"en": name}, "type": map[string]any{"name": kind}, "required": false,
			}})
		}
	}
	if len(actions) > 0 {
		o.ct(http.MethodPost, "/types/"+found.ID, map[string]any{"version": found.Version, "actions": actions}, nil)
	}
	return found.ID
}

// ct and fft call a platform and give the status.
func (o *imitation) ct(method, path string, body, into any) int {
	return o.call(method, o.w.CTURL+"/demo"+path, o.token("ct"), body, into)
}

func (o *imitation) fft(method, path string, body, into any) int {
	return o.call(method, o.w.FFTURL+"/api"+path, o.token("fft"), body, into)
}

func (o *imitation) token(platform string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tokens[platform] == "" {
		var answer map[string]any
		if platform == "ct" {
			o.call(http.MethodPost, o.w.CTURL+"/oauth/token", "", url.Values{"grant_type": {"client_credentials"}}, &answer)
			o.tokens[platform], _ = answer["access_token"].(string)
		} else {
			o.call(http.MethodPost, o.w.FFTURL+"/v1/accounts:signInWithPassword?key=demo-api-key", "",
				map[string]any{"email": "connector@demo.example", "password": "demo-password", "returnSecureToken": true}, &answer)
			o.tokens[platform], _ = answer["idToken"].(string)
		}
	}
	return o.tokens[platform]
}

func (o *imitation) call(method, address, token string, body, into any) int {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	form, isForm := body.(url.Values)
	if isForm {
		text = []byte(form.Encode())
	}
	if body == nil {
		text = nil
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	request.Header.Set("User-Agent", otherAgent)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if isForm {
		request.SetBasicAuth("demo-client", "demo-secret")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := o.w.Client().Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	if into != nil {
		_ = json.NewDecoder(response.Body).Decode(into)
	}
	return response.StatusCode
}
