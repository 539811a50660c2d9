package ledger

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/remote"
)

// heldDelay is how long to wait for an order that another replica holds, which
// takes as long as handling a message.
const heldDelay = time.Second

// Lease is a named right that one holder at a time has, in all replicas together.
type Lease interface {
	// Renew makes the lease last ttl from now. It reports false when the lease ran out
	// and somebody else has taken it.
	Renew(ctx context.Context, ttl time.Duration) (bool, error)
	// Release gives the lease up; one that somebody else has taken stays theirs.
	Release(ctx context.Context) error
}

type lease struct {
	ledger       *Ledger
	name, holder string
}

// Hold lets no other replica work on the order until release is called or, when
// this process dies, Options.Lease is over. It does not wait: an order that
// somebody else holds is a transient error.
func (l *Ledger) Hold(ctx context.Context, orderID string) (release func(context.Context) error, err error) {
	held, ok, err := l.take(ctx, "order/"+orderID, l.opts.Lease)
	if err != nil {
		return nil, failed("hold order "+orderID, err)
	}
	if !ok {
		return nil, remote.Later(Platform, "hold order "+orderID, "another replica is working on it", heldDelay)
	}
	return held.Release, nil
}

// Lock takes the named right for ttl; ok is false when somebody else has it. Work
// that takes longer renews it.
func (l *Ledger) Lock(ctx context.Context, name string, ttl time.Duration) (held Lease, ok bool, err error) {
	held, ok, err = l.take(ctx, "lock/"+name, ttl)
	return held, ok, failed("lock "+name, err)
}

func (l *Ledger) take(ctx context.Context, name string, ttl time.Duration) (Lease, bool, error) {
	mine := &lease{ledger: l, name: name, holder: fmt.Sprintf("%s/%d", l.holder, l.holders.Add(1))}
	now := l.db.clock()
	changed, err := l.db.exec(ctx, `INSERT INTO fftconnect_leases (name, holder, held_until)
		VALUES ($1, $2, `+now+` + $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
		WHERE fftconnect_leases.held_until <= `+now,
		mine.name, mine.holder, ttl.Microseconds())
	return mine, changed == 1, err
}

// Renew implements Lease.
func (l *lease) Renew(ctx context.Context, ttl time.Duration) (bool, error) {
	changed, err := l.ledger.db.exec(ctx, `UPDATE fftconnect_leases SET held_until = `+l.ledger.db.clock()+` + $3
		WHERE name = $1 AND holder = $2`, l.name, l.holder, ttl.Microseconds())
	return changed == 1, failed("renew "+l.name, err)
}

// Release implements Lease.
func (l *lease) Release(ctx context.Context) error {
	_, err := l.ledger.db.exec(ctx, `DELETE FROM fftconnect_leases WHERE name = $1 AND holder = $2`, l.name, l.holder)
	return failed("release "+l.name, err)
}
