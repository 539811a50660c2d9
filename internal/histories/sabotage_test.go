package histories_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"testing"

	"fftconnect/internal/claim"
	"fftconnect/internal/connector"
	"fftconnect/internal/ledger/ledgertest"
)

// sabotage breaks what keeps a connector right; the zero value breaks nothing.
type sabotage struct {
	store func(*ledgertest.Store) connector.Store
	call  func(*world, *http.Request) *http.Request
}

// forgetful is a store that does not remember claims.
type forgetful struct{ *ledgertest.Store }

func (forgetful) OpenClaim(_ context.Context, _ claim.Order, first claim.Record) (claim.Record, bool, error) {
	first.Version = 1
	return first, true, nil
}

func (forgetful) RecallClaim(context.Context, string) (claim.Record, error) {
	return claim.Record{}, nil
}

func (forgetful) ReadClaim(context.Context, string) (claim.Record, error) {
	return claim.Record{}, nil
}

func (forgetful) SettleClaim(context.Context, string, claim.Record) error { return nil }

// hasty is a store that says of every attempt that it can no longer come to light.
type hasty struct{ *ledgertest.Store }

func (s hasty) OpenClaim(ctx context.Context, order claim.Order, first claim.Record) (claim.Record, bool, error) {
	record, opened, err := s.Store.OpenClaim(ctx, order, first)
	record.InFlight = 0
	return record, opened, err
}

// blind has look-ups find nothing.
func blind(_ *world, r *http.Request) *http.Request {
	if query := r.URL.Query(); query.Has("tenantOrderId") {
		r = r.Clone(r.Context())
		query.Set("tenantOrderId", "another")
		r.URL.RawQuery = query.Encode()
	}
	return r
}

var versionSent = regexp.MustCompile(`"version":\d+`)

// unversioned has updates overwrite what others did meanwhile.
func unversioned(w *world, r *http.Request) *http.Request {
	if kindOf(r) != "update" {
		return r
	}
	history := w.ct.History(path.Base(r.URL.Path))
	if len(history) == 0 {
		return r
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	now := fmt.Sprintf(`"version":%d`, history[len(history)-1].Version)
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(versionSent.ReplaceAll(text, []byte(now))))
	return r
}

func TestABrokenConnectorIsCaught(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]sabotage{
		"claims are forgotten":          {store: func(s *ledgertest.Store) connector.Store { return forgetful{s} }},
		"nobody waits for an attempt":   {store: func(s *ledgertest.Store) connector.Store { return hasty{s} }},
		"look-ups find nothing":         {call: blind},
		"updates ignore other versions": {call: unversioned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= 1000; seed++ {
				if wrongs, _ := run(t, draw(seed), broken); len(wrongs) > 0 {
					t.Logf("caught by history %d: %s", seed, wrongs[0])
					return
				}
			}
			t.Error("a thousand histories did not show it")
		})
	}
}
