package catalogue

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
)

// Fate is what becomes of an order when everything works.
type Fate string

const (
	FateShipped    Fate = "shipped"    // reaches shipment state Shipped
	FateCollected  Fate = "collected"  // click and collect; reaches Shipped too
	FateCancelled  Fate = "cancelled"  // cancelled right after confirmation
	FateUnmappable Fate = "unmappable" // commercetools has it, but nothing tells fulfillmenttools where it goes
)

// Placed is an order and how it is placed.
type Placed struct {
	Draft  map[string]any // an order without id, version and dates
	Fate   Fate
	Traits []string // names out of Traits
	// AfterPlacing is "confirm" when the order is placed Open and confirmed
	// afterwards, "confirmed" when it is placed as Confirmed.
	AfterPlacing string
	Cancel       bool   // to be cancelled after confirmation
	NumberLater  string // order number that is set after confirmation; empty: none
	Entry        string // how it comes into being: "created", "imported" or "recurring"
}

// Every so many orders one is cancelled and one cannot be mapped.
const (
	cycle        = 60
	cancelledAt  = 7
	unmappableAt = 13
)

// Orders draws a shop's orders. It is safe for concurrent use.
type Orders struct {
	seed     uint64
	shop     shopIndex
	products []product
	regions  map[string]region
	traits   []trait
	groups   map[string][]trait
	walk     [][]string
	next     atomic.Int64
}

// shopIndex finds the ids of a shop's fixtures.
type shopIndex struct {
	channels []channel         // by position
	methods  map[string]method // by key
	ids      map[string]string // by kind and key
	rates    map[string]map[string]any

	pickupByReference bool
}

type channel struct{ id, key string }

// NewOrders draws orders of shop; equal seeds draw equal orders.
func NewOrders(shop Shop, seed uint64) *Orders {
	o := &Orders{
		seed: seed, shop: newIndex(shop), products: products(), regions: regionsByCountry(),
		traits: traits(), groups: map[string][]trait{}, walk: traitCombinations(),
	}
	for _, t := range o.traits {
		o.groups[t.group] = append(o.groups[t.group], t)
	}
	return o
}

func newIndex(shop Shop) shopIndex {
	x := shopIndex{methods: map[string]method{}, ids: map[string]string{}, rates: map[string]map[string]any{}}
	for _, c := range shop.Channels {
		x.channels = append(x.channels, channel{textOf(c, "id"), textOf(c, "key")})
	}
	for _, m := range shippingMethodsSold() {
		x.methods[m.key] = m
	}
	for kind, drafts := range map[string][]map[string]any{"type": shop.Types, "shipping-method": shop.ShippingMethods} {
		for _, draft := range drafts {
			x.ids[kind+" "+textOf(draft, "key")] = textOf(draft, "id")
		}
	}
	x.pickupByReference = fieldType(shop, ConnectorType, PickupField) == "Reference"
	for _, country := range shop.Countries {
		x.rates[country] = taxRate(country)
	}
	return x
}

func fieldType(shop Shop, typeKey, fieldName string) string {
	for _, t := range shop.Types {
		for _, f := range t["fieldDefinitions"].([]any) {
			definition := f.(map[string]any)
			if t["key"] == typeKey && definition["name"] == fieldName {
				return textOf(definition["type"].(map[string]any), "name")
			}
		}
	}
	return ""
}

func textOf(draft map[string]any, name string) string {
	s, _ := draft[name].(string)
	return s
}

// Next is the order after the one drawn last, the first one at first.
func (o *Orders) Next() Placed { return o.At(int(o.next.Add(1) - 1)) }

// At is the order with the given index, counted from 0, whatever was drawn before.
func (o *Orders) At(n int) Placed {
	r := rand.New(rand.NewPCG(o.seed, uint64(n)))
	names := o.choose(r, n)
	p := o.plan(r, n, names)
	w := &writer{plan: p, shop: o.shop, products: o.products, random: r, index: n, country: o.regions[p.country]}
	draft := w.order(o.orderNumber(p, n))
	if p.collect == byField {
		names = append(names, o.shop.pickupTrait())
	}
	placed := Placed{
		Draft: draft, Fate: p.fate, Traits: append(names, w.productTraits...),
		AfterPlacing: p.after, Cancel: p.cancel, Entry: p.entry,
	}
	if p.numberLater {
		placed.NumberLater = o.orderNumber(p, n)
	}
	return placed
}

// plan turns trait names into what the order will be.
func (o *Orders) plan(r *rand.Rand, n int, names []string) *plan {
	p := &plan{method: standardMethod, fate: FateShipped, billing: "same", lines: 1 + r.IntN(4)}
	if n < len(o.walk) {
		p.products = []int{n % len(o.products)}
	}
	for _, t := range o.traits {
		if slices.Contains(names, t.name) {
			t.apply(p)
		}
	}
	switch {
	case slices.Contains(names, cancelled):
		p.fate, p.cancel = FateCancelled, true
	case slices.Contains(names, unmappable):
		p.method, p.collect, p.fate, p.nobody = pickupMethod, torn, FateUnmappable, true
		p.lines = max(2, p.lines)
	}
	return p
}

func (o *Orders) orderNumber(p *plan, n int) string {
	if p.number == "" {
		return ""
	}
	counter := strconv.FormatUint(o.seed, 36) + "-" + strconv.Itoa(10000+n)
	for i, c := range p.number {
		if c == '*' {
			return p.number[:i] + counter + p.number[i+1:]
		}
	}
	return p.number
}
