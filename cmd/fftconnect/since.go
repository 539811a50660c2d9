package main

import (
	"fmt"
	"time"

	"fftconnect/internal/config"
)

// since is a beginning: a time (RFC 3339), or how long ago (2h, 1d, 2w). Its zero value is none.
type since struct {
	at  time.Time
	ago time.Duration
}

// UnmarshalText implements encoding.TextUnmarshaler, by which kong reads a flag.
func (s *since) UnmarshalText(text []byte) (err error) {
	*s = since{}
	if s.at, err = time.Parse(time.RFC3339, string(text)); err == nil {
		return nil
	}
	if s.ago, err = config.ParseDuration(string(text)); err != nil {
		return fmt.Errorf("%q is neither a duration, such as 2h, 1d or 2w, nor a time, such as 2026-01-31T08:00:00Z", text)
	}
	return nil
}

// isGiven reports whether a beginning was named.
func (s since) isGiven() bool { return !s.at.IsZero() || s.ago != 0 }

// isFuture reports a beginning that is not before now.
func (s since) isFuture(now time.Time) bool { return s.isGiven() && !s.time(now).Before(now) }

// time is the beginning, as seen now.
func (s since) time(now time.Time) time.Time {
	if !s.at.IsZero() {
		return s.at
	}
	return now.Add(-s.ago)
}
