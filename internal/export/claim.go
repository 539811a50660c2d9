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

// Claims keeps one claim an order. The caller holds the order's lane in its process.
type Claims interface {
	// Hold keeps other processes from working on the order until release is called,
	// which it must be. An order that another process holds is a transient error.
	Hold(ctx context.Context, orderID string) (release func(context.Context) error, err error)
	// Claim is the order's claim; the zero value when there is none.
	Claim(ctx context.Context, orderID string) (Claim, error)
	// Attempt records, before a create call, that it is about to be made. It may
	// refuse: another process may have made one.
	Attempt(ctx context.Context, orderID, tenantOrderID string, at time.Time) error
	// Doubt records that the last create call is over by that time without telling
	// whether it created the order.
	Doubt(ctx context.Context, orderID string, at time.Time) error
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

// Hold implements Claims; in one process the order's lane is enough.
func (m *MemoryClaims) Hold(context.Context, string) (func(context.Context) error, error) {
	return func(context.Context) error { return nil }, nil
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

// Doubt implements Claims.
func (m *MemoryClaims) Doubt(_ context.Context, orderID string, at time.Time) error {
	m.change(orderID, func(claim *Claim) { claim.AttemptedAt = at })
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
