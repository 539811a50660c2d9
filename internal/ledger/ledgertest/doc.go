// Package ledgertest is a store in memory for tests in fake time. It behaves as
// package durable does where the rest of the connector can tell the difference:
// claims, leases, deferred events, dead letters, periodic jobs and checkpoints. The
// tests of package durable hold it to that, side by side with the real one.
//
//	database.go  what replicas share, and what outlives them
//	claims.go    claims and leases
//	events.go    deferred events and dead letters
//	openorders.go orders that are not finished
//	queue.go     attempts and periodic jobs
package ledgertest
