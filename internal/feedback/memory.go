package feedback

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// memory keeps the values used last, each for a while. It needs no goroutine: what
// is too old is dropped when it is asked for.
type memory[V any] struct {
	keep time.Duration

	mu      sync.Mutex
	entries *simplelru.LRU[string, remembered[V]]
}

type remembered[V any] struct {
	value V
	until time.Time
}

func newMemory[V any](size int, keep time.Duration) *memory[V] {
	entries, err := simplelru.NewLRU[string, remembered[V]](size, nil)
	if err != nil {
		panic(err) // the sizes are positive constants
	}
	return &memory[V]{keep: keep, entries: entries}
}

func (m *memory[V]) get(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.entries.Get(key)
	if ok && time.Now().After(found.until) {
		m.entries.Remove(key)
		return value, false
	}
	return found.value, ok
}

func (m *memory[V]) put(key string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.Add(key, remembered[V]{value: value, until: time.Now().Add(m.keep)})
}

func (m *memory[V]) drop(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.Remove(key)
}
