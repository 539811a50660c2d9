package feedback_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
)

// applyToDeliveries is what commercetools does with deliveries and their parcels.
func (o *orders) applyToDeliveries(order *commercetools.Snapshot, action wireAction) error {
	switch action.Action {
	case "addDelivery":
		return o.addDelivery(order, action)
	case "removeDelivery":
		return onDelivery(order, action.DeliveryKey, func(s *commercetools.Shipping, i int) error {
			s.Deliveries = slices.Delete(s.Deliveries, i, i+1)
			return nil
		})
	case "setDeliveryItems":
		return onDelivery(order, action.DeliveryKey, func(s *commercetools.Shipping, i int) (err error) {
			s.Deliveries[i].Items, err = itemsOf(order, action.Items)
			return err
		})
	case "addParcelToDelivery":
		return onDelivery(order, action.DeliveryKey, func(s *commercetools.Shipping, i int) error {
			return o.addParcel(order, &s.Deliveries[i], map[string]any{
				"key": action.ParcelKey, "trackingData": action.TrackingData, "measurements": action.Measurements, "custom": action.Custom,
			})
		})
	case "setParcelTrackingData":
		return o.onParcel(order, action.ParcelKey, func(parcel map[string]any) { parcel["trackingData"] = action.TrackingData })
	case "setParcelMeasurements":
		return o.onParcel(order, action.ParcelKey, func(parcel map[string]any) { parcel["measurements"] = action.Measurements })
	case "setParcelCustomType":
		return o.onParcel(order, action.ParcelKey, func(parcel map[string]any) {
			parcel["custom"] = map[string]any{"type": map[string]any{"key": action.Type.Key}, "fields": action.Fields}
		})
	case "setParcelCustomField":
		return o.onParcel(order, action.ParcelKey, func(parcel map[string]any) {
			parcel["custom"].(map[string]any)["fields"].(map[string]any)[action.Name] = action.Value
		})
	default:
		return fmt.Errorf("an action that nobody expects: %s", action.Action)
	}
}

func (o *orders) addDelivery(order *commercetools.Snapshot, action wireAction) error {
	i := slices.IndexFunc(order.Shipping, func(s commercetools.Shipping) bool { return s.Key == action.ShippingKey })
	items, err := itemsOf(order, action.Items)
	if i < 0 || err != nil || onDelivery(order, action.DeliveryKey, nothing) == nil {
		return errInvalid
	}
	delivery := commercetools.Delivery{Key: action.DeliveryKey, Items: items}
	for _, draft := range action.Parcels {
		if err := o.addParcel(order, &delivery, draft); err != nil {
			return err
		}
	}
	order.Shipping[i].Deliveries = append(order.Shipping[i].Deliveries, delivery)
	return nil
}

func nothing(*commercetools.Shipping, int) error { return nil }

func onDelivery(order *commercetools.Snapshot, key string, edit func(s *commercetools.Shipping, i int) error) error {
	for i := range order.Shipping {
		s := &order.Shipping[i]
		if j := slices.IndexFunc(s.Deliveries, func(d commercetools.Delivery) bool { return d.Key == key }); j >= 0 {
			return edit(s, j)
		}
	}
	return errInvalid
}

func itemsOf(order *commercetools.Snapshot, text json.RawMessage) (items []commercetools.DeliveryItem, err error) {
	if json.Unmarshal(text, &items) != nil {
		return nil, errInvalid
	}
	for _, item := range items {
		if !slices.ContainsFunc(slices.Concat(order.Lines, order.CustomLines), func(l commercetools.Line) bool { return l.ID == item.ID }) {
			return nil, errInvalid
		}
	}
	return items, nil
}

// addParcel wants a key that no other parcel of the order has.
func (o *orders) addParcel(order *commercetools.Snapshot, delivery *commercetools.Delivery, draft map[string]any) error {
	parcel, err := o.parcel(draft)
	taken := o.onParcel(order, parcel.Key, func(map[string]any) {}) == nil
	if err != nil || taken || slices.ContainsFunc(delivery.Parcels, func(p commercetools.Parcel) bool { return p.Key == parcel.Key }) {
		return errInvalid
	}
	delivery.Parcels = append(delivery.Parcels, parcel)
	return nil
}

// parcel reads a parcel whose custom type may be named by its key.
func (o *orders) parcel(draft map[string]any) (parcel commercetools.Parcel, err error) {
	if custom, ok := draft["custom"].(map[string]any); ok {
		named := custom["type"].(map[string]any)
		for _, known := range o.types {
			if named["key"] == known.Key {
				named["id"] = known.TypeID
			}
		}
		fields, _ := custom["fields"].(map[string]any)
		for name := range fields {
			if id, _ := named["id"].(string); !o.defines(id, name) {
				return parcel, errInvalid
			}
		}
	}
	text, err := json.Marshal(draft)
	if err == nil {
		err = json.Unmarshal(text, &parcel)
	}
	return parcel, err
}

func (o *orders) onParcel(order *commercetools.Snapshot, key string, edit func(parcel map[string]any)) error {
	for _, shipping := range order.Shipping {
		for _, delivery := range shipping.Deliveries {
			for i := range delivery.Parcels {
				if delivery.Parcels[i].Key == key {
					return o.editParcel(&delivery.Parcels[i], edit)
				}
			}
		}
	}
	return errInvalid
}

func (o *orders) editParcel(there *commercetools.Parcel, edit func(parcel map[string]any)) error {
	text, err := json.Marshal(there)
	var draft map[string]any
	if err != nil || json.Unmarshal(text, &draft) != nil {
		return errInvalid
	}
	edit(draft)
	*there, err = o.parcel(draft)
	return err
}

// parcelType is the type that parcels get.
func parcelType() feedback.Schema {
	return feedback.Schema{TypeID: "type-parcel", Key: feedback.ParcelTypeKey, Fields: map[string]bool{feedback.TrackingURLField: true}}
}
