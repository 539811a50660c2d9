package commercetools_test

import (
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
)

func TestAnOrderThatCannotBeReadSaysWhere(t *testing.T) {
	t.Parallel()
	for path, text := range map[string]string{
		"lineItems[2].price.value.centAmount": `{"id":"x","version":1,"lineItems":[{"id":"a"},{"id":"b"},{"id":"c","price":{"value":{"type":"centPrecision","centAmount":"much"}}}]}`,
		"version":                             `{"id":"x","version":"1"}`,
		"shippingAddress.city":                `{"id":"x","version":1,"shippingAddress":{"country":"DE","city":7}}`,
		"custom":                              `{"id":"x","version":1,"custom":1}`,
		"customLineItems[0].quantity":         `{"id":"x","version":1,"customLineItems":[{"quantity":"two"}]}`,
	} {
		_, err := commercetools.DecodeOrder([]byte(text))
		if err == nil || !strings.Contains(err.Error(), path+" of the answer cannot be read") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
