// Package ctsim simulates a commercetools project behind its HTTP API: orders with
// versions, update actions and messages, custom types, custom objects, channels,
// stores, shipping methods, queries, reference expansion and subscriptions that
// deliver notifications.
//
// It keeps state and derives every answer from it, so a test can act as the
// storefront on one side, run a client against the HTTP interface on the other and
// compare what both see. Everything is in memory.
package ctsim
