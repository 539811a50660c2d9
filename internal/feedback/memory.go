package feedback

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"fftconnect/internal/commercetools"
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

const (
	// rememberedOrders bounds the snapshots kept, a few KB each. An old one does no
	// harm: an update from it meets a conflict and reads again.
	rememberedOrders = 512
	// rememberedShipped bounds those of shipped orders: little is told of them any more.
	rememberedShipped = 64
	rememberedFor     = time.Hour
)

// orderMemory remembers the snapshots of orders that were seen last, which saves reading them again.
type orderMemory struct {
	unshipped, shipped *expiringCache[commercetools.Snapshot]
}

func newOrderMemory() orderMemory {
	return orderMemory{
		unshipped: newExpiringCache[commercetools.Snapshot](rememberedOrders, rememberedFor),
		shipped:   newExpiringCache[commercetools.Snapshot](rememberedShipped, rememberedFor),
	}
}

func (m orderMemory) get(id string) (commercetools.Snapshot, bool) {
	if order, ok := m.unshipped.get(id); ok {
		return order, true
	}
	return m.shipped.get(id)
}

func (m orderMemory) put(order commercetools.Snapshot) {
	remember, forget := m.unshipped, m.shipped
	if allShipped(order.ShipmentState) {
		remember, forget = forget, remember
	}
	forget.drop(order.ID)
	remember.put(order.ID, order)
}

func (m orderMemory) drop(id string) {
	m.unshipped.drop(id)
	m.shipped.drop(id)
}
