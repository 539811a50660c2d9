package fftsim

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"

	"fftconnect/internal/simulator"
)

// facility is a managed facility. What the platform only keeps is in fields.
type facility struct {
	ID string
	versioned
	Name, Status, TenantFacilityID string
	fields                         map[string]json.RawMessage
}

// urn is how a facility can be named by its tenantFacilityId instead of its id.
const urn = "urn:fft:facility:tenantFacilityId:"

func (f *facility) MarshalJSON() ([]byte, error) {
	all := map[string]any{
		"id": f.ID, "version": f.Version, "created": f.Created, "lastModified": f.LastModified,
		"name": f.Name, "status": f.Status,
	}
	if f.TenantFacilityID != "" {
		all["tenantFacilityId"] = f.TenantFacilityID
	}
	for key, value := range f.fields {
		all[key] = value
	}
	return json.Marshal(all)
}

func (f *facility) address() json.RawMessage { return f.fields["address"] }

// setFields takes over what a body says; null takes a field away.
func (f *facility) setFields(body map[string]json.RawMessage) error {
	f.fields = maps.Clone(f.fields)
	for key, value := range body {
		var target *string
		switch key {
		case "version", "action":
			continue
		case "name":
			target = &f.Name
		case "status":
			target = &f.Status
		case "tenantFacilityId":
			target = &f.TenantFacilityID
		}
		switch {
		case target != nil:
			*target = ""
			if err := json.Unmarshal(value, target); err != nil {
				return errInvalid("%s: %v", key, err)
			}
		case string(value) == "null":
			delete(f.fields, key)
		default:
			f.fields[key] = value
		}
	}
	return nil
}

// seedFacilities makes those of the options, which lists show from the start.
func (p *Platform) seedFacilities() {
	now := p.clock.Now()
	for _, seed := range p.opts.Facilities {
		address, _ := json.Marshal(map[string]string{
			"companyName": seed.Name, "street": "Hohe Straße", "houseNumber": "1", "postalCode": "50667", "city": "Köln", "country": "DE",
		})
		f := &facility{ID: seed.ID, versioned: newVersioned(now), Name: seed.Name, Status: "ONLINE", TenantFacilityID: seed.TenantFacilityID}
		f.fields = facilityDefaults()
		f.fields["address"] = address
		p.facilities.put(f.ID, f, now.Add(-p.opts.ListLag))
	}
}

func facilityDefaults() map[string]json.RawMessage {
	return map[string]json.RawMessage{
		"type": json.RawMessage(`"MANAGED_FACILITY"`), "locationType": json.RawMessage(`"STORE"`),
		"fulfillmentProcessBuffer": json.RawMessage(`240`), "capacityEnabled": json.RawMessage(`false`),
		"services": json.RawMessage(`[{"type":"SHIP_FROM_STORE"},{"type":"PICKUP"}]`),
	}
}

// resolve finds a facility by either of its names; it is called with the lock held.
func (p *Platform) resolve(name facilityName) *facility {
	if name.FacilityRef != "" {
		return p.facilities.get(name.FacilityRef)
	}
	for _, r := range p.facilities.rows {
		if r.current.TenantFacilityID == name.TenantFacilityID && name.TenantFacilityID != "" {
			return r.current
		}
	}
	return nil
}

func (p *Platform) resolvePath(id string) *facility {
	if tenant, ok := strings.CutPrefix(id, urn); ok {
		return p.resolve(facilityName{TenantFacilityID: tenant})
	}
	return p.facilities.get(id)
}

func (p *Platform) getFacility(w http.ResponseWriter, r *http.Request) {
	p.mu.RLock()
	found := p.resolvePath(r.PathValue("id"))
	p.mu.RUnlock()
	if found == nil {
		notFound(w, r.URL.Path)
		return
	}
	simulator.WriteJSON(w, http.StatusOK, found)
}

func (p *Platform) listFacilities(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r, "tenantFacilityId", "status", "type")
	if !ok {
		return
	}
	match := func(f *facility) bool {
		var kind string
		_ = json.Unmarshal(f.fields["type"], &kind)
		return q.matches("tenantFacilityId", f.TenantFacilityID) && q.matchesAny("status", f.Status) && q.matchesAny("type", kind)
	}
	serveList(p, w, "facilities", q, p.facilities, nil, match, (*facility).listRow)
}

// listRow is a facility as lists show it, with its address spread out.
func (f *facility) listRow() map[string]any {
	row := map[string]any{}
	var address map[string]any
	_ = json.Unmarshal(f.address(), &address)
	for _, key := range []string{"street", "houseNumber", "postalCode", "city", "province", "country"} {
		if value, ok := address[key]; ok {
			row[key] = value
		}
	}
	row["id"], row["version"], row["created"], row["lastModified"] = f.ID, f.Version, f.Created, f.LastModified
	row["name"], row["status"], row["type"] = f.Name, f.Status, f.fields["type"]
	if f.TenantFacilityID != "" {
		row["tenantFacilityId"] = f.TenantFacilityID
	}
	return row
}

func facilityAddressRules() rule {
	f := addressFields()
	f["companyName*"] = textRule(0, 0)
	f["emailAddresses"] = listRule(0, 10, objectWithAtLeast(fields{"recipient": textRule(0, 0), "value*": textRule(0, 0)}))
	return objectWithAtLeast(f)
}

// facilityFields are those that creation and modification share.
func facilityFields() fields {
	return fields{
		"name": textRule(0, 0), "address": facilityAddressRules(), "type": oneOf("MANAGED_FACILITY", "SUPPLIER"),
		"tenantFacilityId": orNull(textRule(0, 0)), "status": oneOf("ONLINE", "SUSPENDED", "OFFLINE"),
		"locationType": orNull(oneOf("STORE", "WAREHOUSE", "EXTERNAL")),
		"services":     orNull(listRule(0, 500, objectWithOnly(fields{"type*": oneOf("SHIP_FROM_STORE", "PICKUP")}))),
		"contact":      orNull(objectWithAtLeast(fields{"firstName*": textRule(0, 0), "lastName*": textRule(0, 0)})),
		"closingDays":  orNull(listRule(0, 500, objectWithAtLeast(fields{}))),
		"pickingTimes": orNull(objectWithAtLeast(fields{})), "pickingMethods": orNull(listRule(0, 500, textRule(0, 0))),
		"fulfillmentProcessBuffer":  orNull(integerRule(0, noLimit)),
		"capacityEnabled":           orNull(boolean),
		"capacityPlanningTimeframe": orNull(integerRule(1, noLimit)),
		"customAttributes":          orNull(customAttributes), "tags": orNull(listRule(1, 500, strictTags())),
		"configs": orNull(listRule(0, 500, objectWithAtLeast(fields{}))), "scanningRule": orNull(objectWithAtLeast(fields{})),
	}
}

func facilityCreationRules() rule {
	f := facilityFields()
	f["name*"], f["address*"] = f["name"], f["address"]
	delete(f, "name")
	delete(f, "address")
	return objectWithAtLeast(f)
}

// facilityPatchRules accept the strict form as well as the older list of actions.
func facilityPatchRules() rule {
	f := facilityFields()
	f["version*"], f["type*"] = integerRule(0, noLimit), f["type"]
	delete(f, "type")
	modification := objectWithOnly(f)
	action := facilityFields()
	action["action*"] = oneOf("ModifyFacility")
	actions := objectWithAtLeast(fields{"version*": integerRule(0, noLimit), "actions*": listRule(1, 100, objectWithOnly(action))})
	return func(c *check, path string, value any) {
		if object, ok := value.(map[string]any); ok && object["actions"] != nil {
			actions(c, path, value)
			return
		}
		modification(c, path, value)
	}
}

func (p *Platform) createFacility(w http.ResponseWriter, r *http.Request) {
	var body map[string]json.RawMessage
	if !decodeBody(w, r, p.facilityRule, &body) {
		return
	}
	f := &facility{Status: "ONLINE", fields: facilityDefaults()}
	if err := f.setFields(body); err != nil {
		refuseError(w, err)
		return
	}
	err := p.inTransaction(func(n *news) error {
		if p.resolve(facilityName{TenantFacilityID: f.TenantFacilityID}) != nil {
			return errInvalid("tenantFacilityId: a facility with tenantFacilityId %q exists already", f.TenantFacilityID)
		}
		f.ID, f.versioned = p.newID(), newVersioned(n.now)
		p.facilities.put(f.ID, f, n.now)
		n.queueEvent(emission{event: "FACILITY_CREATED", facility: f.ID, payload: f})
		return nil
	})
	if err != nil {
		refuseError(w, err)
		return
	}
	writeCreated(w, "/api/facilities/"+f.ID, f)
}

var errNoFacility = errors.New("no such facility")

func (p *Platform) patchFacility(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		writeError(w, http.StatusBadRequest, "Body cannot be read", err.Error())
		return
	}
	var body struct {
		Version int64
		Actions []map[string]json.RawMessage
	}
	if problems := validate(text, p.facilityPatchRule); len(problems) > 0 {
		simulator.WriteJSON(w, http.StatusBadRequest, problems)
		return
	}
	if err := json.Unmarshal(text, &body); err != nil {
		refuseError(w, err)
		return
	}
	if body.Actions == nil {
		body.Actions = make([]map[string]json.RawMessage, 1)
		_ = json.Unmarshal(text, &body.Actions[0])
	}
	var result *facility
	err = p.inTransaction(func(n *news) (err error) {
		result, err = p.modifyFacility(n, r.PathValue("id"), body.Version, body.Actions)
		return err
	})
	var stale versionConflict
	switch {
	case errors.Is(err, errNoFacility):
		notFound(w, r.URL.Path)
	case errors.As(err, &stale):
		conflict(w, stale.sent, stale.current)
	case err != nil:
		refuseError(w, err)
	default:
		simulator.WriteJSON(w, http.StatusOK, result)
	}
}

func (p *Platform) modifyFacility(n *news, id string, version int64, changes []map[string]json.RawMessage) (*facility, error) {
	before := p.resolvePath(id)
	if before == nil {
		return nil, errNoFacility
	}
	if version != before.Version {
		return nil, versionConflict{version, before.Version}
	}
	next := *before
	next.bumpVersion(n.now)
	for _, change := range changes {
		if err := next.setFields(change); err != nil {
			return nil, err
		}
	}
	p.facilities.put(next.ID, &next, n.now)
	n.queueEvent(emission{event: "FACILITY_UPDATED", facility: next.ID, payload: &next})
	if event := map[string]string{
		"ONLINE": "FACILITY_WENT_ONLINE", "OFFLINE": "FACILITY_WENT_OFFLINE", "SUSPENDED": "FACILITY_SUSPENDED",
	}[next.Status]; next.Status != before.Status {
		n.queueEvent(emission{event: event, facility: next.ID, payload: &next})
	}
	return &next, nil
}
