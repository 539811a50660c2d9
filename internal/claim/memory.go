package claim

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// remembered bounds what a process remembers of orders: about 5 MB.
const remembered = 20_000

// startMargin is how far commercetools' clock and ours may differ when a process tells
// orders that are older than itself.
const startMargin = 10 * time.Second

// Memory is a Store for a single process. It forgets with the process: of an order that
// is older it cannot tell whether an attempt was made.
type Memory struct {
	mu      sync.Mutex
	records *simplelru.LRU[string, remembrance]
	whole   time.Time // of an order placed since then nothing is forgotten
	settled time.Time // until then an attempt from before the process began may come to light
	now     func() time.Time
}

// remembrance is a Record whose time runs.
type remembrance struct {
	State
	until time.Time
}

// NewMemory is empty. listLag is how long fulfillmenttools' lists may lag behind; now is
// time.Now when nil.
func NewMemory(listLag time.Duration, now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	m := &Memory{now: now, whole: now().Add(startMargin), settled: now().Add(attemptTime + abandonedTime + listLag)}
	m.records = newBoundedCache(func(string, remembrance) { m.whole = m.now() })
	return m
}

func newBoundedCache[V any](evicted func(string, V)) *simplelru.LRU[string, V] {
	records, err := simplelru.NewLRU(remembered, evicted)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return records
}

// OpenClaim implements Store.
func (m *Memory) OpenClaim(_ context.Context, order Order, first State) (State, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kept := m.recall(order.ID); kept.Version != 0 {
		return kept, false, nil
	}
	first.Version, first.Uncertain = 1, !order.CreatedAt.After(m.whole)
	// fulfillmenttools refuses a second order of one name. What went by another name just
	// before the process began is not listed yet.
	if wait := m.settled.Sub(m.now()); first.Uncertain && wait > 0 && len(order.Names()) > 1 {
		return State{InFlight: wait}, false, nil
	}
	m.remember(order.ID, first)
	return first, true, nil
}

// ReadClaim implements Store.
func (m *Memory) ReadClaim(ctx context.Context, orderID string) (State, error) {
	return m.RecallClaim(ctx, orderID)
}

// RecallClaim implements Store.
func (m *Memory) RecallClaim(_ context.Context, orderID string) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recall(orderID), nil
}

// BeginAttempt implements Store.
func (m *Memory) BeginAttempt(_ context.Context, orderID string, record State) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.recall(orderID).Version != record.Version {
		return 0, ErrOvertaken
	}
	record.Version++
	m.remember(orderID, record)
	return record.Version, nil
}

// UpdateClaim implements Store.
func (m *Memory) UpdateClaim(ctx context.Context, orderID string, record State) error {
	_, err := m.BeginAttempt(ctx, orderID, record)
	return err
}

// recall and keep are for whoever has the lock.
func (m *Memory) recall(orderID string) State {
	kept, ok := m.records.Get(orderID)
	if !ok {
		return State{}
	}
	kept.InFlight = kept.until.Sub(m.now())
	return kept.State
}

func (m *Memory) remember(orderID string, record State) {
	m.records.Add(orderID, remembrance{State: record, until: m.now().Add(record.InFlight)})
}
