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
		ID: known(address.ID), Key: known(address.Key), Country: address.Country,
		Title: known(address.Title), Salutation: known(address.Salutation),
		FirstName: known(address.FirstName), LastName: known(address.LastName),
		StreetName: known(address.StreetName), StreetNumber: known(address.StreetNumber), AdditionalStreetInfo: known(address.AdditionalStreetInfo),
		PostalCode: known(address.PostalCode), City: known(address.City), Region: known(address.Region), State: known(address.State),
		Company: known(address.Company), Department: known(address.Department), Building: known(address.Building),
		Apartment: known(address.Apartment), POBox: known(address.POBox),
		Phone: known(address.Phone), Mobile: known(address.Mobile), Email: known(address.Email), Fax: known(address.Fax),
		AdditionalAddressInfo: known(address.AdditionalAddressInfo), ExternalID: known(address.ExternalId), Custom: customOf(address.Custom),
	}
}
