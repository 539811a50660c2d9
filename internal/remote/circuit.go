package remote

import (
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// Circuit keeps calls from a platform that is down: while it is open, calls fail at
// once, and one now and then probes whether the platform is back. A nil Circuit is
// always closed.
type Circuit struct {
	breaker circuitbreaker.CircuitBreaker[any]
}

// A circuit opens when most of a window's calls failed, and probes after a while.
const (
	circuitWindow   = 10 * time.Second
	circuitMinimum  = 20  // calls in the window before it may open
	circuitFailures = 0.7 // of them
	circuitProbe    = 5 * time.Second
)

// ErrCircuitOpen is behind every call that was not made because the circuit is open.
var ErrCircuitOpen = errors.New("circuit open")

// CircuitState is closed, open or half-open.
type CircuitState string

// NewCircuit is closed. change is told of every change of its state and may be nil.
func NewCircuit(change func(CircuitState)) *Circuit {
	builder := circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(circuitFailures, circuitMinimum, circuitWindow).
		WithDelay(circuitProbe).
		WithSuccessThreshold(1)
	if change != nil {
		builder = builder.OnStateChanged(func(e circuitbreaker.StateChangedEvent) { change(CircuitState(e.NewState.String())) })
	}
	return &Circuit{breaker: builder.Build()}
}

// State is the state as of now.
func (c *Circuit) State() CircuitState {
	if c == nil {
		return CircuitState(circuitbreaker.ClosedState.String())
	}
	return CircuitState(c.breaker.State().String())
}

// Open reports whether calls fail at once, and for how long yet.
func (c *Circuit) Open() (wait time.Duration, open bool) {
	if c == nil || !c.breaker.IsOpen() {
		return 0, false
	}
	return max(c.breaker.RemainingDelay(), time.Second), true
}

// beginCall asks for leave to make a call; leave must follow.
func (c *Circuit) beginCall(platform string, op Operation) *Error {
	if c == nil || c.breaker.TryAcquirePermit() {
		return nil
	}
	return &Error{
		Platform: platform, Operation: op.Name, Kind: Transient, Code: "circuit open",
		Message: "the platform failed too often and is left alone for a moment",
		Delay:   max(c.breaker.RemainingDelay(), time.Second), Cause: ErrCircuitOpen, final: true,
	}
}

// endCall says how the call ended. An answer of any kind shows that the platform is
// there. A call that its caller abandoned shows nothing; had it been the probe, the
// next one comes after the delay.
func (c *Circuit) endCall(failed *Error, abandoned bool) {
	switch {
	case c == nil:
	case failed == nil || failed.Kind != Transient:
		c.breaker.RecordSuccess()
	case !abandoned || c.breaker.IsHalfOpen():
		c.breaker.RecordFailure()
	}
}
