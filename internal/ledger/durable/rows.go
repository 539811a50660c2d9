package durable

import (
	"context"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// Journal reads what was done since then and ended in one way, oldest first.
func (l *Ledger) Journal(ctx context.Context, since time.Time, kind outcome.Kind, each func(ledger.JournalRow)) error {
	err := l.db.reader().query(ctx, `SELECT `+journalColumns+` FROM fftconnect_journal
		WHERE at >= $1 AND outcome = $2 ORDER BY at, id`, []any{toMicros(since), string(kind)}, func(row scanFunc) error {
		r, err := scanJournalRow(row)
		if err == nil {
			each(r)
		}
		return err
	})
	return wrapError("read journal", err)
}

func scanJournalRow(row scanFunc) (ledger.JournalRow, error) {
	var r ledger.JournalRow
	var at, duration int64
	err := row(&at, &r.Flow, &r.Type, &r.Order, &r.EventID, &r.Outcome, &r.Reason, &r.Attempt,
		&duration, &r.Calls, &r.ProjectKey, &r.Correlation)
	r.At, r.Duration = fromMicros(at), time.Duration(duration)
	return r, err
}
