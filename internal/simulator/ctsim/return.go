package ctsim

import "slices"

func returnActions() map[string]action {
	return map[string]action{
		"addReturnInfo":          {[]string{"items"}, addReturnInfo},
		"setReturnInfo":          {nil, setReturnInfo},
		"setReturnShipmentState": {[]string{"shipmentState"}, setReturnShipmentState},
		"setReturnPaymentState":  {[]string{"paymentState"}, setReturnPaymentState},
	}
}

func addReturnInfo(t *turn, a map[string]any) *apiError {
	info, err := t.returnInfo(a)
	if err != nil {
		return err
	}
	list, _ := t.get("returnInfo").([]any)
	t.set("returnInfo", append(list, info))
	t.emitMessage("ReturnInfoAdded", field{"returnInfo", info})
	return nil
}

func setReturnInfo(t *turn, a map[string]any) *apiError {
	all := []any{}
	t.set("returnInfo", all)
	for _, draft := range objectsIn(a["items"]) {
		info, err := t.returnInfo(draft)
		if err != nil {
			return err
		}
		all = append(all, info)
		t.set("returnInfo", all)
	}
	t.emitMessage("ReturnInfoSet", field{"returnInfo", all})
	return nil
}

// returnInfo makes the stored form of a draft.
func (t *turn) returnInfo(draft map[string]any) (map[string]any, *apiError) {
	info := map[string]any{}
	items := []any{}
	for _, item := range objectsIn(draft["items"]) {
		if err := t.checkReturnItem(item); err != nil {
			return nil, err
		}
		if err := t.p.completeReturnItem(item, t.at); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return nil, invalidInput("At least one return item is required.")
	}
	info["items"] = items
	if draft["returnTrackingId"] != nil {
		info["returnTrackingId"] = draft["returnTrackingId"]
	}
	if draft["returnDate"] != nil {
		date, ok := dateTime(draft["returnDate"])
		if !ok {
			return nil, invalidJSON("actions -> returnDate: not a date and time")
		}
		info["returnDate"] = date
	}
	return info, nil
}

func (t *turn) checkReturnItem(item map[string]any) *apiError {
	if err := require(item, "quantity", "shipmentState"); err != nil {
		return err
	}
	if item["shipmentState"] != "Advised" && item["shipmentState"] != "Returned" {
		return invalidField("shipmentState", item["shipmentState"], "Advised", "Returned")
	}
	line := valueOr(item["lineItemId"], item["customLineItemId"])
	if line == nil {
		return invalidJSON("actions -> items -> lineItemId: Missing required value")
	}
	if !t.hasLine(line) {
		return invalidInput("The line item with ID '%v' was not found.", line)
	}
	for _, info := range objectsIn(t.peekValue("returnInfo")) {
		for _, other := range objectsIn(info["items"]) {
			if item["key"] != nil && other["key"] == item["key"] {
				return duplicateField("key", item["key"])
			}
		}
	}
	return nil
}

// completeReturnItem gives a return item what it always has.
func (p *Platform) completeReturnItem(item map[string]any, now string) *apiError {
	kind := "LineItemReturnItem"
	if item["customLineItemId"] != nil {
		kind = "CustomLineItemReturnItem"
	}
	payment := "NonRefundable"
	if valueOr(item["shipmentState"], "Returned") == "Returned" {
		payment = "Initial"
	}
	fillDefaults(item, map[string]any{
		"id": p.ids.next(), "type": kind, "quantity": 1.0, "shipmentState": "Returned", "paymentState": payment,
		"createdAt": now, "lastModifiedAt": now,
	})
	custom, ok := item["custom"].(map[string]any)
	if !ok {
		return nil
	}
	stored, err := p.customFields("order-return-item", custom)
	item["custom"] = stored
	return err
}

// onReturnItem finds the return item that an action names by id or key.
func (t *turn) onReturnItem(a map[string]any, do func(item map[string]any) *apiError) *apiError {
	for _, info := range objectsIn(t.get("returnInfo")) {
		for _, item := range objectsIn(info["items"]) {
			if isNamedBy(a, "returnItem", item) {
				return do(item)
			}
		}
	}
	return invalidInput("The return item '%v' was not found.", valueOr(a["returnItemId"], a["returnItemKey"]))
}

func setReturnShipmentState(t *turn, a map[string]any) *apiError {
	return t.onReturnItem(a, func(item map[string]any) *apiError {
		next := a["shipmentState"]
		if item["shipmentState"] == next {
			return nil
		}
		if item["shipmentState"] != "Returned" || next != "BackInStock" && next != "Unusable" {
			return invalidOperation("The return shipment state can not change from '%v' to '%v'.", item["shipmentState"], next)
		}
		item["shipmentState"], item["lastModifiedAt"] = next, t.at
		t.emitMessage("OrderReturnShipmentStateChanged", field{"returnItemId", item["id"]}, field{"returnShipmentState", next})
		return nil
	})
}

func setReturnPaymentState(t *turn, a map[string]any) *apiError {
	allowed := []string{"NonRefundable", "Initial", "Refunded", "NotRefunded"}
	next, _ := a["paymentState"].(string)
	if !slices.Contains(allowed, next) {
		return invalidField("paymentState", a["paymentState"], allowed...)
	}
	return t.onReturnItem(a, func(item map[string]any) *apiError {
		if item["paymentState"] == "NonRefundable" {
			return invalidOperation("The payment state of a non-refundable return item can not change.")
		}
		if item["paymentState"] != next {
			item["paymentState"], item["lastModifiedAt"] = next, t.at
		}
		return nil
	})
}
