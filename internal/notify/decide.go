package notify

import (
	"maps"
	"slices"
	"time"
)

// State is what one target was told, and what is on the way to it.
type State struct {
	Open     map[string]Open `json:"open,omitempty"`
	Sent     time.Time       `json:"sent,omitzero"`    // latest
	Summary  time.Time       `json:"summary,omitzero"` // until when summaries were sent
	Failures int             `json:"failures,omitempty"`
	Failed   time.Time       `json:"failed,omitzero"` // latest
	Problem  string          `json:"problem,omitempty"`
}

// Open is a condition that lasts, or has just ended.
type Open struct {
	Condition
	Since time.Time `json:"since"`
	Told  time.Time `json:"told,omitzero"` // latest; zero: not yet
	Gone  time.Time `json:"gone,omitzero"` // since when it is not found; zero: it is
}

// Rules are how often something is told.
type Rules struct {
	Repeat time.Duration // until what lasts is told again
	Pause  time.Duration // between two messages; what comes meanwhile goes together
}

// settle is how long a condition must be gone to be over: one that comes and goes is told once.
const settle = 5 * time.Minute

// Report is what there is to tell.
type Report struct {
	New, Again, Over []Open
}

// IsEmpty reports whether there is nothing to tell.
func (r Report) IsEmpty() bool { return len(r.New)+len(r.Again)+len(r.Over) == 0 }

// Observe notes what is found. What was never told, and is gone, is forgotten.
func Observe(now time.Time, found Found, before State) State {
	next := before
	next.Open = maps.Clone(before.Open)
	if next.Open == nil {
		next.Open = map[string]Open{}
	}
	there := map[string]bool{}
	for _, c := range found.Conditions {
		there[c.id()] = true
		open, known := next.Open[c.id()]
		if !known {
			open.Since = now
		}
		open.Condition, open.Gone = c, time.Time{}
		next.Open[c.id()] = open
	}
	for id, open := range next.Open {
		switch {
		case there[id] || slices.Contains(found.Unknown, open.Kind):
		case open.Told.IsZero():
			delete(next.Open, id)
		case open.Gone.IsZero():
			open.Gone = now
			next.Open[id] = open
		}
	}
	return next
}

// Decide says what is to be told now: what is new and has lasted, what lasts and was told long
// ago, and what is over. Soon after a message there is nothing: it waits for the next one.
func Decide(now time.Time, state State, rules Rules) (report Report) {
	if !state.Sent.IsZero() && now.Sub(state.Sent) < rules.Pause {
		return Report{}
	}
	for _, id := range slices.Sorted(maps.Keys(state.Open)) {
		open := state.Open[id]
		switch {
		case !open.Gone.IsZero():
			if now.Sub(open.Gone) >= settle {
				report.Over = append(report.Over, open)
			}
		case open.Told.IsZero():
			if now.Sub(open.Since) >= kinds[open.Kind].hold {
				report.New = append(report.New, open)
			}
		case now.Sub(open.Told) >= rules.Repeat:
			report.Again = append(report.Again, open)
		}
	}
	return report
}

// Told notes that the report was sent.
func Told(now time.Time, report Report, before State) State {
	next := sent(now, before)
	next.Open = maps.Clone(before.Open)
	for _, open := range slices.Concat(report.New, report.Again) {
		open.Told = now
		next.Open[open.id()] = open
	}
	for _, open := range report.Over {
		delete(next.Open, open.id())
	}
	return next
}

func sent(now time.Time, state State) State {
	state.Sent, state.Failures, state.Failed, state.Problem = now, 0, time.Time{}, ""
	return state
}

// NotSent notes that a message could not be sent.
func NotSent(now time.Time, problem string, state State) State {
	state.Failures++
	state.Failed, state.Problem = now, problem
	return state
}

const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// MayTry reports whether a target that failed may be tried again: a minute later, then after
// twice that, and so on up to an hour.
func MayTry(now time.Time, state State) bool {
	if state.Failures == 0 {
		return true
	}
	wait := lastRetry
	if state.Failures < 7 {
		wait = min(firstRetry<<(state.Failures-1), lastRetry)
	}
	return now.Sub(state.Failed) >= wait
}
