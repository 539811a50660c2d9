// Package shadow lets the connector run beside another one: real messages go through
// the real decisions, nothing is written, and what would have been written is compared
// with what the other connector wrote.
//
//	guard.go       no write reaches a platform, whoever tries
//	export.go      messages: the order we would create, and the one that is there
//	orders.go      a copy of each order that our updates go to instead
//	feedback.go    events: the copy, and the order as it really is
//	patience.go    the time that the other connector is given
//	facilities.go  channels: what we would still change
//	keep.go        what is stored in shadow mode, and what is not touched
//	document.go    two documents, field by field
//	difference.go  a difference in words, and read back from them
//	report.go      what the journal says of all comparisons
//
// A comparison sees both sides as they are when the order has been left alone for a
// while, so it tells nothing of what either connector took back in between.
package shadow
