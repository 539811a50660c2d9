package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/printable"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// hostile clears the screen, hides what follows, forges a line and shows itself backwards.
const hostile = "A-1\x1b[2J\x1b]0;owned\a\r\u009b31m\u202e\u2066gnorw\nFORGED"

// mustBeHarmless checks what a command printed: nothing in it acts on a terminal, and no line
// was forged.
func mustBeHarmless(t *testing.T, name, output string) {
	t.Helper()
	if !strings.Contains(output, "A-1") {
		t.Errorf("%s: the test shows nothing of it:\n%s", name, output)
	}
	for _, line := range strings.Split(output, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "FORGED") {
			t.Errorf("%s: a line is forged:\n%q", name, output)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) }) {
			t.Errorf("%s: %q", name, line)
		}
	}
}

// TestNothingStoredActsOnATerminal: what came in from outside and was stored.
func TestNothingStoredActsOnATerminal(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	store, err := durable.Open(t.Context(), url, durable.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	err = store.AddDeadLetter(t.Context(), ledger.Deferred{
		Flow: outcome.Export, Type: hostile, Order: hostile, EventID: hostile, Body: []byte(hostile), Reason: hostile + "\n" + hostile, Fix: hostile,
	})
	if err != nil {
		t.Fatal(err)
	}
	store.Record(outcome.Entry{At: time.Now(), Flow: outcome.Export, Type: hostile, EventID: hostile, Result: outcome.Result{Order: hostile, Kind: outcome.Rejected, Reason: hostile}})
	// An order is left whose export was discarded.
	if err := store.AddDeadLetter(t.Context(), ledger.Deferred{Flow: outcome.Export, Type: "OrderCreated", Order: "left " + hostile, EventID: "2", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Discard(t.Context(), ledger.Filter{Order: "left " + hostile}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := store.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"events", "list"}, {"events", "list", "--json"}, {"events", "show", "1"}, {"events", "show", "1", "--json"}, {"orders", "list", "--left"},
	} {
		var out bytes.Buffer
		if exit := run(args, &out, &out, func(name string) (string, bool) { return url, name == "DATABASE_URL" }); exit != exitDone {
			t.Errorf("%v: exit code %d:\n%s", args, exit, &out)
		}
		mustBeHarmless(t, strings.Join(args, " "), out.String())
	}
	var out bytes.Buffer
	run([]string{"events", "show", "1", "--body"}, &out, &out, func(name string) (string, bool) { return url, name == "DATABASE_URL" })
	mustBeHarmless(t, "events show --body", strings.ReplaceAll(out.String(), "\nFORGED", "")) // a body has lines
}

// TestNothingOfAPlatformActsOnATerminal: what is read of orders and channels.
func TestNothingOfAPlatformActsOnATerminal(t *testing.T) {
	t.Parallel()
	w, err := world.Start(world.Options{Seed: 1, Pace: fftsim.Pace{Manual: true}, Backoff: func(int) time.Duration { return time.Hour }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	installed(w)
	order := map[string]any{
		"orderNumber": hostile, "orderState": "Confirmed",
		"shippingAddress": map[string]any{"firstName": hostile, "lastName": "L", "streetName": "Ring", "postalCode": "53111", "city": hostile, "country": "DE"},
		"lineItems": []any{map[string]any{
			"id": "l-1", "quantity": 1, "variant": map[string]any{"sku": hostile}, "name": map[string]any{"de": hostile},
			"price": map[string]any{"value": map[string]any{"currencyCode": "EUR", "centAmount": 1999}},
		}},
	}
	id := w.CT.PlaceOrder(order)
	w.CT.PutChannel(map[string]any{
		"key": "bonn-1", "roles": []any{"InventorySupply"}, "name": map[string]any{"de": hostile},
		"address": map[string]any{"streetName": hostile, "postalCode": "53111", "city": "Bonn", "country": "DE"},
	})
	for _, args := range [][]string{
		{"map", id},
		{"map", id, "--explain"},
		{"map", id, "--json"},
		{"sync", id, "--dry-run"},
		{"sync", id, "--dry-run", "--json"},
		{"reconcile", "--dry-run"},
		{"sync", id},
		{"orders", "list"},
	} {
		output, _ := ran(w, nil, args...)
		mustBeHarmless(t, strings.Join(args, " "), output)
	}
	output, _ := ran(w, nil, "facilities", "sync", "--dry-run")
	mustBeHarmless(t, "facilities sync", output+"A-1")

	text, err := json.Marshal(map[string]any{"id": "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10", "version": 1, "orderNumber": hostile, "store": map[string]any{"key": hostile}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "order.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	output, _ = ran(w, nil, "map", file)
	mustBeHarmless(t, "map FILE", output)
}

// TestNoLogLineIsForged, whichever form lines have.
func TestNoLogLineIsForged(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		logger := program{errs: printable.Writer(&out)}.newLogger(config.Environment{LogFormat: format})
		logger.Info(hostile, "order", hostile, hostile, hostile, "notes", []string{hostile}, "error", usageError{os.ErrNotExist}, slog.Group(hostile, "reason", hostile))
		mustBeHarmless(t, format, out.String())
		if n := strings.Count(out.String(), "\n"); n != 1 {
			t.Errorf("%s: %d lines", format, n)
		}
	}
}
