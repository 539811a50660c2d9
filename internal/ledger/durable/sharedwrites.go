package durable

import (
	"context"
	"slices"
	"sync"
	"time"
)

// sharedWrites are statements that wait to be written in one transaction: what it costs is
// its commit, not what is in it. Whoever waits is told when its statement is on the disk.
type sharedWrites struct {
	mu         sync.Mutex
	waiting    []*sharedWrite
	committing chan struct{} // holds whoever commits
}

type sharedWrite struct {
	ctx     context.Context
	text    string
	args    []any
	ended   chan struct{} // closed when it was written, or not
	changed int64
	err     error
}

// execShared runs the statement in a transaction with others that wait. It waits for such for
// the time of its patience, and not at all without any.
func (s *sqlite) execShared(ctx context.Context, patience time.Duration, text string, args ...any) (int64, error) {
	w := &sharedWrite{ctx: ctx, text: text, args: args, ended: make(chan struct{})}
	s.shared.mu.Lock()
	s.shared.waiting = append(s.shared.waiting, w)
	s.shared.mu.Unlock()
	if patience > 0 {
		enough := time.NewTimer(patience)
		defer enough.Stop()
		select {
		case <-w.ended:
			return w.changed, w.err
		case <-ctx.Done():
		case <-enough.C:
		}
	}
	select {
	case <-w.ended:
	case s.shared.committing <- struct{}{}:
		s.commitShared(ctx, w)
		<-s.shared.committing
	case <-ctx.Done():
		if s.shared.takeBack(w) {
			return 0, ctx.Err()
		}
		<-w.ended // it is just being written
	}
	return w.changed, w.err
}

// commitShared writes all that wait, if this one still does.
func (s *sqlite) commitShared(ctx context.Context, mine *sharedWrite) {
	select {
	case <-mine.ended:
		return
	default:
	}
	var all []*sharedWrite
	err := s.inTransaction(ctx, func(tx querier) error {
		all = s.shared.take() // what has come while others were writing, too
		for _, w := range all {
			var err error
			if w.changed, err = tx.exec(context.WithoutCancel(ctx), w.text, w.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if all == nil { // the transaction did not even begin
		s.shared.takeBack(mine)
		all = []*sharedWrite{mine}
	}
	for _, w := range all {
		if w.err = err; err != nil && len(all) > 1 { // whose fault it was shows
			w.changed, w.err = s.exec(w.ctx, w.text, w.args...)
		}
		close(w.ended)
	}
}

func (s *sharedWrites) take() []*sharedWrite {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.waiting
	s.waiting = nil
	return all
}

// takeBack takes a statement out that does not wait for others any more; false when it is too late.
func (s *sharedWrites) takeBack(w *sharedWrite) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.waiting, w)
	if i < 0 {
		return false
	}
	s.waiting = slices.Delete(s.waiting, i, i+1)
	return true
}
