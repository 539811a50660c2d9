package connector

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"fftconnect/internal/console"
	"fftconnect/internal/outcome"
)

// pausedCheckpoint is which directions are paused, for all replicas and over restarts.
const pausedCheckpoint = "paused"

const (
	// pausesKnownFor is how long it is taken for granted which directions are paused: a
	// replica notices another one's pause that much later.
	pausesKnownFor = 2 * time.Second
	pausesTimeout  = 2 * time.Second
)

// pauses are the directions that somebody has paused.
type pauses struct {
	mu    sync.Mutex
	known map[outcome.Flow]pause
	at    time.Time
}

type pause struct {
	Since time.Time `json:"since"`
	By    string    `json:"by"`
	Why   string    `json:"why"`
}

// loadedPauses are the directions that are paused now. While the store is away, what was known last
// counts.
func (c *Connector) loadedPauses(ctx context.Context) map[outcome.Flow]pause {
	if c.store == nil {
		return nil
	}
	c.pauses.mu.Lock()
	defer c.pauses.mu.Unlock()
	if now := time.Now(); now.Sub(c.pauses.at) >= pausesKnownFor {
		c.pauses.at = now
		if known, err := c.readPauses(ctx); err == nil {
			c.pauses.known = known
		}
	}
	return c.pauses.known
}

func (c *Connector) readPauses(ctx context.Context) (map[outcome.Flow]pause, error) {
	ctx, cancel := context.WithTimeout(ctx, pausesTimeout)
	defer cancel()
	text, _, ok, err := c.store.Checkpoint(ctx, pausedCheckpoint)
	known := map[outcome.Flow]pause{}
	if err == nil && ok {
		err = json.Unmarshal([]byte(text), &known)
	}
	return known, err
}

// isPaused reports whether the direction is paused.
func (c *Connector) isPaused(ctx context.Context, flow outcome.Flow) bool {
	_, paused := c.loadedPauses(ctx)[flow]
	return paused
}

// setPause pauses a direction, or resumes it with nil.
func (c *Connector) setPause(ctx context.Context, flow outcome.Flow, to *pause) error {
	known, err := c.readPauses(ctx)
	if err != nil {
		return err
	}
	delete(known, flow)
	if to != nil {
		known[flow] = *to
	}
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	if err := c.store.SaveCheckpoint(ctx, pausedCheckpoint, string(text)); err != nil {
		return err
	}
	c.pauses.mu.Lock()
	defer c.pauses.mu.Unlock()
	c.pauses.known, c.pauses.at = known, time.Now()
	return nil
}

// Pause keeps a direction's messages with their senders, on all replicas and over restarts,
// until Resume. It takes a store.
func (c *Connector) Pause(ctx context.Context, flow outcome.Flow, by, why string) error {
	c.logger.Warn("paused", "flow", string(flow), "by", by, "reason", why)
	return c.setPause(ctx, flow, &pause{Since: time.Now(), By: by, Why: why})
}

// Resume takes a direction's messages again.
func (c *Connector) Resume(ctx context.Context, flow outcome.Flow) error {
	c.logger.Info("resumed", "flow", string(flow))
	return c.setPause(ctx, flow, nil)
}

// pausedFlows are the paused directions, in a fixed order.
func (c *Connector) pausedFlows(ctx context.Context) (flows []outcome.Flow) {
	known := c.loadedPauses(ctx)
	for _, flow := range outcome.Flows {
		if _, paused := known[flow]; paused {
			flows = append(flows, flow)
		}
	}
	return flows
}

// pausesToShow are the same for people.
func (c *Connector) pausesToShow(ctx context.Context) (shown []console.Pause) {
	known := c.loadedPauses(ctx)
	for _, flow := range c.pausedFlows(ctx) {
		p := known[flow]
		shown = append(shown, console.Pause{Flow: flow, Since: p.Since, By: p.By, Why: p.Why})
	}
	return shown
}
