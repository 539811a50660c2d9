package feedback

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// expiringCache keeps the values used last, each for a while. It needs no goroutine: what
// is too old is dropped when it is asked for.
type expiringCache[V any] struct {
	keep time.Duration

	mu      sync.Mutex
	entries *simplelru.LRU[string, remembered[V]]
}

type remembered[V any] struct {
	value V
	until time.Time
}

func newExpiringCache[V any](size int, keep time.Duration) *expiringCache[V] {
	entries, err := simplelru.NewLRU[string, remembered[V]](size, nil)
	if err != nil {
		panic(err) // the sizes are positive constants
	}
	return &expiringCache[V]{keep: keep, entries: entries}
}

func (m *expiringCache[V]) get(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.entries.Get(key)
	if ok && time.Now().After(found.until) {
		m.entries.Remove(key)
		return value, false
	}
	return found.value, ok
}

func (m *expiringCache[V]) put(key string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.Add(key, remembered[V]{value: value, until: time.Now().Add(m.keep)})
}

func (m *expiringCache[V]) drop(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.Remove(key)
}
