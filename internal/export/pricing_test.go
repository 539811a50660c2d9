package export_test

import (
	"fmt"
	"testing"

	"fftconnect/internal/fulfillmenttools"
)

func euro(cents int) *fulfillmenttools.MonetaryValue {
	return &fulfillmenttools.MonetaryValue{Value: cents, Currency: "EUR", DecimalPlaces: new(2)}
}

// onTotal is a discount on the order's total, of one cart discount and a direct one.
func onTotal(cents, ofCart, direct int) object {
	return object{"discountedAmount": euros(cents), "includedDiscounts": []any{
		object{"discount": object{"typeId": "cart-discount", "id": "cd-1", "obj": object{
			"id": "cd-1", "version": 1, "key": "spring", "name": object{"de-DE": "Frühling", "en-GB": "Spring"},
		}}, "discountedAmount": euros(ofCart)},
		object{"discount": object{"typeId": "direct-discount", "id": "dd-1"}, "discountedAmount": euros(direct)},
	}}
}

func paidLine(slug string, cents int) object {
	return object{
		"id": "custom-" + slug, "name": object{"de-DE": "Posten " + slug}, "slug": slug, "money": euros(cents), "quantity": 1, "totalPrice": euros(cents),
		"state": []any{}, "discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{}, "perMethodTaxRate": []any{}, "priceMode": "Standard",
	}
}

func TestTheDiscountOnTheTotalIsCarriedOrNoted(t *testing.T) {
	t.Parallel()
	change := func(o object) { o["discountOnTotalPrice"] = onTotal(500, 300, 200) }
	_, notes := changed(change).must(t)
	noted(t, notes, totalsStays)
	_, notes = exporting(t, `{"prices":"none"}`, change).must(t)
	noted(t, notes)

	mapped, notes := exporting(t, `{"pricing":true}`, change).must(t)
	noted(t, notes)
	absolute := func(cents int, id string) fulfillmenttools.PricingDiscount {
		return fulfillmenttools.PricingDiscount{Type: "ABSOLUTE", Value: euro(cents), TenantDiscountID: id}
	}
	spring := absolute(300, "spring")
	spring.Name, spring.NameLocalized = "Frühling", map[string]string{"de_DE": "Frühling", "en_US": "Spring"}
	same(t, "discounts", []fulfillmenttools.PricingDiscount{spring, absolute(200, "dd-1")}, mapped.Pricing.Discounts)

	mapped, _ = exporting(t, `{"pricing":true}`, func(o object) { o["discountOnTotalPrice"] = onTotal(500, 300, 0) }).must(t)
	same(t, "parts that are not the whole", []fulfillmenttools.PricingDiscount{absolute(500, "")}, mapped.Pricing.Discounts)

	mapped, _ = exporting(t, `{"pricing":true}`, func(o object) {
		change(o)
		o["discountCodes"] = []any{object{"state": "MatchesCart", "discountCode": object{"typeId": "discount-code", "id": "dc-1", "obj": object{
			"id": "dc-1", "version": 1, "code": "SPRING26", "cartDiscounts": []any{object{"typeId": "cart-discount", "id": "cd-1"}},
		}}}}
	}).must(t)
	same(t, "code", "SPRING26", mapped.Pricing.Discounts[0].Code)
}

func TestShippingAndCustomLinesAreFeesAndDiscountsOfTheOrder(t *testing.T) {
	t.Parallel()
	change := func(o object) {
		o["customLineItems"] = []any{paidLine("handling", 250), paidLine("voucher", -1000), paidLine("gift-card", 300)}
	}
	mapped, _ := exporting(t, `{"pricing":true,"customLineItems":{"slugs":["gift-*"]}}`, change).must(t)
	same(t, "fees", []fulfillmenttools.PricingFee{{Name: "shipping", Value: euro(495)}, {Name: "Posten handling", Value: euro(250)}}, mapped.Pricing.Fees)
	same(t, "discounts", []fulfillmenttools.PricingDiscount{
		{Type: "ABSOLUTE", Value: euro(1000), Name: "Posten voucher", NameLocalized: map[string]string{"de_DE": "Posten voucher"}},
	}, mapped.Pricing.Discounts)

	mapped, _ = exporting(t, `{"pricing":true}`, func(o object) {
		part(o, "shippingInfo")["discountedPrice"] = object{"value": euros(0), "includedDiscounts": []any{}}
	}).must(t)
	if mapped.Pricing != nil {
		t.Errorf("shipping for nothing is no fee: %+v", mapped.Pricing)
	}
}

func TestTaxesAreSummedByRate(t *testing.T) {
	t.Parallel()
	portion := func(name string, rate float64, cents int) object {
		return object{"name": name, "rate": rate, "amount": euros(cents)}
	}
	mapped, _ := exporting(t, `{"pricing":true}`, func(o object) {
		o["taxedPrice"] = object{"totalNet": euros(3800), "totalGross": euros(4493), "taxPortions": []any{
			portion("books", 0.081, 8), portion("food", 0.026, 100), portion("more", 0.081, 92),
		}}
	}).must(t)
	tax := func(rate float64, cents int) fulfillmenttools.PricingTax {
		return fulfillmenttools.PricingTax{RatePercent: &rate, Value: euro(cents)}
	}
	same(t, "taxes", []fulfillmenttools.PricingTax{tax(2.6, 100), tax(8.1, 100)}, mapped.Pricing.Taxes)
}

func TestOnlySoManyFeesAreTaken(t *testing.T) {
	t.Parallel()
	mapped, notes := exporting(t, `{"pricing":true}`, func(o object) {
		var lines []any
		for i := range 120 {
			lines = append(lines, paidLine(fmt.Sprintf("fee-%d", i), 100))
		}
		o["customLineItems"] = lines
	}).must(t)
	same(t, "fees", 100, len(mapped.Pricing.Fees))
	noted(t, notes, "custom line items: 120 not exported", "prices: 21 fees left out")
}
