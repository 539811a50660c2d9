// Package commercetools is what fftconnect uses of commercetools: a thin layer on
// the labd Go SDK that shares one token, classifies every refusal (package remote)
// and decodes the notifications that a subscription delivers.
//
//	client.go        the connection
//	order.go         reading and updating orders
//	snapshot.go      the few fields of an order that a decision needs
//	shop.go          configuration object, types, stores, project
//	subscription.go  subscriptions
//	envelope.go      what brokers wrap around a notification
//	notification.go  the notification itself
package commercetools
