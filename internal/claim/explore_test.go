package claim_test

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// Every order in which replicas can work on one order is visited, up to a bound: at each
// call of either of them the other one goes on, time passes, the process dies before or
// after the call, an answer gets lost, the platform carries out what nobody waits for any
// more, or the order gets its number. fulfillmenttools shows an order in its lists as late
// as it may. What must hold: the order never exists twice.
//
// A state is the world, and what each process has been told since it began: the code
// between two calls depends on nothing else. A state that was visited is not gone into
// again.

// exploration is a protocol, and the bound on what may happen.
type exploration struct {
	store    func(p *process) claim.Store
	look     func(name string) string // what a look-up really looks for; nil: the name
	replicas int
	messages int  // handled by all, repetitions included
	refuses  bool // fulfillmenttools refuses a second order of one name
	stands   bool // the processes' clocks stand: no attempt ever ends
	ticks    int
	crashes  int
	lost     int   // answers to create calls
	gateway  error // what a gateway answers to a create call with which the platform goes on
}

// universe is one run: the platforms, the processes, and what has happened.
type universe struct {
	exploration
	began, now time.Time
	shown      atomic.Pointer[time.Time] // now, for the stores
	numbered   bool
	made       []placed
	left       []placed // create calls that nobody waits for, and until when they may be carried out
	rows       map[string]kept
	objects    map[string]commercetools.Object
	processes  []*process
	calls      chan call
	happened   struct{ ticks, crashes, lost int }
}

type placed struct {
	name string
	at   time.Time
}

type kept struct {
	claim.State
	until time.Time
}

// process handles the message about the order.
type process struct {
	u       *universe
	n       int
	claims  *claim.Claims
	told    strings.Builder // since it began with its message
	store   claim.Store
	waiting *call // that it is about to make; nil: it is idle
	handled int
	done    bool // its message is done
	due     time.Time
	begun   time.Time // its attempt
	born    time.Time
	dead    *bool // guarded by the handshake: it is read when a call is made or answered
}

// call is one that a process is about to make; without an answer it is the end of its
// message.
type call struct {
	what   string
	create string    // the name of the order to create; empty: another call
	until  time.Time // when a create call gives up
	carry  func() string
	answer chan answer
	err    error
}

// answer to a call.
type answer int

const (
	none     answer = iota // whether it was carried out or not
	given                  // it was carried out
	gateways               // a gateway gave one
)

var noAnswer = &remote.Error{Platform: "test", Operation: "call", Kind: remote.Transient, Ambiguous: true}

// badGateway is what a gateway answers when it waited long enough.
var badGateway = &remote.Error{Platform: "test", Operation: "call", Kind: remote.Transient, Ambiguous: true, Status: 502, Foreign: true}

func (x exploration) begin() *universe {
	began := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	u := &universe{exploration: x, began: began, calls: make(chan call), rows: map[string]kept{}, objects: map[string]commercetools.Object{}}
	u.passTo(began)
	for n := range x.replicas {
		p := &process{u: u, n: n}
		u.processes = append(u.processes, p)
		p.start()
	}
	return u
}

// passTo lets time pass.
func (u *universe) passTo(t time.Time) {
	u.now = t
	u.shown.Store(&t)
}

// clock is for the stores: what is left of a dead process may still ask for the time.
func (u *universe) clock() time.Time { return *u.shown.Load() }

func (p *process) start() {
	p.dead, p.waiting, p.done, p.due, p.born, p.begun = new(bool), nil, false, p.u.now, p.u.now, p.u.now
	p.told.Reset()
	now := p.u.clock
	if p.u.stands {
		now = func() time.Time { return p.u.began }
	}
	p.store = p.u.store(p)
	p.claims = claim.New(p.store, lag, now)
}

// take has the process handle its message up to the first call.
func (p *process) take() {
	p.handled++
	p.told.Reset()
	s, claims, dead := site{p, p.dead}, p.claims, p.dead
	go func() {
		err := s.export(claims)
		if !*dead {
			p.u.calls <- call{err: err}
		}
	}()
	p.next()
}

// next waits for the process's next call, or the end of its message.
func (p *process) next() {
	c := <-p.u.calls
	if c.answer != nil {
		p.waiting = &c
		return
	}
	p.told.Reset()
	p.waiting, p.done = nil, c.err == nil
	if c.err != nil {
		p.due = p.u.now.Add(max(remote.WaitOf(c.err), time.Second))
	}
}

func (p *process) hear(what string) { p.told.WriteString(what + ";") }

// begins notes that its attempt's time runs from here.
func (p *process) begins() {
	if !p.hasBegun() {
		p.begun = p.u.now
		p.hear(fmt.Sprint("begins ", p.u.now.Sub(p.u.began)))
	}
}

func (p *process) hasBegun() bool { return strings.Contains(p.told.String(), "begins") }

// remembers is what the process itself remembers of the order.
func (p *process) remembers() string {
	record, _ := p.store.RecallClaim(context.Background(), "o1")
	return fmt.Sprint(record)
}

// next is the next time at which anything changes by itself: nothing depends on the time
// but by a comparison with one of these.
func (u *universe) next() time.Time {
	var next time.Time
	at := func(t time.Time) {
		if t.After(u.now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, p := range u.processes {
		at(p.due)
		at(p.born.Add(35 * time.Second))
		if p.waiting != nil && p.hasBegun() {
			at(p.begun.Add(15 * time.Second))
		}
		if record, err := p.store.RecallClaim(context.Background(), "o1"); err == nil {
			at(u.now.Add(record.InFlight))
		}
	}
	for _, o := range u.objects {
		at(o.LastModifiedAt.Add(35 * time.Second))
		at(o.CreatedAt.Add(35 * time.Second))
	}
	for _, c := range u.left {
		at(c.at.Add(time.Nanosecond)) // until then it may be carried out
	}
	for _, o := range u.made {
		at(o.at.Add(lag))
	}
	return next
}

// moves are what may happen next.
func (u *universe) moves() (moves []string) {
	expired := false
	for _, p := range u.processes {
		id := fmt.Sprint(" ", p.n)
		switch {
		case p.waiting != nil:
			moves = append(moves, "go"+id)
			create := p.waiting.create != ""
			expired = expired || create && !u.now.Before(p.waiting.until)
			if u.happened.crashes < u.crashes {
				moves = append(moves, "die-before"+id, "die-after"+id)
			}
			if create && u.happened.lost < u.lost {
				moves = append(moves, "lose"+id, "gateway"+id)
			}
			if create && (u.happened.lost < u.lost || expired) {
				moves = append(moves, "leave"+id)
			}
		case !p.done && u.handled() < u.messages && !u.now.Before(p.due):
			moves = append(moves, "take"+id)
		}
	}
	for i := range u.left {
		moves = append(moves, fmt.Sprint("carry ", i))
	}
	if !u.numbered {
		moves = append(moves, "number 0")
	}
	if u.happened.ticks < u.ticks && !expired && !u.next().IsZero() {
		moves = append(moves, "tick 0")
	}
	return moves
}

func (u *universe) do(move string) {
	var what string
	var n int
	if _, err := fmt.Sscan(move, &what, &n); err != nil {
		panic(err)
	}
	leave := func(c *call) { u.left = append(u.left, placed{c.create, u.now.Add(10 * time.Second)}) }
	switch what {
	case "tick":
		u.happened.ticks++
		u.passTo(u.next())
		u.left = slices.DeleteFunc(u.left, func(c placed) bool { return u.now.After(c.at) })
		return
	case "number":
		u.numbered = true
		return
	case "carry":
		name := u.left[n].name
		u.left = slices.Delete(u.left, n, n+1)
		u.create(name)
		return
	}
	p := u.processes[n]
	answered := none
	switch what {
	case "take":
		p.take()
		return
	case "go":
		p.hear(p.waiting.carry())
		answered = given
	case "gateway":
		u.happened.lost++
		leave(p.waiting)
		p.hear("a gateway's answer")
		answered = gateways
	case "lose":
		u.happened.lost++
		p.waiting.carry()
		p.hear("no answer")
	case "leave":
		if u.now.Before(p.waiting.until) {
			u.happened.lost++
		}
		leave(p.waiting)
		p.hear("no answer")
	default: // it dies
		u.happened.crashes++
		if what == "die-after" {
			p.waiting.carry()
		} else if p.waiting.create != "" {
			leave(p.waiting)
		}
		*p.dead = true
		p.waiting.answer <- none
		p.start()
		return
	}
	p.waiting.answer <- answered
	p.next()
}

func (u *universe) handled() (n int) {
	for _, p := range u.processes {
		n += p.handled
	}
	return n
}

// create makes an order, unless its name is refused.
func (u *universe) create(name string) bool {
	if u.refuses && slices.ContainsFunc(u.made, func(o placed) bool { return o.name == name }) {
		return false
	}
	u.made = append(u.made, placed{name, u.now})
	return true
}

// state is all that what can happen from here depends on.
func (u *universe) state() string {
	var b strings.Builder
	fmt.Fprint(&b, u.now.Sub(u.began), u.numbered, u.happened, u.made, u.left)
	if row, ok := u.rows["o1"]; ok {
		fmt.Fprint(&b, row.Names, row.FFTOrderID, row.Version, row.until)
	}
	for _, key := range []string{"o1", "o1_again"} {
		o := u.objects[key]
		fmt.Fprint(&b, "|", o.Version, o.CreatedAt, o.LastModifiedAt, withoutNonce(o.Value))
	}
	for _, p := range u.processes {
		fmt.Fprint(&b, "|", p.handled, p.done, p.born.Sub(u.began), max(p.due.Sub(u.now), 0), p.told.String(), p.remembers())
		if p.waiting != nil {
			fmt.Fprint(&b, p.waiting.what, p.waiting.create, p.waiting.until)
		}
	}
	return b.String()
}

func withoutNonce(value []byte) string {
	text, _, _ := strings.Cut(string(value), `"nonce"`)
	return text
}

// end has all processes die, so that nothing of the run is left.
func (u *universe) end() {
	for _, p := range u.processes {
		*p.dead = true
		if p.waiting != nil {
			p.waiting.answer <- none
		}
	}
}

// explore visits all states. It gives how many there are, and the moves that lead to a
// doubled order; nil when none do.
func (x exploration) explore() (states int, doubled []string) {
	var mu sync.Mutex
	seed, seen, open := maphash.MakeSeed(), map[uint64]struct{}{}, [][]string{nil}
	busy, changed := 0, sync.NewCond(&mu)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for {
				for len(open) == 0 && busy > 0 && doubled == nil {
					changed.Wait()
				}
				if len(open) == 0 || doubled != nil {
					changed.Broadcast()
					return
				}
				path := open[len(open)-1]
				open = open[:len(open)-1]
				busy++
				mu.Unlock()
				u := x.begin()
				for _, move := range path {
					u.do(move)
				}
				mu.Lock()
				for doubled == nil {
					if len(u.made) > 1 {
						doubled = path
						break
					}
					key := maphash.String(seed, u.state())
					if _, known := seen[key]; known {
						break
					}
					seen[key] = struct{}{}
					moves := u.moves()
					if len(moves) == 0 {
						break
					}
					for _, move := range moves[1:] {
						open = append(open, append(slices.Clone(path), move))
					}
					changed.Broadcast()
					path = append(slices.Clone(path), moves[0])
					mu.Unlock()
					u.do(moves[0]) // on with this run
					mu.Lock()
				}
				mu.Unlock()
				u.end()
				mu.Lock()
				busy--
				changed.Broadcast()
			}
		})
	}
	workers.Wait()
	return len(seen), doubled
}

// site is both platforms as one process sees them.
type site struct {
	p    *process
	dead *bool
}

// ask waits until the call is made and answered; false when it is not.
func (s site) ask(c call) bool { return s.asked(c) == given }

// asked is ask for a call that a gateway may answer.
func (s site) asked(c call) answer {
	if *s.dead {
		return none
	}
	c.answer = make(chan answer)
	s.p.u.calls <- c
	if answered := <-c.answer; !*s.dead {
		return answered
	}
	return none
}

// export does with the order what package export does with one that is to be exported.
func (s site) export(claims *claim.Claims) error {
	o := claim.Order{ID: "o1", Name: "o1"}
	if !s.ask(call{what: "read order", carry: func() string {
		if s.p.u.numbered {
			o.Number, o.Name = "A-1", "A-1"
		}
		return o.Name
	}}) {
		return noAnswer
	}
	ctx := context.Background()
	known, err := claims.Recall(ctx, o.ID)
	if err != nil || known.FFTOrderID != "" {
		return err
	}
	attempt, counterpart, err := claims.Begin(ctx, o)
	if err != nil || counterpart != "" {
		return err
	}
	defer func() { _ = attempt.Abandon(ctx) }()
	for _, name := range attempt.Names() {
		id, err := s.lookUp(name)
		if err != nil {
			return err
		}
		if id != "" {
			return attempt.LinkExisting(ctx, name, id)
		}
	}
	_, err = attempt.Create(ctx, func(ctx context.Context) (string, error) { return s.create(ctx, attempt.Name()) })
	if remote.Is(err, remote.Rejected) {
		id, failed := s.lookUp(attempt.Name())
		if id != "" {
			return claims.Link(ctx, o.ID, attempt.Name(), id)
		}
		if failed == nil {
			failed = failing(remote.Transient, false) // somebody looks, and has it tried again
		}
		return failed
	}
	return err
}
