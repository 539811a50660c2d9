package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

func TestSettingsWithoutEffectAreFound(t *testing.T) {
	t.Parallel()
	report := config.CheckShopFile(file(t, "shop.yaml", `shippingMethodMapping:
  pickup: {serviceType: CLICK_AND_COLLECT, serviceLevel: SAMEDAY, carriers: [DHL]}
  parcel: {serviceType: SHIPPING, serviceLevel: SAMEDAY}
export:
  hold: order.paymentState != "Paid"
  set: {status: '"LOCKED"'}
  stickers: [{key: a, name: {en_GB: Gift, en_US: Gift}}]
feedback: {shipments: true, tracking: false}
`))
	want := []string{"2:58 shippingMethodMapping.pickup.serviceLevel has no effect", "2:77 shippingMethodMapping.pickup.carriers has no effect", "5:9 export.hold has no effect", "7:37 export.stickers[0].name.en_GB is shown to nobody", "8:23 feedback.shipments has no effect"}
	var got []string
	for _, warning := range report.Warnings {
		got = append(got, fmt.Sprintf("%d:%d %s", warning.Line, warning.Column, warning.Message))
	}
	if len(report.Problems) > 0 || !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got %q, %v", got, report.Problems)
	}
	report = config.CheckShop([]byte(`{"collectChannelReferenceFieldName":"f","shippingMethodMapping":{"a":{"serviceType":"SHIPPING"}}}`))
	if len(report.Warnings) != 1 || !strings.HasPrefix(report.Warnings[0].Message, "collectChannelReferenceFieldName has no effect") {
		t.Errorf("got %+v", report)
	}
}
