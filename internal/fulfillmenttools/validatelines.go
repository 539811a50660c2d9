package fulfillmenttools

import (
	"fmt"
	"math"
)

func (c Consumer) problems() []Problem {
	var p problems
	p.checkCustomAttributes("customAttributes", c.CustomAttributes)
	p.require(c.Email == "" || IsValidEmail(c.Email), "email", "is no e-mail address")
	p.checkCount("addresses", len(c.Addresses), MaxEntries)
	for i := range c.Addresses {
		p.addAllOfElement("addresses", i, c.Addresses[i].problems())
	}
	return p
}

func (a ConsumerAddress) problems() []Problem {
	var p problems
	p.checkOneOf("addressType", a.AddressType, PostalAddress, InvoiceAddress, ParcelLocker)
	p.checkLine("street", a.Street)
	p.checkLine("city", a.City)
	p.checkLine("postalCode", a.PostalCode)
	if a.HouseNumber != "" {
		p.checkLine("houseNumber", a.HouseNumber)
	}
	if a.Province != "" {
		p.checkLine("province", a.Province)
	}
	p.require(IsValidCountry(a.Country), "country", "is not a country's code of two capital letters")
	p.require(a.Email == "" || IsValidEmail(a.Email), "email", "is no e-mail address")
	p.checkCount("phoneNumbers", len(a.PhoneNumbers), MaxEntries)
	for i, phone := range a.PhoneNumbers {
		if phone.Value == "" || phone.Type != "MOBILE" && phone.Type != "PHONE" {
			p.add(fmt.Sprintf("phoneNumbers[%d]", i), "must be a MOBILE or PHONE with a value")
		}
	}
	p.checkCustomAttributes("customAttributes", a.CustomAttributes)
	return p
}

func (l OrderLineItem) problems() []Problem {
	var p problems
	p.require(l.Quantity >= 1, "quantity", "must be 1 or more")
	p.checkCount("scannableCodes", len(l.ScannableCodes), MaxEntries)
	p.require(l.ShopPrice == nil || isFinite(*l.ShopPrice), "shopPrice", "is not a number")
	p.require(l.SecondaryQuantity == nil || *l.SecondaryQuantity >= 0, "secondaryQuantity", "must not be negative")
	p.checkTags(l.Tags)
	p.checkCustomAttributes("customAttributes", l.CustomAttributes)
	p.addAll("article", l.Article.problems())
	if l.MeasurementValidation != nil {
		p.addAll("measurementValidation", l.MeasurementValidation.problems())
	}
	p.checkCount("allowedSubstitutes", len(l.AllowedSubstitutes), MaxEntries)
	for i, substitute := range l.AllowedSubstitutes {
		p.addAllOfElement("allowedSubstitutes", i, substitute.problems())
	}
	return p
}

func (v MeasurementValidation) problems() []Problem {
	var p problems
	within := func(field string, percent *float64, most float64) {
		p.require(percent == nil || *percent >= 0 && *percent <= most, field, "is out of range")
	}
	within("overPickSoftTolerancePercentage", v.OverPickSoft, math.MaxFloat64)
	within("overPickHardTolerancePercentage", v.OverPickHard, math.MaxFloat64)
	within("shortPickSoftTolerancePercentage", v.ShortPickSoft, 100)
	within("shortPickHardTolerancePercentage", v.ShortPickHard, 100)
	return p
}

func (s AllowedSubstitute) problems() []Problem {
	var p problems
	p.checkText("tenantArticleId", s.TenantArticleID)
	p.checkText("title", s.Title)
	p.require(s.Priority >= 0, "priority", "must not be negative")
	if s.MeasurementValidation != nil {
		p.addAll("measurementValidation", s.MeasurementValidation.problems())
	}
	p.checkCount("scannableCodes", len(s.ScannableCodes), MaxEntries)
	p.checkCount("attributes", len(s.Attributes), maxSubstituteAttributes)
	for i, attribute := range s.Attributes {
		p.addAllOfElement("attributes", i, attribute.problems())
	}
	return p
}

const maxSubstituteAttributes = 40

func (a Article) problems() []Problem {
	var p problems
	p.checkText("tenantArticleId", a.TenantArticleID)
	p.checkText("title", a.Title)
	p.require(a.Weight == nil || *a.Weight >= 0 && isFinite(*a.Weight), "weight", "must be 0 or more")
	p.checkCustomAttributes("customAttributes", a.CustomAttributes)
	p.checkCount("attributes", len(a.Attributes), MaxEntries)
	for i := range a.Attributes {
		p.addAllOfElement("attributes", i, a.Attributes[i].problems())
	}
	return p
}

func (a Attribute) problems() []Problem {
	var p problems
	p.checkText("key", a.Key)
	p.checkText("value", a.Value)
	p.checkOneOf("category", a.Category, categoryDescriptive, CategoryMiscellaneous, categoryPickingSequence, categoryCustoms, categoryInsurance, CategoryShop,
		categoryDimension, categoryCarrierService, categorySalesPrice, CategoryBasePrice, CategoryTax, CategoryDiscount, categorySurcharge,
		categoryBeforeDiscounts, categoryAfterDiscounts, categoryFinalUnitPrice, categoryFinalLinePrice)
	p.checkOneOf("type", a.Type, "STRING", TypeNumber, TypeCurrency, "BOOLEAN")
	p.require(a.Priority >= 0 && a.Priority <= 1001, "priority", "must be 1 to 1001")
	p.checkPrices(a)
	if a.Category != categoryDescriptive {
		p.require(len(a.KeyLocalized) == 0, "keyLocalized", "is for the category descriptive only")
		p.require(len(a.ValueLocalized) == 0, "valueLocalized", "is for the category descriptive only")
	}
	return p
}

func (d DeliveryPreferences) problems() []Problem {
	var p problems
	p.checkCount("collect", len(d.Collect), 1)
	for i, collect := range d.Collect {
		field := fmt.Sprintf("collect[%d]", i)
		p.require(collect.FacilityRef != "" || collect.TenantFacilityID != "", field, "names no facility")
		p.checkCount(field+".supplyingFacilities", len(collect.SupplyingFacilities), MaxEntries)
		p.checkCount(field+".supplyingFacilitiesConfigurations", len(collect.SupplyingFacilitiesConfigurations), MaxEntries)
		for j, supplying := range collect.SupplyingFacilitiesConfigurations {
			p.addAllOfElement(field+".supplyingFacilitiesConfigurations", j, supplying.problems())
		}
	}
	p.checkCount("supplyingFacilities", len(d.SupplyingFacilities), MaxEntries)
	p.checkCount("sourcingOptionRefs", len(d.SourcingOptionRefs), MaxEntries)
	if d.ReservationPreferences != nil {
		p.checkText("reservationPreferences.mode", d.ReservationPreferences.Mode)
		p.checkOneOf("reservationPreferences.mode", d.ReservationPreferences.Mode, "SCHEDULED", "ASAP", "ALAP")
	}
	if d.Shipping != nil {
		p.addAll("shipping", d.Shipping.problems())
	}
	return p
}

func (s SupplyingFacility) problems() []Problem {
	var p problems
	p.require(s.FacilityRef != "" || s.TenantFacilityID != "", "facilityRef", "and tenantFacilityId are empty")
	p.require(s.DeliveryEvents != nil, "deliveryEvents", "is missing")
	p.checkCount("deliveryEvents", len(s.DeliveryEvents), MaxEntries)
	for i, event := range s.DeliveryEvents {
		field := fmt.Sprintf("deliveryEvents[%d].", i)
		p.checkText(field+"deliveryTarget", event.DeliveryTarget)
		p.checkOneOf(field+"deliveryTarget", event.DeliveryTarget, "SHIP_TO_STORE", "SHIP_TO_CUSTOMER")
		p.checkText(field+"deliveryTrigger", event.DeliveryTrigger)
		p.checkOneOf(field+"deliveryTrigger", event.DeliveryTrigger, "DEFAULT")
	}
	return p
}

func (s Shipping) problems() []Problem {
	var p problems
	p.checkOneOf("serviceLevel", s.ServiceLevel, "DELIVERY", "SAMEDAY")
	p.checkOneOf("carrierProductCategory", s.CarrierProductCategory, "STANDARD", "EXPRESS", "VALUE", "FORWARDING")
	p.checkCount("preferredCarriers", len(s.PreferredCarriers), MaxEntries)
	p.checkCount("preferredCarriersWithProduct", len(s.PreferredCarriersWithProduct), MaxEntries)
	for i, carrier := range s.PreferredCarriersWithProduct {
		p.addAllOfElement("preferredCarriersWithProduct", i, carrier.problems())
	}
	p.checkCount("preselectedFacilities", len(s.PreselectedFacilities), MaxEntries)
	for i, facility := range s.PreselectedFacilities {
		if facility.FacilityRef == "" && facility.TenantFacilityID == "" {
			p.add(fmt.Sprintf("preselectedFacilities[%d]", i), "names no facility")
		}
	}
	return p
}

func (c CarrierWithProduct) problems() []Problem {
	var p problems
	p.checkText("carrierKey", c.CarrierKey)
	for _, service := range c.CarrierServices {
		p.checkOneOf("carrierServices", service, "SIGNATURE", "CUSTOMER_SIGNATURE", "ADULT_SIGNATURE", "SATURDAY_DELIVERY", "IDENTITY_CHECK_COMPANY",
			"IDENTITY_CHECK_PRIVATE", "ADDITIONAL_TRANSPORTATION_INSURANCE", "IDENTITY_AGE_CHECK_18", "NO_NEIGHBOR_DELIVERY", "HANDOVER_TO_RECIPIENT_ONLY")
	}
	return p
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
