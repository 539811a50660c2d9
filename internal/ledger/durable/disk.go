package durable

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"syscall"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"fftconnect/internal/ledger"
)

// A reserve is a file beside a SQLite database that takes room which is given up when the disk
// is full: even what makes room needs some first.
const (
	reserveEnding = "-reserve"
	reserveSize   = 4 << 20
)

// keepReserve makes the reserve where there is none.
func keepReserve(file string) error {
	name := file + reserveEnding
	if info, err := os.Stat(name); err == nil && info.Size() == reserveSize {
		return nil
	}
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:]) // some file systems keep the same blocks once, or compressed
	reserve, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(reserve, rand.NewChaCha8(seed), reserveSize)
	if err = errors.Join(err, reserve.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// isDiskFull reports an error of a disk, or a file, that has no room left.
func isDiskFull(err error) bool {
	var failed *driver.Error
	if errors.As(err, &failed) {
		return failed.Code()&0xff == codes.SQLITE_FULL || failed.Code()&0xff == codes.SQLITE_IOERR
	}
	return errors.Is(err, syscall.ENOSPC)
}

// makeRoom gives the reserve up, and what the log has taken.
func (s *sqlite) makeRoom(ctx context.Context) bool {
	if s.file == inMemory {
		return false
	}
	_ = os.Remove(s.file + reserveEnding)
	_ = s.query(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", nil, func(scanFunc) error { return nil })
	return true
}

// errIfFileGone is the error of a file that is not the one any more that was opened: what is written
// to it would be gone with this process.
func (s *sqlite) errIfFileGone() error {
	if s.opened == nil {
		return nil
	}
	now, err := os.Stat(s.file)
	if err != nil {
		return fmt.Errorf("the database file is gone: %w", err)
	}
	if !os.SameFile(now, s.opened) {
		return fmt.Errorf("another file is in the place of the database %s: restart serve to use it", s.file)
	}
	return nil
}

// discardOnFull forgets the events one by one, and gives back what that took. What is noted
// about it may find no room, which must not keep the event.
func (l *Ledger) discardOnFull(ctx context.Context, filter ledger.Filter) (int, error) {
	return l.changeInBatches(ctx, filter, 1, func(tx querier, batch []ticket) error {
		for _, ticket := range batch {
			if _, err := tx.exec(ctx, `DELETE FROM fftconnect_events WHERE id = $1`, ticket.id); err != nil {
				return err
			}
		}
		return nil
	}, func(batch []ticket) {
		l.db.makeRoom(ctx)
		if err := l.db.inTransaction(ctx, func(tx querier) error { return l.abandonDiscarded(ctx, tx, batch) }); err != nil {
			l.opts.Logger.Warn("an event was discarded without a note: the disk is full", "error", err)
		}
	})
}
