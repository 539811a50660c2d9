package ledger

import (
	"time"
)

// RetryRun is events that somebody has handled again together.
type RetryRun struct {
	ID      int64
	At      time.Time
	By      string
	What    string // which events, in words
	Planned int
	Queued  int       // so far
	Ended   time.Time // when the last was queued; zero: not yet
	Waiting int       // queued and neither done nor dead again
	Failed  int       // dead letters again
}

// Finished is how many of the events are done, or gone for another reason.
func (r RetryRun) Finished() int { return max(r.Queued-r.Waiting-r.Failed, 0) }
