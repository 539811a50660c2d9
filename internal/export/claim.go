package export

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Claim is what is known about an order's counterpart in fulfillmenttools.
type Claim struct {
	TenantOrderID string    // chosen when the order was first attempted, kept ever after
	FFTOrderID    string    // set once the counterpart is known
	AttemptedAt   time.Time // of the last create call whose fate is unknown; else zero
}

// Claims keeps one claim an order. The caller holds the order's lane.
type Claims interface {
	// Claim is the order's claim; the zero value when there is none.
	Claim(ctx context.Context, orderID string) (Claim, error)
	// Attempt records, before a create call, that it is about to be made.
	Attempt(ctx context.Context, orderID, tenantOrderID string, at time.Time) error
	// Settle records that the last create call certainly created nothing.
	Settle(ctx context.Context, orderID string) error
	// Link records the counterpart.
	Link(ctx context.Context, orderID, tenantOrderID, fftOrderID string) error
}

// memoryClaims bounds what MemoryClaims remembers: about 5 MB.
const memoryClaims = 20_000

// MemoryClaims is Claims for one process. It forgets with the process, so what it
// guards against is only what this process did; the look-up guards the rest.
type MemoryClaims struct {
	mu     sync.Mutex
	claims *simplelru.LRU[string, Claim]
}

// NewMemoryClaims is empty.
func NewMemoryClaims() *MemoryClaims {
	claims, err := simplelru.NewLRU[string, Claim](memoryClaims, nil)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &MemoryClaims{claims: claims}
}

// Claim implements Claims.
func (m *MemoryClaims) Claim(_ context.Context, orderID string) (Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	claim, _ := m.claims.Get(orderID)
	return claim, nil
}

// Attempt implements Claims.
func (m *MemoryClaims) Attempt(_ context.Context, orderID, tenantOrderID string, at time.Time) error {
	m.change(orderID, func(claim *Claim) {
		claim.TenantOrderID, claim.AttemptedAt = tenantOrderID, at
	})
	return nil
}

// Settle implements Claims.
func (m *MemoryClaims) Settle(_ context.Context, orderID string) error {
	m.change(orderID, func(claim *Claim) { claim.AttemptedAt = time.Time{} })
	return nil
}

// Link implements Claims.
func (m *MemoryClaims) Link(_ context.Context, orderID, tenantOrderID, fftOrderID string) error {
	m.change(orderID, func(claim *Claim) {
		*claim = Claim{TenantOrderID: firstOf(tenantOrderID, claim.TenantOrderID), FFTOrderID: fftOrderID}
	})
	return nil
}

func (m *MemoryClaims) change(orderID string, change func(*Claim)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	claim, _ := m.claims.Get(orderID)
	change(&claim)
	m.claims.Add(orderID, claim)
}
