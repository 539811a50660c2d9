package export

import (
	"bytes"
	"encoding/json"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// targetTime is when the order is wanted: by the configured custom field, else by the
// estimated delivery. A date alone means by the end of that day, UTC.
func (m *mapping) targetTime(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	field := m.shop.Export.TargetTimeField
	value, there := order.Snapshot.Fields[field]
	text, _ := value.(string)
	if when, ok := timeOf(text); ok {
		to.DeliveryPreferences.TargetTime = &when
		return
	}
	to.DeliveryPreferences.TargetTime = estimatedDelivery(order)
	switch {
	case !there:
	case to.DeliveryPreferences.TargetTime != nil:
		m.note("target time: custom field %q holds no date, the estimated delivery stands for it", field)
	default:
		m.note("target time: custom field %q holds no date, left out", field)
	}
}

func timeOf(text string) (time.Time, bool) {
	if when, err := time.Parse(time.RFC3339, text); err == nil {
		return when.UTC(), true
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Add(24*time.Hour - time.Second), true
	}
	return time.Time{}, false
}

// estimate is what the SDK's types leave out of the shipping information.
type estimate struct {
	EstimatedDelivery struct {
		From  *time.Time `json:"from"`
		Until *time.Time `json:"until"`
	} `json:"estimatedDelivery"`
}

// estimatedDelivery is when the order's shipping is expected to arrive at the latest;
// nil when nobody estimated that.
func estimatedDelivery(order *commercetools.Order) *time.Time {
	if !bytes.Contains(order.Raw, []byte(`"estimatedDelivery"`)) {
		return nil
	}
	var raw struct {
		ShippingInfo *estimate `json:"shippingInfo"`
		Shipping     []struct {
			ShippingInfo estimate `json:"shippingInfo"`
		} `json:"shipping"`
	}
	if err := json.Unmarshal(order.Raw, &raw); err != nil {
		return nil
	}
	if raw.ShippingInfo == nil && len(raw.Shipping) > 0 {
		raw.ShippingInfo = &raw.Shipping[0].ShippingInfo
	}
	if raw.ShippingInfo == nil {
		return nil
	}
	if until := raw.ShippingInfo.EstimatedDelivery.Until; until != nil {
		return until
	}
	return raw.ShippingInfo.EstimatedDelivery.From
}
