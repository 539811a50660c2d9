package export_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// keyed is an address with a key, in a city.
func keyed(key, city string) object {
	a := address()
	a["key"], a["city"] = key, city
	return a
}

func piecesTo(key string, quantity int) object {
	return object{"addressKey": key, "quantity": quantity}
}

// targeted is an order with two item addresses and a line for each list of targets.
func targeted(lines ...[]any) func(object) {
	return func(o object) {
		o["itemShippingAddresses"] = []any{keyed("home", "Bonn"), keyed("work", "Essen")}
		var items []any
		for _, targets := range lines {
			line := lineItem()
			if targets != nil {
				line["shippingDetails"] = object{"valid": true, "targets": targets}
			}
			items = append(items, line)
		}
		o["lineItems"] = items
	}
}

func TestUpstreamDefect17ItemShippingAddressesAreFollowed(t *testing.T) {
	t.Parallel()
	home, work := []any{piecesTo("home", 2)}, []any{piecesTo("work", 2)}
	for name, test := range map[string]struct {
		change func(object)
		city   string
		lines  []string // the address keys that each line's custom attribute names
		notes  []string
	}{
		"all lines go to one address":              {targeted(home, home), "Bonn", []string{"", ""}, nil},
		"one line says nothing":                    {targeted(home, nil), "Köln", []string{"home", ""}, []string{"line 1: goes to another address"}},
		"lines go to different addresses":          {targeted(home, work), "Köln", []string{"home", "work"}, []string{"line 1: goes", "line 2: goes"}},
		"one line is divided":                      {targeted([]any{piecesTo("home", 1), piecesTo("work", 1)}), "Köln", []string{"home,work"}, []string{"line 1: goes"}},
		"an address that nobody knows":             {targeted([]any{piecesTo("gone", 2)}), "Köln", []string{"gone"}, []string{"line 1: goes"}},
		"no lines with details, so the order's":    {targeted(nil, nil), "Köln", []string{"", ""}, nil},
		"the order's own address under its key":    {func(o object) { targeted(home, nil)(o); o["shippingAddress"] = keyed("home", "Ulm") }, "Ulm", []string{"", ""}, nil},
		"without one that of the most pieces":      {func(o object) { targeted(home, []any{piecesTo("work", 3)})(o); delete(o, "shippingAddress") }, "Essen", []string{"home", ""}, []string{"the one that the most pieces go to", "line 1: goes"}},
		"of equally many pieces the first address": {func(o object) { targeted(work, home)(o); delete(o, "shippingAddress") }, "Bonn", []string{"work", ""}, []string{"the most pieces", "line 1: goes"}},
	} {
		mapped, notes := changed(test.change).must(t)
		noted(t, notes, test.notes...)
		same(t, name, test.city, mapped.Consumer.Addresses[0].City)
		var lines []string
		for _, line := range mapped.OrderLineItems {
			lines = append(lines, strings.Join(addressKeys(t, line.CustomAttributes["commercetoolsShipTo"]), ","))
		}
		same(t, name, test.lines, lines)
	}
}

// shippedThere is the custom attribute as a reader of the JSON sees it.
func shippedThere(t *testing.T, attribute any) []object {
	t.Helper()
	text, err := json.Marshal(attribute)
	if err != nil {
		t.Fatal(err)
	}
	var list []object
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func addressKeys(t *testing.T, attribute any) []string {
	t.Helper()
	var keys []string
	for _, entry := range shippedThere(t, attribute) {
		keys = append(keys, entry["addressKey"].(string))
	}
	return keys
}

func TestALineThatGoesElsewhereCarriesTheAddress(t *testing.T) {
	t.Parallel()
	mapped, _ := changed(targeted([]any{piecesTo("home", 1), piecesTo("work", 1)}, nil)).must(t)
	entry := shippedThere(t, mapped.OrderLineItems[0].CustomAttributes["commercetoolsShipTo"])[1]
	same(t, "city", any("Essen"), part(entry, "address")["city"])
	same(t, "quantity", any(1.0), entry["quantity"])
}

func TestTooManyAddressesForALineKeepTheirKeys(t *testing.T) {
	t.Parallel()
	mapped, notes := changed(func(o object) {
		var targets, addresses []any
		for range 100 {
			targets, addresses = append(targets, piecesTo("home", 1)), append(addresses, keyed("home", "Bonn"))
		}
		targeted(targets, nil)(o)
		o["itemShippingAddresses"] = addresses
	}).must(t)
	noted(t, notes, "line 1: goes to another address", "line 1: too many addresses")
	list := shippedThere(t, mapped.OrderLineItems[0].CustomAttributes["commercetoolsShipTo"])
	if list[0]["address"] != nil || len(list) != 100 {
		t.Errorf("%d entries, the first is %v", len(list), list[0])
	}
}

func TestWithSeveralShippingMethodsALineNamesItsOwn(t *testing.T) {
	t.Parallel()
	mapped, notes := changed(func(o object) {
		targeted([]any{object{"addressKey": "home", "quantity": 2, "shippingMethodKey": "s1"}}, []any{object{"addressKey": "home", "quantity": 2, "shippingMethodKey": "s2"}})(o)
		delete(o, "shippingInfo")
		o["shipping"] = []any{
			object{"shippingKey": "s1", "shippingInfo": method("standard", "DHL"), "shippingAddress": keyed("home", "Bonn")},
			object{"shippingKey": "s2", "shippingInfo": method("standard", "DHL"), "shippingAddress": keyed("home", "Bonn")},
		}
	}).must(t)
	noted(t, notes, "line 2: goes to another address or by another method")
	same(t, "line 1", nil, mapped.OrderLineItems[0].CustomAttributes["commercetoolsShipTo"])
	same(t, "line 2", any("s2"), shippedThere(t, mapped.OrderLineItems[1].CustomAttributes["commercetoolsShipTo"])[0]["shippingMethodKey"])
}

func TestMethodsThatAreDeliveredAlikeNeedNoNote(t *testing.T) {
	t.Parallel()
	two := func(second object) mapping {
		return changed(func(o object) {
			delete(o, "shippingInfo")
			o["shipping"] = []any{
				object{"shippingKey": "s1", "shippingInfo": method("standard", "DHL"), "shippingAddress": address()},
				object{"shippingKey": "s2", "shippingInfo": second, "shippingAddress": address()},
			}
		})
	}
	_, notes := two(method("standard", "DHL")).must(t)
	noted(t, notes)
	_, notes = two(method("unlisted", "Bike")).must(t)
	noted(t, notes, "2 shipping methods, the first one decides")
}

func TestInMultipleModeAnAddressThatIsNotCarriedIsNoted(t *testing.T) {
	t.Parallel()
	multiple := func(first, second object, targets ...[]any) func(object) {
		return func(o object) {
			targeted(targets...)(o)
			delete(o, "itemShippingAddresses")
			delete(o, "shippingAddress")
			delete(o, "shippingInfo")
			o["shippingMode"] = "Multiple"
			o["shipping"] = []any{
				object{"shippingKey": "s1", "shippingInfo": method("standard", "DHL"), "shippingAddress": first},
				object{"shippingKey": "s2", "shippingInfo": method("standard", "DHL"), "shippingAddress": second},
			}
		}
	}
	const uncarried = "shipping address: the order has 1 more that no line names"
	stored := func(o object) {
		multiple(keyed("home", "Bonn"), keyed("home", "Bonn"), nil)(o)
		o["itemShippingAddresses"] = []any{keyed("home", "Bonn"), keyed("work", "Essen")}
	}
	for name, test := range map[string]struct {
		change func(object)
		notes  []string
	}{
		"no line names any":                  {multiple(keyed("home", "Bonn"), keyed("work", "Essen"), nil), []string{uncarried}},
		"the same under two keys":            {multiple(keyed("home", "Bonn"), keyed("bonn", "Bonn"), nil), nil},
		"addresses for lines, named by none": {stored, []string{uncarried}},
		"a line names it": {func(o object) {
			multiple(keyed("home", "Bonn"), keyed("work", "Essen"), []any{piecesTo("home", 1), piecesTo("work", 1)})(o)
			o["itemShippingAddresses"] = []any{keyed("home", "Bonn"), keyed("work", "Essen")}
		}, []string{"line 1: goes to another address"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, notes := changed(test.change).must(t)
			noted(t, notes, test.notes...)
		})
	}
}
