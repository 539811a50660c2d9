package fulfillmenttools

import (
	"fmt"
	"math"
)

func (c Consumer) problems() []Problem {
	var p problems
	p.custom("customAttributes", c.CustomAttributes)
	p.must(c.Email == "" || ValidEmail(c.Email), "email", "is no e-mail address")
	p.count("addresses", len(c.Addresses), MaxEntries)
	for i := range c.Addresses {
		p.each("addresses", i, c.Addresses[i].problems())
	}
	return p
}

func (a ConsumerAddress) problems() []Problem {
	var p problems
	p.oneOf("addressType", a.AddressType, PostalAddress, InvoiceAddress, ParcelLocker)
	p.line("street", a.Street)
	p.line("city", a.City)
	p.line("postalCode", a.PostalCode)
	if a.HouseNumber != "" {
		p.line("houseNumber", a.HouseNumber)
	}
	if a.Province != "" {
		p.line("province", a.Province)
	}
	p.must(ValidCountry(a.Country), "country", "is not a country's code of two capital letters")
	p.must(a.Email == "" || ValidEmail(a.Email), "email", "is no e-mail address")
	p.count("phoneNumbers", len(a.PhoneNumbers), MaxEntries)
	for i, phone := range a.PhoneNumbers {
		if phone.Value == "" || phone.Type != "MOBILE" && phone.Type != "PHONE" {
			p.add(fmt.Sprintf("phoneNumbers[%d]", i), "must be a MOBILE or PHONE with a value")
		}
	}
	p.custom("customAttributes", a.CustomAttributes)
	return p
}

func (l OrderLineItem) problems() []Problem {
	var p problems
	p.must(l.Quantity >= 1, "quantity", "must be 1 or more")
	p.count("scannableCodes", len(l.ScannableCodes), MaxEntries)
	p.must(l.ShopPrice == nil || finite(*l.ShopPrice), "shopPrice", "is not a number")
	p.must(l.SecondaryQuantity == nil || *l.SecondaryQuantity >= 0, "secondaryQuantity", "must not be negative")
	p.tags(l.Tags)
	p.custom("customAttributes", l.CustomAttributes)
	p.below("article", l.Article.problems())
	if l.MeasurementValidation != nil {
		p.below("measurementValidation", l.MeasurementValidation.problems())
	}
	p.count("allowedSubstitutes", len(l.AllowedSubstitutes), MaxEntries)
	for i, substitute := range l.AllowedSubstitutes {
		p.each("allowedSubstitutes", i, substitute.problems())
	}
	return p
}

func (v MeasurementValidation) problems() []Problem {
	var p problems
	within := func(field string, percent *float64, most float64) {
		p.must(percent == nil || *percent >= 0 && *percent <= most, field, "is out of range")
	}
	within("overPickSoftTolerancePercentage", v.OverPickSoft, math.MaxFloat64)
	within("overPickHardTolerancePercentage", v.OverPickHard, math.MaxFloat64)
	within("shortPickSoftTolerancePercentage", v.ShortPickSoft, 100)
	within("shortPickHardTolerancePercentage", v.ShortPickHard, 100)
	return p
}

func (s AllowedSubstitute) problems() []Problem {
	var p problems
	p.text("tenantArticleId", s.TenantArticleID)
	p.text("title", s.Title)
	p.must(s.Priority >= 0, "priority", "must not be negative")
	if s.MeasurementValidation != nil {
		p.below("measurementValidation", s.MeasurementValidation.problems())
	}
	p.count("scannableCodes", len(s.ScannableCodes), MaxEntries)
	p.count("attributes", len(s.Attributes), maxSubstituteAttributes)
	for i, attribute := range s.Attributes {
		p.each("attributes", i, attribute.problems())
	}
	return p
}

const maxSubstituteAttributes = 40

func (a Article) problems() []Problem {
	var p problems
	p.text("tenantArticleId", a.TenantArticleID)
	p.text("title", a.Title)
	p.must(a.Weight == nil || *a.Weight >= 0 && finite(*a.Weight), "weight", "must be 0 or more")
	p.custom("customAttributes", a.CustomAttributes)
	p.count("attributes", len(a.Attributes), MaxEntries)
	for i := range a.Attributes {
		p.each("attributes", i, a.Attributes[i].problems())
	}
	return p
}

func (a Attribute) problems() []Problem {
	var p problems
	p.text("key", a.Key)
	p.text("value", a.Value)
	p.oneOf("category", a.Category, categoryDescriptive, CategoryMiscellaneous, categoryPickingSequence, categoryCustoms, categoryInsurance, CategoryShop,
		categoryDimension, categoryCarrierService, categorySalesPrice, CategoryBasePrice, CategoryTax, CategoryDiscount, categorySurcharge,
		categoryBeforeDiscounts, categoryAfterDiscounts, categoryFinalUnitPrice, categoryFinalLinePrice)
	p.oneOf("type", a.Type, "STRING", TypeNumber, TypeCurrency, "BOOLEAN")
	p.must(a.Priority >= 0 && a.Priority <= 1001, "priority", "must be 1 to 1001")
	p.prices(a)
	if a.Category != categoryDescriptive {
		p.must(len(a.KeyLocalized) == 0, "keyLocalized", "is for the category descriptive only")
		p.must(len(a.ValueLocalized) == 0, "valueLocalized", "is for the category descriptive only")
	}
	return p
}

func (d DeliveryPreferences) problems() []Problem {
	var p problems
	p.count("collect", len(d.Collect), 1)
	for i, collect := range d.Collect {
		field := fmt.Sprintf("collect[%d]", i)
		p.must(collect.FacilityRef != "" || collect.TenantFacilityID != "", field, "names no facility")
		p.count(field+".supplyingFacilities", len(collect.SupplyingFacilities), MaxEntries)
		p.count(field+".supplyingFacilitiesConfigurations", len(collect.SupplyingFacilitiesConfigurations), MaxEntries)
		for j, supplying := range collect.SupplyingFacilitiesConfigurations {
			p.each(field+".supplyingFacilitiesConfigurations", j, supplying.problems())
		}
	}
	p.count("supplyingFacilities", len(d.SupplyingFacilities), MaxEntries)
	p.count("sourcingOptionRefs", len(d.SourcingOptionRefs), MaxEntries)
	if d.ReservationPreferences != nil {
		p.text("reservationPreferences.mode", d.ReservationPreferences.Mode)
		p.oneOf("reservationPreferences.mode", d.ReservationPreferences.Mode, "SCHEDULED", "ASAP", "ALAP")
	}
	if d.Shipping != nil {
		p.below("shipping", d.Shipping.problems())
	}
	return p
}

func (s SupplyingFacility) problems() []Problem {
	var p problems
	p.must(s.FacilityRef != "" || s.TenantFacilityID != "", "facilityRef", "and tenantFacilityId are empty")
	p.must(s.DeliveryEvents != nil, "deliveryEvents", "is missing")
	p.count("deliveryEvents", len(s.DeliveryEvents), MaxEntries)
	for i, event := range s.DeliveryEvents {
		field := fmt.Sprintf("deliveryEvents[%d].", i)
		p.text(field+"deliveryTarget", event.DeliveryTarget)
		p.oneOf(field+"deliveryTarget", event.DeliveryTarget, "SHIP_TO_STORE", "SHIP_TO_CUSTOMER")
		p.text(field+"deliveryTrigger", event.DeliveryTrigger)
		p.oneOf(field+"deliveryTrigger", event.DeliveryTrigger, "DEFAULT")
	}
	return p
}

func (s Shipping) problems() []Problem {
	var p problems
	p.oneOf("serviceLevel", s.ServiceLevel, "DELIVERY", "SAMEDAY")
	p.oneOf("carrierProductCategory", s.CarrierProductCategory, "STANDARD", "EXPRESS", "VALUE", "FORWARDING")
	p.count("preferredCarriers", len(s.PreferredCarriers), MaxEntries)
	p.count("preferredCarriersWithProduct", len(s.PreferredCarriersWithProduct), MaxEntries)
	for i, carrier := range s.PreferredCarriersWithProduct {
		p.each("preferredCarriersWithProduct", i, carrier.problems())
	}
	p.count("preselectedFacilities", len(s.PreselectedFacilities), MaxEntries)
	for i, facility := range s.PreselectedFacilities {
		if facility.FacilityRef == "" && facility.TenantFacilityID == "" {
			p.add(fmt.Sprintf("preselectedFacilities[%d]", i), "names no facility")
		}
	}
	return p
}

func (c CarrierWithProduct) problems() []Problem {
	var p problems
	p.text("carrierKey", c.CarrierKey)
	for _, service := range c.CarrierServices {
		p.oneOf("carrierServices", service, "SIGNATURE", "CUSTOMER_SIGNATURE", "ADULT_SIGNATURE", "SATURDAY_DELIVERY", "IDENTITY_CHECK_COMPANY",
			"IDENTITY_CHECK_PRIVATE", "ADDITIONAL_TRANSPORTATION_INSURANCE", "IDENTITY_AGE_CHECK_18", "NO_NEIGHBOR_DELIVERY", "HANDOVER_TO_RECIPIENT_ONLY")
	}
	return p
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
