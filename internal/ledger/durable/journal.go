package durable

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

const (
	journalBuffer   = 8192            // rows that wait to be written
	journalBatch    = 256             // rows that are written in one transaction
	journalRows     = 16              // rows that one statement writes
	journalInterval = time.Second     // how long a row waits for others
	journalTimeout  = 5 * time.Second // for writing a batch
)

// journal is the rows on their way to the database.
type journal struct {
	mu      sync.RWMutex // against sending to rows when it is closed
	closed  bool
	rows    chan *ledger.JournalRow // pointers: the buffer is large and mostly empty
	written chan struct{}           // closed when the last batch is written
	dropped atomic.Int64
}

func newJournal() *journal {
	return &journal{rows: make(chan *ledger.JournalRow, journalBuffer), written: make(chan struct{})}
}

// Record writes a message that was handled on its first attempt into the journal.
func (l *Ledger) Record(entry outcome.Entry) { l.RecordAttempt(entry, 1) }

// RecordAttempt writes a handled message into the journal, a moment later. It never
// waits and never fails: when the database is away or too slow, rows are dropped
// and counted.
func (l *Ledger) RecordAttempt(entry outcome.Entry, attempt int) {
	names := entry.Names
	if entry.Number != "" {
		names = append(slices.Clip(names), outcome.Name{Kind: outcome.OrderNumber, Text: entry.Number})
	}
	l.journal.enqueue(ledger.JournalRow{
		At: entry.At, Flow: entry.Flow, Type: entry.Type, Order: entry.Order, EventID: entry.EventID,
		Outcome: entry.Kind, Reason: shorten(entry.Reason), Attempt: attempt, Duration: entry.Duration,
		Calls: entry.Calls, ProjectKey: l.opts.ProjectKey, Sent: entry.Sent, Names: names, Correlation: entry.Correlation,
	})
}

// JournalDropped counts the rows that were not written.
func (l *Ledger) JournalDropped() int64 { return l.journal.dropped.Load() }

func (j *journal) enqueue(row ledger.JournalRow) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		j.dropped.Add(1)
		return
	}
	select {
	case j.rows <- &row:
	default:
		j.dropped.Add(1)
	}
}

// close lets the rows that are there be written, and waits for it.
func (j *journal) close() {
	j.mu.Lock()
	j.closed = true
	close(j.rows)
	j.mu.Unlock()
	<-j.written
}

// runJournalWriter runs until the journal is closed.
func (l *Ledger) runJournalWriter() {
	defer close(l.journal.written)
	failing := false
	for {
		batch, open := l.journal.next()
		if len(batch) > 0 {
			ctx, cancel := context.WithTimeout(context.Background(), journalTimeout)
			err := l.writeRows(ctx, batch)
			cancel()
			if err != nil {
				l.journal.dropped.Add(int64(len(batch)))
			}
			if (err != nil) != failing {
				failing = err != nil
				l.logJournalError(err)
			}
		}
		if !open {
			return
		}
	}
}

func (l *Ledger) logJournalError(err error) {
	if err != nil {
		l.opts.Logger.Warn("the journal cannot be written, its rows are dropped", "error", err)
		return
	}
	l.opts.Logger.Info("the journal is written again", "dropped", l.JournalDropped())
}

// next waits for a row and then for those that come soon after it.
func (j *journal) next() (batch []ledger.JournalRow, open bool) {
	row, open := <-j.rows
	if !open {
		return nil, false
	}
	batch = append(batch, *row)
	soon := time.NewTimer(journalInterval)
	defer soon.Stop()
	for len(batch) < journalBatch {
		select {
		case row, open := <-j.rows:
			if !open {
				return batch, false
			}
			batch = append(batch, *row)
		case <-soon.C:
			return batch, true
		}
	}
	return batch, true
}

const journalColumns = `at, flow, type, order_id, event_id, outcome, reason, attempt, duration, calls, project_key, correlation`

// journalWidth is how many they are.
const journalWidth = 12

// byStatement cuts rows into those that one statement writes: journalRows or one, since
// databases remember statements.
func byStatement[T any](rows []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(rows) > 0 {
			n := 1
			if len(rows) >= journalRows {
				n = journalRows
			}
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// writeRows writes the rows, and starts the visits of their orders anew.
func (l *Ledger) writeRows(ctx context.Context, all []ledger.JournalRow) error {
	names := l.newNames(all)
	err := l.db.inTransaction(ctx, func(tx querier) error {
		for rows := range byStatement(all) {
			args := make([]any, 0, journalWidth*len(rows))
			for _, row := range rows {
				args = append(args, toMicros(row.At), string(row.Flow), row.Type, row.Order, row.EventID, string(row.Outcome),
					row.Reason, row.Attempt, row.Duration.Nanoseconds(), row.Calls, row.ProjectKey, row.Correlation)
			}
			_, err := tx.exec(ctx, `INSERT INTO fftconnect_journal (`+journalColumns+`) VALUES `+placeholderRows(len(rows), journalWidth), args...)
			if err != nil {
				return err
			}
		}
		if err := l.resolveHandled(ctx, tx, all); err != nil {
			return err
		}
		if err := l.insertNames(ctx, tx, names); err != nil {
			return err
		}
		return l.restartVisits(ctx, tx, all)
	})
	if err == nil {
		for _, name := range names {
			l.noted.Put(name, 1)
		}
	}
	return err
}

// placeholders is so many parameters of one row, from that number on.
func placeholders(first, n int) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(", $" + strconv.Itoa(first+i))
	}
	return "(" + strings.TrimPrefix(text.String(), ", ") + ")"
}

// placeholderRows is the parameters of so many rows: ($1, $2), ($3, $4).
func placeholderRows(rows, columns int) string {
	var text strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			text.WriteString("(")
		case i%columns == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	text.WriteString(")")
	return text.String()
}
