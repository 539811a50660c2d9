package fftsim

import (
	"slices"
	"time"
)

// entityStore holds the entities of one kind in order of creation. Its methods are called
// with the platform's lock held.
type entityStore[T any] struct {
	lag  time.Duration
	rows []*row[T]
	byID map[string]*row[T]
}

type row[T any] struct {
	id      string
	index   int
	current *T
	changed time.Time
	// older are what lists may still show instead of current, oldest first.
	older []stale[T]
}

type stale[T any] struct {
	entity  *T
	changed time.Time
}

func newShelf[T any](lag time.Duration) *entityStore[T] {
	return &entityStore[T]{lag: lag, byID: map[string]*row[T]{}}
}

func (s *entityStore[T]) get(id string) *T {
	if r := s.byID[id]; r != nil {
		return r.current
	}
	return nil
}

// put adds an entity or replaces the one with the same id.
func (s *entityStore[T]) put(id string, entity *T, now time.Time) {
	r := s.byID[id]
	if r == nil {
		r = &row[T]{id: id, index: len(s.rows)}
		s.rows, s.byID[id] = append(s.rows, r), r
	} else if s.lag > 0 {
		r.rememberState(now.Add(-s.lag))
	}
	r.current, r.changed = entity, now
}

// drop removes an entity; it shows nowhere any more.
func (s *entityStore[T]) drop(id string) {
	r := s.byID[id]
	if r == nil {
		return
	}
	delete(s.byID, id)
	s.rows = slices.Delete(s.rows, r.index, r.index+1)
	for i, other := range s.rows {
		other.index = i
	}
}

// rememberState keeps current for lists, and forgets what they have stopped showing.
func (r *row[T]) rememberState(cutoff time.Time) {
	r.older = append(r.older, stale[T]{r.current, r.changed})
	for len(r.older) > 1 && !r.older[1].changed.After(cutoff) {
		r.older = r.older[1:]
	}
}

// visibleState is the entity as lists show it now; nil when they do not show it yet.
func (s *entityStore[T]) visibleState(r *row[T], now time.Time) *T {
	cutoff := now.Add(-s.lag)
	if s.lag <= 0 || !r.changed.After(cutoff) {
		return r.current
	}
	for i := len(r.older) - 1; i >= 0; i-- {
		if !r.older[i].changed.After(cutoff) {
			return r.older[i].entity
		}
	}
	return nil
}

// page lists the entities that match, at most size of them after the one with the
// id startAfter, and counts all that match. With ids only those are looked at.
func (s *entityStore[T]) page(ids []string, match func(*T) bool, startAfter string, size int, now time.Time) (page []*T, total int) {
	after := -1
	if r := s.byID[startAfter]; r != nil {
		after = r.index
	}
	page = []*T{}
	for _, r := range s.rowsOf(ids) {
		entity := s.visibleState(r, now)
		if entity == nil || !match(entity) {
			continue
		}
		total++
		if r.index > after && len(page) < size {
			page = append(page, entity)
		}
	}
	return page, total
}

func (s *entityStore[T]) rowsOf(ids []string) []*row[T] {
	if ids == nil {
		return s.rows
	}
	rows := make([]*row[T], 0, len(ids))
	for _, id := range ids {
		if r := s.byID[id]; r != nil {
			rows = append(rows, r)
		}
	}
	return rows
}
