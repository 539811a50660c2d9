package remote

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Tally adds up the API calls made for one message. The nil Tally counts nothing.
type Tally struct {
	calls atomic.Int64
	took  atomic.Int64

	mu       sync.Mutex
	answered []answered // the latest of each platform
}

// answered is a call that a platform gave an id.
type answered struct{ platform, correlation string }

func (t *Tally) add(took time.Duration, platform, correlation string) {
	if t == nil {
		return
	}
	t.calls.Add(1)
	t.took.Add(int64(took))
	t.note(platform, correlation)
}

// NoteFailure has the call that failed with err count as its platform's latest: others may
// have ended beside it.
func (t *Tally) NoteFailure(err error) {
	var failed *Error
	if errors.As(err, &failed) {
		t.note(failed.Platform, failed.Correlation)
	}
}

func (t *Tally) note(platform, correlation string) {
	if correlation == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.answered {
		if t.answered[i].platform == platform {
			t.answered[i].correlation = correlation
			return
		}
	}
	t.answered = append(t.answered, answered{platform, correlation})
}

// Calls is the number of calls so far.
func (t *Tally) Calls() int { return int(t.calls.Load()) }

// Took is the time spent waiting for their answers, added up.
func (t *Tally) Took() time.Duration { return time.Duration(t.took.Load()) }

// Correlation is the id that each platform gave the latest of the calls, such as
// "commercetools my-project/0d4f…"; empty when none gave any.
func (t *Tally) Correlation() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.answered) == 1 {
		return t.answered[0].platform + " " + t.answered[0].correlation
	}
	var text strings.Builder
	for i, a := range t.answered {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(a.platform + " " + a.correlation)
	}
	return text.String()
}
