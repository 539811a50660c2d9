// Package remote is what the clients of both platforms share: one classification
// of everything that can go wrong with a call, a token that all callers share, and
// the HTTP transport that applies both.
//
//	operation.go  names a call and says whether it may be repeated
//	transport.go  sends it: token, repetition, measuring
//	error.go      what a refusal means
//	scrub.go      a refusal's words without what concerns a person or opens a door
//	token.go      one token for everybody, renewed once
//	circuit.go    leaves a platform that is down alone
//	health.go     which operations are blocked
//	tally.go      the calls that one message made
package remote
