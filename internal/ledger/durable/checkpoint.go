package durable

import (
	"context"
	"time"
)

// Checkpoint is how far a long job has come, as the job wrote it down. ok is false
// when there is none.
func (l *Ledger) Checkpoint(ctx context.Context, name string) (value string, updated time.Time, ok bool, err error) {
	var at int64
	ok, err = queryOne(ctx, l.db.reader(), `SELECT value, updated_at FROM fftconnect_checkpoints WHERE name = $1`,
		[]any{name}, &value, &at)
	return value, fromMicros(at), ok, wrapError("read checkpoint "+name, err)
}

// SaveCheckpoint writes down how far a long job has come; an empty value forgets it.
func (l *Ledger) SaveCheckpoint(ctx context.Context, name, value string) error {
	if value == "" {
		_, err := l.db.exec(ctx, `DELETE FROM fftconnect_checkpoints WHERE name = $1`, name)
		return wrapError("forget checkpoint "+name, err)
	}
	_, err := l.db.exec(ctx, `INSERT INTO fftconnect_checkpoints (name, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
		name, value, toMicros(l.opts.Now()))
	return wrapError("save checkpoint "+name, err)
}
