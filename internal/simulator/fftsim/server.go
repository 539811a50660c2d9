package fftsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"fftconnect/internal/simulator"
)

func (p *Platform) routes() http.Handler {
	faulty := func(next http.Handler, errorBody func(int) any) http.Handler {
		return simulator.WithFaults("fulfillmenttools", next, p.opts.Faults, p.opts.Log, p.clock, errorBody)
	}
	api := faulty(p.apiRoutes(), func(status int) any {
		return []apiError{{Summary: http.StatusText(status), Description: "The request could not be served."}}
	})
	google := faulty(p.identityRoutes(), func(status int) any {
		return googleError(status, strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_")))
	})
	control := p.controlRoutes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, simulator.ControlPrefix):
			control.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/v1/"):
			p.signIns.Add(1)
			google.ServeHTTP(w, r)
		default:
			p.apiCalls.Add(1)
			api.ServeHTTP(w, r)
		}
	})
}

func (p *Platform) identityRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/accounts:signInWithPassword", p.identity.signIn)
	mux.HandleFunc("POST /v1/token", p.identity.renew)
	return mux
}

func (p *Platform) apiRoutes() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]http.HandlerFunc{
		"POST /api/orders":                          p.createOrder,
		"GET /api/orders":                           p.listOrders,
		"GET /api/orders/{id}":                      serveEntity(p, p.orders),
		"PATCH /api/orders/{id}":                    p.modifyOrder,
		"POST /api/orders/{id}/actions":             p.orderAction,
		"GET /api/configurations/ordermodification": p.getModification,
		"PUT /api/configurations/ordermodification": p.putModification,
		"POST /api/orders/search":                   p.searchOrders,
		"GET /api/pickjobs":                         p.listPickJobs,
		"GET /api/pickjobs/{id}":                    serveEntity(p, p.pickJobs),
		"GET /api/handoverjobs":                     p.listHandoverJobs,
		"GET /api/handoverjobs/{id}":                serveEntity(p, p.handoverJobs),
		"GET /api/loadunits":                        p.listLoadUnits,
		"GET /api/loadunits/{id}":                   serveEntity(p, p.loadUnits),
		"GET /api/shipments":                        p.listShipments,
		"GET /api/shipments/{id}":                   serveEntity(p, p.shipments),
		"GET /api/parcels":                          p.listParcels,
		"GET /api/parcels/{id}":                     serveEntity(p, p.parcels),
		"GET /api/process":                          p.findProcess,
		"GET /api/processes/{id}":                   serveEntity(p, p.processes),
		"GET /api/itemreturnjobs":                   p.listReturnJobs,
		"GET /api/itemreturnjobs/{id}":              serveEntity(p, p.returnJobs),
		"GET /api/facilities":                       p.listFacilities,
		"POST /api/facilities":                      p.createFacility,
		"GET /api/facilities/{id}":                  p.getFacility,
		"PATCH /api/facilities/{id}":                p.patchFacility,
		"GET /api/tags":                             p.listTags,
		"POST /api/tags":                            p.createTag,
		"GET /api/tags/{id}":                        serveEntity(p, p.tags),
		"PATCH /api/tags/{id}":                      p.patchTag,
		"GET /api/cancelationreasons":               p.listReasons,
		"POST /api/cancelationreasons":              p.createReason,
		"GET /api/cancelationreasons/{id}":          serveEntity(p, p.reasons),
		"GET /api/subscriptions":                    p.listSubscriptions,
		"POST /api/subscriptions":                   p.createSubscription,
		"DELETE /api/subscriptions/{id}":            p.deleteSubscription,
		"GET /api/supportedevents":                  supportedEvents,
		"GET /api/health":                           health,
		"/":                                         func(w http.ResponseWriter, r *http.Request) { notFound(w, r.Method+" "+r.URL.Path) },
	} {
		mux.Handle(pattern, p.signedIn(p.withPermission(pattern, serve)))
	}
	mux.HandleFunc("GET /api/status", func(w http.ResponseWriter, _ *http.Request) {
		simulator.WriteJSON(w, http.StatusOK, map[string]string{"status": "UP"})
	})
	return mux
}

func health(w http.ResponseWriter, _ *http.Request) {
	simulator.WriteJSON(w, http.StatusOK, map[string]any{
		"status": "UP", "dependencies": []any{map[string]string{"name": "database", "status": "UP"}},
	})
}

func (p *Platform) signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.identity.isValidToken(r.Header.Get("Authorization")) {
			writeError(w, http.StatusUnauthorized, "Unauthorized", "The token is missing, invalid or expired.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveEntity serves one entity by its id, always as it is now.
func serveEntity[T any](p *Platform, s *entityStore[T]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.RLock()
		found := s.get(r.PathValue("id"))
		p.mu.RUnlock()
		if found == nil {
			notFound(w, r.URL.Path)
			return
		}
		simulator.WriteJSON(w, http.StatusOK, found)
	}
}

func writeError(w http.ResponseWriter, status int, summary, description string) {
	simulator.WriteJSON(w, status, []apiError{{Summary: summary, Description: description}})
}

func notFound(w http.ResponseWriter, what string) {
	writeError(w, http.StatusNotFound, "Not found", what+" does not exist.")
}

func conflict(w http.ResponseWriter, sent, current int64) {
	simulator.WriteJSON(w, http.StatusConflict, []apiError{{
		Summary: "Version conflict", Description: "The entity was modified meanwhile.", RequestVersion: &sent, Version: &current,
	}})
}

func writeCreated(w http.ResponseWriter, location string, body any) {
	w.Header().Set("Location", location)
	simulator.WriteJSON(w, http.StatusCreated, body)
}

// decodeBody validates a body by a rule and decodes it into target. It answers what is
// wrong with it and reports whether nothing is.
func decodeBody(w http.ResponseWriter, r *http.Request, check rule, target any) bool {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		writeError(w, http.StatusBadRequest, "Body cannot be read", err.Error())
		return false
	}
	if problems := validate(text, check); len(problems) > 0 {
		simulator.WriteJSON(w, http.StatusBadRequest, problems)
		return false
	}
	if err := json.Unmarshal(text, target); err != nil {
		writeError(w, http.StatusBadRequest, "Input is not valid", err.Error())
		return false
	}
	return true
}

// readPaging reads size and startAfterId; it answers 400 when size is no number.
func readPaging(w http.ResponseWriter, query url.Values) (startAfter string, size int, ok bool) {
	size = 25
	if text := query.Get("size"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			writeError(w, http.StatusBadRequest, "Input is not valid", fmt.Sprintf("size: %q is not a positive integer", text))
			return "", 0, false
		}
		size = n
	}
	return query.Get("startAfterId"), size, true
}

func decodeAny(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("text after the JSON value")
	}
	return value, nil
}
