// Package feedback takes fulfillmenttools' events to the commercetools order.
//
//	facts.go       what an event tells us; facts of several events merge into one
//	jobrecord.go   what an order carries of its jobs, and how two records merge
//	state.go       where the whole order is, as its shipment state
//	fields.go      which custom fields hold what, and which events are needed
//	decide.go      pure: the order as it is + the facts -> what to change, and why
//	delivery.go    of a decision: a delivery of each handover job
//	parcel.go      of a decision: parcels and their tracking
//	occurrence.go  of a decision: what goes otherwise than planned, and its effects
//	gather.go      what a decision must know besides: load units, older jobs, other parts
//	batch.go       events of one order that pile up become one update
//	memory.go      orders that need not be read again
//	truth.go       the same facts from the jobs themselves, for comparing and repair
//	apply.go       the flow: identify, read, decide, update, meet the conflict
//
// Handling an event twice, late or out of turn is harmless. The order carries a record
// of its jobs (RecordField); a fact is merged into it by the version of the job that
// it tells of, and everything else on the order follows from the record. An update is
// bound to the version that was decided on, so replicas agree without knowing of each
// other. An order whose type has no place for the record is moved forward only, event
// by event.
package feedback
