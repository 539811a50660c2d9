// Package facilities takes channels from commercetools to fulfillmenttools as
// facilities: what a channel says (values.go), what its facility becomes by that
// (decide.go, merge.go), and what becomes of it when the channel is gone (offline.go).
// apply.go is the flow, walk.go does it for all channels; the decisions make no calls.
//
//	notification → read channel ┬ there → read facility → decide → create, change or leave
//	                            └ gone  → read facility → ours?  → set offline or leave
//
// Both platforms have people who look after the same facility. What the channel says
// is written when it says something new; what it does not say, and what
// fulfillmenttools' people changed since, is left as it is. To know the difference, the
// facility carries a record of what the channel said last (see record).
package facilities
