package fftsim

import (
	"math"
	"strings"
)

const noLimit = math.MaxInt64

// currencies are those that a price may have.
const currencies = `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
	CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
	GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
	LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
	OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
	SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA
	XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL`

// orderRules are the rules of the body that creates an order.
func orderRules() rule {
	anyText := textRule(0, 0)
	tags := strictTags()
	return objectWithOnly(fields{
		"orderDate*":          dateTime,
		"orderLineItems*":     listRule(1, 500, orderLineRules(tags)),
		"consumer*":           consumerRules(),
		"tenantOrderId":       anyText,
		"status":              oneOf("OPEN", "CANCELLED", "PROMISED", "LOCKED", "OBSOLETE"),
		"statusReasons":       listRule(0, 500, objectWithAtLeast(fields{"status*": oneOf("OPEN", "CANCELLED", "PROMISED", "LOCKED", "OBSOLETE"), "reason*": anyText})),
		"deliveryPreferences": deliveryRules(),
		"paymentInfo":         objectWithOnly(fields{"currency": anyText, "methodLocalized": localized(0, 0)}),
		"customAttributes":    customAttributes,
		"tags":                listRule(1, 500, tags),
		"stickers":            listRule(1, 100, stickerRules()),
		"customServices":      listRule(1, 500, customServiceRules()),
		"pricing":             pricingRules(),
		"promisesOptions":     objectWithOnly(fields{"validUntil*": dateTime}),
		"source":              allRules(objectWithOnly(fields{"sourceRef": anyText, "tenantSourceId": anyText}), either("sourceRef", "tenantSourceId")),
	})
}

func strictTags() rule {
	return objectWithAtLeast(fields{"id*": textRule(0, 0), "value*": textRule(0, 0)})
}

func stickerRules() rule {
	return objectWithOnly(fields{
		"key*": textRule(0, 0), "nameLocalized*": localized(1, 14), "name": textRule(0, 0), "color": textRule(0, 0),
		"priority*": integerRule(1, 10000),
	})
}

func consumerRules() rule {
	return objectWithAtLeast(fields{
		"addresses": listRule(0, 500, consumerAddressRules()), "consumerId": textRule(0, 0), "customAttributes": customAttributes,
		"email": email, "facilityRef": textRule(0, 0), "tenantFacilityId": textRule(0, 0),
	})
}

// addressFields are shared by the addresses of consumers and facilities.
func addressFields() fields {
	filled := patternRule("^.+$")
	return fields{
		"street*": filled, "city*": filled, "postalCode*": filled, "houseNumber": filled, "province": filled,
		"country*": patternRule("^[A-Z]{2}$"), "additionalAddressInfo": textRule(0, 0), "customAttributes": customAttributes,
		"phoneNumbers": listRule(0, 500, objectWithAtLeast(fields{
			"type*": oneOf("MOBILE", "PHONE"), "value*": textRule(0, 0), "label": textRule(0, 0), "customAttributes": customAttributes,
		})),
	}
}

func consumerAddressRules() rule {
	f := addressFields()
	f["addressType"] = oneOf("POSTAL_ADDRESS", "PARCEL_LOCKER", "INVOICE_ADDRESS")
	f["email"] = email
	f["coordinates"] = objectWithAtLeast(fields{"lat*": numberRule(-math.MaxFloat64, math.MaxFloat64), "lon*": numberRule(-math.MaxFloat64, math.MaxFloat64)})
	for _, key := range []string{"companyName", "firstName", "lastName", "personalTitle", "salutation"} {
		f[key] = textRule(0, 0)
	}
	return objectWithAtLeast(f)
}

func orderLineRules(tags rule) rule {
	return objectWithOnly(fields{
		"article*": articleRules(), "quantity*": integerRule(1, noLimit), "scannableCodes": listRule(0, 500, textRule(0, 0)),
		"customAttributes": customAttributes, "tags": listRule(0, 500, tags), "measurementUnitKey": textRule(0, 0),
		"secondaryMeasurementUnitKey": textRule(0, 0), "secondaryQuantity": integerRule(0, noLimit),
		"measurementValidation": measurementRules(), "allowedSubstitutes": listRule(0, 500, substituteRules()),
		"shopPrice": numberRule(-math.MaxFloat64, math.MaxFloat64),
	})
}

func measurementRules() rule {
	over, short := numberRule(0, math.MaxFloat64), numberRule(0, 100)
	return objectWithAtLeast(fields{
		"overPickHardTolerancePercentage": over, "overPickSoftTolerancePercentage": over,
		"shortPickHardTolerancePercentage": short, "shortPickSoftTolerancePercentage": short,
	})
}

func articleRules() rule {
	return objectWithAtLeast(fields{
		"tenantArticleId*": textRule(0, 0), "title*": textRule(0, 0), "titleLocalized": localized(0, 0), "imageUrl": textRule(0, 0),
		"weight": numberRule(0, math.MaxFloat64), "attributes": listRule(0, 500, attributeRules()),
		"customAttributes": orNull(customAttributes),
	})
}

func substituteRules() rule {
	return objectWithAtLeast(fields{
		"tenantArticleId*": textRule(0, 0), "title*": textRule(0, 0), "imageUrl": textRule(0, 0), "priority": numberRule(0, math.MaxFloat64),
		"measurementUnitKey": textRule(0, 0), "secondaryMeasurementUnitKey": textRule(0, 0),
		"measurementValidation": measurementRules(), "scannableCodes": listRule(0, 500, textRule(0, 0)),
		"attributes": listRule(0, 40, attributeRules()),
	})
}

func deliveryRules() rule {
	refs := listRule(0, 500, textRule(0, 0))
	return objectWithOnly(fields{
		"shipping": shippingRules(), "collect": listRule(0, 1, collectRules()), "targetTime": dateTime,
		"estimatedDeliveryDate": dateTime, "sourcingOptionRefs": refs, "supplyingFacilities": refs,
		"reservationPreferences": objectWithAtLeast(fields{"mode*": oneOf("SCHEDULED", "ASAP", "ALAP"), "reservationTime": dateTime}),
	})
}

func facilityChoice(f fields) rule {
	f["facilityRef"], f["tenantFacilityId"] = textRule(0, 0), textRule(0, 0)
	return allRules(objectWithAtLeast(f), either("facilityRef", "tenantFacilityId"))
}

func collectRules() rule {
	event := objectWithAtLeast(fields{"deliveryTarget*": oneOf("SHIP_TO_STORE", "SHIP_TO_CUSTOMER"), "deliveryTrigger*": oneOf("DEFAULT")})
	return facilityChoice(fields{
		"paid": boolean, "provisioningTime": dateTime, "supplyingFacilities": listRule(0, 500, textRule(0, 0)),
		"supplyingFacilitiesConfigurations": listRule(0, 500, facilityChoice(fields{"deliveryEvents*": listRule(0, 500, event)})),
	})
}

func shippingRules() rule {
	service := oneOf("SIGNATURE", "CUSTOMER_SIGNATURE", "ADULT_SIGNATURE", "SATURDAY_DELIVERY", "IDENTITY_CHECK_COMPANY",
		"IDENTITY_CHECK_PRIVATE", "ADDITIONAL_TRANSPORTATION_INSURANCE", "IDENTITY_AGE_CHECK_18",
		"NO_NEIGHBOR_DELIVERY", "HANDOVER_TO_RECIPIENT_ONLY")
	return objectWithAtLeast(fields{
		"serviceLevel": oneOf("DELIVERY", "SAMEDAY"), "preferredCarriers": listRule(0, 500, textRule(0, 0)),
		"preferredCarriersWithProduct": listRule(0, 500, objectWithOnly(fields{
			"carrierKey*": textRule(0, 0), "carrierProduct": textRule(0, 0), "carrierServices": listRule(0, 500, service),
		})),
		"carrierProductCategory": oneOf("STANDARD", "EXPRESS", "VALUE", "FORWARDING"),
		"preselectedFacilities":  listRule(0, 500, facilityChoice(fields{})), "desiredDeliveryTime": dateTime,
	})
}

func pricingRules() rule {
	money := objectWithAtLeast(fields{"value*": integerRule(math.MinInt64, noLimit), "currency*": oneOf(strings.Fields(currencies)...), "decimalPlaces": integerRule(0, 20)})
	anyNumber, anyText := numberRule(-math.MaxFloat64, math.MaxFloat64), textRule(0, 0)
	return objectWithAtLeast(fields{
		"discounts": listRule(0, 100, objectWithAtLeast(fields{
			"type": oneOf("ABSOLUTE", "PERCENTAGE"), "value": money, "percentage": anyNumber, "code": anyText, "name": anyText,
			"nameLocalized": localized(0, 0), "context": anyText, "tenantDiscountId": anyText,
		})),
		"fees": listRule(0, 100, objectWithAtLeast(fields{"name": anyText, "value": money})),
		"taxes": listRule(0, 100, objectWithAtLeast(fields{
			"value*": money, "taxableValue": money, "ratePercent": anyNumber, "scope": anyText, "type": anyText,
		})),
	})
}

func customServiceRules() rule {
	definition := objectWithAtLeast(fields{
		"customServiceRef": textRule(0, 0), "tenantCustomServiceId": textRule(0, 0), "isBundled": boolean, "customAttributes": customAttributes,
		"additionalInformation": listRule(0, 500, objectWithAtLeast(fields{
			"additionalInformationRef*": textRule(0, 0), "tenantAdditionalInformationId": textRule(0, 0), "value": scalar,
		})),
	})
	articles := listRule(0, 500, objectWithOnly(fields{"tenantArticleRef*": textRule(0, 0), "quantity*": numberRule(1, math.MaxFloat64)}))
	var service rule
	items := func(c *check, path string, value any) { listRule(0, 500, service)(c, path, value) }
	service = objectWithOnly(fields{"customServiceDefinition*": definition, "articleItems*": articles, "customServiceItems*": items})
	return service
}
