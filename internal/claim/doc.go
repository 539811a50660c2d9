// Package claim lets at most one create call at a time be made for an order, by all
// replicas together, and remembers under which names the order may live in
// fulfillmenttools and which of the orders there is its counterpart.
//
//	Begin → look the names up → Attempt.Create → linked, free again, or in flight until T
//
// T is written before anything is called: until then a create call may be under way,
// be carried out by a platform that nobody waits for any more, or not be listed yet.
// Whoever begins after T sees in the lists what the last attempt made. claim.go and
// attempt.go hold the protocol and all of its timing; a Store only compares, sets, and
// has the one clock that T is told by. Stores are rows of the ledger, custom objects in
// commercetools (objects.go), and memory (memory.go).
package claim
