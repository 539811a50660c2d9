// Command floor is the benchmark's yardstick: about the least that a Go program can do
// to take an order through the same nine calls. It checks nobody's token, keeps nothing,
// repeats nothing and writes no log; it decodes with encoding/json into structs of what
// it needs.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

type floor struct {
	env     func(string) string
	client  http.Client
	ct, fft string // tokens
	types   sync.Once
	fields  map[string]map[string]bool // by type id and name

	mu     sync.Mutex
	orders map[string]*floorOrder
}

// floorOrder is what the floor remembers of an order.
type floorOrder struct {
	mu sync.Mutex
	floorOrderHead
}

// floorOrderHead is what the floor reads of every order.
type floorOrderHead struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Custom  *struct {
		Type struct {
			ID string `json:"id"`
		} `json:"type"`
	} `json:"custom"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// run serves until it is told to stop.
func run() error {
	f := &floor{
		env: os.Getenv, orders: map[string]*floorOrder{},
		client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}, Timeout: 10 * time.Second},
	}
	if err := f.signIn(); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /event/status", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /event", f.answered(f.message))
	mux.HandleFunc("POST /service/", f.answered(f.event))
	mux.HandleFunc("POST /service", f.answered(f.event))
	server := &http.Server{Addr: ":" + f.env("PORT"), Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (f *floor) answered(handle func(body []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = handle(body)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "floor:", err)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

func (f *floor) signIn() error {
	form := strings.NewReader("grant_type=client_credentials")
	request, err := http.NewRequest(http.MethodPost, f.env("CTP_AUTH_URL")+"/oauth/token", form)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(f.env("CTP_CLIENT_ID"), f.env("CTP_CLIENT_SECRET"))
	var ct struct {
		Token string `json:"access_token"`
	}
	if err := f.do(request, &ct); err != nil {
		return err
	}
	var fft struct {
		Token string `json:"idToken"`
	}
	who := map[string]any{"email": f.env("FFT_API_USER"), "password": f.env("FFT_API_PASSWORD"), "returnSecureToken": true}
	err = f.call(http.MethodPost, f.env("FFT_AUTH_URL")+"/v1/accounts:signInWithPassword?key="+f.env("FFT_API_KEY"), "", who, &fft)
	f.ct, f.fft = ct.Token, fft.Token
	return err
}

func (f *floor) readTypes() {
	var types struct {
		Results []struct {
			ID     string `json:"id"`
			Fields []struct {
				Name string `json:"name"`
			} `json:"fieldDefinitions"`
		} `json:"results"`
	}
	if err := f.call(http.MethodGet, f.env("CTP_API_URL")+"/"+f.env("CTP_PROJECT_KEY")+"/types?limit=100", f.ct, nil, &types); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
	}
	f.fields = map[string]map[string]bool{}
	for _, found := range types.Results {
		f.fields[found.ID] = map[string]bool{}
		for _, field := range found.Fields {
			f.fields[found.ID][field.Name] = true
		}
	}
}

// message exports a confirmed order: three calls.
func (f *floor) message(body []byte) error {
	var push struct {
		Message struct {
			Data string `json:"data"`
		} `json:"message"`
	}
	if err := json.Unmarshal(body, &push); err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(push.Message.Data)
	if err != nil {
		return err
	}
	var said struct {
		Kind     string `json:"notificationType"`
		Type     string `json:"type"`
		State    string `json:"orderState"`
		Resource struct {
			TypeID string `json:"typeId"`
			ID     string `json:"id"`
		} `json:"resource"`
		Order struct {
			State string `json:"orderState"`
		} `json:"order"`
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return err
	}
	if said.Kind != "Message" || said.Resource.TypeID != "order" || said.State != "Confirmed" && said.Order.State != "Confirmed" {
		return nil
	}
	return f.export(said.Resource.ID)
}

func (f *floor) export(id string) error {
	order := &floorOrder{}
	order.mu.Lock()
	defer order.mu.Unlock()
	f.mu.Lock()
	known := f.orders[id] != nil
	if !known {
		f.orders[id] = order
	}
	f.mu.Unlock()
	if known {
		return nil
	}
	var from floorCart
	if err := f.call(http.MethodGet, f.order(id), f.ct, nil, &from); err != nil {
		return err
	}
	order.floorOrderHead = from.floorOrderHead
	number := from.OrderNumber
	if number == "" {
		number = id
	}
	var there struct {
		Orders []struct {
			ID string `json:"id"`
		} `json:"orders"`
	}
	api := f.env("FFT_API_URL") + "/api/orders"
	if err := f.call(http.MethodGet, api+"?tenantOrderId="+url.QueryEscape(number), f.fft, nil, &there); err != nil || len(there.Orders) > 0 {
		return err
	}
	var created struct {
		ID string `json:"id"`
	}
	return f.call(http.MethodPost, api, f.fft, from.creation(number), &created)
}

// event updates the order: one call, and one more for the load units.
func (f *floor) event(body []byte) error {
	var said struct {
		Event   string `json:"event"`
		Payload struct {
			ID          string `json:"id"`
			ShortID     string `json:"shortId"`
			FacilityRef string `json:"facilityRef"`
			Attributes  struct {
				OrderID string `json:"commercetoolsId"`
			} `json:"customAttributes"`
		} `json:"payload"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return err
	}
	f.mu.Lock()
	order := f.orders[said.Payload.Attributes.OrderID]
	f.mu.Unlock()
	if order == nil {
		return nil
	}
	fields, state := map[string]any{}, ""
	switch said.Event {
	case "ORDER_CREATED":
		fields["fft_order_id"] = said.Payload.ID
	case "PICK_JOB_CREATED":
		fields["fft_pickjob_id"], fields["fft_facility_id"] = said.Payload.ID, said.Payload.FacilityRef
		fields["fft_short_id"] = said.Payload.ShortID
	case "PICK_JOB_PICKING_FINISHED":
		var units struct {
			Total int `json:"total"`
		}
		if err := f.call(http.MethodGet, f.env("FFT_API_URL")+"/api/loadunits?pickJobRef="+said.Payload.ID, f.fft, nil, &units); err != nil {
			return err
		}
		fields["fft_load_units_amount"] = units.Total
	case "HANDOVERJOB_CREATED":
		fields["fft_handoverjob_id"], state = said.Payload.ID, "Ready"
	case "HANDOVERJOB_HANDED_OVER":
		state = "Shipped"
	default:
		return nil
	}
	order.mu.Lock()
	defer order.mu.Unlock()
	return f.update(order, fields, state)
}

// before are the names that the existing connector has for the same fields.
var before = map[string]string{"fft_short_id": "fft_shortid", "fft_handoverjob_id": "fft_handover_job_id"}

// update is one call. Orders with a type that has no place for the fields get the state
// alone.
func (f *floor) update(order *floorOrder, fields map[string]any, state string) error {
	actions := []map[string]any{}
	switch {
	case order.Custom == nil && len(fields) > 0:
		actions = append(actions, map[string]any{
			"action": "setCustomType", "type": map[string]string{"typeId": "type", "key": f.env("FLOOR_TYPE")}, "fields": fields,
		})
	case order.Custom != nil:
		f.types.Do(f.readTypes)
		for name, value := range fields {
			if !f.fields[order.Custom.Type.ID][name] {
				name = before[name] // of a type that the existing connector made
			}
			if !f.fields[order.Custom.Type.ID][name] {
				continue
			}
			actions = append(actions, map[string]any{"action": "setCustomField", "name": name, "value": value})
		}
	}
	if state != "" {
		actions = append(actions, map[string]any{"action": "changeShipmentState", "shipmentState": state})
	}
	if len(actions) == 0 {
		return nil
	}
	return f.call(http.MethodPost, f.order(order.ID), f.ct, map[string]any{"version": order.Version, "actions": actions}, &order.floorOrderHead)
}

func (f *floor) order(id string) string {
	return f.env("CTP_API_URL") + "/" + f.env("CTP_PROJECT_KEY") + "/orders/" + id
}

func (f *floor) call(method, address, token string, body, answer any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return f.do(request, answer)
}

func (f *floor) do(request *http.Request, answer any) error {
	response, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", request.Method, request.URL.Path, response.StatusCode, text)
	}
	return json.Unmarshal(text, answer)
}
