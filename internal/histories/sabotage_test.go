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

	"fftconnect/internal/connector"
	"fftconnect/internal/export"
	"fftconnect/internal/ledger/ledgertest"
)

// sabotage breaks what keeps a connector right; the zero value breaks nothing.
type sabotage struct {
	store func(*ledgertest.Store) connector.Store
	call  func(*world, *http.Request) *http.Request
}

// forgetful is a store that does not remember claims.
type forgetful struct{ *ledgertest.Store }

func (forgetful) Claim(context.Context, string) (export.Claim, error) { return export.Claim{}, nil }

// unguarded is a store that lets every replica work on an order.
type unguarded struct{ *ledgertest.Store }

func (unguarded) Hold(context.Context, string) (func(context.Context) error, error) {
	return func(context.Context) error { return nil }, nil
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
		"orders are not held":           {store: func(s *ledgertest.Store) connector.Store { return unguarded{s} }},
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
