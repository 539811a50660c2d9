package notify

import "time"

// Summary is what the daily summary tells besides what is wrong.
type Summary struct {
	Since    time.Time
	Messages []Count // by direction and outcome
	Waiting  int     // stored events that are tried again
	Dead     int     // dead letters
	Late     int
	Open     int // orders that are not finished; -1: nobody counts them
}

// Count is how many messages ended in a way.
type Count struct {
	Flow, Outcome string
	Count         int
}

// Schedule is when the daily summary is sent; the zero value is never.
type Schedule struct {
	On           bool
	Hour, Minute int
	Zone         *time.Location
}

// isDue says when the latest summary was to be sent, and whether it was not. A time that a day does
// not have, since clocks are put forward over it, comes as much later; one that it has twice
// comes once. What was missed while nobody ran is sent once.
func (s Schedule) isDue(now time.Time, state State) (at time.Time, is bool) {
	if !s.On || state.Summary.IsZero() {
		return now, false
	}
	local := now.In(s.Zone)
	at = time.Date(local.Year(), local.Month(), local.Day(), s.Hour, s.Minute, 0, 0, s.Zone)
	if at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()-1, s.Hour, s.Minute, 0, 0, s.Zone)
	}
	return at, at.After(state.Summary)
}
