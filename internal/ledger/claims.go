package ledger

import (
	"context"
	"time"

	"fftconnect/internal/export"
)

var _ export.Claims = (*Ledger)(nil)

// Claim is the order's claim; the zero value when there is none.
func (l *Ledger) Claim(ctx context.Context, orderID string) (export.Claim, error) {
	var claim export.Claim
	var attempted int64
	_, err := one(ctx, l.db.reader(), `SELECT tenant_order_id, fft_order_id, attempted_at FROM fftconnect_claims
		WHERE order_id = $1`, []any{orderID}, &claim.TenantOrderID, &claim.FFTOrderID, &attempted)
	claim.AttemptedAt = moment(attempted)
	return claim, failed("read claim of order "+orderID, err)
}

// Attempt records, before a create call, that it is about to be made.
func (l *Ledger) Attempt(ctx context.Context, orderID, tenantOrderID string, at time.Time) error {
	_, err := l.db.exec(ctx, `INSERT INTO fftconnect_claims (order_id, tenant_order_id, attempted_at, updated_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (order_id) DO UPDATE SET tenant_order_id = excluded.tenant_order_id,
			attempted_at = excluded.attempted_at, updated_at = excluded.updated_at`,
		orderID, tenantOrderID, micros(at), micros(l.opts.Now()))
	return failed("claim order "+orderID, err)
}

// Doubt records that the last create call ended without telling whether it created
// the order.
func (l *Ledger) Doubt(ctx context.Context, orderID string, at time.Time) error {
	_, err := l.db.exec(ctx, `UPDATE fftconnect_claims SET attempted_at = $2, updated_at = $3 WHERE order_id = $1`,
		orderID, micros(at), micros(l.opts.Now()))
	return failed("record the attempt at order "+orderID, err)
}

// Settle records that the last create call certainly created nothing.
func (l *Ledger) Settle(ctx context.Context, orderID string) error {
	_, err := l.db.exec(ctx, `UPDATE fftconnect_claims SET attempted_at = 0, updated_at = $2 WHERE order_id = $1`,
		orderID, micros(l.opts.Now()))
	return failed("settle claim of order "+orderID, err)
}

// Link records the counterpart. An empty tenantOrderID keeps the known one.
func (l *Ledger) Link(ctx context.Context, orderID, tenantOrderID, fftOrderID string) error {
	_, err := l.db.exec(ctx, `INSERT INTO fftconnect_claims (order_id, tenant_order_id, fft_order_id, updated_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (order_id) DO UPDATE SET
			tenant_order_id = CASE excluded.tenant_order_id WHEN '' THEN fftconnect_claims.tenant_order_id
				ELSE excluded.tenant_order_id END,
			fft_order_id = excluded.fft_order_id, attempted_at = 0, updated_at = excluded.updated_at`,
		orderID, tenantOrderID, fftOrderID, micros(l.opts.Now()))
	return failed("link order "+orderID, err)
}
