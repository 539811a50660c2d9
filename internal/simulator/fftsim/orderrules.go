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
	anyText := text(0, 0)
	tags := strictTags()
	return strict(fields{
		"orderDate*":          dateTime,
		"orderLineItems*":     list(1, 500, orderLineRules(tags)),
		"consumer*":           consumerRules(),
		"tenantOrderId":       anyText,
		"status":              oneOf("OPEN", "CANCELLED", "PROMISED", "LOCKED", "OBSOLETE"),
		"statusReasons":       list(0, 500, loose(fields{"status*": oneOf("OPEN", "CANCELLED", "PROMISED", "LOCKED", "OBSOLETE"), "reason*": anyText})),
		"deliveryPreferences": deliveryRules(),
		"paymentInfo":         strict(fields{"currency": anyText, "methodLocalized": localized(0, 0)}),
		"customAttributes":    customAttributes,
		"tags":                list(1, 500, tags),
		"stickers":            list(1, 100, stickerRules()),
		"customServices":      list(1, 500, customServiceRules()),
		"pricing":             pricingRules(),
		"promisesOptions":     strict(fields{"validUntil*": dateTime}),
		"source":              all(strict(fields{"sourceRef": anyText, "tenantSourceId": anyText}), either("sourceRef", "tenantSourceId")),
	})
}

func strictTags() rule { return loose(fields{"id*": text(0, 0), "value*": text(0, 0)}) }

func stickerRules() rule {
	return strict(fields{
		"key*": text(0, 0), "nameLocalized*": localized(1, 14), "name": text(0, 0), "color": text(0, 0),
		"priority*": integer(1, 10000),
	})
}

func consumerRules() rule {
	return loose(fields{
		"addresses": list(0, 500, consumerAddressRules()), "consumerId": text(0, 0), "customAttributes": customAttributes,
		"email": email, "facilityRef": text(0, 0), "tenantFacilityId": text(0, 0),
	})
}

// addressFields are shared by the addresses of consumers and facilities.
func addressFields() fields {
	filled := pattern("^.+$")
	return fields{
		"street*": filled, "city*": filled, "postalCode*": filled, "houseNumber": filled, "province": filled,
		"country*": pattern("^[A-Z]{2}$"), "additionalAddressInfo": text(0, 0), "customAttributes": customAttributes,
		"phoneNumbers": list(0, 500, loose(fields{
			"type*": oneOf("MOBILE", "PHONE"), "value*": text(0, 0), "label": text(0, 0), "customAttributes": customAttributes,
		})),
	}
}

func consumerAddressRules() rule {
	f := addressFields()
	f["addressType"] = oneOf("POSTAL_ADDRESS", "PARCEL_LOCKER", "INVOICE_ADDRESS")
	f["email"] = email
	f["coordinates"] = loose(fields{"lat*": number(-math.MaxFloat64, math.MaxFloat64), "lon*": number(-math.MaxFloat64, math.MaxFloat64)})
	for _, key := range []string{"companyName", "firstName", "lastName", "personalTitle", "salutation"} {
		f[key] = text(0, 0)
	}
	return loose(f)
}

func orderLineRules(tags rule) rule {
	return strict(fields{
		"article*": articleRules(), "quantity*": integer(1, noLimit), "scannableCodes": list(0, 500, text(0, 0)),
		"customAttributes": customAttributes, "tags": list(0, 500, tags), "measurementUnitKey": text(0, 0),
		"secondaryMeasurementUnitKey": text(0, 0), "secondaryQuantity": integer(0, noLimit),
		"measurementValidation": measurementRules(), "allowedSubstitutes": list(0, 500, substituteRules()),
		"shopPrice": number(-math.MaxFloat64, math.MaxFloat64),
	})
}

func measurementRules() rule {
	over, short := number(0, math.MaxFloat64), number(0, 100)
	return loose(fields{
		"overPickHardTolerancePercentage": over, "overPickSoftTolerancePercentage": over,
		"shortPickHardTolerancePercentage": short, "shortPickSoftTolerancePercentage": short,
	})
}

func articleRules() rule {
	return loose(fields{
		"tenantArticleId*": text(0, 0), "title*": text(0, 0), "titleLocalized": localized(0, 0), "imageUrl": text(0, 0),
		"weight": number(0, math.MaxFloat64), "attributes": list(0, 500, attributeRules()),
		"customAttributes": nullable(customAttributes),
	})
}

func substituteRules() rule {
	return loose(fields{
		"tenantArticleId*": text(0, 0), "title*": text(0, 0), "imageUrl": text(0, 0), "priority": number(0, math.MaxFloat64),
		"measurementUnitKey": text(0, 0), "secondaryMeasurementUnitKey": text(0, 0),
		"measurementValidation": measurementRules(), "scannableCodes": list(0, 500, text(0, 0)),
		"attributes": list(0, 40, attributeRules()),
	})
}

func deliveryRules() rule {
	refs := list(0, 500, text(0, 0))
	return strict(fields{
		"shipping": shippingRules(), "collect": list(0, 1, collectRules()), "targetTime": dateTime,
		"estimatedDeliveryDate": dateTime, "sourcingOptionRefs": refs, "supplyingFacilities": refs,
		"reservationPreferences": loose(fields{"mode*": oneOf("SCHEDULED", "ASAP", "ALAP"), "reservationTime": dateTime}),
	})
}

func facilityChoice(f fields) rule {
	f["facilityRef"], f["tenantFacilityId"] = text(0, 0), text(0, 0)
	return all(loose(f), either("facilityRef", "tenantFacilityId"))
}

func collectRules() rule {
	event := loose(fields{"deliveryTarget*": oneOf("SHIP_TO_STORE", "SHIP_TO_CUSTOMER"), "deliveryTrigger*": oneOf("DEFAULT")})
	return facilityChoice(fields{
		"paid": boolean, "provisioningTime": dateTime, "supplyingFacilities": list(0, 500, text(0, 0)),
		"supplyingFacilitiesConfigurations": list(0, 500, facilityChoice(fields{"deliveryEvents*": list(0, 500, event)})),
	})
}

func shippingRules() rule {
	service := oneOf("SIGNATURE", "CUSTOMER_SIGNATURE", "ADULT_SIGNATURE", "SATURDAY_DELIVERY", "IDENTITY_CHECK_COMPANY",
		"IDENTITY_CHECK_PRIVATE", "ADDITIONAL_TRANSPORTATION_INSURANCE", "IDENTITY_AGE_CHECK_18",
		"NO_NEIGHBOR_DELIVERY", "HANDOVER_TO_RECIPIENT_ONLY")
	return loose(fields{
		"serviceLevel": oneOf("DELIVERY", "SAMEDAY"), "preferredCarriers": list(0, 500, text(0, 0)),
		"preferredCarriersWithProduct": list(0, 500, strict(fields{
			"carrierKey*": text(0, 0), "carrierProduct": text(0, 0), "carrierServices": list(0, 500, service),
		})),
		"carrierProductCategory": oneOf("STANDARD", "EXPRESS", "VALUE", "FORWARDING"),
		"preselectedFacilities":  list(0, 500, facilityChoice(fields{})), "desiredDeliveryTime": dateTime,
	})
}

func pricingRules() rule {
	money := loose(fields{"value*": integer(math.MinInt64, noLimit), "currency*": oneOf(strings.Fields(currencies)...), "decimalPlaces": integer(0, 20)})
	anyNumber, anyText := number(-math.MaxFloat64, math.MaxFloat64), text(0, 0)
	return loose(fields{
		"discounts": list(0, 100, loose(fields{
			"type": oneOf("ABSOLUTE", "PERCENTAGE"), "value": money, "percentage": anyNumber, "code": anyText, "name": anyText,
			"nameLocalized": localized(0, 0), "context": anyText, "tenantDiscountId": anyText,
		})),
		"fees": list(0, 100, loose(fields{"name": anyText, "value": money})),
		"taxes": list(0, 100, loose(fields{
			"value*": money, "taxableValue": money, "ratePercent": anyNumber, "scope": anyText, "type": anyText,
		})),
	})
}

func customServiceRules() rule {
	definition := loose(fields{
		"customServiceRef": text(0, 0), "tenantCustomServiceId": text(0, 0), "isBundled": boolean, "customAttributes": customAttributes,
		"additionalInformation": list(0, 500, loose(fields{
			"additionalInformationRef*": text(0, 0), "tenantAdditionalInformationId": text(0, 0), "value": scalar,
		})),
	})
	articles := list(0, 500, strict(fields{"tenantArticleRef*": text(0, 0), "quantity*": number(1, math.MaxFloat64)}))
	var service rule
	items := func(c *check, path string, value any) { list(0, 500, service)(c, path, value) }
	service = strict(fields{"customServiceDefinition*": definition, "articleItems*": articles, "customServiceItems*": items})
	return service
}
