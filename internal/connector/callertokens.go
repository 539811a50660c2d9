package connector

import (
	"context"
	"sync"
	"time"

	"fftconnect/internal/intake"
	"fftconnect/internal/telemetry"
)

// callerTokens notes in the store when the tokens end that callers show, for doctor, which
// runs in another process.
type callerTokens struct {
	*telemetry.Telemetry
	store Store // nil: there is none
	mu    sync.Mutex
	noted map[string]notedToken // by endpoint
}

// notedToken is when a token ends, and when that was noted.
type notedToken struct{ ends, at time.Time }

// A token is noted again after a while, to tell when it was last shown; callers who show
// different ones by turns do not have each of them noted.
const (
	noteTokenAgain = time.Hour
	noteTokenAnew  = time.Minute
)

// Token implements intake.Recorder.
func (c *callerTokens) Token(endpoint string, ends time.Time) {
	c.Telemetry.Token(endpoint, ends)
	if c.store == nil || !c.isNoteDue(endpoint, ends) {
		return
	}
	go func() { // the message does not wait for it
		ctx, cancel := context.WithTimeout(context.Background(), conditionTimeout)
		defer cancel()
		_ = c.store.SaveCheckpoint(ctx, intake.TokenCheckpoint(endpoint), ends.UTC().Format(time.RFC3339))
	}()
}

func (c *callerTokens) isNoteDue(endpoint string, ends time.Time) bool {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.noted[endpoint]
	pause := noteTokenAgain
	if !ends.Equal(before.ends) {
		pause = noteTokenAnew
	}
	if now.Sub(before.at) < pause {
		return false
	}
	if c.noted == nil {
		c.noted = map[string]notedToken{}
	}
	c.noted[endpoint] = notedToken{ends, now}
	return true
}
