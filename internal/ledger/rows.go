package ledger

import (
	"context"
	"time"

	"fftconnect/internal/outcome"
)

// Journal reads what was done since then and ended in one way, oldest first.
func (l *Ledger) Journal(ctx context.Context, since time.Time, kind outcome.Kind, each func(JournalRow)) error {
	err := l.db.reader().each(ctx, `SELECT `+journalColumns+` FROM fftconnect_journal
		WHERE at >= $1 AND outcome = $2 ORDER BY at, id`, []any{micros(since), string(kind)}, func(row scan) error {
		r, err := readJournal(row)
		if err == nil {
			each(r)
		}
		return err
	})
	return failed("read journal", err)
}

func readJournal(row scan) (JournalRow, error) {
	var r JournalRow
	var at, duration int64
	err := row(&at, &r.Flow, &r.Type, &r.Order, &r.EventID, &r.Outcome, &r.Reason, &r.Attempt,
		&duration, &r.Calls, &r.ProjectKey, &r.Correlation)
	r.At, r.Duration = moment(at), time.Duration(duration)
	return r, err
}
