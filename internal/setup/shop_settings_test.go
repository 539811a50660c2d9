package setup_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/shop"
)

func TestAConfigurationOutOfAFileIsServedWithoutACall(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "object's"})
	from := shop.New(r.client, shop.Options{TTL: ttl, Settings: &config.Shop{OrderTypeKey: "file's"}})
	settings, err := from.Configuration(t.Context())
	if err != nil || settings.TypeKey() != "file's" || from.ConfigurationError() != nil {
		t.Errorf("got %s, %v, %v", settings.TypeKey(), err, from.ConfigurationError())
	}
	r.wantCalls(0, "custom-objects")
}

func TestUpstreamDefect34TheConfigurationIsReadOnceHoweverManyAsk(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "one"})
	for range 20 {
		if _, err := r.Shop.Configuration(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.FeedbackRules(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.wantCalls(1, "GET /demo/custom-objects/fft/configuration")
}

func TestTheLastGoodConfigurationStaysWhileAWrongOneIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newShop(t, "")
		var told []string
		s := shop.New(r.client, shop.Options{TTL: ttl, Refused: func(err error) { told = append(told, err.Error()) }})
		place := func(value object) { r.ct.PutCustomObject("fft", "configuration", value) }
		look := func() string {
			_, _ = s.Configuration(t.Context()) // the first one notices that it is old
			synctest.Wait()
			settings, err := s.Configuration(t.Context())
			if err != nil {
				t.Error(err)
			}
			time.Sleep(20 * ttl) // nothing older than ten times that is served
			return settings.TypeKey()
		}
		place(object{"orderCustomTypeKey": "one"})
		keys := []string{look()}
		place(object{"orderCustomTypeKey": "two", "export": object{"wehn": "true"}})
		keys = append(keys, look(), look())
		if err := s.ConfigurationError(); err == nil || !strings.Contains(err.Error(), "export.wehn is unknown") {
			t.Errorf("it is not known to be wrong: %v", err)
		}
		place(object{"orderCustomTypeKey": "three"})
		keys = append(keys, look())
		if want := []string{"one", "one", "one", "three"}; !slices.Equal(keys, want) || len(told) != 1 || s.ConfigurationError() != nil {
			t.Errorf("got %v, told %q, wrong %v", keys, told, s.ConfigurationError())
		}
	})
}

// notebook is a shop.Memory that outlives a Shop.
type notebook struct{ text []byte }

func (n *notebook) Recall(context.Context) ([]byte, error) { return n.text, nil }

func (n *notebook) Keep(_ context.Context, text []byte) error {
	n.text = text
	return nil
}

// TestADeletedConfigurationStaysInForceUntilSomebodyConfirms: without its triggers and
// filters, orders would be exported that must not be.
func TestADeletedConfigurationStaysInForceUntilSomebodyConfirms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newShop(t, "")
		var told []string
		var memory notebook
		start := func() *shop.Shop {
			return shop.New(r.client, shop.Options{TTL: ttl, Memory: &memory, Refused: func(err error) { told = append(told, err.Error()) }})
		}
		look := func(s *shop.Shop) string {
			t.Helper()
			time.Sleep(ttl)
			settings, err := s.Configuration(t.Context())
			if err != nil {
				t.Error(err)
			}
			return settings.TypeKey()
		}
		s := start()
		none := look(s)
		if s.ConfigurationError() != nil || len(told) > 0 {
			t.Errorf("that there never was one is told: %q", told)
		}
		r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "one"})
		there := look(s)
		if err := r.client.DeleteObject(t.Context(), "fft", "configuration"); err != nil {
			t.Fatal(err)
		}
		gone, later, wrong := look(s), look(s), s.ConfigurationError()
		s = start()
		restarted := look(s)
		if !errors.Is(wrong, shop.ErrGone) || !errors.Is(s.ConfigurationError(), shop.ErrGone) || len(told) != 2 {
			t.Errorf("told %q, wrong %v and %v", told, wrong, s.ConfigurationError())
		}
		r.ct.PutCustomObject("fft", "configuration", object{})
		confirmed := look(s)
		got := []string{none, there, gone, later, restarted, confirmed}
		if want := []string{"fft-order", "one", "one", "one", "one", "fft-order"}; !slices.Equal(got, want) || s.ConfigurationError() != nil {
			t.Errorf("got %v, wrong %v", got, s.ConfigurationError())
		}
	})
}

func TestTheLastGoodConfigurationOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	memory := notebook{text: []byte(`{"orderCustomTypeKey":"one"}`)}
	s := shop.New(r.client, shop.Options{TTL: ttl, Memory: &memory})
	r.ct.PutCustomObject("fft", "configuration", object{"export": object{"wehn": "true"}})
	settings, err := s.Configuration(t.Context())
	if err != nil || settings.TypeKey() != "one" || s.ConfigurationError() == nil {
		t.Errorf("got %s, %v, wrong %v", settings.TypeKey(), err, s.ConfigurationError())
	}
}
