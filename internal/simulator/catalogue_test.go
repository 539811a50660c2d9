package simulator_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/simulator/ctsim"
)

func draw(seed uint64, n int) []catalogue.Placed {
	orders := catalogue.NewOrders(catalogue.NewShop(), seed)
	all := make([]catalogue.Placed, n)
	for i := range all {
		all[i] = orders.Next()
	}
	return all
}

func TestTheSameSeedDrawsTheSameOrders(t *testing.T) {
	t.Parallel()
	first, second, other := draw(3, 120), draw(3, 120), draw(4, 120)
	for i := range first {
		if !reflect.DeepEqual(first[i], second[i]) {
			t.Errorf("order %d of one seed differs (-first +second):\n%s", i, cmp.Diff(first[i], second[i]))
		}
		if reflect.DeepEqual(first[i], other[i]) {
			t.Errorf("order %d is the same for two seeds", i)
		}
	}
	orders := catalogue.NewOrders(catalogue.NewShop(), 3)
	if diff := cmp.Diff(first[77], orders.At(77)); diff != "" {
		t.Errorf("order 77 drawn on its own differs (-first +second):\n%s", diff)
	}
}

func TestSixtyOrdersShowEveryTrait(t *testing.T) {
	t.Parallel()
	for name, shop := range shops() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			showsEveryTrait(t, catalogue.NewOrders(shop, 1))
		})
	}
}

func shops() map[string]catalogue.Shop {
	return map[string]catalogue.Shop{"keys": catalogue.NewShop(), "references": catalogue.NewReferenceShop()}
}

func showsEveryTrait(t *testing.T, orders *catalogue.Orders) {
	t.Helper()
	declared := orders.Traits()
	seen := map[string]bool{}
	for range 60 {
		placed := orders.Next()
		for _, name := range placed.Traits {
			seen[name] = true
			if !slices.Contains(declared, name) {
				t.Errorf("trait %q is not declared", name)
			}
		}
	}
	for _, name := range declared {
		if !seen[name] {
			t.Errorf("no order is %q", name)
		}
	}
}

func TestOneOfSixtyIsCancelledAndOneCannotBeMapped(t *testing.T) {
	t.Parallel()
	for i, placed := range draw(1, 300) {
		want := map[int]catalogue.Fate{7: catalogue.FateCancelled, 13: catalogue.FateUnmappable}[i%60]
		isSpecial := placed.Fate == catalogue.FateCancelled || placed.Fate == catalogue.FateUnmappable
		if want != "" && placed.Fate != want || want == "" && isSpecial {
			t.Errorf("order %d has fate %s, want %q", i, placed.Fate, want)
		}
		if placed.Cancel != (placed.Fate == catalogue.FateCancelled) {
			t.Errorf("order %d of fate %s: cancel is %v", i, placed.Fate, placed.Cancel)
		}
	}
}

func TestOrdersArePlacedInAKnownWay(t *testing.T) {
	t.Parallel()
	numbers := map[string]int{}
	for i, placed := range draw(1, 300) {
		state := map[string]string{"confirm": "Open", "confirmed": "Confirmed"}[placed.AfterPlacing]
		if placed.Draft["orderState"] != state {
			t.Errorf("order %d is %v, want %q to be able to %s it", i, placed.Draft["orderState"], state, placed.AfterPlacing)
		}
		if !slices.Contains([]string{"created", "imported", "recurring"}, placed.Entry) {
			t.Errorf("order %d comes by %q", i, placed.Entry)
		}
		number, has := placed.Draft["orderNumber"].(string)
		if has && placed.NumberLater != "" {
			t.Errorf("order %d has number %s and gets number %s", i, number, placed.NumberLater)
		}
		if name := number + placed.NumberLater; name != "" {
			if other, taken := numbers[name]; taken {
				t.Errorf("orders %d and %d have number %s", other, i, name)
			}
			numbers[name] = i
		}
	}
}

func TestCollectedOrdersNameOnePlace(t *testing.T) {
	t.Parallel()
	for i, placed := range draw(1, 600) {
		places := placesOf(decode(t, placed.Draft))
		want := map[catalogue.Fate]int{catalogue.FateCollected: 1, catalogue.FateUnmappable: 2}[placed.Fate]
		if want > 0 && len(places) != want {
			t.Errorf("order %d of fate %s names %v", i, placed.Fate, places)
		}
	}
}

// placesOf lists what could tell where an order is collected: the field, else the
// lines' channels.
func placesOf(o order) []string {
	if place, ok := o.Custom.Fields[catalogue.PickupField]; ok {
		return []string{string(place)}
	}
	var all []string
	for _, line := range o.LineItems {
		if id := line.SupplyChannel.ID; id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

type money struct {
	Cents int `json:"centAmount"`
}

type order struct {
	Custom struct {
		Fields map[string]json.RawMessage
	}
	LineItems, CustomLineItems []struct {
		ID            string
		Quantity      int
		TotalPrice    money
		TaxedPrice    struct{ TotalNet, TotalGross, TotalTax money }
		SupplyChannel struct{ ID string }
		PerQuantity   []struct{ Quantity int } `json:"discountedPricePerQuantity"`
	}
	ShippingInfo struct {
		Price      money
		TaxedPrice struct{ TotalNet money }
	}
	TotalPrice money
	TaxedPrice struct{ TotalNet, TotalGross, TotalTax money }
}

func decode(t *testing.T, draft map[string]any) order {
	t.Helper()
	var o order
	text, err := json.Marshal(draft)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAmountsAddUp(t *testing.T) {
	t.Parallel()
	for i, placed := range draw(1, 300) {
		o := decode(t, placed.Draft)
		gross, net := o.ShippingInfo.Price.Cents, o.ShippingInfo.TaxedPrice.TotalNet.Cents
		ids := map[string]bool{}
		for _, line := range slices.Concat(o.LineItems, o.CustomLineItems) {
			gross += line.TotalPrice.Cents
			net += line.TaxedPrice.TotalNet.Cents
			ids[line.ID] = true
			pieces := 0
			for _, portion := range line.PerQuantity {
				pieces += portion.Quantity
			}
			if pieces > 0 && pieces != line.Quantity {
				t.Errorf("order %d: discounts cover %d of %d pieces", i, pieces, line.Quantity)
			}
		}
		if gross != o.TotalPrice.Cents || gross != o.TaxedPrice.TotalGross.Cents {
			t.Errorf("order %d: lines and shipping are %d, total is %d", i, gross, o.TotalPrice.Cents)
		}
		if net != o.TaxedPrice.TotalNet.Cents || gross-net != o.TaxedPrice.TotalTax.Cents {
			t.Errorf("order %d: net sum is %d, net total %d", i, net, o.TaxedPrice.TotalNet.Cents)
		}
		if len(ids) != len(o.LineItems)+len(o.CustomLineItems) {
			t.Errorf("order %d: line ids repeat", i)
		}
	}
}

func TestDraftsFitTheVendorsSchemas(t *testing.T) {
	t.Parallel()
	v := shared(t)
	check := func(schema string, draft map[string]any) {
		t.Helper()
		text, err := json.Marshal(completed(draft))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Schema(contract.Commercetools, schema, text); err != nil {
			t.Errorf("%s %v: %v", schema, draft["key"], err)
		}
	}
	for _, shop := range shops() {
		for schema, drafts := range map[string][]map[string]any{
			"Channel": shop.Channels, "Store": shop.Stores, "ShippingMethod": shop.ShippingMethods,
			"Type": shop.Types, "State": shop.States,
		} {
			for _, draft := range drafts {
				check(schema, draft)
			}
		}
		orders := catalogue.NewOrders(shop, 2)
		for range 200 {
			check("Order", orders.Next().Draft)
		}
	}
}

// completed adds what the platform fills in.
func completed(draft map[string]any) map[string]any {
	whole := map[string]any{
		"id": "0", "version": 1,
		"createdAt": "2026-11-02T08:00:00.000Z", "lastModifiedAt": "2026-11-02T08:00:00.000Z",
	}
	for name, value := range draft {
		whole[name] = value
	}
	return whole
}

func TestTheSimulatedPlatformTakesEveryOrder(t *testing.T) {
	t.Parallel()
	for name, shop := range shops() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := ctsim.New(ctsim.Options{Seed: 1})
			defer platform.Close()
			furnish(platform, shop)
			orders := catalogue.NewOrders(shop, 1)
			for i := range 120 {
				placed := orders.Next()
				id := map[string]func(map[string]any) string{
					"created": platform.PlaceOrder, "imported": platform.ImportOrder, "recurring": platform.PlaceRecurringOrder,
				}[placed.Entry](placed.Draft)
				if _, ok := platform.Order(id); !ok {
					t.Errorf("order %d is not there", i)
				}
			}
		})
	}
}

func furnish(platform *ctsim.Platform, shop catalogue.Shop) {
	for _, draft := range shop.States {
		platform.PutState(draft)
	}
	for _, draft := range shop.Channels {
		platform.PutChannel(draft)
	}
	for _, draft := range shop.Stores {
		platform.PutStore(draft)
	}
	for _, draft := range shop.ShippingMethods {
		platform.PutShippingMethod(draft)
	}
	for _, draft := range shop.Types {
		platform.PutType(draft)
	}
}

func BenchmarkNext(b *testing.B) {
	orders := catalogue.NewOrders(catalogue.NewShop(), 1)
	for b.Loop() {
		orders.Next()
	}
}
