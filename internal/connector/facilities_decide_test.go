package connector_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/facilities"
	"fftconnect/internal/fulfillmenttools"
)

const channelID = "c0000000-0000-4000-8000-000000000001"

// store is a channel that says everything.
func store() commercetools.Channel {
	return commercetools.Channel{
		ID: channelID, Version: 3, Key: "store-7", Roles: []string{"InventorySupply", "ProductDistribution"},
		Name: map[string]string{"de": "Filiale Köln", "en": "Cologne store"},
		Address: commercetools.ChannelAddress{
			Company: "Acme", StreetName: "Hohe Straße", StreetNumber: "1", PostalCode: "50667", City: "Köln",
			State: "NRW", Country: "de", Phone: "+49 221 1", Email: "store@acme.example", AdditionalAddressInfo: "2nd floor",
		},
		Geo:    &commercetools.Point{Lat: 50.94, Lon: 6.96},
		Fields: map[string]any{"kind": "WAREHOUSE", "does": []any{"PICKUP"}},
	}
}

func surroundings() facilities.Surroundings {
	return facilities.Surroundings{
		ProjectKey: "demo", Project: facilities.Project{Languages: []string{"de", "en"}, Countries: []string{"AT"}},
		Rules: config.FacilityRules{LocationTypeField: "kind", ServicesField: "does"},
	}
}

// created is the facility that fulfillmenttools makes of a decision to create one.
func created(t *testing.T, channel commercetools.Channel, surroundings facilities.Surroundings) fulfillmenttools.ManagedFacility {
	t.Helper()
	decision := facilities.Decide(channel, nil, surroundings)
	if decision.Action != facilities.Create {
		t.Fatalf("%s: %s", decision.Action, decision.Reason)
	}
	c := decision.Create
	return fulfillmenttools.ManagedFacility{
		ID: "F1", Version: 1, Name: c.Name, Type: c.Type, Status: c.Status, TenantFacilityID: c.TenantFacilityID,
		LocationType: c.LocationType, Services: c.Services, Address: c.Address, CustomAttributes: c.CustomAttributes,
	}
}

func TestAChannelBecomesAFacilityWithAllThatItSays(t *testing.T) {
	t.Parallel()
	f := created(t, store(), surroundings())
	if f.Name != "Filiale Köln" || f.TenantFacilityID != "store-7" || f.Status != "ONLINE" || f.LocationType != "WAREHOUSE" || f.Type != "MANAGED_FACILITY" {
		t.Errorf("created %+v", f)
	}
	if len(f.Services) != 1 || f.Services[0].Type != "PICKUP" {
		t.Errorf("services %v", f.Services)
	}
	for key, want := range map[string]any{
		"companyName": "Acme", "street": "Hohe Straße", "houseNumber": "1", "postalCode": "50667", "city": "Köln",
		"province": "NRW", "country": "DE", "additionalAddressInfo": "2nd floor",
	} {
		if f.Address[key] != want {
			t.Errorf("%s is %v, want %v", key, f.Address[key], want)
		}
	}
	point, _ := f.Address["resolvedCoordinates"].(map[string]any)
	if point["lat"] != 50.94 || point["lon"] != 6.96 {
		t.Errorf("coordinates %v", point)
	}
	if f.CustomAttributes["commercetoolsId"] != channelID || f.CustomAttributes["commercetoolsProjectKey"] != "demo" {
		t.Errorf("custom attributes %v", f.CustomAttributes)
	}
	if again := facilities.Decide(store(), &f, surroundings()); again.Action != facilities.Leave || !again.Ours {
		t.Errorf("a second look: %s %v", again.Action, again.Fields)
	}
}

func TestWhatFulfillmenttoolsDemandsIsFilledAtCreationAndTold(t *testing.T) {
	t.Parallel()
	bare := commercetools.Channel{ID: channelID, Key: "bare", Roles: []string{"InventorySupply"}}
	decision := facilities.Decide(bare, nil, surroundings())
	a := decision.Create.Address
	if decision.Create.Name != "bare" || a["companyName"] != "bare" || a["street"] != "not set" || a["postalCode"] != "00000" || a["city"] != "not set" || a["country"] != "AT" {
		t.Errorf("created %q at %v", decision.Create.Name, a)
	}
	if a["houseNumber"] != nil || a["phoneNumbers"] != nil {
		t.Errorf("something nobody asked for: %v", a)
	}
	if len(decision.Notes) != 5 {
		t.Errorf("notes %q", decision.Notes)
	}
	if len(decision.Create.Services) != 2 || decision.Create.LocationType != "STORE" {
		t.Errorf("%v %s", decision.Create.Services, decision.Create.LocationType)
	}
	surroundings := surroundings()
	surroundings.Project.Countries = nil
	surroundings.Rules = config.FacilityRules{Type: "SUPPLIER", Services: []string{"PICKUP"}}
	supplier := facilities.Decide(bare, nil, surroundings).Create
	if supplier.Type != "SUPPLIER" || supplier.LocationType != "" || supplier.Services != nil || supplier.Address["country"] != "DE" {
		t.Errorf("supplier %+v", supplier)
	}
}

// people change a facility as fulfillmenttools' people do.
func people(f fulfillmenttools.ManagedFacility, change func(*fulfillmenttools.ManagedFacility)) fulfillmenttools.ManagedFacility {
	f.Address, f.CustomAttributes = maps.Clone(f.Address), maps.Clone(f.CustomAttributes)
	f.Version++
	change(&f)
	return f
}

func TestUpstreamDefect16AnUpdateNeverWritesDefaultsOverWhatPeopleMaintain(t *testing.T) {
	t.Parallel()
	bare := commercetools.Channel{ID: channelID, Key: "bare", Roles: []string{"InventorySupply"}}
	f := people(created(t, bare, surroundings()), func(f *fulfillmenttools.ManagedFacility) {
		f.Name, f.LocationType, f.Services = "Halle 3", "WAREHOUSE", []fulfillmenttools.FacilityService{{Type: "SHIP_FROM_STORE"}}
		f.Address["street"], f.Address["city"], f.Address["postalCode"] = "Ring", "Bonn", "53111"
		f.Address["companyName"] = "Acme Logistik"
		f.Address["phoneNumbers"] = []any{map[string]any{"type": "PHONE", "value": "+49 228 5"}}
	})
	if d := facilities.Decide(bare, &f, surroundings()); d.Action != facilities.Leave {
		t.Fatalf("a channel that says nothing changes %v", d.Fields)
	}
	bare.Address.City = "Köln"
	d := facilities.Decide(bare, &f, surroundings())
	if d.Action != facilities.Change || !slices.Equal(d.Fields, []string{"address.city"}) {
		t.Fatalf("%s %v", d.Action, d.Fields)
	}
	a := d.Change.Address
	if a["city"] != "Köln" || a["street"] != "Ring" || a["postalCode"] != "53111" || a["companyName"] != "Acme Logistik" || len(a["phoneNumbers"].([]any)) != 1 {
		t.Errorf("sent %v", a)
	}
	if d.Change.Name+d.Change.LocationType+d.Change.Status != "" || d.Change.Services != nil {
		t.Errorf("sent %+v", d.Change)
	}
}

func TestWhatPeopleChangedStaysUntilTheChannelSaysSomethingNew(t *testing.T) {
	t.Parallel()
	channel := store()
	f := people(created(t, channel, surroundings()), func(f *fulfillmenttools.ManagedFacility) {
		f.Name, f.Address["street"] = "Köln (Rampe 2)", "Hofeinfahrt"
		f.CustomAttributes["theirs"] = "kept"
	})
	channel.Address.City = "Bonn"
	d := facilities.Decide(channel, &f, surroundings())
	if !slices.Equal(d.Fields, []string{"address.city"}) || d.Change.Address["street"] != "Hofeinfahrt" || d.Change.CustomAttributes["theirs"] != "kept" {
		t.Errorf("changed %v, sent %v %v", d.Fields, d.Change.Address, d.Change.CustomAttributes)
	}
	channel.Address.StreetName = "Neue Straße"
	if d := facilities.Decide(channel, &f, surroundings()); d.Change.Address["street"] != "Neue Straße" {
		t.Errorf("the channel's new street is not sent: %v", d.Fields)
	}
	channel.Address.StreetName = ""
	if d := facilities.Decide(channel, &f, surroundings()); d.Change.Address["street"] != "Hofeinfahrt" {
		t.Errorf("a street that the channel lost was blanked: %v", d.Change.Address)
	}
}

func TestNumbersOfTheChannelReplaceOnlyItsOwn(t *testing.T) {
	t.Parallel()
	channel := store()
	theirs := map[string]any{"type": "PHONE", "value": "+49 30 9", "label": "Wareneingang"}
	f := people(created(t, channel, surroundings()), func(f *fulfillmenttools.ManagedFacility) {
		f.Address["phoneNumbers"] = append([]any{theirs}, f.Address["phoneNumbers"].([]any)...)
	})
	channel.Address.Phone, channel.Address.Mobile, channel.Address.Email = "+49 221 2", "+49 170 1", "new@acme.example"
	d := facilities.Decide(channel, &f, surroundings())
	phones := d.Change.Address["phoneNumbers"].([]any)
	var values []string
	for _, entry := range phones {
		values = append(values, entry.(map[string]any)["value"].(string))
	}
	if !slices.Equal(values, []string{"+49 30 9", "+49 221 2", "+49 170 1"}) {
		t.Errorf("phones %v", values)
	}
	mails := d.Change.Address["emailAddresses"].([]any)
	if len(mails) != 1 || mails[0].(map[string]any)["value"] != "new@acme.example" {
		t.Errorf("mails %v", mails)
	}
	if f.Address["emailAddresses"].([]any)[0].(map[string]any)["value"] != "store@acme.example" {
		t.Error("deciding changed what was read")
	}
}

func TestUpstreamDefect16AnEmptyPhoneOfTheExistingConnectorIsFilledNotKept(t *testing.T) {
	t.Parallel()
	former := fulfillmenttools.ManagedFacility{
		ID: "F1", Version: 4, Name: "store-7", Type: "MANAGED_FACILITY", Status: "ONLINE", TenantFacilityID: "store-7", LocationType: "STORE",
		Address: map[string]any{
			"companyName": "demo", "street": "not set", "houseNumber": "0", "postalCode": "00000", "city": "not set", "country": "DE",
			"phoneNumbers": []any{map[string]any{"type": "PHONE", "value": "", "label": ""}},
		},
		CustomAttributes: map[string]any{"commercetoolsId": channelID},
	}
	d := facilities.Decide(store(), &former, surroundings())
	phones := d.Change.Address["phoneNumbers"].([]any)
	if len(phones) != 1 || phones[0].(map[string]any)["value"] != "+49 221 1" || d.Change.Address["street"] != "Hohe Straße" {
		t.Errorf("sent %v", d.Change.Address)
	}
}

func TestAnAddressThatMovesLosesTheOldPlace(t *testing.T) {
	t.Parallel()
	channel := store()
	channel.Geo = nil
	f := people(created(t, channel, surroundings()), func(f *fulfillmenttools.ManagedFacility) {
		f.Address["resolvedCoordinates"] = map[string]any{"lat": 1.5, "lon": 2.5}
		f.Address["resolvedTimeZone"] = map[string]any{"timeZoneId": "Europe/Berlin", "timeZoneName": "x", "offsetInSeconds": 3600.0}
	})
	channel.Address.Company = "Acme GmbH"
	d := facilities.Decide(channel, &f, surroundings())
	zone, _ := d.Change.Address["resolvedTimeZone"].(map[string]any)
	if d.Change.Address["resolvedCoordinates"] == nil || len(zone) != 1 || zone["timeZoneId"] != "Europe/Berlin" {
		t.Errorf("another company moved the facility: %v", d.Change.Address)
	}
	channel.Address.City, channel.Address.Country = "Paris", "FR"
	d = facilities.Decide(channel, &f, surroundings())
	if d.Change.Address["resolvedCoordinates"] != nil || d.Change.Address["resolvedTimeZone"] != nil {
		t.Errorf("the facility moved to Paris but not on the map: %v", d.Change.Address)
	}
	channel.Geo = &commercetools.Point{Lat: 48.9, Lon: 2.3}
	d = facilities.Decide(channel, &f, surroundings())
	if d.Change.Address["resolvedCoordinates"].(map[string]any)["lat"] != 48.9 {
		t.Errorf("coordinates %v", d.Change.Address["resolvedCoordinates"])
	}
}

// TestAStoreThatMovesTakesNothingOfItsOldAddressAlong: a house number of the old street
// with the new street is an address that exists, elsewhere.
func TestAStoreThatMovesTakesNothingOfItsOldAddressAlong(t *testing.T) {
	t.Parallel()
	f := created(t, store(), surroundings())
	moved := store()
	moved.Address.StreetName, moved.Address.City, moved.Address.PostalCode = "Marktplatz", "Bremen", "28195"
	moved.Address.StreetNumber, moved.Address.State, moved.Address.AdditionalAddressInfo = "", "", ""
	decision := facilities.Decide(moved, &f, surroundings())
	for _, key := range []string{"houseNumber", "province", "additionalAddressInfo"} {
		if decision.Change.Address[key] != nil || !slices.Contains(decision.Fields, "address."+key) {
			t.Errorf("%s is %v, said to change: %v", key, decision.Change.Address[key], decision.Fields)
		}
	}
	if decision.Change.Address["street"] != "Marktplatz" || decision.Change.Address["companyName"] != "Acme" {
		t.Errorf("address %v", decision.Change.Address)
	}
	// What people wrote stays, and so does all while the street and the city do.
	f.Address["additionalAddressInfo"] = "Hintereingang"
	if decision = facilities.Decide(moved, &f, surroundings()); decision.Change.Address["additionalAddressInfo"] != "Hintereingang" {
		t.Errorf("people's line: %v", decision.Change.Address)
	}
	f = created(t, store(), surroundings())
	silent := store()
	silent.Address.StreetNumber = ""
	if decision = facilities.Decide(silent, &f, surroundings()); decision.Action != facilities.Leave {
		t.Errorf("what is not said any more is left: %s %v", decision.Action, decision.Fields)
	}
}

func TestUpstreamDefect16AChannelWithoutStockIsNotTouched(t *testing.T) {
	t.Parallel()
	f := created(t, store(), surroundings())
	channel := store()
	channel.Roles = []string{"ProductDistribution"}
	channel.Name = map[string]string{"de": "Anders"}
	for _, facility := range []*fulfillmenttools.ManagedFacility{nil, &f} {
		if d := facilities.Decide(channel, facility, surroundings()); d.Action != facilities.Leave || d.Ours {
			t.Errorf("%s: %s", d.Action, d.Reason)
		}
	}
}

func TestUpstreamDefect16DeletingAChannelOfAnotherFacilityTouchesNothing(t *testing.T) {
	t.Parallel()
	ours := created(t, store(), surroundings())
	unlinked := people(ours, func(f *fulfillmenttools.ManagedFacility) { f.CustomAttributes = nil })
	successor := people(ours, func(f *fulfillmenttools.ManagedFacility) { f.CustomAttributes["commercetoolsId"] = "another" })
	elsewhere := people(ours, func(f *fulfillmenttools.ManagedFacility) {
		f.CustomAttributes["commercetoolsProjectKey"] = "other"
	})
	asleep := people(ours, func(f *fulfillmenttools.ManagedFacility) { f.Status = "OFFLINE" })
	for name, facility := range map[string]*fulfillmenttools.ManagedFacility{
		"none": nil, "unlinked": &unlinked, "successor": &successor, "elsewhere": &elsewhere, "asleep": &asleep,
	} {
		if d := facilities.DecideGone(channelID, facility, "demo"); d.Action != facilities.Leave || d.Reason == "" {
			t.Errorf("%s: %s", name, d.Action)
		}
	}
	if d := facilities.DecideGone(channelID, &ours, "demo"); d.Action != facilities.Offline || d.Change.Status != "OFFLINE" || d.Change.Version != ours.Version {
		t.Errorf("ours: %+v", d)
	}
	if d := facilities.Decide(store(), &elsewhere, surroundings()); d.Action != facilities.Leave || !strings.Contains(d.Reason, "another commercetools project") {
		t.Errorf("elsewhere: %s %s", d.Action, d.Reason)
	}
}

// apply is what fulfillmenttools makes of a change.
func apply(f fulfillmenttools.ManagedFacility, d facilities.Decision) fulfillmenttools.ManagedFacility {
	return people(f, func(f *fulfillmenttools.ManagedFacility) {
		c := d.Change
		if c.Status != "" {
			f.Status = c.Status
		}
		if c.CustomAttributes != nil {
			f.CustomAttributes = c.CustomAttributes
		}
	})
}

func TestUpstreamDefect16AFacilityComesBackOnlyFromWhatWeDid(t *testing.T) {
	t.Parallel()
	ours := people(created(t, store(), surroundings()), func(f *fulfillmenttools.ManagedFacility) { f.Status = "SUSPENDED" })
	gone := apply(ours, facilities.DecideGone(channelID, &ours, "demo"))
	if gone.Status != "OFFLINE" {
		t.Fatal(gone.Status)
	}
	back := store()
	back.ID = "c0000000-0000-4000-8000-000000000002"
	d := facilities.Decide(back, &gone, surroundings())
	if d.Change.Status != "SUSPENDED" || d.Change.CustomAttributes["commercetoolsId"] != back.ID || d.Change.CustomAttributes[facilities.AttributeOfflineFrom] != "" {
		t.Errorf("%s %+v", d.Action, d.Change)
	}
	revived := people(gone, func(f *fulfillmenttools.ManagedFacility) { f.Status = "ONLINE" })
	if d := facilities.DecideGone(channelID, &revived, "demo"); d.Action != facilities.Leave {
		t.Error("a repeated deletion overruled fulfillmenttools' people")
	}
	if d := facilities.Decide(back, &revived, surroundings()); d.Change.Status != "" {
		t.Errorf("the state was set to %s", d.Change.Status)
	}
	closed := people(created(t, store(), surroundings()), func(f *fulfillmenttools.ManagedFacility) { f.Status = "OFFLINE" })
	if d := facilities.Decide(back, &closed, surroundings()); d.Change.Status != "" {
		t.Error("a facility that people set offline was set online")
	}
}

func TestWordsThatFulfillmenttoolsDoesNotKnowAreLeftOutAndTold(t *testing.T) {
	t.Parallel()
	channel := store()
	channel.Fields = map[string]any{"kind": "castle", "does": "pickup, fly", "type": "SUPPLIER"}
	surroundings := surroundings()
	d := facilities.Decide(channel, nil, surroundings)
	if d.Create.LocationType != "STORE" || len(d.Create.Services) != 1 || len(d.Notes) != 2 {
		t.Errorf("%s %v %q", d.Create.LocationType, d.Create.Services, d.Notes)
	}
	f := created(t, channel, surroundings)
	surroundings.Rules.TypeField = "type"
	if d := facilities.Decide(channel, &f, surroundings); d.Change.Type == "SUPPLIER" || !strings.Contains(strings.Join(d.Notes, " "), "cannot turn") {
		t.Errorf("%s %q", d.Change.Type, d.Notes)
	}
}

func TestASupplierGetsNothingThatSuppliersLack(t *testing.T) {
	t.Parallel()
	supplier := fulfillmenttools.ManagedFacility{ID: "S1", Version: 2, Name: "Ltd", Type: "SUPPLIER", Status: "ONLINE", TenantFacilityID: "store-7"}
	channel := store()
	channel.Address.Company = ""
	d := facilities.Decide(channel, &supplier, surroundings())
	if d.Change.Type != "SUPPLIER" || d.Change.LocationType != "" || d.Change.Services != nil || d.Change.Address["companyName"] != "Filiale Köln" {
		t.Errorf("%+v", d.Change)
	}
}
