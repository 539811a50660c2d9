// Package ledger says what is kept of orders and messages, and what is asked about it: the
// events that wait for another attempt or for somebody to look, what an attempt comes to, and
// the journal of what was done. Package durable keeps it.
package ledger

// Platform names the store in errors.
const Platform = "database"
