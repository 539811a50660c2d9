package telemetry

import (
	"time"

	"fftconnect/internal/outcome"
)

// refusalEvery is how often the same refusal is logged at most: anybody can send
// requests that are refused, and nobody shall fill the log with them.
const refusalEvery = time.Minute

// refusal is one of few: the reasons are a fixed set.
type refusal struct {
	flow outcome.Flow
	why  string
}

type refusals struct {
	logged time.Time
	unsaid int // since then
}

// Unauthorized counts a request without a valid token.
func (t *Telemetry) Unauthorized(flow outcome.Flow, why string) {
	t.refused.WithLabelValues(string(flow)).Inc()
	if more, say := t.refusal(flow, why); say {
		t.logger.Warn("request refused", "flow", flow, "reason", why, "more_since_last_line", more)
	}
}

// refusal decides whether to log it, and gives how many were not logged before it.
func (t *Telemetry) refusal(flow outcome.Flow, why string) (more int, say bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	so := t.refusals[refusal{flow, why}]
	if so == nil {
		so = &refusals{}
		t.refusals[refusal{flow, why}] = so
	}
	now := time.Now()
	if !so.logged.IsZero() && now.Sub(so.logged) < refusalEvery {
		so.unsaid++
		return 0, false
	}
	more = so.unsaid
	*so = refusals{logged: now}
	return more, true
}
