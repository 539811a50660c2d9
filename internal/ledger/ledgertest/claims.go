package ledgertest

import (
	"context"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
)

// Claim implements export.Claims.
func (s *Store) Claim(ctx context.Context, orderID string) (claim export.Claim, err error) {
	err = s.access(ctx, "read claim of order "+orderID, func() error {
		claim = s.db.claims[orderID]
		return nil
	})
	return claim, err
}

// Attempt implements export.Claims.
func (s *Store) Attempt(ctx context.Context, orderID, tenantOrderID string, at time.Time) error {
	return s.change(ctx, "claim order "+orderID, orderID, true, func(claim *export.Claim) {
		claim.TenantOrderID, claim.AttemptedAt = tenantOrderID, at
	})
}

// Doubt implements export.Claims.
func (s *Store) Doubt(ctx context.Context, orderID string, at time.Time) error {
	return s.change(ctx, "record the attempt at order "+orderID, orderID, false, func(claim *export.Claim) {
		claim.AttemptedAt = at
	})
}

// Settle implements export.Claims.
func (s *Store) Settle(ctx context.Context, orderID string) error {
	return s.change(ctx, "settle claim of order "+orderID, orderID, false, func(claim *export.Claim) {
		claim.AttemptedAt = time.Time{}
	})
}

// Link implements export.Claims.
func (s *Store) Link(ctx context.Context, orderID, tenantOrderID, fftOrderID string) error {
	return s.change(ctx, "link order "+orderID, orderID, true, func(claim *export.Claim) {
		if tenantOrderID == "" {
			tenantOrderID = claim.TenantOrderID
		}
		*claim = export.Claim{TenantOrderID: tenantOrderID, FFTOrderID: fftOrderID}
	})
}

// change changes a claim; one that does not exist is made only if it may be.
func (s *Store) change(ctx context.Context, operation, orderID string, mayMake bool, change func(*export.Claim)) error {
	return s.access(ctx, operation, func() error {
		claim, ok := s.db.claims[orderID]
		if ok || mayMake {
			change(&claim)
			set(&s.db.claims, orderID, claim)
		}
		return nil
	})
}

type lease struct {
	store *Store
	name  string
	until time.Time
}

// Hold implements export.Claims.
func (s *Store) Hold(ctx context.Context, orderID string) (release func(context.Context) error, err error) {
	held, ok, err := s.take(ctx, "order/"+orderID, s.opts.Lease)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, remote.Later(ledger.Platform, "hold order "+orderID, "another replica is working on it", time.Second)
	}
	return held.Release, nil
}

// Lock implements connector.Store.
func (s *Store) Lock(ctx context.Context, name string, ttl time.Duration) (held ledger.Lease, ok bool, err error) {
	return s.take(ctx, "lock/"+name, ttl)
}

func (s *Store) take(ctx context.Context, name string, ttl time.Duration) (held ledger.Lease, ok bool, err error) {
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
