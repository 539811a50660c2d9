package export_test

import (
	"encoding/json"

	"pgregory.net/rapid"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
)

func (d draw) variant() any {
	variant := object{"id": d.int(1, 9)}
	d.maybe(variant, "sku", d.text)
	d.maybe(variant, "key", d.text)
	d.maybe(variant, "attributes", func() any { return d.list(0, 6, d.attribute) })
	d.maybe(variant, "images", func() any {
		return []any{object{"url": d.of("https://img.example/1.png", "", "ftp://x", "javascript:alert(1)", "//img", " https://img.example/ "), "dimensions": object{"w": 1, "h": 1}}}
	})
	return variant
}

func (d draw) attribute() any {
	return object{"name": d.of("color", "size", "scannableCodes", "ean", "a-b_c"), "value": d.value(2)}
}

// value is an attribute's, of any type; a set or nested one to the given depth.
func (d draw) value(depth int) any {
	switch d.int(1, 12) {
	case 1, 2:
		return d.text()
	case 3:
		return d.localized()
	case 4:
		return object{"key": d.of("m", "", " "), "label": d.text()}
	case 5:
		return object{"key": d.of("m", ""), "label": d.localized()}
	case 6:
		return rapid.SampledFrom([]float64{0, -1, 12.5, 1e21, 1e-9, 123456789012}).Draw(d.t, "number")
	case 7:
		return d.chance(2)
	case 8:
		return d.money()
	case 9:
		return d.of("2026-03-01", "14:30:00.000", "2026-03-01T14:30:00.000Z")
	case 10:
		return d.target()
	}
	if depth == 0 {
		return object{}
	}
	if d.chance(2) {
		return d.list(0, 4, func() any { return d.value(depth - 1) })
	}
	return d.list(0, 3, func() any { return object{"name": d.of("w", "h", "unit"), "value": d.value(depth - 1)} })
}

// target is a reference, expanded or not.
func (d draw) target() any {
	reference := d.reference(d.of("category", "product", "key-value-document", "channel"))
	d.maybe(reference, "obj", func() any {
		target := object{"id": reference["id"]}
		d.maybe(target, "key", d.text)
		d.maybe(target, "name", d.localized)
		return target
	})
	return reference
}

// custom are custom fields of all types; what they hold concerns a person.
func (d draw) custom() any {
	fields := object{}
	for _, name := range []string{"pickup", "when", "season", "gift", "note"} {
		d.maybe(fields, name, func() any {
			switch d.int(1, 6) {
			case 1:
				return d.chance(2)
			case 2:
				return d.int(-5, 5)
			case 3:
				return d.channel()
			case 4:
				return d.list(0, 3, d.personal)
			case 5:
				return d.date()
			}
			return d.personal()
		})
	}
	return object{"type": d.reference("type"), "fields": fields}
}

func (d draw) details(quantity int) any {
	return object{"valid": true, "targets": d.list(0, 2, func() any {
		return object{"addressKey": d.of("home", "office", "elsewhere"), "quantity": d.int(0, quantity), "shippingMethodKey": d.of("s-0", "s-1", "s-9")}
	})}
}

// ships gives the order a shipping method, none, or several.
func (d draw) ships(order object) {
	if !d.chance(3) {
		d.maybe(order, "shippingInfo", d.shippingInfo)
		return
	}
	order["shippingMode"] = "Multiple"
	order["shipping"] = d.list(0, 3, func() any {
		return object{"shippingKey": d.of("s-0", "s-1", "s-2"), "shippingInfo": d.shippingInfo(), "shippingAddress": d.address()}
	})
}

func (d draw) shippingInfo() any {
	info := method(d.of("standard", "pickup", "unknown", ""), d.of("Bote", "Post", "", " "))
	target := part(info, "shippingMethod", "obj")
	target["createdAt"], target["lastModifiedAt"], target["taxCategory"], target["stores"] = d.date(), d.date(), d.reference("tax-category"), []any{}
	d.maybe(info, "estimatedDelivery", func() any {
		estimate := object{}
		d.maybe(estimate, "from", func() any { return d.date() })
		d.maybe(estimate, "until", func() any { return d.date() })
		return estimate
	})
	if d.chance(3) {
		delete(info, "shippingMethod")
	} else if d.chance(3) {
		delete(info["shippingMethod"].(object), "obj")
	}
	return info
}

// arbitraryShop draws a configuration that is valid, however little sense it makes.
func arbitraryShop(t *rapid.T) config.Shop {
	d := draw{t}
	shop, rules := object{}, object{}
	d.maybe(shop, "storeTagMapping", func() any { return "store" })
	d.maybe(shop, "collectChannelReferenceFieldName", func() any { return d.of("pickup", "absent") })
	d.maybe(shop, "customFieldTagMapping", func() any { return object{"season": "season", "gift": "gift", "note": "note"} })
	d.maybe(shop, "shippingMethodMapping", func() any {
		return object{
			"pickup":   object{"serviceType": "CLICK_AND_COLLECT"},
			"standard": object{"serviceType": d.of("SHIPPING", "CLICK_AND_COLLECT"), "serviceLevel": "DELIVERY", "carriers": []any{"DHL_V2"}, "carrierProductCategory": "EXPRESS"},
			"Bote":     object{"serviceType": "SHIPPING", "carriersWithProduct": []any{object{"carrierKey": "DHL_V2", "carrierServices": []any{"SIGNATURE"}}}},
		}
	})
	d.maybe(rules, "hold", func() any {
		return d.of("true", `order.paymentState != "Paid"`, "order.custom.fields.gift", "order.custom.fields.note.deeper == 1")
	})
	d.maybe(rules, "tenantOrderId", func() any {
		return d.of(`"X-" + order.orderNumber`, "order.custom.fields.note", `" "`, "order.lineItems[3].id")
	})
	d.maybe(rules, "scannableCodesAttribute", func() any { return d.of("ean", "color") })
	d.maybe(rules, "desiredDeliveryTimeField", func() any { return d.of("when", "season", "absent") })
	d.maybe(rules, "provisioningTime", func() any { return true })
	d.maybe(rules, "houseNumber", func() any { return "fromStreet" })
	d.maybe(rules, "email", func() any {
		return d.of("nil", "order.customerEmail", `"orders@example.com"`, "order.custom.fields.note")
	})
	d.maybe(rules, "discount", func() any { return d.of("perUnit", "perLine") })
	d.maybe(rules, "pricing", func() any { return true })
	d.maybe(rules, "customLineItems", func() any { return object{"keys": []any{"gift-*"}, "slugs": []any{"*"}} })
	d.maybe(rules, "tags", func() any {
		return []any{object{"id": "t", "value": d.of("order.locale", `order.totalPrice.centAmount > 0 ? "a" : ""`, "order.custom.fields.season", "string(order.custom.fields.gift)")}}
	})
	d.maybe(rules, "stickers", func() any {
		return []any{object{"key": "s", "name": object{"de_DE": "Wort"}, "when": d.of("true", "order.custom.fields.gift == true", "len(order.lineItems) > 1")}}
	})
	d.maybe(rules, "customServices", func() any {
		return []any{object{"tenantCustomServiceId": "wrap", "when": d.of("true", "line.quantity > 1", "line.custom.fields.gift")}}
	})
	d.maybe(rules, "set", d.set)
	if len(rules) > 0 {
		shop["export"] = rules
	}
	text, err := json.Marshal(shop)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := config.ParseShop(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return parsed
}

func (d draw) set() any {
	set := object{}
	for _, choice := range [][]string{
		{"customAttributes.note", "order.custom.fields.note", "order.custom.fields", "nil", `"x"`},
		{"deliveryPreferences.targetTime", "order.custom.fields.when", `"2026-09-14T08:00:00Z"`, "order.createdAt"},
		{"deliveryPreferences.shipping.carrierProductCategory", `"EXPRESS"`, "nil"},
		{"deliveryPreferences.shipping.serviceLevel", `"SAMEDAY"`, "order.custom.fields.note", `"soon"`},
		{"orderLineItems[].measurementUnitKey", "line.variant.sku", `"piece"`, "line.variant.attributes.size", "nil"},
		{"orderLineItems[].quantity", "line.quantity", "line.quantity - 1", "0"},
		{"consumer.consumerId", "order.customerId", `""`},
		{"status", `"LOCKED"`, `"OPEN"`, `"SOMEHOW"`},
		{"tags", `[{"id": "a", "value": order.locale}]`, "[]", "order.custom.fields.season"},
	} {
		if d.chance(5) {
			set[choice[0]] = d.of(choice[1:]...)
		}
	}
	return set
}

func arbitrarySurroundings(t *rapid.T) export.Surroundings {
	d := draw{t}
	return export.Surroundings{
		ProjectKey:      "shop",
		Languages:       rapid.SliceOfN(rapid.SampledFrom(locales), 0, 3).Draw(t, "languages"),
		Country:         d.of(countries...),
		StoreFacilities: rapid.SliceOfN(rapid.SampledFrom([]string{"berlin", "ulm"}), 0, 2).Draw(t, "facilities"),
		ChannelKeys:     map[string]string{"00000000-0000-4000-8000-000000000001": "ulm"},
	}
}
