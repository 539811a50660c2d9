package durable

import (
	"context"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// timelineLimit bounds what is read of one order.
const timelineLimit = 1000

// Timeline is what was done about an order, oldest first: the last 1000 messages.
func (l *Ledger) Timeline(ctx context.Context, orderID string) ([]ledger.JournalRow, error) {
	var rows []ledger.JournalRow
	err := l.db.reader().query(ctx, `SELECT `+journalColumns+` FROM (
			SELECT id, `+journalColumns+` FROM fftconnect_journal
			WHERE order_id = $1 AND order_id <> '' ORDER BY at DESC, id DESC LIMIT $2) AS latest
		ORDER BY at, id`, []any{orderID, timelineLimit}, func(row scanFunc) error {
		r, err := scanJournalRow(row)
		rows = append(rows, r)
		return err
	})
	if err == nil {
		err = l.addNumbers(ctx, len(rows), func(i int) (string, *string) { return rows[i].Order, &rows[i].Number })
	}
	return rows, wrapError("read timeline of order "+orderID, err)
}

// LastSeen is when the last message of each flow came in, repeated attempts at
// stored events not counted; a flow without one is left out.
func (l *Ledger) LastSeen(ctx context.Context) (map[outcome.Flow]time.Time, error) {
	last := map[outcome.Flow]time.Time{}
	for _, flow := range flows {
		var at int64
		ok, err := queryOne(ctx, l.db.reader(), `SELECT at FROM fftconnect_journal WHERE flow = $1 AND attempt = 1
			ORDER BY at DESC LIMIT 1`, []any{string(flow)}, &at)
		if err != nil {
			return nil, wrapError("read the last messages", err)
		}
		if ok {
			last[flow] = fromMicros(at)
		}
	}
	return last, nil
}
