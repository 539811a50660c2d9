package export

import (
	"bytes"
	"encoding/json"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// wantedTime is when the consumer wants the order, by the configured custom field; nil
// when it is not there. A date alone means by the end of that day, UTC.
func (m *mapping) wantedTime(order *commercetools.Order) *time.Time {
	field := m.shop.Export.DesiredDeliveryTimeField
	value, there := order.Snapshot.Fields[field]
	text, _ := value.(string)
	when, ok := parseTime(text)
	if !ok {
		if there {
			m.addNote("desired time: custom field %q holds no date, left out", field)
		}
		return nil
	}
	return &when
}

// setDesiredDeliveryTime is what a sender may say of when an order that ships is wanted: the
// target time is worked out by fulfillmenttools.
func (m *mapping) setDesiredDeliveryTime(order *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.DesiredDeliveryTime = m.wantedTime(order)
}

// setProvisioningTime is sent only when the shop asked for it, since fulfillmenttools
// cancels an order that is not collected by then.
func (m *mapping) setProvisioningTime(order *commercetools.Order, to *fulfillmenttools.Collect) {
	when := m.wantedTime(order)
	if when != nil && !m.shop.Export.ProvisioningTime {
		m.addNote("desired time: left out, export.provisioningTime sends that of a collected order and makes it expire")
		return
	}
	to.ProvisioningTime = when
}

func parseTime(text string) (time.Time, bool) {
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

func (m *mapping) setEstimatedDelivery(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	to.DeliveryPreferences.EstimatedDeliveryDate = estimatedDelivery(order)
}

// setEstimatedDelivery is when the order's shipping is expected to arrive at the latest;
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
