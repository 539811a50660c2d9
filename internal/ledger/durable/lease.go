package durable

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/ledger"
)

// farAhead is how many times the time that one asks for somebody else's lease may
// last: a longer one was written by a clock that was wrong, and counts as over.
const farAhead = 4

type lease struct {
	ledger       *Ledger
	name, holder string
}

// AcquireLease takes the named right for ttl; ok is false when somebody else has it. Work
// that takes longer renews it.
func (l *Ledger) AcquireLease(ctx context.Context, name string, ttl time.Duration) (held ledger.Lease, ok bool, err error) {
	held, ok, err = l.tryLease(ctx, "lock/"+name, ttl)
	return held, ok, wrapError("lock "+name, err)
}

func (l *Ledger) tryLease(ctx context.Context, name string, ttl time.Duration) (ledger.Lease, bool, error) {
	mine := &lease{ledger: l, name: name, holder: fmt.Sprintf("%s/%d", l.holder, l.holders.Add(1))}
	now := l.db.clock()
	changed, err := l.db.exec(ctx, `INSERT INTO fftconnect_leases (name, holder, held_until)
		VALUES ($1, $2, `+now+` + $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
		WHERE fftconnect_leases.held_until <= `+now+` OR fftconnect_leases.held_until > `+now+` + $4`,
		mine.name, mine.holder, ttl.Microseconds(), farAhead*ttl.Microseconds())
	return mine, changed == 1, err
}

// Renew implements Lease.
func (l *lease) Renew(ctx context.Context, ttl time.Duration) (bool, error) {
	changed, err := l.ledger.db.exec(ctx, `UPDATE fftconnect_leases SET held_until = `+l.ledger.db.clock()+` + $3
		WHERE name = $1 AND holder = $2`, l.name, l.holder, ttl.Microseconds())
	return changed == 1, wrapError("renew "+l.name, err)
}

// Release implements Lease.
func (l *lease) Release(ctx context.Context) error {
	_, err := l.ledger.db.exec(ctx, `DELETE FROM fftconnect_leases WHERE name = $1 AND holder = $2`, l.name, l.holder)
	return wrapError("release "+l.name, err)
}
