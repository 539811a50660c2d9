// Package config is everything that can be configured, read and checked in one
// place.
//
//	environment.go  the connector's own settings, from the environment
//	settings.go     the table of those settings: name, meaning, default, check
//	destination.go  where commercetools delivers its messages
//	effective.go    the values in force, for people
//	secret.go       texts that print as dots
//	shop.go         how the shop's orders are mapped, from a custom object
package config
