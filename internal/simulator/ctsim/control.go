package ctsim

import (
	"encoding/json"
	"net/http"
	"strings"

	"fftconnect/internal/simulator"
)

// serveControl lets another process do what tests do through the Go methods.
func (p *Platform) serveControl(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, simulator.ControlPrefix), "/")
	name := r.Method + " " + parts[0]
	switch {
	case name == "POST orders" && len(parts) == 1:
		p.servePlaceOrder(w, r)
	case name == "POST orders" && len(parts) == 3 && parts[2] == "edit":
		p.serveEditOrder(w, r, parts[1])
	case name == "GET orders" && len(parts) == 2:
		p.serveControlOrder(w, parts[1])
	case name == "GET exchanges" && len(parts) == 2 && parts[1] == "count":
		p.serveCount(w, r)
	case name == "POST routes" && len(parts) == 1:
		p.serveRoute(w, r)
	case name == "POST faults" && len(parts) == 1:
		p.serveFaults(w, r)
	case name == "GET stats" && len(parts) == 1:
		simulator.WriteJSON(w, http.StatusOK, p.stats())
	default:
		controlError(w, noEndpoint(request{Request: r}))
	}
}

func controlError(w http.ResponseWriter, err *apiError) {
	simulator.WriteJSON(w, err.status, err.body())
}

// readControl decodes a body and answers the caller if that fails.
func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		controlError(w, invalidJSON("%v", err))
		return false
	}
	return true
}

func (p *Platform) servePlaceOrder(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Draft map[string]any
	}
	if !readControl(w, r, &body) {
		return
	}
	id, err := p.place(body.Draft, "OrderCreated")
	if err != nil {
		controlError(w, err)
		return
	}
	simulator.WriteJSON(w, http.StatusCreated, map[string]any{"id": id})
}

func (p *Platform) serveEditOrder(w http.ResponseWriter, r *http.Request, id string) {
	var body struct {
		Actions []map[string]any
	}
	if !readControl(w, r, &body) {
		return
	}
	if err := p.Edit(id, body.Actions...); err != nil {
		failure, ok := err.(*apiError)
		if !ok {
			failure = invalidInput("%v", err)
		}
		controlError(w, failure)
		return
	}
	p.serveControlOrder(w, id)
}

func (p *Platform) serveControlOrder(w http.ResponseWriter, id string) {
	text, ok := p.orderJSON(id)
	if !ok {
		controlError(w, notFound("Order", "ID '"+id+"'"))
		return
	}
	simulator.WriteJSON(w, http.StatusOK, text)
}

func (p *Platform) serveCount(w http.ResponseWriter, r *http.Request) {
	count := p.opts.Log.Count(r.URL.Query()["contains"]...)
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"count": count})
}

func (p *Platform) serveRoute(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Destination, URL string
		Header           map[string]json.RawMessage
	}
	if !readControl(w, r, &body) {
		return
	}
	header := http.Header{}
	for name, value := range body.Header {
		var one string
		var several []string
		if json.Unmarshal(value, &one) == nil {
			several = []string{one}
		} else if err := json.Unmarshal(value, &several); err != nil {
			controlError(w, invalidJSON("header %s: %v", name, err))
			return
		}
		header[http.CanonicalHeaderKey(name)] = several
	}
	p.RoutePush(body.Destination, body.URL, header)
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"destination": body.Destination, "url": body.URL})
}

// serveFaults replaces the weather and switches an outage on or off. Durations are
// in nanoseconds.
func (p *Platform) serveFaults(w http.ResponseWriter, r *http.Request) {
	var body struct {
		simulator.Weather
		Outage bool
	}
	if !readControl(w, r, &body) {
		return
	}
	if p.opts.Faults == nil {
		controlError(w, invalidOperation("The simulator was started without faults."))
		return
	}
	p.opts.Faults.SetWeather(body.Weather)
	p.opts.Faults.SetOutage(body.Outage)
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"outage": body.Outage})
}

func (p *Platform) stats() map[string]any {
	p.mu.Lock()
	orders := len(p.orders.byID)
	p.mu.Unlock()
	return map[string]any{
		"orders": orders, "pendingDeliveries": p.courier.Pending(),
		"apiCalls": p.calls.api.Load(), "tokenCalls": p.calls.token.Load(),
	}
}
