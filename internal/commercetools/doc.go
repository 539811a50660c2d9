// Package commercetools is what fftconnect uses of commercetools: a thin layer on
// the labd Go SDK that shares one token, classifies every refusal (package remote)
// and decodes the notifications that a subscription delivers.
//
//	client.go        the connection
//	order.go         reading and updating orders
//	orders.go        listing orders by their modification
//	snapshot.go      the few fields of an order that a decision needs
//	shop.go          configuration object, types, stores, project
//	subscription.go  subscriptions
//	object.go        custom objects that replicas agree through
//	probe.go         calls that show whether a scope is there
//	envelope.go      what brokers wrap around a notification
//	notification.go  the notification itself
package commercetools
