// Package export takes orders from commercetools to fulfillmenttools: whether an order
// is exported (decide.go), which messages may change that (messages.go), what it becomes
// there (mapping.go and the files that it names), under which name (name.go), once
// (lookup.go, package claim), when it is unlocked (hold.go), and its
// cancellation (cancel.go). export.go is the flow; the decision and the mapping make no
// calls.
//
//	notification → read order → decide → map → claim → look up → create → link
package export
