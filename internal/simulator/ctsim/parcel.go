package ctsim

func parcelActions() map[string]action {
	return map[string]action{
		"addParcelToDelivery":      {nil, addParcelToDelivery},
		"removeParcelFromDelivery": {nil, removeParcel},
		"setParcelTrackingData":    {nil, setParcelMember("trackingData", "ParcelTrackingDataUpdated")},
		"setParcelMeasurements":    {nil, setParcelMember("measurements", "ParcelMeasurementsUpdated")},
		"setParcelItems":           {[]string{"items"}, setParcelItems},
		"setParcelCustomType":      {nil, onParcelCustom((*turn).setCustomType)},
		"setParcelCustomField":     {[]string{"name"}, onParcelCustom((*turn).setCustomField)},
	}
}

func addParcelToDelivery(t *turn, a map[string]any) *apiError {
	return t.onDelivery(a, func(s shipment, d map[string]any) *apiError {
		return t.addParcel(s, d, a, "parcelKey")
	})
}

// addParcel adds a parcel made of a draft, whose key is in the named field.
func (t *turn) addParcel(s shipment, delivery, draft map[string]any, keyField string) *apiError {
	if err := t.checkParcelKey(draft[keyField]); err != nil {
		return err
	}
	parcel := map[string]any{"id": t.p.ids.next(), "createdAt": t.at}
	err := t.copyOptional(parcel, draft, "order-parcel", map[string]string{
		keyField: "key", "measurements": "measurements", "trackingData": "trackingData",
	})
	if err != nil {
		return err
	}
	if err := checkMeasurements(parcel["measurements"]); err != nil {
		return err
	}
	if draft["items"] != nil {
		items, err := t.deliveryItems(draft["items"])
		if err != nil {
			return err
		}
		parcel["items"] = items
	}
	list, _ := delivery["parcels"].([]any)
	delivery["parcels"] = append(list, parcel)
	t.emitMessage("ParcelAddedToDelivery", field{"delivery", delivery}, field{"parcel", parcel}, field{"shippingKey", s.key})
	return nil
}

func checkMeasurements(value any) *apiError {
	measurements, _ := value.(map[string]any)
	for name, size := range measurements {
		n, ok := size.(float64)
		if !ok || n != float64(int64(n)) {
			return invalidJSON("actions -> measurements -> %s: an integer is required", name)
		}
	}
	return nil
}

func (t *turn) checkParcelKey(key any) *apiError {
	if key == nil {
		return nil
	}
	for _, s := range t.shipments() {
		for _, d := range s.deliveries() {
			for _, parcel := range objectsIn(d["parcels"]) {
				if parcel["key"] == key {
					return duplicateField("key", key)
				}
			}
		}
	}
	return nil
}

// packed is a parcel and where it is.
type packed struct {
	shipment shipment
	delivery map[string]any
	parcel   map[string]any
}

// onParcel finds the parcel that an action names by id or key.
func (t *turn) onParcel(a map[string]any, do func(packed) *apiError) *apiError {
	if a["parcelId"] == nil && a["parcelKey"] == nil {
		return invalidJSON("actions -> parcelId: Missing required value")
	}
	for _, s := range t.shipments() {
		for _, d := range s.deliveries() {
			for _, parcel := range objectsIn(d["parcels"]) {
				if isNamedBy(a, "parcel", parcel) {
					return do(packed{s, d, parcel})
				}
			}
		}
	}
	return invalidInput("The parcel '%v' was not found.", valueOr(a["parcelId"], a["parcelKey"]))
}

func (t *turn) emitParcel(name string, at packed, fields ...field) {
	t.emitMessage(name, append(fields, field{"deliveryId", at.delivery["id"]}, field{"shippingKey", at.shipment.key})...)
}

func removeParcel(t *turn, a map[string]any) *apiError {
	return t.onParcel(a, func(at packed) *apiError {
		list, _ := at.delivery["parcels"].([]any)
		at.delivery["parcels"] = withoutID(list, at.parcel["id"])
		t.emitParcel("ParcelRemovedFromDelivery", at, field{"parcel", at.parcel})
		return nil
	})
}

func setParcelMember(name, messageName string) func(*turn, map[string]any) *apiError {
	return func(t *turn, a map[string]any) *apiError {
		if name == "measurements" {
			if err := checkMeasurements(a[name]); err != nil {
				return err
			}
		}
		return t.onParcel(a, func(at packed) *apiError {
			if sameJSON(at.parcel[name], a[name]) {
				return nil
			}
			replaceMember(at.parcel, name, a[name])
			t.emitParcel(messageName, at, field{"parcelId", at.parcel["id"]}, field{name, a[name]})
			return nil
		})
	}
}

func setParcelItems(t *turn, a map[string]any) *apiError {
	return t.onParcel(a, func(at packed) *apiError {
		items, err := t.deliveryItems(a["items"])
		if err != nil || sameJSON(items, at.parcel["items"]) {
			return err
		}
		old := valueOr(at.parcel["items"], []any{})
		at.parcel["items"] = items
		t.emitParcel("ParcelItemsUpdated", at, field{"parcelId", at.parcel["id"]}, field{"items", items}, field{"oldItems", old})
		return nil
	})
}

func onParcelCustom(do func(*turn, customized, map[string]any) *apiError) func(*turn, map[string]any) *apiError {
	return func(t *turn, a map[string]any) *apiError {
		return t.onParcel(a, func(at packed) *apiError {
			return do(t, customizedPart("order-parcel", "", at.parcel), a)
		})
	}
}
