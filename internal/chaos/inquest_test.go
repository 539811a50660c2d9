//go:build slow

package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/verdict"
)

// placed is an order and what should become of it.
type placed struct {
	id     string
	fate   catalogue.Fate
	traits []string
}

// wrong says what is wrong with every order that did not end as it should.
func wrong(s *site, orders []placed) map[string]string {
	found := map[string]string{}
	for _, order := range orders {
		if problem := verdict.WhatIsWrong(s.world, order.id, order.fate); problem != "" {
			found[order.id] = problem
		}
	}
	return found
}

// quiet says what keeps the site from being at rest; empty when nothing does.
func quiet(ctx context.Context, s *site, store *durable.Ledger, orders []placed) string {
	if n := s.world.Pending(); n > 0 {
		return fmt.Sprintf("%d notifications are not delivered", n)
	}
	if store != nil {
		depth, err := store.CountStored(ctx)
		if err != nil {
			return err.Error()
		}
		if depth.Deferred > 0 {
			return fmt.Sprintf("%d events are deferred", depth.Deferred)
		}
	}
	if found := wrong(s, orders); len(found) > 0 {
		return fmt.Sprintf("%d orders are not where they should be", len(found))
	}
	return ""
}

// complain reports every order that is wrong, with all that is known about it.
func complain(t *testing.T, s *site, store *durable.Ledger, orders []placed) {
	t.Helper()
	for _, order := range orders {
		problem := verdict.WhatIsWrong(s.world, order.id, order.fate)
		if problem == "" {
			continue
		}
		var text strings.Builder
		fmt.Fprintf(&text, "order %s (%s; %s): %s\n", order.id, order.fate, strings.Join(order.traits, ", "), problem)
		for _, there := range s.world.FFT.OrdersOf(order.id) {
			fmt.Fprintf(&text, "  in fulfillmenttools: %s %s %s %s created %s\n", there.ID, there.TenantOrderID, there.Status, there.Stage, clock(there.Created))
		}
		for _, revision := range s.world.CT.History(order.id) {
			if revision.Actions != nil && revision.ClientID != "storefront-client" || revision.Version == 1 {
				fmt.Fprintf(&text, "  in commercetools:    %s version %d %s %q %v\n", clock(revision.At), revision.Version, revision.OrderState, revision.ShipmentState, revision.Actions)
			}
		}
		timeline(t, &text, store, order.id)
		t.Error(text.String())
	}
}

func timeline(t *testing.T, text *strings.Builder, store *durable.Ledger, order string) {
	t.Helper()
	if store == nil {
		return
	}
	rows, err := store.Timeline(context.Background(), order)
	if err != nil {
		t.Error(err)
	}
	for _, row := range rows {
		fmt.Fprintf(text, "  journal:             %s %s %s attempt %d: %s\n", clock(row.At), row.Type, row.Outcome, row.Attempt, row.Reason)
	}
	events, err := store.Events(context.Background(), ledger.Filter{Order: order})
	if err != nil {
		t.Error(err)
	}
	for _, event := range events {
		fmt.Fprintf(text, "  stored:              %s %s %d attempts, next %s: %s\n", event.Type, event.State, event.Attempts, clock(event.NextAttemptAt), event.Reason)
	}
}

func clock(at time.Time) string { return at.Local().Format("15:04:05.000") }

// repaired has the reconcile command compare both platforms, and counts what it
// found; an order that cannot be mapped is never in fulfillmenttools and stays out.
func repaired(t *testing.T, s *site, orders []placed) (findings []reconcile.Finding) {
	t.Helper()
	var report struct{ Findings []reconcile.Finding }
	if err := json.Unmarshal(s.must(t, "reconcile", "--since", "24h", "--json"), &report); err != nil {
		t.Fatal(err)
	}
	fates := map[string]catalogue.Fate{}
	for _, order := range orders {
		fates[order.id] = order.fate
	}
	for _, f := range report.Findings {
		if fates[f.OrderID] != catalogue.FateUnmappable || f.Repaired {
			findings = append(findings, f)
		}
	}
	return findings
}

// left are the stored events, but for the dead letters of orders that cannot be
// mapped.
func left(t *testing.T, s *site, orders []placed) (events []ledger.Event) {
	t.Helper()
	var stored []ledger.Event
	if err := json.Unmarshal(s.must(t, "events", "list", "--limit", "10000", "--json"), &stored); err != nil {
		t.Fatal(err)
	}
	unmappable := map[string]bool{}
	for _, order := range orders {
		unmappable[order.id] = order.fate == catalogue.FateUnmappable
	}
	for _, event := range stored {
		if event.State != ledger.StateDead || !unmappable[event.Order] {
			events = append(events, event)
		}
	}
	return events
}
