package export_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/testform"
)

// market is an invented shop as the mapping knows it.
type market struct {
	orders   *catalogue.Orders
	shop     catalogue.Shop
	settings config.Shop
}

func newMarket(shop catalogue.Shop) (market, error) {
	text, err := json.Marshal(shop.Configuration)
	if err != nil {
		return market{}, err
	}
	settings, err := config.ParseShop(text)
	settings.StoreTag = "store"
	settings.FieldTags = map[string]string{"loyaltyTier": "tier", "newsletter": "newsletter"}
	return market{orders: catalogue.NewOrders(shop, 5), shop: shop, settings: settings}, err
}

var markets = sync.OnceValues(func() ([]market, error) {
	byKey, err := newMarket(catalogue.NewShop())
	byReference, err2 := newMarket(catalogue.NewReferenceShop())
	return []market{byKey, byReference}, errors.Join(err, err2)
})

func find(drafts []map[string]any, field string, value any) map[string]any {
	for _, draft := range drafts {
		if draft[field] == value {
			return draft
		}
	}
	return nil
}

// read is the order with this index as commercetools gives it: with the references
// expanded that the connector asks for. Nothing of it is shared.
func (m market) read(n int) (object, catalogue.Placed, error) {
	placed := m.orders.At(n)
	order, err := copied(placed.Draft)
	if err != nil {
		return nil, placed, err
	}
	order["id"], order["version"] = orderID, 1
	order["createdAt"], order["lastModifiedAt"] = "2026-03-01T09:14:58.000Z", "2026-03-01T09:15:00.000Z"
	expand := func(node any, field string, from []map[string]any) {
		holder, _ := node.(object)
		if reference, ok := holder[field].(object); ok {
			if target := find(from, "id", reference["id"]); target != nil {
				reference["obj"] = target
			}
		}
	}
	expand(order["shippingInfo"], "shippingMethod", m.shop.ShippingMethods)
	for _, line := range order["lineItems"].([]any) {
		expand(line, "supplyChannel", m.shop.Channels)
	}
	order, err = copied(order)
	return order, placed, err
}

func copied(order object) (object, error) {
	text, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	var whole object
	err = json.Unmarshal(text, &whole)
	return whole, err
}

// around is what the connector would know beside the order.
func (m market) surroundings(order commercetools.Order) export.Surroundings {
	known := export.Surroundings{ProjectKey: "shop", Languages: m.shop.Languages, Country: m.shop.Countries[0], ChannelKeys: map[string]string{}}
	for _, channel := range m.shop.Channels {
		known.ChannelKeys[channel["id"].(string)] = channel["key"].(string)
	}
	if order.Store == nil {
		return known
	}
	if store := find(m.shop.Stores, "key", order.Store.Key); store != nil {
		for _, reference := range store["supplyChannels"].([]any) {
			known.StoreFacilities = append(known.StoreFacilities, known.ChannelKeys[reference.(object)["id"].(string)])
		}
	}
	return known
}

// schema is nil where the vendors' files are absent, and under the race detector.
var schema = sync.OnceValues(func() (*contract.Validator, error) {
	if testform.Race {
		return nil, nil
	}
	validator, err := contract.Shared()
	if errors.Is(err, contract.ErrAbsent) {
		return nil, nil
	}
	return validator, err
})

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// breaches lists where an order breaks fulfillmenttools' rules.
func breaches(order fulfillmenttools.OrderForCreation) []string {
	found := flaws(order)
	validator, err := schema()
	if err != nil {
		return append(found, err.Error())
	}
	if validator != nil {
		text, err := json.Marshal(order)
		if err == nil {
			err = validator.Schema(contract.Fulfillmenttools, "OrderForCreation", text)
		}
		if err != nil {
			found = append(found, err.Error())
		}
	}
	return found
}

// flaws are the breaches that can be told without fulfillmenttools' schema.
func flaws(order fulfillmenttools.OrderForCreation) []string {
	text, err := json.Marshal(order)
	if err != nil {
		return []string{err.Error()}
	}
	var body object
	if err := json.Unmarshal(text, &body); err != nil {
		return []string{err.Error()}
	}
	found := hollow("", body)
	if n := len(order.OrderLineItems); n < 1 || n > 500 {
		found = append(found, fmt.Sprintf("%d lines", n))
	}
	for _, a := range order.Consumer.Addresses {
		if a.Street == "" || a.City == "" || a.PostalCode == "" || !country.MatchString(a.Country) || strings.Contains(a.Street+a.City+a.PostalCode, "\n") {
			found = append(found, "address")
		}
	}
	for _, line := range order.OrderLineItems {
		if line.Quantity < 1 || line.Article.TenantArticleID == "" || line.Article.Title == "" || len(line.Article.Attributes) > 500 || len(line.ScannableCodes) > 500 {
			found = append(found, "line")
		}
	}
	if d := order.DeliveryPreferences; (d.Shipping == nil) == (len(d.Collect) != 1) {
		found = append(found, "neither shipped nor collected, or both")
	}
	return found
}

// hollow lists the empty texts, empty lists and nulls; custom attributes are free.
func hollow(at string, node any) []string {
	var found []string
	switch node := node.(type) {
	case object:
		for key, child := range node {
			if key != "customAttributes" {
				found = append(found, hollow(at+"/"+key, child)...)
			}
		}
	case []any:
		if len(node) == 0 && !strings.HasSuffix(at, "/customServiceItems") {
			return []string{at + " is an empty list"}
		}
		for _, child := range node {
			found = append(found, hollow(at, child)...)
		}
	case string:
		if strings.TrimSpace(node) == "" {
			return []string{at + " is empty"}
		}
	case nil:
		return []string{at + " is null"}
	}
	return found
}

func TestEveryOrderOfTheCatalogueIsMappedAsItsFateSays(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	all, err := markets()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		for n := range 180 {
			draft, placed, err := m.read(n)
			if err != nil {
				t.Fatal(err)
			}
			order := decoded(t, draft)
			mapped, _, err := export.Map(order, m.settings, m.surroundings(order))
			if (err != nil) != (placed.Fate == catalogue.FateUnmappable) {
				t.Errorf("order %d of fate %s: %v", n, placed.Fate, err)
			}
			if err != nil {
				continue
			}
			if found := breaches(mapped); len(found) > 0 {
				t.Errorf("order %d %v: %v", n, placed.Traits, found)
			}
			if collects := len(mapped.DeliveryPreferences.Collect) == 1; collects != (placed.Fate == catalogue.FateCollected) && placed.Fate != catalogue.FateCancelled {
				t.Errorf("order %d of fate %s: %+v", n, placed.Fate, mapped.DeliveryPreferences)
			}
			if got := len(mapped.OrderLineItems); got != len(order.LineItems) {
				t.Errorf("order %d: %d lines of %d", n, got, len(order.LineItems))
			}
		}
	}
}

// place is where something stands in an order.
type place struct {
	holder any // object or list
	key    any // string or position
}

// places lists every place in an order, in the same order every time.
func places(node any) []place {
	var found []place
	switch node := node.(type) {
	case object:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			found = append(append(found, place{node, key}), places(node[key])...)
		}
	case []any:
		for i, child := range node {
			found = append(append(found, place{node, i}), places(child)...)
		}
	}
	return found
}

// spoil drops what stands there, blanks it, or puts something odd of its kind there.
func (p place) spoil(how string) {
	if holder, ok := p.holder.(object); ok {
		key := p.key.(string)
		if how == "drop" {
			delete(holder, key)
			return
		}
		holder[key] = spoilt(holder[key], how)
		return
	}
	list := p.holder.([]any)
	list[p.key.(int)] = spoilt(list[p.key.(int)], how)
}

func spoilt(value any, how string) any {
	switch value.(type) {
	case string:
		return map[string]string{"odd": "  Zeile\neins  ", "long": strings.Repeat("ü", 300)}[how]
	case float64:
		return map[string]float64{"odd": -3}[how]
	case bool:
		return how == "odd"
	case object:
		return object{}
	case []any:
		return []any{}
	}
	return nil
}

// personal are the texts of the order that concern a person.
func personal(order object) []string {
	var texts []string
	for _, name := range []string{"shippingAddress", "billingAddress"} {
		parts, _ := order[name].(object)
		for _, field := range []string{"firstName", "lastName", "streetName", "postalCode", "email", "mobile", "phone", "company"} {
			texts = append(texts, text(parts[field]))
		}
	}
	texts = append(texts, text(order["customerEmail"]))
	return slices.DeleteFunc(texts, func(text string) bool { return len(text) < 4 })
}

func text(value any) string {
	s, _ := value.(string)
	return strings.TrimSpace(s)
}

func TestAnyOrderIsMappedOrReported(t *testing.T) {
	t.Parallel()
	all, err := markets()
	if err != nil {
		t.Fatal(err)
	}
	mappable, unmappable := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := all[rapid.IntRange(0, 1).Draw(t, "shop")]
		draft, _, err := m.read(rapid.IntRange(0, 400).Draw(t, "index"))
		if err != nil {
			t.Fatal(err)
		}
		secrets := personal(draft)
		for range rapid.IntRange(0, 6).Draw(t, "spoilt places") {
			all := places(draft)
			all[rapid.IntRange(0, len(all)-1).Draw(t, "place")].spoil(rapid.SampledFrom([]string{"drop", "blank", "odd", "long"}).Draw(t, "how"))
		}
		body, err := json.Marshal(draft)
		if err != nil {
			t.Fatal(err)
		}
		order, err := commercetools.DecodeOrder(body)
		if err != nil {
			t.Skip("not an order that commercetools could give")
		}
		surroundings := m.surroundings(order)
		mapped, notes, err := export.Map(order, m.settings, surroundings)
		again, notesAgain, errAgain := export.Map(order, m.settings, surroundings)
		if diff := cmp.Diff(mapped, again) + cmp.Diff(notes, notesAgain); diff != "" || fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Fatalf("mapped twice it differs: %v, %v\n%s", err, errAgain, diff)
		}
		said := strings.Join(notes, "; ")
		var refused *export.Unmappable
		switch {
		case errors.As(err, &refused):
			unmappable++
			said += refused.Error()
			if len(refused.Problems) == 0 || slices.Contains(refused.Problems, "") || refused.Hint() == "" {
				t.Fatalf("problems are %q", refused.Problems)
			}
		case err != nil:
			t.Fatal(err)
		default:
			mappable++
			if found := breaches(mapped); len(found) > 0 {
				t.Fatalf("%v in %+v", found, mapped)
			}
		}
		for _, secret := range secrets {
			if strings.Contains(said, secret) {
				t.Fatalf("%q shows %q", said, secret)
			}
		}
	})
	if mappable == 0 && unmappable >= 100 {
		t.Errorf("none of %d orders was mapped: that shows little", unmappable)
	}
}
