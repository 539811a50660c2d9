package remote

import (
	"sync/atomic"
	"time"
)

// Tally adds up the API calls made for one message. The nil Tally counts nothing.
type Tally struct {
	calls atomic.Int64
	took  atomic.Int64
}

func (t *Tally) add(took time.Duration) {
	if t != nil {
		t.calls.Add(1)
		t.took.Add(int64(took))
	}
}

// Calls is the number of calls so far.
func (t *Tally) Calls() int { return int(t.calls.Load()) }

// Took is the time spent waiting for their answers, added up.
func (t *Tally) Took() time.Duration { return time.Duration(t.took.Load()) }
