package catalogue

// Shop is what stands in a commercetools project before the first order, as drafts
// with ids.
type Shop struct {
	Languages, Countries, Currencies []string

	Channels, Stores, ShippingMethods, Types []map[string]any
	States                                   []map[string]any // of line items
	// Configuration is the value of the custom object fft/configuration.
	Configuration map[string]any
}

// Names that orders and configuration share.
const (
	PickupField   = "pickup_facility" // order field that names the channel of collection
	ConnectorType = "fft-order"       // type that the connector may write to
	merchantType  = "shop-order"
	extendedType  = "shop-order-fft"
)

const (
	standardMethod = "standard"
	expressMethod  = "express"
	pickupMethod   = "pickup"
	freightMethod  = "freight" // not in the mapping
	keylessMethod  = ""        // has a name only
	customMethod   = "custom"  // no shipping method at all, only a name on the order
)

// NewShop is always the same shop. Its orders name the channel of collection by key.
func NewShop() Shop { return newShop(fieldDefinition(PickupField, "String")) }

// NewReferenceShop is the same shop, but its orders name the channel of collection
// by a reference. No project can have both: a field has one type in all of them.
func NewReferenceShop() Shop {
	pickup := fieldDefinition(PickupField, "Reference")
	pickup["type"] = map[string]any{"name": "Reference", "referenceTypeId": "channel"}
	return newShop(pickup)
}

func newShop(pickup map[string]any) Shop {
	return Shop{
		Languages:       []string{"de-DE", "en-GB", "fr-FR", "ja-JP", "pl-PL", "de", "en"},
		Countries:       []string{"DE", "AT", "GB", "FR", "PL", "JP", "KW"},
		Currencies:      []string{"EUR", "GBP", "JPY", "KWD"},
		Channels:        channels(),
		Stores:          stores(),
		ShippingMethods: shippingMethods(),
		Types:           types(pickup),
		States: []map[string]any{{
			"id": stateID, "key": "ordered", "type": "LineItemState", "initial": true, "builtIn": false,
		}},
		Configuration: configuration(),
	}
}

func configuration() map[string]any {
	return map[string]any{
		"orderCustomTypeKey":               ConnectorType,
		"collectChannelReferenceFieldName": PickupField,
		"shippingMethodMapping": map[string]any{
			standardMethod: map[string]any{"serviceType": "SHIPPING", "serviceLevel": "DELIVERY", "carriers": []any{"DHL_V2"}},
			expressMethod:  map[string]any{"serviceType": "SHIPPING", "serviceLevel": "SAMEDAY"},
			pickupMethod:   map[string]any{"serviceType": "CLICK_AND_COLLECT"},
		},
	}
}

// place is a channel with an address.
type place struct {
	key, name, street, number, postalCode, city, country string

	longitude, latitude float64
}

// channelPlaces are the shop's warehouse and branches; orders refer to them by position.
func channelPlaces() []place {
	return []place{
		{"warehouse-leipzig", "Lager Leipzig", "Am Frachtring", "12", "04158", "Leipzig", "DE", 12.32, 51.39},
		{"store-berlin", "Berlin Mitte", "Lampengasse", "4", "10117", "Berlin", "DE", 13.39, 52.52},
		{"store-hamburg", "Hamburg", "Leinenstieg", "21", "20095", "Hamburg", "DE", 10.00, 53.55},
		{"store-koeln", "Köln", "Töpfergasse", "7a", "50667", "Köln", "DE", 6.96, 50.94},
		{"store-wien", "Wien", "Lichtzeile", "3", "1010", "Wien", "AT", 16.37, 48.21},
		{"store-paris", "Paris", "Rue des Abat-Jour", "18", "75004", "Paris", "FR", 2.35, 48.86},
		{"store-london", "London", "Linen Row", "9", "E1 6AN", "London", "GB", -0.07, 51.52},
		{"store-warszawa", "Warszawa", "Lampowa", "5", "00-001", "Warszawa", "PL", 21.01, 52.23},
		{"store-tokyo", "東京", "光通り", "2-1", "100-0001", "東京", "JP", 139.75, 35.69},
	}
}

func channels() []map[string]any {
	var all []map[string]any
	for i, p := range channelPlaces() {
		roles := []any{"InventorySupply"}
		if i > 0 {
			roles = append(roles, "ProductDistribution")
		}
		all = append(all, map[string]any{
			"id": channelID(i), "key": p.key, "roles": roles, "name": localized("de-DE", p.name, "en-GB", p.name),
			"address": map[string]any{
				"streetName": p.street, "streetNumber": p.number, "postalCode": p.postalCode, "city": p.city,
				"country": p.country, "company": "Halm & Krug", "phone": "+49 30 5550 " + p.postalCode[:2],
			},
			"geoLocation": map[string]any{"type": "Point", "coordinates": []any{p.longitude, p.latitude}},
		})
	}
	return append(all,
		map[string]any{"id": channelID(len(all)), "key": "web", "roles": []any{"ProductDistribution"}, "name": localized("en", "Web shop")},
		map[string]any{"id": channelID(len(all) + 1), "key": "fft", "roles": []any{"OrderExport"}})
}

// supplyOfStores lists each store's supply channels by their position in places.
func supplyOfStores() map[string][]int {
	return map[string][]int{"germany": {1, 2, 3}, "wien": {4}, "france": {5}, "japan": {8}}
}

func stores() []map[string]any {
	var all []map[string]any
	for i, key := range []string{"germany", "wien", "france", "japan"} {
		var supply, countries []any
		for _, n := range supplyOfStores()[key] {
			supply = append(supply, reference("channel", channelID(n)))
			if len(countries) == 0 {
				countries = append(countries, map[string]any{"code": channelPlaces()[n].country})
			}
		}
		all = append(all, map[string]any{
			"id": fixedID('5', i), "key": key, "name": localized("en", key), "languages": []any{"de-DE", "en-GB"},
			"countries": countries, "supplyChannels": supply, "distributionChannels": []any{}, "productSelections": []any{},
		})
	}
	return all
}

// method is one of the shop's shipping methods; cents is its price in euro cents.
type method struct {
	key, name string
	cents     int
}

func shippingMethodsSold() []method {
	return []method{
		{standardMethod, "DHL Paket", 495},
		{expressMethod, "Same day by bicycle", 1290},
		{pickupMethod, "Collect in store", 0},
		{freightMethod, "Freight forwarder", 4900},
		{keylessMethod, "Letter post", 180},
	}
}

func shippingMethods() []map[string]any {
	var all []map[string]any
	for i, m := range shippingMethodsSold() {
		draft := map[string]any{
			"id": fixedID('6', i), "name": m.name, "active": true, "isDefault": i == 0, "stores": []any{},
			"taxCategory": reference("tax-category", taxCategoryID),
			"zoneRates": []any{map[string]any{
				"zone":          reference("zone", fixedID('7', 0)),
				"shippingRates": []any{shippingRate(euro(m.cents))},
			}},
		}
		if m.key != "" {
			draft["key"] = m.key
		}
		all = append(all, draft)
	}
	return all
}

func types(pickup map[string]any) []map[string]any {
	merchant := []any{
		fieldDefinition("giftMessage", "String"), fieldDefinition("newsletter", "Boolean"),
		map[string]any{
			"name": "loyaltyTier", "label": localized("en", "loyaltyTier"), "required": false,
			"type": map[string]any{"name": "Enum", "values": []any{
				map[string]any{"key": "silver", "label": "Silver"}, map[string]any{"key": "gold", "label": "Gold"},
			}},
		},
	}
	ours := []any{
		fieldDefinition("fft_order_id", "String"), fieldDefinition("fft_pickjob_id", "String"), fieldDefinition("fft_shortid", "String"),
		fieldDefinition("fft_facility_id", "String"), fieldDefinition("fft_handover_job_id", "String"), fieldDefinition("fft_parcels", "String"),
		fieldDefinition("fft_load_units_amount", "Number"),
	}
	return []map[string]any{
		orderType(0, ConnectorType, []any{pickup}),
		orderType(1, merchantType, merchant),
		orderType(2, extendedType, append(append([]any{}, merchant...), ours...)),
	}
}

func orderType(n int, key string, fields []any) map[string]any {
	return map[string]any{
		"id": typeID(n), "key": key, "name": localized("en", key),
		"resourceTypeIds": []any{"order"}, "fieldDefinitions": fields,
	}
}

func fieldDefinition(name, kind string) map[string]any {
	return map[string]any{
		"name": name, "label": localized("en", name), "required": false, "inputHint": "SingleLine",
		"type": map[string]any{"name": kind},
	}
}
