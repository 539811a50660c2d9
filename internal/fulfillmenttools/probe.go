package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"fftconnect/internal/remote"
)

// Probe is a call that does no harm and shows whether a permission is there.
type Probe struct {
	Permission string
	For        string // what it is needed for
	method     string
	path       string
	body       any
}

// nobody is an id that nothing has.
const nobody = "fftconnect-doctor-nobody"

// Probes lists what the connector needs. A write is tried with a body that is
// refused, or on something that does not exist.
func Probes() []Probe {
	return []Probe{
		{"ORDER_READ", "looking orders up", http.MethodGet, "/orders", nil},
		{"ORDER_WRITE", "creating orders", http.MethodPost, "/orders", map[string]any{}},
		{"ORDER_CANCEL", "cancelling orders", http.MethodPost, "/orders/" + nobody + "/actions", map[string]any{"name": "CANCEL", "version": 1}},
		{"PICKJOB_READ", "orders with several pick jobs, and repair", http.MethodGet, "/pickjobs", nil},
		{"HANDOVERJOB_READ", "orders with several handover jobs, and repair", http.MethodGet, "/handoverjobs", nil},
		{"LOADUNIT_READ", "the amount of load units", http.MethodGet, "/loadunits", nil},
		{"PROCESS_READ", "repair", http.MethodGet, "/processes/" + nobody, nil},
		{"FACILITY_READ", "checking that channels are facilities", http.MethodGet, "/facilities", nil},
		{"ADMINISTRATOR role", "install: webhooks", http.MethodGet, "/subscriptions", nil},
	}
}

// HoldProbe is tried when orders are held.
func HoldProbe() Probe {
	return Probe{"ORDER_UNLOCK", "orders that export.hold holds no longer", http.MethodPost, "/orders/" + nobody + "/actions", map[string]any{"name": "UNLOCK", "version": 1}}
}

// ForceCancelProbe is tried when refused cancellations are forced.
func ForceCancelProbe() Probe {
	return Probe{"ORDER_FORCE_CANCEL", "cancellations that FFT_FORCE_CANCEL forces", http.MethodPost, "/orders/" + nobody + "/actions", map[string]any{"name": "FORCE_CANCEL", "version": 1}}
}

// ParcelProbe is tried when deliveries carry tracking.
func ParcelProbe() Probe {
	return Probe{"PARCEL_READ", "tracking numbers of parcels", http.MethodGet, "/parcels/" + nobody, nil}
}

// Try makes the call. The error is nil when the permission is there.
func (p Probe) Try(ctx context.Context, c *Client) error {
	var query url.Values
	if p.method == http.MethodGet {
		query = url.Values{"size": {"1"}}
	}
	err := c.call(ctx, remote.Operation{Name: "try " + p.path, Repeatable: true}, p.method, p.path, query, p.body, nil)
	isList := p.method == http.MethodGet && !strings.HasSuffix(p.path, nobody)
	if remote.Is(err, remote.Rejected) || remote.Is(err, remote.NotFound) && !isList || remote.Is(err, remote.Conflict) {
		return nil
	}
	return err
}

// FacilityExists reports whether a facility with this tenant facility id exists.
func (c *Client) FacilityExists(ctx context.Context, tenantFacilityID string) (bool, error) {
	err := c.call(ctx, remote.Operation{Name: "read facility"}, http.MethodGet, facilityPath(tenantFacilityID), nil, nil, nil)
	if remote.Is(err, remote.NotFound) {
		return false, nil
	}
	return err == nil, err
}
