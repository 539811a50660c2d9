// Package export takes orders from commercetools to fulfillmenttools: whether an
// order is exported (decide.go), what it becomes there (mapping.go and the files
// that it names), once (claim.go, objectclaims.go), and its cancellation (cancel.go).
// export.go is the flow; the decision and the mapping make no calls.
//
//	notification → read order → decide → map → claim → look up → create → link
package export
