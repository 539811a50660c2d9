package durable_test

import (
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
)

func TestTheJournalIsReadByHowMessagesEnded(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{})
		now := time.Now()
		record := func(order string, kind outcome.Kind, ago time.Duration) {
			l.Record(outcome.Entry{At: now.Add(-ago), Flow: outcome.Export, Result: outcome.Result{Kind: kind, Order: order, Reason: "why"}})
		}
		record("old", outcome.Shadowed, time.Hour)
		record("second", outcome.Shadowed, time.Minute)
		record("other", outcome.Applied, time.Minute)
		record("first", outcome.Shadowed, 2*time.Minute)
		var orders []string
		eventually(t, "the journal is written", func() bool {
			orders = nil
			check(t, l.Journal(t.Context(), now.Add(-10*time.Minute), outcome.Shadowed, func(row ledger.JournalRow) {
				orders = append(orders, row.Order)
			}))
			return len(orders) >= 2
		})
		if len(orders) != 2 || orders[0] != "first" || orders[1] != "second" {
			t.Errorf("read %q", orders)
		}
	})
}
