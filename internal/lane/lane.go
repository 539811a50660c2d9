// Package lane serialises the work on one order and lets different orders pass
// each other.
package lane

import (
	"context"
	"sync"
)

// Locks is one lock a key, made when needed and gone when unused. The zero value
// is ready.
type Locks struct {
	mu    sync.Mutex
	lanes map[string]*lane
}

type lane struct {
	free    chan struct{} // holds one token while nobody has the lane
	waiting int
}

// Lock waits for the key's lane. It returns the function that leaves it, or the
// context's error when that ends first.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.lanes == nil {
		l.lanes = map[string]*lane{}
	}
	mine, ok := l.lanes[key]
	if !ok {
		mine = &lane{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		l.lanes[key] = mine
	}
	mine.waiting++
	l.mu.Unlock()

	select {
	case <-mine.free:
		return func() {
			mine.free <- struct{}{}
			l.release(key, mine)
		}, nil
	case <-ctx.Done():
		l.release(key, mine)
		return nil, ctx.Err()
	}
}

func (l *Locks) release(key string, mine *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	mine.waiting--
	if mine.waiting == 0 {
		delete(l.lanes, key)
	}
}
