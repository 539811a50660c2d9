package connector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// shopkeeper is a shop with fixed settings.
type shopkeeper struct{ rules config.FacilityRules }

func (s shopkeeper) Configuration(context.Context) (config.Shop, error) {
	return config.Shop{Facilities: s.rules}, nil
}

func (shopkeeper) ProjectSettings(context.Context) (languages, countries []string, err error) {
	return []string{"de", "en"}, []string{"AT"}, nil
}

// source is commercetools' channels in memory.
type source struct {
	channels map[string]commercetools.Channel // by id
	fail     func() error
}

func (s *source) Channel(_ context.Context, id string) (commercetools.Channel, error) {
	if err := s.fail(); err != nil {
		return commercetools.Channel{}, err
	}
	channel, ok := s.channels[id]
	if !ok {
		return channel, failing(remote.NotFound)
	}
	return channel, nil
}

func (s *source) ChannelByKey(_ context.Context, key string) (commercetools.Channel, error) {
	for _, channel := range s.channels {
		if channel.Key == key {
			return channel, nil
		}
	}
	return commercetools.Channel{}, failing(remote.NotFound)
}

func (s *source) SupplyChannelsAfter(_ context.Context, id string, limit int) ([]commercetools.Channel, error) {
	var found []commercetools.Channel
	for _, other := range slices.Sorted(maps.Keys(s.channels)) {
		if channel := s.channels[other]; other > id && channel.SuppliesInventory() && len(found) < limit {
			found = append(found, channel)
		}
	}
	return found, nil
}

// facilityTarget is fulfillmenttools' facilities in memory, as their JSON, with versions and
// unique names.
type facilityTarget struct {
	facilities map[string]map[string]any // by tenantFacilityId
	version    int64
	writes     int
	fail       func() error // before a call is carried out
	lose       func() error // after a write is carried out
	before     func()       // just before a write
	wrote      func(fulfillmenttools.ManagedFacility)
}

func failing(kind remote.Kind) error {
	return &remote.Error{Platform: "test", Operation: "call", Kind: kind}
}

func decoded(facility map[string]any) fulfillmenttools.ManagedFacility {
	var f fulfillmenttools.ManagedFacility
	text, err := json.Marshal(facility)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		panic(err)
	}
	return f
}

func encoded(value any) map[string]any {
	var all map[string]any
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		panic(err)
	}
	return all
}

func (t *facilityTarget) FacilityByTenantID(_ context.Context, key string) (fulfillmenttools.ManagedFacility, error) {
	if err := t.fail(); err != nil {
		return fulfillmenttools.ManagedFacility{}, err
	}
	facility, ok := t.facilities[key]
	if !ok {
		return fulfillmenttools.ManagedFacility{}, failing(remote.NotFound)
	}
	return decoded(facility), nil
}

func (t *facilityTarget) FacilitiesAfter(_ context.Context, id string, size int) ([]fulfillmenttools.FacilityRow, error) {
	var rows []fulfillmenttools.FacilityRow
	for _, key := range slices.Sorted(maps.Keys(t.facilities)) {
		f := decoded(t.facilities[key])
		if f.ID > id && len(rows) < size {
			rows = append(rows, fulfillmenttools.FacilityRow{ID: f.ID, Status: f.Status, TenantFacilityID: key})
		}
	}
	return rows, nil
}

func (t *facilityTarget) CreateFacility(_ context.Context, facility fulfillmenttools.FacilityForCreation) (fulfillmenttools.ManagedFacility, error) {
	if err := t.fail(); err != nil {
		return fulfillmenttools.ManagedFacility{}, err
	}
	t.before()
	if t.facilities[facility.TenantFacilityID] != nil {
		return fulfillmenttools.ManagedFacility{}, failing(remote.Rejected)
	}
	all := encoded(facility)
	all["id"] = "F-" + facility.TenantFacilityID
	return t.keep(facility.TenantFacilityID, all)
}

func (t *facilityTarget) ChangeFacility(_ context.Context, id string, change fulfillmenttools.FacilityForModification) (fulfillmenttools.ManagedFacility, error) {
	if err := t.fail(); err != nil {
		return fulfillmenttools.ManagedFacility{}, err
	}
	t.before()
	for key, facility := range t.facilities {
		if facility["id"] != id {
			continue
		}
		if decoded(facility).Version != change.Version {
			return fulfillmenttools.ManagedFacility{}, failing(remote.Conflict)
		}
		all := maps.Clone(facility)
		maps.Copy(all, encoded(change))
		return t.keep(key, all)
	}
	return fulfillmenttools.ManagedFacility{}, failing(remote.NotFound)
}

func (t *facilityTarget) keep(key string, facility map[string]any) (fulfillmenttools.ManagedFacility, error) {
	t.put(key, facility)
	t.writes++
	t.wrote(decoded(facility))
	return decoded(facility), t.lose()
}

// put stores a facility as anybody does.
func (t *facilityTarget) put(key string, facility map[string]any) {
	t.version++
	facility["version"] = t.version
	t.facilities[key] = facility
}

func (t *facilityTarget) String() string { return fmt.Sprint(t.facilities) }
