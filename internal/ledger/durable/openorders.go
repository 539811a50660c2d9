package durable

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

var _ reconcile.OpenOrders = (*Ledger)(nil)

const openColumns = `order_id, number, opened_at, stirred_at, visits, next_visit, state, late, late_since, left_for`

// DueOrders implements reconcile.OpenOrders.
func (l *Ledger) DueOrders(ctx context.Context, limit int) ([]reconcile.OpenOrder, error) {
	return l.openOrders(ctx, `next_visit > 0 AND next_visit <= $1 ORDER BY next_visit LIMIT $2`, toMicros(l.opts.Now()), limit)
}

// OpenOrders lists open orders, those without a sign of life for the longest time first.
func (l *Ledger) OpenOrders(ctx context.Context, filter ledger.OpenOrderFilter) ([]reconcile.OpenOrder, error) {
	limit := filter.Limit
	if limit <= 0 {
		limit = listLimit
	}
	where, order := `1 = 1`, `stirred_at`
	if filter.Abandoned {
		where = `next_visit = 0`
	}
	if filter.Late {
		where, order = where+` AND late <> ''`, `late_since`
	}
	args := []any{limit}
	if filter.After != "" {
		if _, ok, err := l.OpenOrder(ctx, filter.After); err != nil || !ok {
			return nil, cmp.Or(err, ledger.NotInList(filter.After))
		}
		where += fmt.Sprintf(` AND (%[1]s, order_id) > (SELECT %[1]s, order_id FROM fftconnect_open_orders WHERE order_id = $2)`, order)
		args = append(args, filter.After)
	}
	return l.openOrders(ctx, where+` ORDER BY `+order+`, order_id LIMIT $1`, args...)
}

// OpenOrder is one open order; ok is false when it is not known.
func (l *Ledger) OpenOrder(ctx context.Context, id string) (order reconcile.OpenOrder, ok bool, err error) {
	found, err := l.openOrders(ctx, `order_id = $1`, id)
	if err != nil || len(found) == 0 {
		return reconcile.OpenOrder{}, false, err
	}
	return found[0], true, nil
}

func (l *Ledger) openOrders(ctx context.Context, where string, args ...any) ([]reconcile.OpenOrder, error) {
	var orders []reconcile.OpenOrder
	err := l.db.reader().query(ctx, `SELECT `+openColumns+` FROM fftconnect_open_orders WHERE `+where, args, func(row scanFunc) error {
		var o reconcile.OpenOrder
		var opened, stirred, next, since int64
		err := row(&o.ID, &o.Number, &opened, &stirred, &o.Visits, &next, &o.State, &o.Late, &since, &o.AbandonedFor)
		o.Opened, o.LastActivity, o.Next, o.Since = fromMicros(opened), fromMicros(stirred), fromMicros(next), fromMicros(since)
		orders = append(orders, o)
		return err
	})
	return orders, wrapError("list open orders", err)
}

// openInsert makes rows of orders known; what becomes of known ones follows it.
func openInsert(rows int) string {
	return `INSERT INTO fftconnect_open_orders (` + openColumns + `) VALUES ` + placeholderRows(rows, 10) + ` ON CONFLICT (order_id) DO `
}

func openArgs(o reconcile.OpenOrder) []any {
	return []any{
		o.ID, o.Number, toMicros(o.Opened), toMicros(o.LastActivity), o.Visits, toMicros(o.Next), o.State, string(o.Late), toMicros(o.Since), o.AbandonedFor,
	}
}

// TrackOrders implements reconcile.OpenOrders.
func (l *Ledger) TrackOrders(ctx context.Context, orders []reconcile.OpenOrder) error {
	for _, order := range orders {
		if _, err := l.db.exec(ctx, openInsert(1)+`NOTHING`, openArgs(order)...); err != nil {
			return wrapError("note open order "+order.ID, err)
		}
	}
	return nil
}

// TrackedOrders implements reconcile.OpenOrders.
func (l *Ledger) TrackedOrders(ctx context.Context, ids []string) (map[string]bool, error) {
	return l.openAmong(ctx, ids, `1 = 1`)
}

// Discarded implements reconcile.OpenOrders.
func (l *Ledger) Discarded(ctx context.Context, ids []string) (map[string]bool, error) {
	return l.openAmong(ctx, ids, `left_for = '`+discarded+`'`)
}

// openAmong are those of the orders that are known, and of which the condition holds.
func (l *Ledger) openAmong(ctx context.Context, ids []string, condition string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(ids) == 0 {
		return found, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err := l.db.reader().query(ctx, `SELECT order_id FROM fftconnect_open_orders WHERE `+condition+` AND order_id IN `+placeholderRows(1, len(ids)), args, func(row scanFunc) error {
		var id string
		err := row(&id)
		found[id] = true
		return err
	})
	return found, wrapError("look open orders up", err)
}

// SaveVisit implements reconcile.OpenOrders.
func (l *Ledger) SaveVisit(ctx context.Context, seen, now reconcile.OpenOrder) error {
	if now.InSync {
		if err := l.ResolveEvents(ctx, seen.ID); err != nil {
			return err
		}
	}
	_, err := l.db.exec(ctx, `UPDATE fftconnect_open_orders SET number = $3, stirred_at = $4, visits = $5, next_visit = $6,
			state = $7, late = $8, late_since = $9, left_for = $10
		WHERE order_id = $1 AND stirred_at = $2`,
		seen.ID, toMicros(seen.LastActivity), now.Number, toMicros(now.LastActivity), now.Visits, toMicros(now.Next),
		now.State, string(now.Late), toMicros(now.Since), now.AbandonedFor)
	return wrapError("note visit of order "+seen.ID, err)
}

// ForgetOrder implements reconcile.OpenOrders.
func (l *Ledger) ForgetOrder(ctx context.Context, seen reconcile.OpenOrder) error {
	if err := l.ResolveEvents(ctx, seen.ID); err != nil {
		return err
	}
	_, err := l.db.exec(ctx, `DELETE FROM fftconnect_open_orders WHERE order_id = $1 AND stirred_at = $2`, seen.ID, toMicros(seen.LastActivity))
	return wrapError("forget order "+seen.ID, err)
}

// AbandonOrder keeps an order from being visited until there is a sign of life.
func (l *Ledger) AbandonOrder(ctx context.Context, orderID, reason string) error {
	now := l.opts.Now()
	_, err := l.db.exec(ctx, openInsert(1)+`UPDATE SET next_visit = 0, late = '', late_since = 0, left_for = excluded.left_for`,
		openArgs(reconcile.OpenOrder{ID: orderID, Opened: now, LastActivity: now, AbandonedFor: reason})...)
	return wrapError("leave order "+orderID, err)
}

// CountLate counts the late orders by why they are, and all open ones.
func (l *Ledger) CountLate(ctx context.Context) (late map[reconcile.Late]int, open int, err error) {
	late = map[reconcile.Late]int{}
	err = l.db.reader().query(ctx, `SELECT late, count(*) FROM fftconnect_open_orders WHERE late <> '' GROUP BY late
		UNION ALL SELECT '', count(*) FROM fftconnect_open_orders WHERE next_visit > 0`, nil, func(row scanFunc) error {
		var why reconcile.Late
		var n int
		err := row(&why, &n)
		if why == "" {
			open = n
		} else {
			late[why] = n
		}
		return err
	})
	return late, open, wrapError("count open orders", err)
}

// OrderActivity is what a handled message means for the set of open orders.
type OrderActivity int

const (
	// StirNothing: the message was none of an open order.
	StirNothing OrderActivity = iota
	// StirKnown: an order that is open shows a sign of life.
	StirKnown
	// StirAny: the order is open from now on.
	StirAny
)

// ActivityOf says what a handled message or a repair means for the set of open orders. The
// visits' own repairs mean nothing: a visit notes itself when to come again.
func ActivityOf(row ledger.JournalRow) OrderActivity {
	switch {
	case row.Order == "" || row.Type == string(reconcile.ByVisit) || row.Flow == outcome.Facilities:
		return StirNothing
	case row.Outcome == outcome.Applied, row.Outcome.NeedsAttention():
		return StirAny
	case row.Outcome == outcome.Unchanged:
		return StirKnown
	default:
		return StirNothing
	}
}

// restartVisits starts the visits of orders anew about which something was handled. Orders are in
// the order of their ids, so that two replicas do not wait for each other in turn.
func (l *Ledger) restartVisits(ctx context.Context, tx querier, rows []ledger.JournalRow) error {
	stirs, at, sent := map[string]OrderActivity{}, map[string]time.Time{}, map[string]string{}
	for _, row := range rows {
		if stir := ActivityOf(row); stir != StirNothing {
			stirs[row.Order], at[row.Order] = max(stirs[row.Order], stir), row.At
			sent[row.Order] = cmp.Or(row.Sent, sent[row.Order])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(stirs)) {
		next := at[id].Add(l.opts.RevisitAfter)
		var err error
		if stirs[id] == StirAny {
			_, err = tx.exec(ctx, `INSERT INTO fftconnect_open_orders (`+openColumns+`, sent) VALUES `+placeholderRows(1, 11)+`
				ON CONFLICT (order_id) DO UPDATE SET stirred_at = excluded.stirred_at, visits = 0,
				next_visit = excluded.next_visit, late = '', late_since = 0, left_for = '',
				sent = CASE WHEN excluded.sent <> '' THEN excluded.sent ELSE fftconnect_open_orders.sent END`,
				append(openArgs(reconcile.OpenOrder{ID: id, Opened: at[id], LastActivity: at[id], Next: next}), sent[id])...)
		} else {
			_, err = tx.exec(ctx, `UPDATE fftconnect_open_orders SET stirred_at = $2, visits = 0, next_visit = $3, left_for = '',
				sent = CASE WHEN CAST($4 AS TEXT) <> '' THEN CAST($4 AS TEXT) ELSE sent END WHERE order_id = $1`,
				id, toMicros(at[id]), toMicros(next), sent[id])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// SentValues is the fingerprint of what the counterpart of an open order was sent; empty when
// it is not known.
func (l *Ledger) SentValues(ctx context.Context, orderID string) (string, error) {
	var sent string
	_, err := queryOne(ctx, l.db.lookUps(), `SELECT sent FROM fftconnect_open_orders WHERE order_id = $1`, []any{orderID}, &sent)
	return sent, wrapError("read what was sent of order "+orderID, err)
}

// SaveSent remembers it, as long as the order is open.
func (l *Ledger) SaveSent(ctx context.Context, orderID, sent string) error {
	_, err := l.db.exec(ctx, `UPDATE fftconnect_open_orders SET sent = $2 WHERE order_id = $1`, orderID, sent)
	return wrapError("note what was sent of order "+orderID, err)
}
