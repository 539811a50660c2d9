package intake

import (
	"context"

	"fftconnect/internal/remote"
)

type strangerKey struct{}

// withStranger marks the handling of what somebody sent who showed nothing.
func withStranger(ctx context.Context, stranger bool) context.Context {
	if !stranger {
		return ctx
	}
	return context.WithValue(ctx, strangerKey{}, true)
}

// errStrangerLimit bounds what strangers make us read of the platforms. What is over it stays with
// its sender, who repeats it.
func (s *Server) errStrangerLimit(ctx context.Context) error {
	if ctx.Value(strangerKey{}) == nil || s.strangers.Allow() {
		return nil
	}
	return remote.NewTransient("fftconnect", "read for callers without a token", "more messages without a token than EVENT_RATE allows", 0)
}
