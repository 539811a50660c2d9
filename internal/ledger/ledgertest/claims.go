package ledgertest

import (
	"context"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/ledger"
)

// keptClaim is a claim whose time runs.
type keptClaim struct {
	claim.State
	until time.Time
}

// OpenClaim implements claim.Store.
func (s *Store) OpenClaim(ctx context.Context, order claim.Order, first claim.State) (kept claim.State, opened bool, err error) {
	err = s.access(ctx, "claim order "+order.ID, func() error {
		if kept, opened = s.claim(order.ID), false; kept.Version == 0 {
			opened = true
			kept = s.keepClaim(order.ID, first)
		}
		return nil
	})
	return kept, opened, err
}

// ReadClaim implements claim.Store.
func (s *Store) ReadClaim(ctx context.Context, orderID string) (record claim.State, err error) {
	err = s.access(ctx, "read claim of order "+orderID, func() error {
		record = s.claim(orderID)
		return nil
	})
	return record, err
}

// RecallClaim implements claim.Store.
func (s *Store) RecallClaim(ctx context.Context, orderID string) (claim.State, error) {
	return s.ReadClaim(ctx, orderID)
}

// BeginAttempt implements claim.Store.
func (s *Store) BeginAttempt(ctx context.Context, orderID string, record claim.State) (int64, error) {
	return record.Version + 1, s.UpdateClaim(ctx, orderID, record)
}

// UpdateClaim implements claim.Store.
func (s *Store) UpdateClaim(ctx context.Context, orderID string, record claim.State) error {
	return s.access(ctx, "settle claim of order "+orderID, func() error {
		if s.claim(orderID).Version != record.Version {
			return claim.ErrOvertaken
		}
		s.keepClaim(orderID, record)
		return nil
	})
}

// claim and keepClaim are for whoever has access.
func (s *Store) claim(orderID string) claim.State {
	kept := s.db.claims[orderID]
	if kept.Version != 0 {
		kept.InFlight = time.Until(kept.until)
	}
	return kept.State
}

func (s *Store) keepClaim(orderID string, record claim.State) claim.State {
	record.Version++
	set(&s.db.claims, orderID, keptClaim{record, time.Now().Add(record.InFlight)})
	return record
}

type lease struct {
	store *Store
	name  string
	until time.Time
}

// AcquireLease implements connector.Store.
func (s *Store) AcquireLease(ctx context.Context, name string, ttl time.Duration) (held ledger.Lease, ok bool, err error) {
	return s.tryLease(ctx, "lock/"+name, ttl)
}

func (s *Store) tryLease(ctx context.Context, name string, ttl time.Duration) (held ledger.Lease, ok bool, err error) {
	mine := &lease{store: s, name: name}
	err = s.access(ctx, "hold "+name, func() error {
		now := time.Now()
		if other := s.db.leases[name]; other != nil && other.until.After(now) {
			return nil
		}
		mine.until, ok = now.Add(ttl), true
		set(&s.db.leases, name, mine)
		return nil
	})
	return mine, ok, err
}

// Renew implements ledger.Lease.
func (l *lease) Renew(ctx context.Context, ttl time.Duration) (ok bool, err error) {
	err = l.store.access(ctx, "renew "+l.name, func() error {
		if ok = l.store.db.leases[l.name] == l; ok {
			l.until = time.Now().Add(ttl)
		}
		return nil
	})
	return ok, err
}

// Release implements ledger.Lease.
func (l *lease) Release(ctx context.Context) error {
	return l.store.access(ctx, "release "+l.name, func() error {
		if l.store.db.leases[l.name] == l {
			delete(l.store.db.leases, l.name)
		}
		return nil
	})
}
