// Package histories proves, in fake time, that whole connectors with both simulated
// platforms lose nothing, double nothing and leave nothing stuck, whatever happens
// to them in the course of hours. It has tests only.
//
// A history is drawn from one seed: what customers, staff and the weather do, which
// replica dies when, and when the database is away. It runs in a testing/synctest
// bubble, without sockets and without waiting. A failing one is shortened to the
// steps that it takes, and printed. How goroutines that are ready at the same moment
// follow each other is not drawn, so one that fails seldom may need several runs:
//
//	go test ./internal/histories -run TestHistories -seed 4711 -repeat 50
//
//	plan_test.go     what happens when, drawn from the seed
//	network_test.go  requests between platforms and replicas
//	replica_test.go  one process of the connector, its death and its restart
//	world_test.go    a plan carried out
//	trouble_test.go  what goes wrong, and commands called beside it
//	forge_test.go    messages that no platform sent
//	verdict_test.go  what must hold at the end
//	shrink_test.go   the shortest plan that still fails
package histories
