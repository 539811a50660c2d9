// Package rules holds the expressions that a shop's configuration may contain: which
// orders are exported, what else they carry, which fields an event sets. Expressions
// read only what their scope offers (scope.go), cannot loop for ever, read no clock
// and make no calls. They are checked against the scope's types when the
// configuration is loaded, so that a wrong one never waits for an order.
package rules
