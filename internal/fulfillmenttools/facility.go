package fulfillmenttools

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"fftconnect/internal/remote"
)

// States, types and services of a facility.
const (
	FacilityOnline    = "ONLINE"
	FacilitySuspended = "SUSPENDED"
	FacilityOffline   = "OFFLINE"

	TypeManagedFacility = "MANAGED_FACILITY"
	TypeSupplier        = "SUPPLIER"

	ServiceShipFromStore = "SHIP_FROM_STORE"
	ServicePickup        = "PICKUP"
)

// FacilityServices are what a facility may offer, LocationTypes what it may be.
var (
	FacilityServices = []string{ServiceShipFromStore, ServicePickup}
	FacilityTypes    = []string{TypeManagedFacility, TypeSupplier}
	LocationTypes    = []string{"STORE", "WAREHOUSE", "EXTERNAL"}
)

// ManagedFacility is what we read of a facility, also of a supplier's. Address and
// custom attributes are kept as they came: a change replaces them as a whole, and
// must not lose what we do not know.
type ManagedFacility struct {
	ID               string            `json:"id"`
	Version          int64             `json:"version"`
	Name             string            `json:"name"`
	Type             string            `json:"type"`
	Status           string            `json:"status"`
	TenantFacilityID string            `json:"tenantFacilityId"`
	LocationType     string            `json:"locationType"`
	Services         []FacilityService `json:"services"`
	Address          map[string]any    `json:"address"`
	CustomAttributes map[string]any    `json:"customAttributes"`
}

// FacilityService is one thing that a facility does.
type FacilityService struct {
	Type string `json:"type"`
}

// FacilityForCreation is a facility as fulfillmenttools takes it.
type FacilityForCreation struct {
	Name             string            `json:"name"`
	Type             string            `json:"type"`
	Status           string            `json:"status"`
	TenantFacilityID string            `json:"tenantFacilityId"`
	LocationType     string            `json:"locationType,omitempty"` // not of suppliers
	Services         []FacilityService `json:"services,omitempty"`     // not of suppliers
	Address          map[string]any    `json:"address"`
	CustomAttributes map[string]any    `json:"customAttributes"`
}

// FacilityForModification changes what it names and leaves the rest. The API refuses
// unknown keys.
type FacilityForModification struct {
	Version          int64             `json:"version"` // the one that was read
	Type             string            `json:"type"`    // the facility's own; it cannot be changed
	Name             string            `json:"name,omitempty"`
	Status           string            `json:"status,omitempty"`
	LocationType     string            `json:"locationType,omitempty"`
	Services         []FacilityService `json:"services,omitempty"`
	Address          map[string]any    `json:"address,omitempty"`
	CustomAttributes map[string]any    `json:"customAttributes,omitempty"`
}

// FacilityRow is a facility as lists show it. They may lag behind by seconds.
type FacilityRow struct {
	ID               string `json:"id"`
	Status           string `json:"status"`
	TenantFacilityID string `json:"tenantFacilityId"`
}

// facilityURN names a facility by the shop's key, in place of its id.
const facilityURN = "urn:fft:facility:tenantFacilityId:"

func facilityPath(tenantFacilityID string) string {
	return "/facilities/" + url.PathEscape(facilityURN+tenantFacilityID)
}

// FacilityByTenantID reads a facility by the shop's key; a missing one is
// remote.NotFound.
func (c *Client) FacilityByTenantID(ctx context.Context, tenantFacilityID string) (ManagedFacility, error) {
	var found ManagedFacility
	err := c.call(ctx, remote.Operation{Name: "read facility"}, http.MethodGet, facilityPath(tenantFacilityID), nil, nil, &found)
	return found, withPermissionHint("FACILITY_READ", errIncompleteAnswer("read facility", err, found.ID != ""))
}

// CreateFacility creates a facility. When the error is remote.IsAmbiguous it may exist.
func (c *Client) CreateFacility(ctx context.Context, facility FacilityForCreation) (ManagedFacility, error) {
	var created ManagedFacility
	err := c.call(ctx, remote.Operation{Name: "create facility"}, http.MethodPost, "/facilities", nil, facility, &created)
	return created, withPermissionHint("FACILITY_WRITE", errIncompleteAnswer("create facility", err, created.ID != ""))
}

// ChangeFacility changes a facility of that version; remote.Conflict says that it has
// another one by now. Sending it twice is harmless: the second meets a newer version.
func (c *Client) ChangeFacility(ctx context.Context, id string, change FacilityForModification) (ManagedFacility, error) {
	var changed ManagedFacility
	err := c.call(ctx, remote.Operation{Name: "change facility", Repeatable: true}, http.MethodPatch, "/facilities/"+url.PathEscape(id), nil, change, &changed)
	return changed, withPermissionHint("FACILITY_WRITE", errIncompleteAnswer("change facility", err, changed.ID != ""))
}

// FacilitiesAfter is a page of all facilities, behind the one with this id; the first
// page when it is empty. Behind the last one it is empty.
func (c *Client) FacilitiesAfter(ctx context.Context, id string, size int) ([]FacilityRow, error) {
	query := url.Values{"size": {strconv.Itoa(size)}}
	if id != "" {
		query.Set("startAfterId", id)
	}
	var page struct {
		Facilities []FacilityRow `json:"facilities"`
	}
	err := c.call(ctx, remote.Operation{Name: "list facilities"}, http.MethodGet, "/facilities", query, nil, &page)
	return page.Facilities, withPermissionHint("FACILITY_READ", errIncompleteAnswer("list facilities", err, page.Facilities != nil))
}

// withPermissionHint names the permission that a forbidden call lacked.
func withPermissionHint(permission string, err error) error {
	var failed *remote.Error
	if !errors.As(err, &failed) || failed.Status != http.StatusForbidden {
		return err
	}
	named := *failed
	named.Hint = "give the fulfillmenttools user the permission " + permission
	return &named
}

// FacilityProbes are tried when channels become facilities.
func FacilityProbes() []Probe {
	return []Probe{{
		"FACILITY_WRITE", "channels as facilities", http.MethodPatch, "/facilities/" + nobody,
		map[string]any{"version": 1, "type": TypeManagedFacility},
	}}
}

// FacilityName is how people call the facility of this id: its tenantFacilityId, else its
// name.
func (c *Client) FacilityName(ctx context.Context, id string) (string, error) {
	var found struct {
		ID               string `json:"id"`
		Name             string `json:"name"`
		TenantFacilityID string `json:"tenantFacilityId"`
	}
	err := c.call(ctx, remote.Operation{Name: "read facility"}, http.MethodGet, "/facilities/"+url.PathEscape(id), nil, nil, &found)
	return cmp.Or(found.TenantFacilityID, found.Name), errIncompleteAnswer("read facility", err, found.ID != "")
}
