package claim_test

import (
	"context"
	"errors"
	"flag"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
	"fftconnect/internal/testform"
)

var wholeFlag = flag.Bool("whole", false, "visit three messages with two ticks, two minutes of processor time")

// bounds are those that are visited whole. SQLite and PostgreSQL keep rows in the same way,
// as the tests of package durable show.
func bounds() map[string]exploration {
	messages, ticks, twice := 2, 1, 1
	switch {
	case *wholeFlag:
		messages, ticks, twice = 3, 2, 2
	case testform.Slow:
		ticks, twice = 2, 2
	}
	return map[string]exploration{
		"rows":    {store: newShared, replicas: 2, messages: messages, ticks: ticks, crashes: 1, lost: 1},
		"objects": {store: newCustomObjects, replicas: 2, messages: messages, ticks: ticks, crashes: 1, lost: 1},
		"memory":  {store: newProcessMemory, replicas: 1, messages: 2 + twice, ticks: 3 + twice, crashes: twice, lost: twice, refuses: true},
	}
}

func TestNoOrderOfEventsDoublesAnOrder(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	for name, x := range bounds() {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			states, doubled := x.explored(t)
			t.Logf("%d states in %s", states, time.Since(begin).Round(time.Millisecond))
			if doubled != nil {
				t.Errorf("doubled by %q", doubled)
			}
		})
	}
}

// explored is explore in fake time, which stands still: how busy the machine is decides
// nothing.
func (x exploration) explored(t *testing.T) (states int, doubled []string) {
	synctest.Test(t, func(*testing.T) { states, doubled = x.explore() })
	return states, doubled
}

// mutant is a store that breaks a promise.
type mutant struct {
	claim.Store
	begins func(*claim.State) // changes what is written when an attempt begins; may be nil
	ends   func(*claim.State) // changes what is written when it ends; may be nil
	sees   func(*claim.State) // changes what is read; may be nil
	// unfenced: whoever was overtaken is not told.
	unfenced bool
}

func change(f func(*claim.State), record *claim.State) {
	if f != nil {
		f(record)
	}
}

func (m mutant) OpenClaim(ctx context.Context, order claim.Order, first claim.State) (claim.State, bool, error) {
	change(m.begins, &first)
	record, opened, err := m.Store.OpenClaim(ctx, order, first)
	if !opened {
		change(m.sees, &record)
	}
	return record, opened, err
}

func (m mutant) BeginAttempt(ctx context.Context, orderID string, record claim.State) (int64, error) {
	change(m.begins, &record)
	version, err := m.Store.BeginAttempt(ctx, orderID, record)
	if m.unfenced && errors.Is(err, claim.ErrOvertaken) {
		return record.Version + 1, nil
	}
	return version, err
}

func (m mutant) UpdateClaim(ctx context.Context, orderID string, record claim.State) error {
	change(m.ends, &record)
	return m.Store.UpdateClaim(ctx, orderID, record)
}

// withoutGate tells everybody that it created the first object.
type withoutGate struct{ customObjects }

func (g withoutGate) PutObject(ctx context.Context, container, key string, value any) (commercetools.Object, error) {
	object, err := g.customObjects.PutObject(ctx, container, key, value)
	object.Version = 1
	return object, err
}

// TestEachFaultThatWasOnceThereDoublesAnOrder with the least that has to happen for it.
func TestEachFaultThatWasOnceThereDoublesAnOrder(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	rows := exploration{store: newShared, replicas: 2, messages: 2}
	memory := exploration{store: newProcessMemory, replicas: 1, messages: 3, refuses: true}
	but := func(x exploration, change func(x *exploration)) exploration {
		change(&x)
		return x
	}
	for name, x := range map[string]exploration{
		"a process that died during its create call is waited for only as long as the lists lag": but(rows, func(x *exploration) {
			x.ticks, x.crashes = 1, 1
			x.store = func(p *process) claim.Store {
				return mutant{Store: newShared(p), begins: func(r *claim.State) { r.InFlight = lag }}
			}
		}),
		"whoever was overtaken writes": but(rows, func(x *exploration) {
			x.messages, x.ticks, x.crashes = 3, 1, 1
			x.store = func(p *process) claim.Store { return mutant{Store: newShared(p), unfenced: true} }
		}),
		"a call without an answer counts as one that did nothing": but(rows, func(x *exploration) {
			x.lost = 1
			x.store = func(p *process) claim.Store {
				return mutant{Store: newShared(p), ends: func(r *claim.State) { r.InFlight = 0 }}
			}
		}),
		"a gateway's answer counts as the platform's own": but(rows, func(x *exploration) {
			x.ticks, x.lost = 2, 1
			x.gateway = &remote.Error{Platform: "test", Operation: "call", Kind: remote.Transient, Ambiguous: true, Status: 500}
		}),
		"a replica's clock is 28 s ahead, and has a say": but(rows, func(x *exploration) {
			x.ticks = 1
			x.store = func(p *process) claim.Store {
				return mutant{Store: newShared(p), sees: func(r *claim.State) { r.InFlight -= time.Duration(p.n) * 28 * time.Second }}
			}
		}),
		"an export has no time limit of its own":                  but(rows, func(x *exploration) { x.ticks, x.stands = 2, true }),
		"an order that got its number is not looked up by its id": but(rows, func(x *exploration) { x.ticks, x.look = 3, blindToID }),
		"the same without a store":                                but(memory, func(x *exploration) { x.ticks, x.crashes, x.look = 4, 1, blindToID }),
		"a process that starts does not wait for what was done just before": but(memory, func(x *exploration) {
			x.crashes = 1
			x.store = func(p *process) claim.Store { return claim.NewMemory(-25*time.Second, p.u.clock) }
		}),
		"everybody is told that it put the first object": but(rows, func(x *exploration) {
			x.store = func(p *process) claim.Store {
				return claim.NewObjects(withoutGate{customObjects{site{p, p.dead}}}, lag, p.u.clock)
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			states, doubled := x.explored(t)
			if doubled == nil {
				t.Fatalf("not found in %d states", states)
			}
			t.Logf("found after %d states, by %d moves", states, len(doubled))
		})
	}
}

// blindToID is a look-up that cannot find what went by the order's id.
func blindToID(name string) string {
	if name == order.ID {
		return "another"
	}
	return name
}
