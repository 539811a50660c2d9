package durable

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"fftconnect/internal/claim"
)

var _ claim.Store = (*Ledger)(nil)

// How long a claim waits for others to be written with.
const (
	// openPatience delays an export. At 60 orders a second it spares every other write of new claims.
	openPatience = 20 * time.Millisecond
	// settlePatience delays nothing but the answer to the sender: the create call of a claim that is
	// settled is made. From 20 orders a second on, it is written with the next new claims.
	settlePatience = 60 * time.Millisecond
)

// OpenClaim keeps the claim of an order that has none; of one that has, it gives that.
func (l *Ledger) OpenClaim(ctx context.Context, order claim.Order, first claim.State) (claim.State, bool, error) {
	err := l.insertClaim(ctx, order.ID, first)
	if errors.Is(err, claim.ErrOvertaken) {
		kept, err := l.ReadClaim(ctx, order.ID)
		return kept, false, err
	}
	first.Version = 1
	return first, true, wrapError("claim order "+order.ID, err)
}

// ReadClaim is the order's claim; the zero value when there is none.
func (l *Ledger) ReadClaim(ctx context.Context, orderID string) (claim.State, error) {
	var record claim.State
	var names string
	var inFlight int64
	found, err := queryOne(ctx, l.db.lookUps(), `SELECT names, fft_order_id, in_flight_until - `+l.db.clock()+`, version
		FROM fftconnect_claims WHERE order_id = $1`, []any{orderID}, &names, &record.FFTOrderID, &inFlight, &record.Version)
	if err == nil && found {
		record.InFlight = time.Duration(inFlight) * time.Microsecond
		err = json.Unmarshal([]byte(names), &record.Names)
	}
	return record, wrapError("read claim of order "+orderID, err)
}

// RecallClaim implements claim.Store.
func (l *Ledger) RecallClaim(ctx context.Context, orderID string) (claim.State, error) {
	return l.ReadClaim(ctx, orderID)
}

// BeginAttempt implements claim.Store.
func (l *Ledger) BeginAttempt(ctx context.Context, orderID string, record claim.State) (int64, error) {
	return record.Version + 1, l.writeClaim(ctx, "claim order "+orderID, 0, orderID, record)
}

// UpdateClaim implements claim.Store.
func (l *Ledger) UpdateClaim(ctx context.Context, orderID string, record claim.State) error {
	return l.writeClaim(ctx, "settle claim of order "+orderID, settlePatience, orderID, record)
}

// writeClaim writes the claim if it still has the version that is shown.
func (l *Ledger) writeClaim(ctx context.Context, operation string, patience time.Duration, orderID string, record claim.State) error {
	var err error
	if record.Version == 0 {
		err = l.insertClaim(ctx, orderID, record)
	} else {
		err = l.replaceClaim(ctx, patience, orderID, record)
	}
	if errors.Is(err, claim.ErrOvertaken) {
		return err
	}
	return wrapError(operation, err)
}

func (l *Ledger) insertClaim(ctx context.Context, orderID string, record claim.State) error {
	now := l.db.clock()
	return errIfOvertaken(l.db.execShared(ctx, openPatience, `INSERT INTO fftconnect_claims (order_id, names, fft_order_id, in_flight_until, version, updated_at)
		VALUES ($1, $2, $3, `+now+` + $4, 1, `+now+`) ON CONFLICT (order_id) DO NOTHING`,
		orderID, encodeNames(record.Names), record.FFTOrderID, record.InFlight.Microseconds()))
}

func (l *Ledger) replaceClaim(ctx context.Context, patience time.Duration, orderID string, record claim.State) error {
	now := l.db.clock()
	return errIfOvertaken(l.db.execShared(ctx, patience, `UPDATE fftconnect_claims SET names = $2, fft_order_id = $3,
			in_flight_until = `+now+` + $4, version = version + 1, updated_at = `+now+`
		WHERE order_id = $1 AND version = $5`,
		orderID, encodeNames(record.Names), record.FFTOrderID, record.InFlight.Microseconds(), record.Version))
}

// errIfOvertaken tells a write that met another version.
func errIfOvertaken(rows int64, err error) error {
	if err == nil && rows == 0 {
		return claim.ErrOvertaken
	}
	return err
}

func encodeNames(names []string) string {
	text, err := json.Marshal(names)
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(text)
}
