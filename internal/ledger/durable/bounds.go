package durable

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
)

// Bounds are how much the store keeps. Beyond those of dead letters, and of bodies that could
// not be read, nothing more is taken: it stays with its sender, so nothing is lost. Beyond
// those of the journal its oldest rows go.
type Bounds struct {
	Dead            int   // dead letters; 10,000 when zero
	DeadBytes       int64 // of their bodies together; 256 MiB when zero
	Unreadable      int   // bodies that could not be read; 1,000 when zero
	UnreadableBytes int64 // together; 32 MiB when zero
	Journal         int   // rows; 5,000,000 when zero
	JournalBytes    int64 // of them together, estimated from the latest; 1 GiB when zero
}

func (b Bounds) withDefaults() Bounds {
	b.Dead, b.DeadBytes = cmp.Or(b.Dead, 10_000), cmp.Or(b.DeadBytes, 256<<20)
	b.Unreadable, b.UnreadableBytes = cmp.Or(b.Unreadable, 1000), cmp.Or(b.UnreadableBytes, 32<<20)
	b.Journal, b.JournalBytes = cmp.Or(b.Journal, 5_000_000), cmp.Or(b.JournalBytes, 1<<30)
	return b
}

// maxWords bounds a reason and an advice.
const maxWords = 4 << 10

// kind of dead letters that have bounds of their own.
type deadLetterKind struct {
	which           string // SQL
	name, list      string
	most            int
	mostBytes       int64
	setting, ofSize string
}

func (l *Ledger) deadLetterBounds(unreadable bool) deadLetterKind {
	b := l.opts.Bounds
	if unreadable {
		return deadLetterKind{`type IN ('` + ledger.TypeUnreadable + `', '` + ledger.TypeTooLarge + `')`, "bodies that could not be read", "--type unreadable", b.Unreadable, b.UnreadableBytes, "MAX_UNREADABLE", "MAX_UNREADABLE_MIB"}
	}
	return deadLetterKind{`type NOT IN ('` + ledger.TypeUnreadable + `', '` + ledger.TypeTooLarge + `')`, "dead letters", "--state dead", b.Dead, b.DeadBytes, "MAX_DEAD_LETTERS", "MAX_DEAD_LETTERS_MIB"}
}

// errIfFull is the error of a store that holds as many dead letters of a kind as it may, when more
// of them come.
func (l *Ledger) errIfFull(ctx context.Context, from querier, unreadable bool, more int) error {
	kind := l.deadLetterBounds(unreadable)
	var count int
	var size int64
	_, err := queryOne(ctx, from, `SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM fftconnect_events
		WHERE state = 'dead' AND `+kind.which, nil, &count, &size)
	if err != nil {
		return err
	}
	full, setting := count+more > kind.most, kind.setting
	if size > kind.mostBytes || more > 0 && size >= kind.mostBytes {
		full, setting = true, kind.ofSize
	}
	if !full {
		return nil
	}
	why := fmt.Sprintf("the store holds %d %s, as much as %s allows: what comes now stays with its sender", count, kind.name, setting)
	refused := remote.NewTransient(ledger.Platform, "store dead letter", why, time.Minute)
	refused.Hint = "look at them with: fftconnect events list " + kind.list + ", then retry or discard them"
	return refused
}

// CheckRoom is the error of a store that takes no more dead letters.
func (l *Ledger) CheckRoom(ctx context.Context) error {
	for _, unreadable := range []bool{false, true} {
		if err := l.errIfFull(ctx, l.db.reader(), unreadable, 1); err != nil {
			return wrapError("count dead letters", err)
		}
	}
	return nil
}

// shortenedDeadLetter is what is kept of an event that becomes a dead letter.
func shortenedDeadLetter(d ledger.Deferred) (ledger.Deferred, error) {
	if len(d.Body) <= ledger.MaxDeadBody {
		return d, nil
	}
	if d.Order == "" {
		return d, fmt.Errorf("its body has %d bytes, more than %d, and names no order: it stays with its sender", len(d.Body), ledger.MaxDeadBody)
	}
	d.Fix = joinClauses(d.Fix, fmt.Sprintf("its body of %d KiB is not kept: handled again, the order is compared on both platforms", len(d.Body)>>10))
	d.Body = nil
	return d, nil
}

func joinClauses(words, more string) string {
	if words == "" {
		return more
	}
	return words + "; " + more
}

const (
	journalSample   = 10_000 // rows from which the size of all is estimated
	journalOverhead = 128    // bytes of a row besides its texts, with its place in indexes
)

// journalCutoff is the last id that the journal's bounds leave no room for; 0 when all fit.
func (l *Ledger) journalCutoff(ctx context.Context) (int64, error) {
	var first, last, rows, size int64
	if _, err := queryOne(ctx, l.db.reader(), `SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM fftconnect_journal`, nil, &first, &last); err != nil {
		return 0, err
	}
	_, err := queryOne(ctx, l.db.reader(), fmt.Sprintf(`SELECT count(*), CAST(coalesce(sum(length(type) + length(order_id) + length(event_id) + length(reason) + length(project_key) + length(correlation)), 0) AS BIGINT)
		FROM (SELECT type, order_id, event_id, reason, project_key, correlation FROM fftconnect_journal ORDER BY id DESC LIMIT %d) AS latest`, journalSample), nil, &rows, &size)
	if err != nil || rows == 0 {
		return 0, err
	}
	keep := min(int64(l.opts.Bounds.Journal), l.opts.Bounds.JournalBytes/(size/rows+journalOverhead))
	if last-first < keep {
		return 0, nil
	}
	return last - keep, nil
}
