package connector_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

// plan is a history before it happens.
type plan struct {
	seed      uint64
	replicas  int
	stateless bool
	listLag   time.Duration
	tokenTTL  time.Duration
	every     time.Duration // between two comparisons of both platforms
	jitter    time.Duration // of every request
	survives  bool          // a platform carries out what it received though nobody waits any more
	split     int           // every n-th order; 0: none
	pace      fftsim.Pace
	disorder  simulator.Disorder
	steps     []step
}

// step is one thing that happens.
type step struct {
	at      time.Duration
	what    string
	number  int           // of the order, or of the replica
	word    string        // what else there is to know
	lasts   time.Duration // 0: it is over at once
	weather simulator.Weather
	pick    uint64 // what a forger draws from
}

func (s step) String() string {
	text := fmt.Sprintf("%-14s %s %d", s.at.Round(time.Millisecond), s.what, s.number)
	if s.word != "" {
		text += " " + s.word
	}
	if s.lasts > 0 {
		text += " for " + s.lasts.Round(time.Millisecond).String()
	}
	if s.weather != (simulator.Weather{}) {
		text += fmt.Sprintf(" %+v", s.weather)
	}
	if s.pick != 0 {
		text += fmt.Sprintf(" pick %d", s.pick)
	}
	return text
}

func (p plan) String() string {
	lines := []string{fmt.Sprintf("seed %d: %d replica(s), stateless %t, lists lag %s, tokens live %s, compared every %s, jitter %s, abandoned requests carried out %t, split every %d, pace %+v, disorder %+v",
		p.seed, p.replicas, p.stateless, p.listLag, p.tokenTTL, p.every, p.jitter, p.survives, p.split, p.pace, p.disorder)}
	for _, s := range p.steps {
		lines = append(lines, "  "+s.String())
	}
	return strings.Join(lines, "\n")
}

// loses reports whether anything is lost for ever, so that only visits bring it to light.
func (p plan) loses() bool {
	return slices.ContainsFunc(p.steps, func(s step) bool { return s.what == "lose" })
}

// forges reports whether anybody sends us what the platforms did not say.
func (p plan) forges() bool {
	return slices.ContainsFunc(p.steps, func(s step) bool { return s.what == "forge" })
}

// end is when the last step is over.
func (p plan) end() time.Duration {
	var end time.Duration
	for _, s := range p.steps {
		end = max(end, s.at+s.lasts)
	}
	return end
}

// dice draws.
type dice struct{ *rand.Rand }

func (d dice) chance(p float64) bool { return d.Float64() < p }

// span is as likely from 1 to 10 as from 10 to 100, so that things also happen
// within milliseconds of each other.
func (d dice) span(from, to time.Duration) time.Duration {
	return time.Duration(float64(from) * math.Pow(float64(to)/float64(from), d.Float64()))
}

func (d dice) of(words ...string) string { return words[d.IntN(len(words))] }

func draw(seed uint64) plan {
	d := dice{rand.New(rand.NewPCG(seed, 0x415))}
	p := plan{
		seed: seed, replicas: 1 + d.IntN(2), stateless: d.chance(0.35),
		listLag:  time.Duration(d.IntN(3)) * 5 * time.Second,
		tokenTTL: d.span(10*time.Minute, 48*time.Hour),
		every:    d.span(15*time.Minute, 2*time.Hour),
		jitter:   d.span(time.Millisecond, 2*time.Second),
		survives: d.chance(0.5), split: d.IntN(4),
	}
	slow := d.span(time.Second, time.Hour)
	p.pace = fftsim.Pace{
		Routing: d.span(time.Millisecond, slow), Picking: d.span(time.Millisecond, slow),
		Packing: d.span(time.Millisecond, slow), Handover: d.span(time.Millisecond, slow),
	}
	if d.chance(0.7) {
		p.disorder = simulator.Disorder{Duplicate: d.Float64() * 0.6, Copies: 1 + d.IntN(2), Shuffle: d.span(time.Millisecond, 5*time.Minute)}
	}
	if p.stateless {
		p.replicas = 2
	}
	orders := 1 + min(d.IntN(5), d.IntN(5), d.IntN(5))
	starts := make([]time.Duration, orders)
	for n := range orders {
		starts[n] = d.span(time.Second, 2*time.Hour)
		p.steps = append(p.steps, d.life(n, starts[n])...)
	}
	p.steps = append(p.steps, d.trouble(p, starts)...)
	slices.SortStableFunc(p.steps, func(a, b step) int { return int(a.at - b.at) })
	return p
}

// life is what customers and staff do with one order.
func (d dice) life(n int, start time.Duration) []step {
	place := step{at: start, what: "place", number: n, word: d.of("Open", "Confirmed")}
	if d.chance(0.6) {
		place.what = "place numbered"
	}
	steps := []step{place}
	add := func(from, to time.Duration, what, word string) {
		steps = append(steps, step{at: start + d.span(from, to), what: what, number: n, word: word})
	}
	if place.word == "Open" && d.chance(0.9) {
		add(10*time.Millisecond, 10*time.Minute, "state", "Confirmed")
	}
	if place.what == "place" && d.chance(0.6) {
		add(time.Millisecond, 10*time.Minute, "name", "")
	}
	if d.chance(0.3) {
		add(time.Millisecond, 3*time.Hour, "state", "Cancelled")
		if d.chance(0.3) {
			again := step{what: "again", number: n, at: steps[len(steps)-1].at + d.span(time.Millisecond, 3*time.Hour)}
			steps = append(steps, again)
		}
	} else if d.chance(0.05) {
		add(time.Millisecond, 3*time.Hour, "delete", "")
	}
	for range d.IntN(3) {
		add(time.Millisecond, 2*time.Hour, "edit", "")
	}
	for range max(0, d.IntN(4)-1) {
		add(time.Millisecond, 3*time.Hour, "move", "")
	}
	if d.chance(0.2) {
		add(time.Second, 3*time.Hour, "ahead", d.of("Ready", "Delayed", "Partial", "Shipped", "Delivered"))
	}
	if d.chance(0.25) {
		add(time.Second, 2*time.Hour, "reroute", "")
	}
	return steps
}

// trouble is what goes wrong, mostly soon after an order was placed.
func (d dice) trouble(p plan, starts []time.Duration) []step {
	var steps []step
	add := func(s step) {
		s.at = starts[d.IntN(len(starts))] + d.span(time.Millisecond, 2*time.Hour)
		steps = append(steps, s)
	}
	platforms := []string{"commercetools", "fulfillmenttools"}
	for range d.IntN(4) {
		add(step{what: "weather", word: d.of(platforms...), lasts: d.span(time.Second, 2*time.Hour), weather: d.weather()})
	}
	for range max(0, d.IntN(4)-1) {
		add(step{what: "outage", word: d.of(platforms...), lasts: d.span(time.Second, 5*time.Hour)})
	}
	for range max(0, d.IntN(4)-1) {
		add(step{what: "revoke", word: d.of(platforms...)})
	}
	for range d.IntN(4) {
		add(step{what: "crash", number: d.IntN(p.replicas), word: d.of(crashPoints()...), lasts: d.span(time.Second, time.Hour)})
	}
	if d.chance(0.3) {
		add(step{what: "lose", word: d.of("/service", "/service", "/event"), lasts: d.span(time.Second, 5*time.Hour)})
	}
	for range max(0, d.IntN(6)-2) {
		add(step{what: "forge", number: d.IntN(len(starts)), pick: d.Uint64()})
	}
	for range max(0, d.IntN(4)-2) {
		add(step{what: "reconcile"})
	}
	for range max(0, d.IntN(4)-1) {
		add(step{what: "sync", number: d.IntN(len(starts))})
	}
	if !p.stateless && d.chance(0.3) {
		add(step{what: "database away", lasts: d.span(time.Second, 2*time.Hour)})
	}
	return steps
}

func (d dice) weather() simulator.Weather {
	w := simulator.Weather{ErrorRate: d.Float64() * 0.4, DropRate: d.Float64() * 0.2, LoseRate: d.Float64() * 0.4}
	if d.chance(0.5) {
		w.RetryAfter = d.span(time.Second, 2*time.Minute)
	}
	if d.chance(0.5) {
		w.GatewayRate = d.Float64() * 0.4
	}
	w.Latency, w.Jitter = d.span(time.Millisecond, 4*time.Second), d.span(time.Millisecond, 4*time.Second)
	if d.chance(0.15) { // so slow that callers often give up
		w.Latency, w.Jitter = d.span(time.Second, 4*time.Second), d.span(2*time.Second, 8*time.Second)
	}
	return w
}

// crashPoints are the moments at which a replica may die: at once, or at the next
// call of a kind, before it is made or after it was carried out.
func crashPoints() []string {
	return []string{"now", "before create", "after create", "before update", "after update", "after cancel", "after claim", "before answer"}
}
