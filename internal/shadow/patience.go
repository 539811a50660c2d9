package shadow

import (
	"context"
	"time"
)

// limit bounds the wait for an order that keeps changing, in times of the patience.
const limit = 10

type receivedKey struct{}

// withReceived notes when a stored message first came in.
func withReceived(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, receivedKey{}, at)
}

// receivedAt is when the message first came in: now unless it was stored.
func receivedAt(ctx context.Context, now time.Time) time.Time {
	if at, ok := ctx.Value(receivedKey{}).(time.Time); ok && at.Before(now) {
		return at
	}
	return now
}

// patienceLeft is how long the other connector still has: the patience since the message came
// and since the order last changed, but not for ever.
func patienceLeft(ctx context.Context, now, changed time.Time, patience time.Duration) time.Duration {
	came := receivedAt(ctx, now)
	until := came.Add(patience)
	if later := changed.Add(patience); later.After(until) {
		until = later
	}
	if latest := came.Add(limit * patience); latest.Before(until) {
		until = latest
	}
	return max(until.Sub(now), 0)
}
