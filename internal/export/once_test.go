package export_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// abandoned is how long the platform may go on with a call that nobody waits for.
const abandoned = 10 * time.Second

// unanswered is a create call that ends without an answer.
func unanswered(made bool) creation {
	return creation{err: failing(remote.Transient, true), made: made}
}

func TestACreateWithoutAnAnswerIsDecidedWhenTheListsHaveCaughtUp(t *testing.T) {
	t.Parallel()
	for _, made := range []bool{true, false} {
		b := newBench()
		b.target.doubles = true
		b.target.creates = []creation{unanswered(made)}
		if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) {
			t.Fatal(err)
		}
		b.clock.advance(4 * time.Second)
		_, err := b.Handle(t.Context(), orderID, known)
		if got := remote.WaitOf(err); !remote.Is(err, remote.Transient) || got != abandoned+6*time.Second {
			t.Errorf("made %v: %v, wait %v, want 16s", made, err, got)
		}
		b.clock.advance(abandoned + 6*time.Second)
		got := b.handle(t, known)
		if want := map[bool]outcome.Kind{true: outcome.Unchanged, false: outcome.Applied}[made]; got.Kind != want {
			t.Errorf("made %v: %+v", made, got)
		}
		if alive := b.target.alive(); len(alive) != 1 {
			t.Errorf("made %v: orders %v", made, alive)
		}
	}
}

func TestTheLagCountsFromTheEndOfTheCreateCall(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.doubles = true
	slow := unanswered(true)
	slow.takes, slow.after = 7*time.Second, 6*time.Second
	b.target.creates = []creation{slow}
	b.repeated(t, known)
	if alive := b.target.alive(); len(alive) != 1 {
		t.Errorf("orders %v", alive)
	}
}

func TestTheListIsAsOldAsTheQuestion(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"Confirmed", "Cancelled"} {
		b := newBench()
		b.target.doubles = true
		b.target.creates = []creation{unanswered(true)}
		_, _ = b.Handle(t.Context(), orderID, known)
		b.state(state)
		b.clock.advance(abandoned + lag - time.Second)
		b.target.lookUp = 3 * time.Second // asked before the lag ends, answered afterwards
		b.repeated(t, known)
		want := map[string]int{"Confirmed": 1, "Cancelled": 0}[state]
		if alive := b.target.alive(); len(alive) != want {
			t.Errorf("%s: orders %v", state, alive)
		}
	}
}

func TestACancelledOrderWhoseCreateGotNoAnswerEndsCancelled(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{false, true} {
		for _, made := range []bool{true, false} {
			b := newBench()
			b.target.creates = []creation{unanswered(made)}
			_, _ = b.Handle(t.Context(), orderID, known)
			hint := export.Hint{OrderNumber: "A-1001", Deleted: deleted}
			if b.state("Cancelled"); deleted {
				delete(b.source.orders, orderID)
			}
			if _, err := b.Handle(t.Context(), orderID, hint); !remote.Is(err, remote.Transient) {
				t.Errorf("made %v: taken before anybody can know: %v", made, err)
			}
			got := b.repeated(t, hint)
			if want := map[bool]outcome.Kind{true: outcome.Applied, false: outcome.Unchanged}[made]; got.Kind != want {
				t.Errorf("made %v: %+v", made, got)
			}
			if alive := b.target.alive(); len(alive) != 0 {
				t.Errorf("made %v: %v lives on", made, alive)
			}
		}
	}
}

func TestALinkSettlesACreateWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.creates = []creation{unanswered(true)}
	_, _ = b.Handle(t.Context(), orderID, known)
	if ours, _, err := b.Recognise(t.Context(), orderID, "ord-1", ""); err != nil || !ours {
		t.Fatal(ours, err)
	}
	if got := b.handle(t, known); got.Kind != outcome.Unchanged {
		t.Errorf("confirmed: %+v", got)
	}
	b.state("Cancelled")
	if got := b.handle(t, known); got.Kind != outcome.Applied {
		t.Errorf("cancelled: %+v", got)
	}
}

// TestANumberThatIsSetAfterTheExportMakesNoSecondOrder has another replica, or the same
// one after a restart, hear of the number. Nobody has a store.
func TestANumberThatIsSetAfterTheExportMakesNoSecondOrder(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.doubles = true
	b.source.edit(func(o object) { delete(o, "orderNumber") })
	b.handle(t, export.Hint{Confirmed: true})
	b.restart()
	b.source.edit(func(o object) { o["orderNumber"] = "A-1001" })
	if got := b.repeated(t, known); got.Kind != outcome.Unchanged {
		t.Errorf("%+v", got)
	}
	same(t, "orders", []string{"ord-1"}, b.target.alive())
}

// message is one that its sender repeats until it is taken.
type message struct {
	hint export.Hint
	due  time.Time
}

func TestAnOrderExistsOnceOrIsCancelled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		newStory(t, rapid.Bool().Draw(t, "doubles are allowed")).run("", "", "", "again", "number", "cancel", "delete", "events")
	})
}

// What MemoryClaims know is lost with the process. Then it is fulfillmenttools that
// refuses a second order of the same name, and its event that brings the first one to
// mind. An order that gets its number just then has two names: only claims that
// outlive the process know both.
func TestAnOrderExistsOnceOrIsCancelledThoughTheProcessStartsAnew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		newStory(t, false).run("", "", "", "again", "cancel", "delete", "events", "restart")
	})
}

// story is what happens to one order between placing it and the end.
type story struct {
	*bench
	*rapid.T
	queue    []message
	numbered bool
	wanted   int // living orders at the end
}

func newStory(t *rapid.T, doubles bool) *story {
	s := &story{bench: newBench(), T: t, numbered: rapid.Bool().Draw(t, "has its number"), wanted: 1}
	s.target.doubles = doubles
	s.target.lookUp = time.Duration(rapid.IntRange(0, 4).Draw(t, "a look-up takes")) * time.Second
	for range rapid.IntRange(0, 5).Draw(t, "create calls that fail") {
		becomes := creation{err: failing(remote.Transient, false)}
		if rapid.Bool().Draw(t, "without an answer") {
			becomes = unanswered(rapid.Bool().Draw(t, "made"))
		}
		takes := rapid.IntRange(0, 7).Draw(t, "takes")
		becomes.takes = time.Duration(takes) * time.Second
		becomes.after = time.Duration(rapid.IntRange(0, takes).Draw(t, "until it exists")) * time.Second
		s.target.creates = append(s.target.creates, becomes)
	}
	if !s.numbered {
		s.source.edit(func(o object) { delete(o, "orderNumber") })
	}
	return s
}

// run draws what happens between the deliveries. At the end a confirmed order exists
// once and a cancelled one not at all.
func (s *story) run(happens ...string) {
	s.send(export.Hint{Confirmed: rapid.Bool().Draw(s.T, "says confirmed")})
	for step := 0; len(s.queue) > 0; step++ {
		if step > 200 {
			s.Fatalf("%d messages never end", len(s.queue))
		}
		if step < 20 {
			s.happen(rapid.SampledFrom(happens).Draw(s.T, "happens"))
		}
		s.deliver()
		if alive := s.target.alive(); len(alive) > 1 {
			s.Fatalf("doubled: %v", alive)
		}
	}
	s.events()
	if alive := s.target.alive(); len(alive) != s.wanted {
		s.Fatalf("%v live, want %d", alive, s.wanted)
	}
}

func (s *story) happen(what string) {
	switch {
	case what == "events":
		s.events()
	case what == "again":
		s.send(export.Hint{Confirmed: true})
	case what == "restart":
		s.restart()
	case s.wanted == 0:
		// It is cancelled or deleted; that was that.
	case what == "number":
		s.numbered = true
		s.source.edit(func(o object) { o["orderNumber"] = "A-1001" })
	case what == "cancel":
		s.wanted = 0
		s.state("Cancelled")
		s.send(export.Hint{})
	case what == "delete":
		s.wanted = 0
		delete(s.source.orders, orderID)
		s.send(export.Hint{Deleted: true})
	}
}

func (s *story) send(hint export.Hint) {
	if s.numbered {
		hint.OrderNumber = "A-1001"
	}
	s.queue = append(s.queue, message{hint, s.clock.Now()})
}

// events are fulfillmenttools' of the orders that it created, as package feedback
// takes them.
func (s *story) events() {
	for _, o := range slices.Clone(s.target.orders) {
		if _, _, err := s.Recognise(context.Background(), orderID, o.ID, ""); err != nil {
			s.Fatal(err)
		}
		if s.wanted == 1 {
			continue
		}
		if _, err := s.CancelByID(context.Background(), orderID, o.ID); err != nil {
			s.Fatal(err)
		}
	}
}

// deliver hands over the message that is due next.
func (s *story) deliver() {
	slices.SortStableFunc(s.queue, func(x, y message) int { return x.due.Compare(y.due) })
	next := s.queue[0]
	s.queue = s.queue[1:]
	if wait := next.due.Sub(s.clock.Now()); wait > 0 {
		s.clock.advance(wait)
	}
	_, err := s.Handle(context.Background(), orderID, next.hint)
	if remote.Is(err, remote.Transient) {
		next.due = s.clock.Now().Add(max(remote.WaitOf(err), time.Second))
		s.queue = append(s.queue, next)
	} else if err != nil && s.target.doubles {
		s.Fatalf("given up: %v", err)
	}
}
