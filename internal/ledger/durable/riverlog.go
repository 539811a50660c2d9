package durable

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quietInterval is how often the same sentence may appear.
const quietInterval = time.Minute

// quietHandler passes River's warnings and errors on, each at most once a minute:
// while the database is away River complains several times a second.
type quietHandler struct {
	slog.Handler
	seen *lastLogged
}

type lastLogged struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func quietLogger(logger *slog.Logger) *slog.Logger {
	return slog.New(quietHandler{Handler: logger.Handler(), seen: &lastLogged{last: map[string]time.Time{}}})
}

func (h quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h quietHandler) Handle(ctx context.Context, record slog.Record) error {
	if !h.seen.mayLog(record.Message, record.Time) {
		return nil
	}
	return h.Handler.Handle(ctx, record)
}

func (h quietHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return quietHandler{Handler: h.Handler.WithAttrs(attributes), seen: h.seen}
}

func (h quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{Handler: h.Handler.WithGroup(name), seen: h.seen}
}

func (s *lastLogged) mayLog(message string, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[message]; ok && at.Sub(last) < quietInterval {
		return false
	}
	if len(s.last) > 1000 { // messages that differ each time
		clear(s.last)
	}
	s.last[message] = at
	return true
}
