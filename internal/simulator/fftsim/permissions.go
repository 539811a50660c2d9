package fftsim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
)

// routePermissions are what a user needs, by route. Those of actions on orders depend on
// the action.
var routePermissions = map[string]string{
	"POST /api/orders": "ORDER_WRITE", "GET /api/orders": "ORDER_READ", "GET /api/orders/{id}": "ORDER_READ",
	"POST /api/orders/search": "ORDER_READ",
	"GET /api/pickjobs":       "PICKJOB_READ", "GET /api/pickjobs/{id}": "PICKJOB_READ",
	"GET /api/handoverjobs": "HANDOVERJOB_READ", "GET /api/handoverjobs/{id}": "HANDOVERJOB_READ",
	"GET /api/loadunits": "LOADUNIT_READ", "GET /api/loadunits/{id}": "LOADUNIT_READ",
	"GET /api/parcels": "PARCEL_READ", "GET /api/parcels/{id}": "PARCEL_READ",
	"GET /api/process": "PROCESS_READ", "GET /api/processes/{id}": "PROCESS_READ",
	"GET /api/facilities": "FACILITY_READ", "GET /api/facilities/{id}": "FACILITY_READ",
	"POST /api/facilities": "FACILITY_WRITE", "PATCH /api/facilities/{id}": "FACILITY_WRITE",
	"GET /api/subscriptions": "ADMINISTRATOR", "POST /api/subscriptions": "ADMINISTRATOR", "DELETE /api/subscriptions/{id}": "ADMINISTRATOR",
}

// actionPermissions are those of the actions on orders.
var actionPermissions = map[string]string{"CANCEL": "ORDER_CANCEL", "FORCE_CANCEL": "ORDER_FORCE_CANCEL", "UNLOCK": "ORDER_UNLOCK"}

// Permit leaves the user these permissions; ADMINISTRATOR stands for the role that may
// manage webhooks. Without a call of it the user has all.
func (p *Platform) Permit(permissions ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.permitted = append([]string{}, permissions...)
}

// withPermission refuses a call that the user lacks the permission for.
func (p *Platform) withPermission(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.RLock()
		has := p.permitted
		p.mu.RUnlock()
		needed := routePermissions[route]
		if has != nil && route == "POST /api/orders/{id}/actions" {
			needed = actionPermissions[actionOf(r)]
		}
		if has != nil && needed != "" && !slices.Contains(has, needed) {
			writeError(w, http.StatusForbidden, "Forbidden", "The user lacks the permission "+needed+".")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// actionOf reads the action's name and leaves the body to be read again.
func actionOf(r *http.Request) string {
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	var action struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(text, &action)
	return action.Name
}
