package ledgertest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// DueOrders implements reconcile.OpenOrders.
func (s *Store) DueOrders(ctx context.Context, limit int) (due []reconcile.OpenOrder, err error) {
	err = s.access(ctx, "list open orders", func() error {
		now := time.Now()
		for _, order := range s.db.open {
			if !order.Next.IsZero() && !order.Next.After(now) {
				due = append(due, order)
			}
		}
		return nil
	})
	slices.SortFunc(due, func(a, b reconcile.OpenOrder) int { return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.ID, b.ID)) })
	return due[:min(len(due), limit)], err
}

// TrackOrders implements reconcile.OpenOrders.
func (s *Store) TrackOrders(ctx context.Context, orders []reconcile.OpenOrder) error {
	return s.access(ctx, "note open orders", func() error {
		for _, order := range orders {
			if _, known := s.db.open[order.ID]; !known {
				set(&s.db.open, order.ID, order)
			}
		}
		return nil
	})
}

// TrackedOrders implements reconcile.OpenOrders.
func (s *Store) TrackedOrders(ctx context.Context, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	err := s.access(ctx, "look open orders up", func() error {
		for _, id := range ids {
			if _, ok := s.db.open[id]; ok {
				known[id] = true
			}
		}
		return nil
	})
	return known, err
}

// Discarded implements reconcile.OpenOrders.
func (s *Store) Discarded(ctx context.Context, ids []string) (map[string]bool, error) {
	found := map[string]bool{}
	err := s.access(ctx, "look open orders up", func() error {
		for _, id := range ids {
			if s.db.open[id].AbandonedFor == "discarded" {
				found[id] = true
			}
		}
		return nil
	})
	return found, err
}

// SaveVisit implements reconcile.OpenOrders.
func (s *Store) SaveVisit(ctx context.Context, seen, now reconcile.OpenOrder) error {
	return s.access(ctx, "note visit of order "+seen.ID, func() error {
		if now.InSync {
			s.db.resolveEvents(seen.ID)
		}
		if there, ok := s.db.open[seen.ID]; ok && there.LastActivity.Equal(seen.LastActivity) {
			s.db.open[seen.ID] = now
		}
		return nil
	})
}

// ForgetOrder implements reconcile.OpenOrders.
func (s *Store) ForgetOrder(ctx context.Context, seen reconcile.OpenOrder) error {
	return s.access(ctx, "forget order "+seen.ID, func() error {
		s.db.resolveEvents(seen.ID)
		if there, ok := s.db.open[seen.ID]; ok && there.LastActivity.Equal(seen.LastActivity) {
			delete(s.db.open, seen.ID)
			delete(s.db.sent, seen.ID)
		}
		return nil
	})
}

// resolveEvents forgets the order's dead letters.
func (d *Database) resolveEvents(orderID string) {
	for id, e := range d.events {
		if e.Order == orderID && e.State == ledger.StateDead {
			delete(d.byKey, e.Key())
			delete(d.events, id)
		}
	}
}

// AbandonOrder implements connector.Store.
func (s *Store) AbandonOrder(ctx context.Context, orderID, reason string) error {
	return s.access(ctx, "leave order "+orderID, func() error {
		order := s.db.open[orderID]
		order.ID, order.Next, order.Late, order.Since, order.AbandonedFor = orderID, time.Time{}, "", time.Time{}, reason
		set(&s.db.open, orderID, order)
		return nil
	})
}

// CountLate implements connector.Store.
func (s *Store) CountLate(ctx context.Context) (late map[reconcile.Late]int, open int, err error) {
	late = map[reconcile.Late]int{}
	err = s.access(ctx, "count open orders", func() error {
		for _, order := range s.db.open {
			if order.Late != "" {
				late[order.Late]++
			}
			if !order.Next.IsZero() {
				open++
			}
		}
		return nil
	})
	return late, open, err
}

// OpenOrders are all that are known.
func (d *Database) OpenOrders() []reconcile.OpenOrder {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Values(d.open))
}

// RecordAttempt implements connector.Store; of the journal there is only what it means
// for open orders. What the real one loses when it cannot be written is lost here too.
func (s *Store) RecordAttempt(entry outcome.Entry, attempt int) {
	stir := durable.ActivityOf(ledger.JournalRow{At: entry.At, Flow: entry.Flow, Type: entry.Type, Order: entry.Order, Outcome: entry.Kind, Attempt: attempt})
	_ = s.access(context.Background(), "journal", func() error {
		order, known := s.db.open[entry.Order]
		if stir == durable.StirNothing || stir == durable.StirKnown && !known {
			return nil
		}
		if !known {
			order = reconcile.OpenOrder{ID: entry.Order, Opened: entry.At}
		}
		order.LastActivity, order.Visits, order.AbandonedFor = entry.At, 0, ""
		order.Next = entry.At.Add(s.opts.RevisitAfter)
		if stir == durable.StirAny {
			order.Late, order.Since = "", time.Time{}
		}
		set(&s.db.open, entry.Order, order)
		if entry.Sent != "" {
			set(&s.db.sent, entry.Order, entry.Sent)
		}
		return nil
	})
}

// SentValues implements export.Memory.
func (s *Store) SentValues(ctx context.Context, orderID string) (sent string, err error) {
	err = s.access(ctx, "read what was sent of order "+orderID, func() error {
		sent = s.db.sent[orderID]
		return nil
	})
	return sent, err
}

// SaveSent implements export.Memory.
func (s *Store) SaveSent(ctx context.Context, orderID, sent string) error {
	return s.access(ctx, "note what was sent of order "+orderID, func() error {
		if _, open := s.db.open[orderID]; open {
			set(&s.db.sent, orderID, sent)
		}
		return nil
	})
}

// HasWaitingEvents implements connector.Store.
func (s *Store) HasWaitingEvents(ctx context.Context, orderID string) (waits bool, err error) {
	err = s.access(ctx, "look dead letters up", func() error {
		for _, e := range s.db.events {
			waits = waits || e.Order == orderID && e.State == ledger.StateDead && e.Flow == outcome.Export
		}
		return nil
	})
	return waits, err
}

// Events implements connector.Store; of the filter only the state counts.
func (s *Store) Events(ctx context.Context, filter ledger.Filter) (events []ledger.Event, err error) {
	err = s.access(ctx, "list events", func() error {
		for _, e := range s.db.events {
			if filter.State == "" || filter.State == e.State {
				events = append(events, e.Event)
			}
		}
		return nil
	})
	return events, err
}
