package catalogue

import (
	"math/rand/v2"
	"slices"
)

// traitCombinations gives the first orders the traits that they show. What an order does not say
// about a decision that every order makes is the first trait of that group.
func traitCombinations() [][]string {
	return [][]string{
		{"shipped", "locale de-DE", "order number", "paid", "customer's e-mail"},
		{pickupTrait},
		{"no order number", "locale en-GB"},
		{"shipped from a store", "locale fr-FR"},
		{"order of a store", "locale ja-JP"},
		{"collected, lines agree", "not paid"},
		{"order number with & and +", "locale pl-PL"},
		{cancelled},
		{"order number with # and %", "fee"},
		{"order number with / and spaces", "gift wrap"},
		{"order number comes later", "no locale"},
		{"no house number", "EUR"},
		{"PO box"},
		{unmappable},
		{"empty strings in the address", "confirmed from the start"},
		{"company address", "separate billing address"},
		{"additional address info", "no billing address"},
		{"no e-mail"},
		{"gift"},
		{"discounted price", "GBP"},
		{"discounted by quantity", "KWD"},
		{"external total", "JPY"},
		{"high-precision price"},
		{"twelve lines"},
		{"one line"},
		{"custom shipping method"},
		{"unmapped shipping method"},
		{"shipping method without a key"},
		{"same day"},
		{"merchant's custom type"},
		{"merchant's custom type with the connector's fields"},
		{pickupTrait, "not paid", "no billing address", "locale pl-PL"},
		{"imported"},
		{"recurring"},
		{"collected, lines agree", "no order number", "no e-mail", "no billing address"},
		{"order of a store", "imported", "order number with & and +", "locale fr-FR"},
		{"gift", "twelve lines", "discounted by quantity", "fee", "gift wrap"},
		{pickupTrait, "order number comes later", "confirmed from the start"},
		{"merchant's custom type with the connector's fields", "order number comes later", "company address", "PO box"},
		{"shipped from a store", "no locale", "KWD", "high-precision price", "no house number"},
	}
}

// decidedTraits are the groups of which every order has a trait.
func decidedTraits() [5]string {
	return [...]string{"delivery", "number", "locale", "payment", "entry"}
}

// choose names the traits of the order with index n.
func (o *Orders) choose(r *rand.Rand, n int) []string {
	usual := func([]trait) trait { return trait{} }
	switch {
	case n < len(o.walk):
		return o.decide(o.walk[n], usual)
	case n%cycle == cancelledAt:
		return o.decide([]string{cancelled}, usual)
	case n%cycle == unmappableAt:
		return o.decide([]string{unmappable}, usual)
	}
	return o.decide(o.mix(r), func(group []trait) trait {
		if r.IntN(2) == 0 {
			return trait{}
		}
		return pickOne(r, group)
	})
}

// decide adds to names a trait of every decided group that they leave open: the one
// that which returns, or the group's first when that has no name.
func (o *Orders) decide(names []string, which func(group []trait) trait) []string {
	names = slices.Clip(names)
	for _, group := range decidedTraits() {
		members := o.groups[group]
		if slices.ContainsFunc(members, func(t trait) bool { return slices.Contains(names, t.name) }) {
			continue
		}
		choice := which(members)
		if choice.name == "" {
			choice = members[0]
		}
		names = append(names, choice.name)
	}
	return names
}

// mix draws traits of the other groups, of each group at most one.
func (o *Orders) mix(r *rand.Rand) []string {
	var names, groups []string
	settled := decidedTraits()
	for _, t := range o.traits {
		if slices.Contains(settled[:], t.group) || slices.Contains(groups, t.group) || r.IntN(12) > 0 {
			continue
		}
		names, groups = append(names, t.name), append(groups, t.group)
	}
	return names
}
