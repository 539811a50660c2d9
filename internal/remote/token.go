package remote

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Token opens the API until it expires.
type Token struct {
	Value   string
	Refresh string // gets the next one without signing in; may be empty
	Expires time.Time
}

// tokenTimeout bounds one renewal, which serves every caller and so must not end
// with the first one's patience.
const tokenTimeout = 8 * time.Second

// Tokens keeps one token for all callers. However many ask at once, it is fetched
// once, a minute before it expires.
type Tokens struct {
	// fetch gets a new token; previous is the one it replaces, zero at first.
	fetch   func(ctx context.Context, previous Token) (Token, error)
	flights singleflight.Group

	mu      sync.Mutex
	current Token
	early   time.Duration
	refusal refusal
	renewed []time.Time // when tokens were fetched in the last minute
}

// refusal is a sign-in that the platform refused. It is remembered, and sign-ins grow apart: many of them lock
// the account, which may be shared.
type refusal struct {
	err   error
	pause time.Duration
	until time.Time
}

// Pauses after a refused sign-in, and how many tokens a minute may bring.
const (
	firstRefusalPause = time.Minute
	maxRefusalPause   = 5 * time.Minute
	maxRenewals       = 20 // a minute
)

// leastLifetime is how long a token counts as good that is said to end at once: better than signing in
// for every call.
const leastLifetime = time.Minute

// NewTokens fetches nothing yet.
func NewTokens(fetch func(ctx context.Context, previous Token) (Token, error)) *Tokens {
	return &Tokens{fetch: fetch}
}

// Value is a token that is still good, fetched when needed.
func (t *Tokens) Value(ctx context.Context) (string, error) {
	if value, ok := t.validValue(); ok {
		return value, nil
	}
	result := t.flights.DoChan("token", func() (any, error) {
		if value, ok := t.validValue(); ok {
			return value, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTimeout)
		defer cancel()
		return t.renew(ctx)
	})
	select {
	case got := <-result:
		if got.Err != nil {
			return "", got.Err
		}
		return got.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Reject drops the token that the platform refused, unless it was replaced meanwhile.
func (t *Tokens) Reject(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current.Value == value {
		t.current.Value = ""
	}
}

// Expires is when the current token ends; zero when there is none.
func (t *Tokens) Expires() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current.Expires
}

func (t *Tokens) validValue() (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ok := t.current.Value != "" && time.Now().Add(t.early).Before(t.current.Expires)
	return t.current.Value, ok
}

func (t *Tokens) renew(ctx context.Context) (string, error) {
	previous, err := t.tokenToReplace()
	if err != nil {
		return "", err
	}
	next, err := t.fetch(ctx, previous)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		if t.current.Value != "" && time.Now().Before(t.current.Expires) {
			return t.current.Value, nil // good for a little longer
		}
		t.rememberRefusal(err)
		return "", err
	}
	t.refusal = refusal{}
	if !next.Expires.After(time.Now()) {
		next.Expires = time.Now().Add(leastLifetime)
	}
	t.current = next
	t.early = min(time.Minute, time.Until(next.Expires)/10)
	return next.Value, nil
}

// tokenToReplace gives the token to replace, or the error of the last sign-in while it is remembered.
func (t *Tokens) tokenToReplace() (previous Token, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if wait := t.refusal.until.Sub(now); wait > 0 {
		return Token{}, errUntilLater(t.refusal.err, wait)
	}
	t.renewed = slices.DeleteFunc(t.renewed, func(at time.Time) bool { return now.Sub(at) > time.Minute })
	if len(t.renewed) >= maxRenewals {
		return Token{}, &Error{
			Operation: "sign in", Kind: Transient, Delay: time.Minute,
			Message: "the platform keeps refusing tokens that it gave, so no more are fetched for a minute",
		}
	}
	t.renewed = append(t.renewed, now)
	return t.current, nil
}

// rememberRefusal keeps a refusal; the caller holds the lock. What may pass, such as an outage, is none.
func (t *Tokens) rememberRefusal(err error) {
	var failed *Error
	if !errors.As(err, &failed) || failed.Kind == Transient || failed.Kind == Conflict {
		return
	}
	pause := min(max(2*t.refusal.pause, firstRefusalPause), maxRefusalPause)
	t.refusal = refusal{err: err, pause: pause, until: time.Now().Add(pause)}
}

// errUntilLater is a remembered error with the time that remains.
func errUntilLater(err error, wait time.Duration) error {
	var failed *Error
	if !errors.As(err, &failed) {
		return err
	}
	again := *failed
	again.Delay = max(wait, again.Delay)
	return &again
}
