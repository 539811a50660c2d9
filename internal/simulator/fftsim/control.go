package fftsim

import (
	"encoding/json"
	"net/http"
	"time"

	"fftconnect/internal/simulator"
)

// Stats are counts since the start.
type Stats struct {
	Orders            int            `json:"orders"`
	Stages            map[string]int `json:"stages"` // orders by stage
	PendingDeliveries int            `json:"pendingDeliveries"`
	APICalls          int64          `json:"apiCalls"` // without sign-ins and refreshes
	SignIns           int64          `json:"signIns"`  // with refreshes
	WebhookAttempts   int64          `json:"webhookAttempts"`
}

// Stats counts.
func (p *Platform) Stats() Stats {
	stats := Stats{
		Stages: map[string]int{}, PendingDeliveries: p.courier.Pending(),
		APICalls: p.apiCalls.Load(), SignIns: p.signIns.Load(), WebhookAttempts: p.webhooks.Load(),
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	stats.Orders = len(p.flows)
	for _, f := range p.flows {
		stats.Stages[f.stage()]++
	}
	return stats
}

// controlRoutes let another process watch and drive the platform.
func (p *Platform) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sim/stats", func(w http.ResponseWriter, _ *http.Request) {
		simulator.WriteJSON(w, http.StatusOK, p.Stats())
	})
	mux.HandleFunc("GET /_sim/orders", func(w http.ResponseWriter, r *http.Request) {
		orders := []Order{}
		if id := r.URL.Query().Get("commercetoolsId"); id != "" {
			orders = append(orders, p.OrdersOf(id)...)
		} else {
			orders = append(orders, p.Orders()...)
		}
		simulator.WriteJSON(w, http.StatusOK, orders)
	})
	mux.HandleFunc("POST /_sim/orders/{id}/step", func(w http.ResponseWriter, r *http.Request) {
		stage, err := p.Step(r.PathValue("id"))
		if err != nil {
			writeError(w, http.StatusBadRequest, "Order did not move", err.Error())
			return
		}
		simulator.WriteJSON(w, http.StatusOK, map[string]string{"stage": stage})
	})
	mux.HandleFunc("POST /_sim/orders/{id}/{name}", p.controlIntervention)
	mux.HandleFunc("POST /_sim/faults", p.controlFaults)
	mux.HandleFunc("POST /_sim/pace", p.controlPace)
	return mux
}

// duration is written as text such as 200ms.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// controlFaults replaces weather and outage by what the body says.
func (p *Platform) controlFaults(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Outage                        bool
		ErrorRate, DropRate, LoseRate float64
		RetryAfter, Latency, Jitter   duration
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		writeError(w, http.StatusBadRequest, "Input is not valid", err.Error())
		return
	}
	p.opts.Faults.SetWeather(simulator.Weather{
		ErrorRate: body.ErrorRate, DropRate: body.DropRate, LoseRate: body.LoseRate,
		RetryAfter: time.Duration(body.RetryAfter), Latency: time.Duration(body.Latency), Jitter: time.Duration(body.Jitter),
	})
	p.opts.Faults.SetOutage(body.Outage)
	simulator.WriteJSON(w, http.StatusOK, struct{}{})
}

func (p *Platform) controlPace(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Routing, Picking, Packing, Handover, Straggle, Delivery duration
		Manual                                                  bool
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		writeError(w, http.StatusBadRequest, "Input is not valid", err.Error())
		return
	}
	p.SetPace(Pace{
		Routing: time.Duration(body.Routing), Picking: time.Duration(body.Picking),
		Packing: time.Duration(body.Packing), Handover: time.Duration(body.Handover),
		Straggle: time.Duration(body.Straggle), Delivery: time.Duration(body.Delivery), Manual: body.Manual,
	})
	simulator.WriteJSON(w, http.StatusOK, struct{}{})
}
