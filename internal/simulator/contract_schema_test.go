package simulator_test

import (
	"errors"
	"strings"
	"testing"

	"fftconnect/internal/simulator/contract"
)

// shared holds to the vendors' descriptions; a test without them is skipped.
func shared(t *testing.T) *contract.Validator {
	t.Helper()
	v, err := contract.Shared()
	if errors.Is(err, contract.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const (
	message = `{"notificationType":"Message","projectKey":"shop","id":"m1","version":1,"sequenceNumber":2,"resourceVersion":2,
		"resource":{"typeId":"order","id":"o1"},"createdAt":"2026-11-02T08:00:00.000Z","lastModifiedAt":"2026-11-02T08:00:00.000Z"`
	address      = `{"street":"Am Markt","postalCode":"01067","city":"Dresden","country":"DE"}`
	lineToCreate = `{"quantity":1,"article":{"tenantArticleId":"LAMP-1","title":"Lamp"}}`
	orderAnswer  = `"id":"o","version":1,"status":"OPEN","processId":"p","orderDate":"2026-11-02T08:00:00.000Z","workflowInformation":{"isAvailable":false},
		"consumer":{"addresses":[` + address + `]},"orderLineItems":[{"id":"l","quantity":1,"article":{"tenantArticleId":"LAMP-1","title":"Lamp"}}]`
	creation = `"orderDate":"2026-11-02T08:00:00.000Z","consumer":{"addresses":[` + address + `]},"orderLineItems":[` + lineToCreate + `]`
)

// priced is an order to create whose line has the attribute.
func priced(attribute string) string {
	return `{` + strings.Replace(creation, `"title":"Lamp"`, `"title":"Lamp","attributes":[`+attribute+`]`, 1) + `}`
}

func TestBodiesAreHeldAgainstTheVendorsSchemas(t *testing.T) {
	t.Parallel()
	v := shared(t)
	for _, c := range []struct {
		name, platform, schema, body string
		wrong                        []string // parts of the error; none: the body is fine
	}{
		{
			"several update actions", contract.Commercetools, "OrderUpdate",
			`{"version":3,"actions":[{"action":"changeShipmentState","shipmentState":"Shipped"},{"action":"setCustomField","name":"fft_parcels","value":[1,{"a":true}]}]}`, nil,
		},
		{
			"every wrong action is told", contract.Commercetools, "OrderUpdate",
			`{"version":3,"actions":[{"action":"changeShipmentState","shipmentState":"Sent"},{"action":"shipIt"},{"action":"changeOrderState"},{"action":"setLocale","locale":"de","language":"de"}]}`,
			[]string{"/actions/0/shipmentState: ", "/actions/1: ", "shipIt", "/actions/2/orderState: ", `/actions/3: property "language"`},
		},
		{"an action that is for carts", contract.Commercetools, "OrderUpdate", `{"version":3,"actions":[{"action":"addLineItem","sku":"LAMP-1"}]}`, []string{"/actions/0: ", "addLineItem"}},
		{"money of both kinds", contract.Commercetools, "TypedMoney", `{"type":"highPrecision","currencyCode":"EUR","centAmount":12,"preciseAmount":1234,"fractionDigits":4}`, nil},
		{"money that lacks what its kind has", contract.Commercetools, "TypedMoney", `{"type":"highPrecision","currencyCode":"EUR","centAmount":12,"fractionDigits":4}`, []string{"/preciseAmount: "}},
		{"a total of the other kind", contract.Commercetools, "CentPrecisionMoney", `{"type":"highPrecision","currencyCode":"EUR","centAmount":12,"fractionDigits":4}`, []string{"/type: "}},
		{"custom fields hold anything", contract.Commercetools, "CustomFields", `{"type":{"typeId":"type","id":"t"},"fields":{"a":1,"b":["x"],"c":{"typeId":"channel","id":"c"}}}`, nil},
		{"names hold texts only", contract.Commercetools, "Channel", `{"id":"c","version":1,"createdAt":"2026-11-02T08:00:00.000Z","lastModifiedAt":"2026-11-02T08:00:00.000Z","key":"k","roles":["InventorySupply"],"name":{"de":1}}`, []string{"/name/de: "}},
		{"a reference to the wrong kind", contract.Commercetools, "SyncInfo", `{"channel":{"typeId":"store","id":"c"},"syncedAt":"2026-11-02T08:00:00.000Z"}`, []string{"/channel/typeId: "}},
		{"no date", contract.Commercetools, "SyncInfo", `{"channel":{"typeId":"channel","id":"c"},"syncedAt":"yesterday"}`, []string{"/syncedAt: "}},
		{"an error with details", contract.Commercetools, "ErrorResponse", `{"statusCode":409,"message":"stale","errors":[{"code":"ConcurrentModification","message":"stale","currentVersion":4}]}`, nil},
		{"an error with an invented code", contract.Commercetools, "ErrorResponse", `{"statusCode":409,"message":"stale","errors":[{"code":"Stale","message":"stale"}]}`, []string{"/errors/0: ", "Stale"}},
		{"a message", contract.Commercetools, "SubscriptionNotification", message + `,"type":"OrderStateChanged","orderState":"Confirmed","oldOrderState":"Open"}`, nil},
		{"a message of an unknown type", contract.Commercetools, "SubscriptionNotification", message + `,"type":"OrderConfirmed"}`, []string{"OrderConfirmed"}},
		{"a message without its fields", contract.Commercetools, "SubscriptionNotification", message + `,"type":"OrderStateChanged"}`, []string{"/orderState: "}},
		{"a message whose payload was left out", contract.Commercetools, "SubscriptionNotification", message + `,"payloadNotIncluded":{"reason":"too large","payloadType":"OrderCreated"}}`, nil},
		{"a message without anything", contract.Commercetools, "SubscriptionNotification", message + `}`, []string{"type"}},
		{
			"the test notification", contract.Commercetools, "SubscriptionNotification",
			`{"notificationType":"ResourceCreated","projectKey":"shop","resource":{"typeId":"subscription","id":"s"},"version":1,"modifiedAt":"2026-11-02T08:00:00.000Z"}`, nil,
		},

		{"an order to create", contract.Fulfillmenttools, "OrderForCreation", `{` + creation + `,"deliveryPreferences":{"collect":[{"tenantFacilityId":"dresden","paid":true}]}}`, nil},
		{"a field that creation does not know", contract.Fulfillmenttools, "OrderForCreation", `{` + creation + `,"orderNumber":"1"}`, []string{`property "orderNumber"`}},
		{"collection from nowhere", contract.Fulfillmenttools, "OrderForCreation", `{` + creation + `,"deliveryPreferences":{"collect":[{"paid":true}]}}`, []string{"/deliveryPreferences/collect/0/"}},
		{
			"an address with empty parts", contract.Fulfillmenttools, "OrderForCreation",
			`{"orderDate":"2026-11-02T08:00:00.000Z","consumer":{"addresses":[{"street":"","houseNumber":"","postalCode":"1","city":"D","country":"Germany"}]},"orderLineItems":[` + lineToCreate + `]}`,
			[]string{"/consumer/addresses/0/street: ", "/consumer/addresses/0/houseNumber: ", "/consumer/addresses/0/country: "},
		},
		{"prices as documented", contract.Fulfillmenttools, "OrderForCreation", priced(`{"category":"basePrice","key":"value","value":"1999"}`), nil},
		{"an amount with a point", contract.Fulfillmenttools, "OrderForCreation", priced(`{"category":"shop","key":"valuePerUnit","value":"19.99","type":"NUMBER"}`), []string{"/orderLineItems/0/article/attributes/0: valuePerUnit of shop"}},
		{"a rate with a comma", contract.Fulfillmenttools, "OrderForCreation", priced(`{"category":"tax","key":"percentage","value":"5,5"}`), []string{"percentage of tax"}},
		{"an amount for a currency", contract.Fulfillmenttools, "OrderForCreation", priced(`{"category":"miscellaneous","key":"worth","value":"19","type":"CURRENCY"}`), []string{"worth of miscellaneous"}},
		{"a foreign key of salesPrice", contract.Fulfillmenttools, "OrderForCreation", priced(`{"category":"salesPrice","key":"price","value":"EUR","type":"CURRENCY"}`), []string{`salesPrice has no key "price"`}},
		{"a shop price without a type", contract.Fulfillmenttools, "OrderForCreation", priced(`{"category":"shop","key":"valuePerUnit","value":"1999"}`), []string{"has no type"}},
		{"the order that came of it", contract.Fulfillmenttools, "Order", `{` + orderAnswer + `,"customAttributes":{"commercetoolsId":"x"}}`, nil},
		{"an order in an invented state", contract.Fulfillmenttools, "Order", `{` + strings.Replace(orderAnswer, "OPEN", "DONE", 1) + `}`, []string{"/status: "}},
		{"a misspelt field of an answer", contract.Fulfillmenttools, "Order", `{` + orderAnswer + `,"tenantOrderID":"x"}`, []string{`property "tenantOrderID"`}},
		{"an event", contract.Fulfillmenttools, "OrderCreatedWebHookEvent", `{"event":"ORDER_CREATED","eventId":"e","payload":{` + orderAnswer + `}}`, nil},
		{"an event without its payload", contract.Fulfillmenttools, "OrderCreatedWebHookEvent", `{"event":"ORDER_CREATED","eventId":"e"}`, []string{"/payload: "}},
		{"one of several actions", contract.Fulfillmenttools, "OrderActionsParameter", `{"name":"FORCE_CANCEL","version":3}`, nil},
		{"an action with a wrong version", contract.Fulfillmenttools, "OrderActionsParameter", `{"name":"CANCEL","version":"3"}`, []string{"/version: "}},
		{"an action that nobody knows", contract.Fulfillmenttools, "OrderActionsParameter", `{"name":"UNDO","version":3}`, []string{"/name: "}},
		{"a webhook's target", contract.Fulfillmenttools, "SubscriptionForCreation", `{"name":"n","event":"ORDER_CREATED","target":{"type":"WEBHOOK","callbackUrl":"https://shop.example/service","headers":[{"key":"a","value":"b"}]}}`, nil},
		{"a webhook's target without headers", contract.Fulfillmenttools, "SubscriptionForCreation", `{"name":"n","event":"ORDER_CREATED","target":{"type":"WEBHOOK","callbackUrl":"https://shop.example/service","headers":[]}}`, []string{"/target/headers: "}},
		{"overlapping enumerations", contract.Fulfillmenttools, "ParcelResult", `{"summary":"ok","carrierTrackingStatus":"unknown"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkError(t, v.Schema(c.platform, c.schema, []byte(c.body)), c.wrong)
		})
	}
}

func checkError(t *testing.T, err error, wrong []string) {
	t.Helper()
	if len(wrong) == 0 {
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
		return
	}
	if err == nil {
		t.Fatalf("got no error, want one with %q", wrong)
	}
	for _, part := range wrong {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want %q in it", err, part)
		}
	}
}

func TestUnknownNamesAndBrokenBodiesAreErrors(t *testing.T) {
	t.Parallel()
	v := shared(t)
	checkError(t, v.Schema("magento", "Order", []byte(`{}`)), []string{"magento"})
	checkError(t, v.Schema(contract.Commercetools, "Ordre", []byte(`{}`)), []string{"Ordre"})
	checkError(t, v.Schema(contract.Commercetools, "Order", []byte(`{`)), []string{"decode Order"})
}
