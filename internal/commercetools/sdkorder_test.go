package commercetools_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
)

// everyKind holds what no order of the catalogue does.
const everyKind = `{"id":"o","version":1,"createdAt":"2026-09-01T06:00:00.000Z","lastModifiedAt":"2026-09-01T06:00:00.000Z",
	"lineItems":[{"id":"l","price":{"id":"p","value":{"type":"highPrecision","currencyCode":"EUR","centAmount":4,"preciseAmount":35,"fractionDigits":3},
		"discounted":{"value":{"type":"centPrecision","currencyCode":"EUR","centAmount":3,"fractionDigits":2},"discount":{"typeId":"product-discount","id":"d"}},
		"tiers":[{"minimumQuantity":5,"value":{"type":"centPrecision","currencyCode":"EUR","centAmount":2,"fractionDigits":2}}]},
		"discountedPricePerQuantity":[{"quantity":1,"discountedPrice":{"value":{"type":"highPrecision","currencyCode":"EUR","centAmount":1,"preciseAmount":12,"fractionDigits":3},
			"includedDiscounts":[{"discount":{"typeId":"cart-discount","id":"c"},"discountedAmount":{"type":"centPrecision","currencyCode":"EUR","centAmount":3,"fractionDigits":2}}]}}]}],
	"customLineItems":[{"id":"c","name":{"en":"wrap"},"money":{"type":"centPrecision","currencyCode":"JPY","centAmount":300,"fractionDigits":0},"slug":"wrap","quantity":1}],
	"totalPrice":{"type":"centPrecision","currencyCode":"EUR","centAmount":1,"fractionDigits":2},
	"shipping":[{"shippingKey":"s","shippingRateInput":{"type":"Classification","key":"big","label":{"en":"Big"}},
		"shippingInfo":{"shippingMethodName":"x","shippingRate":{"price":{"type":"centPrecision","currencyCode":"EUR","centAmount":1,"fractionDigits":2},
			"tiers":[{"type":"CartValue","minimumCentAmount":5,"price":{"currencyCode":"EUR","centAmount":0}}]}}}],
	"shippingRateInput":{"type":"Score","score":2},
	"discountTypeCombination":{"type":"BestDeal","chosenDiscountType":"ProductDiscount"},
	"discountOnTotalPrice":{"discountedAmount":{"type":"centPrecision","currencyCode":"EUR","centAmount":1,"fractionDigits":2},"includedDiscounts":[]},
	"directDiscounts":[{"id":"d","value":{"type":"relative","permyriad":10},"target":{"type":"lineItems","predicate":"1=1"}}],
	"returnInfo":[{"items":[{"type":"LineItemReturnItem","id":"r","quantity":1,"lineItemId":"l","shipmentState":"Returned","paymentState":"Initial","lastModifiedAt":"2026-09-01T06:00:00.000Z","createdAt":"2026-09-01T06:00:00.000Z"}]}],
	"orderState":"Confirmed","syncInfo":[]}`

// TestAnOrderReadsAsTheSDKReadsIt: the one pass must bring what the SDK's methods do.
func TestAnOrderReadsAsTheSDKReadsIt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../export/testdata/golden/*/order.json")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d golden orders: %v", len(files), err)
	}
	texts := map[string][]byte{"every kind": []byte(everyKind)}
	for _, file := range files {
		if texts[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range texts {
		var want platform.Order
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := commercetools.DecodeOrder(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got.Order); diff != "" {
			t.Errorf("%s: -SDK +ours\n%s", name, diff)
		}
	}
}
