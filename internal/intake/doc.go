// Package intake is where messages come in: it authenticates the caller, decodes
// the message, hands it to its flow within the time that the sender waits, and
// answers so that nothing is lost and nothing loops.
//
//	server.go    routes, limits, the order of the steps
//	caller.go    who may call; oidc.go: with a broker's own token
//	body.go      a body on its way in: limits, and what is kept of it
//	task.go      what is to be done about a body, one task a message
//	messages.go  commercetools' messages -> export
//	channels.go  commercetools' notifications about channels -> facilities
//	events.go    fulfillmenttools' events -> feedback
//	job.go       the scheduled comparison
//	keep.go      what cannot be done now is stored, and comes back here
//	answer.go    how an ending is answered: the one table of statuses
package intake
