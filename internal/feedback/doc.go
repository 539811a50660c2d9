// Package feedback takes fulfillmenttools' events to the commercetools order.
//
//	facts.go   what an event tells us; facts of several events merge into one
//	fields.go  which custom fields hold it, by which names
//	decide.go  pure: the order as it is + the facts -> what to change, and why
//	gather.go  what a decision must know besides: load units, older jobs
//	batch.go   events of one order that pile up become one update
//	memory.go  orders that need not be read again
//	truth.go   the same facts from the jobs themselves, for comparing and repair
//	apply.go   the flow: identify, read, decide, update, meet the conflict
//
// Handling an event twice, late or out of turn is harmless: a decision compares the
// facts with the order and only adds what is missing or moves forward, and an update
// is bound to the version that was decided on.
package feedback
