package rules

import "github.com/labd/commercetools-go-sdk/platform"

// Address is an address of an order. Country is empty when there is none.
type Address struct {
	ID                    string `expr:"id"`
	Key                   string `expr:"key"`
	Country               string `expr:"country"`
	Title                 string `expr:"title"`
	Salutation            string `expr:"salutation"`
	FirstName             string `expr:"firstName"`
	LastName              string `expr:"lastName"`
	StreetName            string `expr:"streetName"`
	StreetNumber          string `expr:"streetNumber"`
	AdditionalStreetInfo  string `expr:"additionalStreetInfo"`
	PostalCode            string `expr:"postalCode"`
	City                  string `expr:"city"`
	Region                string `expr:"region"`
	State                 string `expr:"state"`
	Company               string `expr:"company"`
	Department            string `expr:"department"`
	Building              string `expr:"building"`
	Apartment             string `expr:"apartment"`
	POBox                 string `expr:"pOBox"`
	Phone                 string `expr:"phone"`
	Mobile                string `expr:"mobile"`
	Email                 string `expr:"email"`
	Fax                   string `expr:"fax"`
	AdditionalAddressInfo string `expr:"additionalAddressInfo"`
	ExternalID            string `expr:"externalId"`
	Custom                Custom `expr:"custom"`
}

func addressOf(address *platform.Address) Address {
	if address == nil {
		return Address{}
	}
	return Address{
		ID: valueOrZero(address.ID), Key: valueOrZero(address.Key), Country: address.Country,
		Title: valueOrZero(address.Title), Salutation: valueOrZero(address.Salutation),
		FirstName: valueOrZero(address.FirstName), LastName: valueOrZero(address.LastName),
		StreetName: valueOrZero(address.StreetName), StreetNumber: valueOrZero(address.StreetNumber), AdditionalStreetInfo: valueOrZero(address.AdditionalStreetInfo),
		PostalCode: valueOrZero(address.PostalCode), City: valueOrZero(address.City), Region: valueOrZero(address.Region), State: valueOrZero(address.State),
		Company: valueOrZero(address.Company), Department: valueOrZero(address.Department), Building: valueOrZero(address.Building),
		Apartment: valueOrZero(address.Apartment), POBox: valueOrZero(address.POBox),
		Phone: valueOrZero(address.Phone), Mobile: valueOrZero(address.Mobile), Email: valueOrZero(address.Email), Fax: valueOrZero(address.Fax),
		AdditionalAddressInfo: valueOrZero(address.AdditionalAddressInfo), ExternalID: valueOrZero(address.ExternalId), Custom: customOf(address.Custom),
	}
}
