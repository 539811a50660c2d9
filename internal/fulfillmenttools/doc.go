// Package fulfillmenttools is a client for the part of fulfillmenttools' REST API
// that fftconnect uses, and decodes the events that it sends.
//
//	client.go        the connection
//	token.go         sign-in and refresh with Google's identity service
//	order.go         orders as we create and read them
//	job.go           pick jobs, handover jobs, load units
//	process.go       everything that belongs to one order
//	subscription.go  event subscriptions
//	event.go         events as they arrive
//	probe.go         calls that show whether a permission is there
package fulfillmenttools
