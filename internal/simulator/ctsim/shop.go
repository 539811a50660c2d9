package ctsim

import "maps"

func channelKind() *kind {
	actions := map[string]action{
		"changeKey":         rename("key"),
		"changeName":        assign("name", "name", "name"),
		"changeDescription": assign("description", "description", "description"),
		"setAddress":        assign("address", "address"),
		"setGeoLocation":    assign("geoLocation", "geoLocation"),
		"setRoles":          assign("roles", "roles", "roles"),
		"addRoles":          {[]string{"roles"}, addRoles},
		"removeRoles":       {[]string{"roles"}, removeRoles},
	}
	maps.Copy(actions, customActions())
	return &kind{
		typeID: "channel", path: "channels", title: "Channel", keyField: "key",
		fields: []string{"roles", "name", "description", "address", "geoLocation", "reviewRatingStatistics"},
		reads:  []string{"view_channels", "manage_channels", "view_products", "manage_products"},
		writes: []string{"manage_channels", "manage_products"}, actions: actions,
		complete: func(p *Platform, draft map[string]any) *apiError {
			if err := require(draft, "key"); err != nil {
				return err
			}
			if err := checkKey(draft); err != nil {
				return err
			}
			fillDefaults(draft, map[string]any{"roles": []any{"InventorySupply"}})
			return p.completeParts(draft, "channel")
		},
	}
}

func addRoles(t *turn, a map[string]any) *apiError {
	roles := textsIn(t.peekValue("roles"))
	var all []any
	for _, role := range append(roles, textsIn(a["roles"])...) {
		if !contains(all, []literal{{value: role}}, true) {
			all = append(all, role)
		}
	}
	t.set("roles", all)
	return nil
}

func removeRoles(t *turn, a map[string]any) *apiError {
	left := []any{}
	for _, role := range textsIn(t.peekValue("roles")) {
		removed, _ := a["roles"].([]any)
		if !contains(removed, []literal{{value: role}}, true) {
			left = append(left, role)
		}
	}
	t.set("roles", left)
	return nil
}

func storeKind() *kind {
	return &kind{
		typeID: "store", path: "stores", title: "Store", keyField: "key",
		fields: []string{"name", "languages", "countries", "distributionChannels", "supplyChannels", "productSelections", "storefront"},
		reads:  []string{"view_stores", "manage_stores"}, writes: []string{"manage_stores"},
		actions: map[string]action{
			"setName":                 assign("name", "name"),
			"setLanguages":            assign("languages", "languages"),
			"setCountries":            assign("countries", "countries"),
			"setSupplyChannels":       {nil, setChannels("supplyChannels")},
			"setDistributionChannels": {nil, setChannels("distributionChannels")},
		},
		complete: func(p *Platform, draft map[string]any) *apiError {
			if err := require(draft, "key"); err != nil {
				return err
			}
			fillDefaults(draft, map[string]any{
				"languages": []any{}, "countries": []any{}, "productSelections": []any{},
				"distributionChannels": []any{}, "supplyChannels": []any{},
			})
			for _, name := range []string{"supplyChannels", "distributionChannels"} {
				draft[name] = channelReferences(draft[name])
			}
			return p.completeParts(draft, "store")
		},
	}
}

// channelReferences lets a draft name channels by their keys alone.
func channelReferences(value any) []any {
	list, _ := value.([]any)
	references := []any{}
	for _, entry := range list {
		if key, ok := entry.(string); ok {
			entry = map[string]any{"typeId": "channel", "key": key}
		}
		references = append(references, entry)
	}
	return references
}

func setChannels(name string) func(*turn, map[string]any) *apiError {
	return func(t *turn, a map[string]any) *apiError {
		channels := channelReferences(a[name])
		if err := t.p.resolveReferences(channels); err != nil {
			return err
		}
		t.set(name, channels)
		return nil
	}
}

func shippingMethodKind() *kind {
	return &kind{
		typeID: "shipping-method", path: "shipping-methods", title: "ShippingMethod", keyField: "key",
		fields: []string{
			"name", "localizedName", "description", "localizedDescription", "taxCategory", "zoneRates",
			"active", "isDefault", "predicate", "stores", "carrier",
		},
		reads:  []string{"view_shipping_methods", "manage_shipping_methods", "view_orders", "manage_orders"},
		writes: []string{"manage_shipping_methods", "manage_orders"},
		actions: map[string]action{
			"setKey":         rename("key"),
			"changeName":     assign("name", "name", "name"),
			"setDescription": assign("description", "description"),
			"changeActive":   assign("active", "active", "active"),
		},
		complete: func(p *Platform, draft map[string]any) *apiError {
			if draft["name"] == nil {
				draft["name"] = draft["key"]
			}
			if err := require(draft, "name"); err != nil {
				return err
			}
			fillDefaults(draft, map[string]any{
				"taxCategory": map[string]any{"typeId": "tax-category", "id": p.ids.next()},
				"zoneRates":   []any{}, "active": true, "isDefault": false, "stores": []any{},
			})
			return p.completeParts(draft, "shipping-method")
		},
	}
}

func stateKind() *kind {
	return &kind{
		typeID: "state", path: "states", title: "State", keyField: "key",
		fields: []string{"type", "name", "description", "initial", "builtIn", "roles", "transitions"},
		reads:  []string{"view_states", "manage_states", "view_orders", "manage_orders"}, writes: []string{"manage_states"},
		actions: map[string]action{
			"changeKey":      rename("key"),
			"setName":        assign("name", "name"),
			"setDescription": assign("description", "description"),
			"setTransitions": {nil, func(t *turn, a map[string]any) *apiError {
				if err := t.p.resolveReferences(a["transitions"]); err != nil {
					return err
				}
				t.set("transitions", a["transitions"])
				return nil
			}},
		},
		complete: func(p *Platform, draft map[string]any) *apiError {
			if err := require(draft, "key", "type"); err != nil {
				return err
			}
			fillDefaults(draft, map[string]any{"initial": true, "builtIn": false, "roles": []any{}})
			return p.completeParts(draft, "state")
		},
	}
}

// customerGroupKind is of groups whose draft calls the name groupName.
func customerGroupKind() *kind {
	actions := map[string]action{"setKey": rename("key"), "changeName": assign("name", "name", "name")}
	maps.Copy(actions, customActions())
	return &kind{
		typeID: "customer-group", path: "customer-groups", title: "CustomerGroup", keyField: "key", fields: []string{"name"},
		reads:  []string{"view_customers", "view_customer_groups", "manage_customers", "manage_customer_groups"},
		writes: []string{"manage_customers", "manage_customer_groups"}, actions: actions,
		complete: func(p *Platform, draft map[string]any) *apiError {
			if name := draft["groupName"]; name != nil {
				draft["name"] = name
				delete(draft, "groupName")
			}
			if err := require(draft, "name"); err != nil {
				return err
			}
			return p.completeParts(draft, "customer-group")
		},
	}
}

// completeParts does what every draft needs: money and references in full, custom
// fields checked.
func (p *Platform) completeParts(draft map[string]any, resourceType string) *apiError {
	completeMoney(draft)
	if custom, ok := draft["custom"].(map[string]any); ok {
		stored, err := p.customFields(resourceType, custom)
		if err != nil {
			return err
		}
		draft["custom"] = stored
	}
	return p.resolveReferences(draft)
}

// resolveReferences turns references by key into references by id, wherever they
// are, except to stores, which are always referred to by key.
func (p *Platform) resolveReferences(value any) *apiError {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			if err := p.resolveReferences(entry); err != nil {
				return err
			}
		}
	case map[string]any:
		typeID, _ := v["typeId"].(string)
		if typeID != "" && typeID != "store" && v["id"] == nil && v["key"] != nil && p.collectionOf(typeID) != nil {
			r, err := p.resolve(typeID, v)
			if err != nil {
				return err
			}
			delete(v, "key")
			v["id"] = r.id
		}
		for _, entry := range v {
			if err := p.resolveReferences(entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// completeMoney adds the type and the fraction digits to every amount of money that
// lacks them.
func completeMoney(value any) {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			completeMoney(entry)
		}
	case map[string]any:
		if currency, ok := v["currencyCode"].(string); ok && v["centAmount"] != nil {
			fillDefaults(v, map[string]any{"type": "centPrecision", "fractionDigits": fractionDigits(currency)})
		}
		for _, entry := range v {
			completeMoney(entry)
		}
	}
}

func fractionDigits(currency string) float64 {
	switch currency {
	case "JPY", "KRW", "CLP", "ISK", "VND":
		return 0
	case "KWD", "BHD", "TND", "JOD", "OMR":
		return 3
	}
	return 2
}
