package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"

	"fftconnect/internal/claim"
	"fftconnect/internal/connector"
	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/simulator/forgery"
	"fftconnect/internal/testform"
)

// sabotage breaks what keeps a connector right; the zero value breaks nothing.
type sabotage struct {
	seed  uint64 // of a history that shows it, most likely
	store func(*ledgertest.Store) connector.Store
	call  func(*course, *http.Request) *http.Request
	// answer has the connector read another answer than was given.
	answer func(*course, *http.Request, *http.Response)
}

// forgetfulStore is a store that does not remember claims.
type forgetfulStore struct{ *ledgertest.Store }

func (forgetfulStore) OpenClaim(_ context.Context, _ claim.Order, first claim.State) (claim.State, bool, error) {
	first.Version = 1
	return first, true, nil
}

func (forgetfulStore) RecallClaim(context.Context, string) (claim.State, error) {
	return claim.State{}, nil
}

func (forgetfulStore) ReadClaim(context.Context, string) (claim.State, error) {
	return claim.State{}, nil
}

func (forgetfulStore) UpdateClaim(context.Context, string, claim.State) error { return nil }

// hastyStore is a store that says of every attempt that it can no longer come to light.
type hastyStore struct{ *ledgertest.Store }

func (s hastyStore) OpenClaim(ctx context.Context, order claim.Order, first claim.State) (claim.State, bool, error) {
	record, opened, err := s.Store.OpenClaim(ctx, order, first)
	record.InFlight = 0
	return record, opened, err
}

// blind has look-ups find nothing.
func blind(_ *course, r *http.Request) *http.Request {
	if query := r.URL.Query(); query.Has("tenantOrderId") {
		r = r.Clone(r.Context())
		query.Set("tenantOrderId", "another")
		r.URL.RawQuery = query.Encode()
	}
	return r
}

var versionSent = regexp.MustCompile(`"version":\d+`)

// unversioned has updates overwrite what others did meanwhile.
func unversioned(w *course, r *http.Request) *http.Request {
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

// respond puts another answer in the place of one.
func respond(response *http.Response, status int, body string) {
	_ = response.Body.Close()
	response.StatusCode, response.ContentLength = status, int64(len(body))
	response.Body = io.NopCloser(strings.NewReader(body))
}

// trusting takes every 404 for the platform's word on what was asked.
func trusting(_ *course, r *http.Request, response *http.Response) {
	if response.StatusCode != http.StatusNotFound {
		return
	}
	id := path.Base(r.URL.Path)
	if r.URL.Host == fftHost {
		respond(response, http.StatusNotFound, `[{"summary":"Not found","description":"it does not exist"}]`)
		return
	}
	respond(response, http.StatusNotFound, fmt.Sprintf(`{"statusCode":404,"message":"The Resource with ID '%[1]s' was not found.","errors":[{"code":"ResourceNotFound","message":"The Resource with ID '%[1]s' was not found."}]}`, id))
}

// satisfied takes every success of a create call for an order.
func satisfied(_ *course, r *http.Request, response *http.Response) {
	if kindOf(r) != "create" || response.StatusCode >= 300 {
		return
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	if body := string(text); bytes.Contains(text, []byte(`"id"`)) {
		respond(response, response.StatusCode, body)
	} else {
		respond(response, http.StatusCreated, `{"id":"unknown","version":1,"status":"OPEN"}`)
	}
}

// credulous has what is read by id say of itself what a forged event said of it.
func credulous(w *course, r *http.Request, response *http.Response) {
	w.mu.Lock()
	said, forged := w.claimed[path.Base(r.URL.Path)]
	w.mu.Unlock()
	if !forged || r.URL.Host != fftHost || r.Method != http.MethodGet || response.StatusCode != http.StatusOK {
		return
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	var entity map[string]any
	if json.Unmarshal(text, &entity) == nil && entity["id"] != nil {
		holders := forgery.References(entity)
		for name, value := range map[string]string{"commercetoolsId": said.commercetoolsID, "orderRef": said.orderRef} {
			if holder := holders[name]; holder != nil && value != "" {
				holder[name] = value
			}
		}
		if text, err = json.Marshal(entity); err != nil {
			panic(err)
		}
	}
	respond(response, http.StatusOK, string(text))
}

func TestABrokenConnectorIsCaught(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	for name, broken := range map[string]sabotage{
		"claims are forgotten":               {store: func(s *ledgertest.Store) connector.Store { return forgetfulStore{s} }},
		"nobody waits for an attempt":        {seed: 16, store: func(s *ledgertest.Store) connector.Store { return hastyStore{s} }},
		"look-ups find nothing":              {seed: 63, call: blind},
		"updates ignore other versions":      {seed: 23, call: unversioned},
		"a gateway's 404 is believed":        {answer: trusting},
		"any success is a created order":     {seed: 27, answer: satisfied},
		"what an event says is not compared": {seed: 39, answer: credulous},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := max(1, broken.seed); seed <= 1000; seed++ {
				if wrongs, _ := run(t, draw(seed), broken); len(wrongs) > 0 {
					t.Logf("caught by history %d: %s", seed, wrongs[0])
					return
				}
			}
			t.Error("a thousand histories did not show it")
		})
	}
}
