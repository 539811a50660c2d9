package ledger

import "context"

// actorAndReason is who does something, and why.
type actorAndReason struct{ by, why string }

type actKey struct{}

// WithActor lets what is done with the returned context be done by the named person, for the
// reason that they give, which may be empty. It goes before
// the actor that the store was opened for.
func WithActor(ctx context.Context, by, why string) context.Context {
	return context.WithValue(ctx, actKey{}, actorAndReason{by, why})
}

// ActorFrom is the person whom the context is of, and their reason; ok is false when it is of none.
func ActorFrom(ctx context.Context) (by, why string, ok bool) {
	a, ok := ctx.Value(actKey{}).(actorAndReason)
	return a.by, a.why, ok
}

// By says, for the beginning of a reason, which person the context is of; nothing when it
// is of none.
func By(ctx context.Context) string {
	if by, _, ok := ActorFrom(ctx); ok {
		return "by " + by + ": "
	}
	return ""
}
