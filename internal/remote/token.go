package remote

import (
	"context"
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
}

// NewTokens fetches nothing yet.
func NewTokens(fetch func(ctx context.Context, previous Token) (Token, error)) *Tokens {
	return &Tokens{fetch: fetch}
}

// Value is a token that is still good, fetched when needed.
func (t *Tokens) Value(ctx context.Context) (string, error) {
	if value, ok := t.good(); ok {
		return value, nil
	}
	result := t.flights.DoChan("token", func() (any, error) {
		if value, ok := t.good(); ok {
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

func (t *Tokens) good() (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ok := t.current.Value != "" && time.Now().Add(t.early).Before(t.current.Expires)
	return t.current.Value, ok
}

func (t *Tokens) renew(ctx context.Context) (string, error) {
	t.mu.Lock()
	previous := t.current
	t.mu.Unlock()
	next, err := t.fetch(ctx, previous)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		if t.current.Value != "" && time.Now().Before(t.current.Expires) {
			return t.current.Value, nil // good for a little longer
		}
		return "", err
	}
	t.current = next
	t.early = min(time.Minute, time.Until(next.Expires)/10)
	return next.Value, nil
}
