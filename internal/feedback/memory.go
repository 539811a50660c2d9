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
	// rememberedOrders bounds the orders of which something is kept, a few KB each. An old
	// snapshot does no harm: an update from it meets a conflict and reads again.
	rememberedOrders = 512
	// rememberedEnded bounds those that are shipped or cancelled: little is told of them any more.
	rememberedEnded = 64
	rememberedFor   = time.Hour
)

// orderMemory remembers something of the orders that were seen last, which saves reading it again.
type orderMemory[V any] struct {
	underWay, ended *expiringCache[V]
}

func newOrderMemory[V any]() orderMemory[V] {
	return orderMemory[V]{
		underWay: newExpiringCache[V](rememberedOrders, rememberedFor),
		ended:    newExpiringCache[V](rememberedEnded, rememberedFor),
	}
}

func (m orderMemory[V]) get(id string) (V, bool) {
	if value, ok := m.underWay.get(id); ok {
		return value, true
	}
	return m.ended.get(id)
}

func (m orderMemory[V]) put(order commercetools.Snapshot, value V) {
	remember, forget := m.underWay, m.ended
	if hasEnded(order) {
		remember, forget = forget, remember
	}
	forget.drop(order.ID)
	remember.put(order.ID, value)
}

// hasEnded reports whether the order was shipped or cancelled.
func hasEnded(order commercetools.Snapshot) bool {
	return allShipped(order.ShipmentState) || order.ShipmentState == shipmentCanceled || order.OrderState == commercetools.StateCancelled
}

// seen has what is remembered of an order forgotten sooner once it has ended.
func (m orderMemory[V]) seen(order commercetools.Snapshot) {
	if value, ok := m.get(order.ID); ok {
		m.put(order, value)
	}
}

func (m orderMemory[V]) drop(id string) {
	m.underWay.drop(id)
	m.ended.drop(id)
}
