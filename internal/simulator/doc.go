// Package simulator holds what the two simulated platforms share: a clock that a
// test can drive, faults on demand, a log of every exchange, and the courier that
// delivers notifications with retries as the real senders do.
//
// The platforms themselves are internal/simulator/ctsim and
// internal/simulator/fftsim. They are real HTTP servers with the platforms'
// semantics; the demo, the `simulate` command, the benchmark and the end-to-end
// tests all use them.
package simulator
