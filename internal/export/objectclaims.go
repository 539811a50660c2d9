package export

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Objects are commercetools' custom objects.
type Objects interface {
	Object(ctx context.Context, container, key string) (commercetools.Object, error)
	PutObject(ctx context.Context, container, key string, value any) (commercetools.Object, error)
	ReplaceObject(ctx context.Context, container, key string, version int, value any) (commercetools.Object, error)
	ObjectsBefore(ctx context.Context, container string, before time.Time, limit int) ([]commercetools.Object, error)
	DeleteObject(ctx context.Context, container, key string) error
}

// ObjectClaims lets several replicas without a database of their own agree on who
// creates an order, and keeps a replica that is started again from creating what it
// created before. The first attempt puts a custom object in commercetools: of all who
// put it exactly one is told that it created it. That costs one call an export. Later
// attempts take turns in a second object, by its version. What this process knows
// besides is remembered as MemoryClaims does.
type ObjectClaims struct {
	*MemoryClaims
	objects Objects
	// patience is how long an attempt of another replica may still turn out to have
	// created the order: its call may take a while, and the lists lag.
	patience time.Duration
	now      func() time.Time

	mu    sync.Mutex
	turns *simplelru.LRU[string, turn]
}

// turn is this process's last attempt at an order.
type turn struct {
	version int  // of the second object, 0 for the first attempt of all
	ended   bool // its call is over: this process knows how long to wait for it
}

const (
	claimContainer = "fftconnect-claims"
	// again names the second object.
	again = "_again"
	// callTime bounds how long after its claim a create call may reach the platform.
	callTime = 8*time.Second + abandonedTime
	// claimsKept is how long a claim object is kept: longer than any message lives.
	claimsKept = 8 * 24 * time.Hour
)

// NewObjectClaims claims through objects. listLag is how long fulfillmenttools'
// lists may lag behind.
func NewObjectClaims(objects Objects, listLag time.Duration) *ObjectClaims {
	turns, err := simplelru.NewLRU[string, turn](memoryClaims, nil)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &ObjectClaims{MemoryClaims: NewMemoryClaims(), objects: objects, patience: listLag + callTime, now: time.Now, turns: turns}
}

// Attempt claims the order's next attempt. While another one may still show up, it is
// refused as transient.
func (o *ObjectClaims) Attempt(ctx context.Context, orderID, tenantOrderID string, at time.Time) error {
	// No two attempts put the same value, so that each is a new version.
	value := map[string]string{"tenantOrderId": tenantOrderID, "attempt": rand.Text()}
	first, err := o.objects.PutObject(ctx, claimContainer, orderID, value)
	if err != nil {
		return err
	}
	version := 0
	if first.Version != 1 {
		if version, err = o.takeTurn(ctx, orderID, value, first.CreatedAt); err != nil {
			return err
		}
	}
	o.note(orderID, turn{version: version})
	return o.MemoryClaims.Attempt(ctx, orderID, tenantOrderID, at)
}

// takeTurn claims an attempt that is not the first. Whoever is refused changes
// nothing, or the time of the last attempt would be lost.
func (o *ObjectClaims) takeTurn(ctx context.Context, orderID string, value any, first time.Time) (version int, err error) {
	key := orderID + again
	last, err := o.objects.Object(ctx, claimContainer, key)
	if remote.Is(err, remote.NotFound) {
		last, err = commercetools.Object{LastModifiedAt: first}, nil
	}
	if err != nil {
		return 0, err
	}
	wait := o.patience - o.now().Sub(last.LastModifiedAt)
	if wait > 0 && o.noted(orderID) != (turn{last.Version, true}) {
		return 0, attempted(wait)
	}
	var mine commercetools.Object
	if last.Version == 0 {
		mine, err = o.objects.PutObject(ctx, claimContainer, key, value)
	} else {
		mine, err = o.objects.ReplaceObject(ctx, claimContainer, key, last.Version, value)
	}
	if remote.Is(err, remote.Conflict) || err == nil && mine.Version != last.Version+1 {
		return 0, attempted(o.patience)
	}
	return mine.Version, err
}

func attempted(wait time.Duration) error {
	return remote.Later(fulfillmenttools.Platform, "create order", "another attempt may still show up", wait)
}

// Doubt implements Claims.
func (o *ObjectClaims) Doubt(ctx context.Context, orderID string, at time.Time) error {
	o.end(orderID)
	return o.MemoryClaims.Doubt(ctx, orderID, at)
}

// Settle implements Claims.
func (o *ObjectClaims) Settle(ctx context.Context, orderID string) error {
	o.end(orderID)
	return o.MemoryClaims.Settle(ctx, orderID)
}

func (o *ObjectClaims) end(orderID string) {
	last := o.noted(orderID)
	last.ended = true
	o.note(orderID, last)
}

func (o *ObjectClaims) note(orderID string, last turn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.turns.Add(orderID, last)
}

func (o *ObjectClaims) noted(orderID string) turn {
	o.mu.Lock()
	defer o.mu.Unlock()
	last, _ := o.turns.Get(orderID)
	return last
}

// Sweep deletes claims that no message can need any more.
func (o *ObjectClaims) Sweep(ctx context.Context) error {
	const page = 200
	for {
		old, err := o.objects.ObjectsBefore(ctx, claimContainer, o.now().Add(-claimsKept), page)
		if err != nil {
			return err
		}
		for _, object := range old {
			if err := o.objects.DeleteObject(ctx, claimContainer, object.Key); err != nil {
				return err
			}
		}
		if len(old) < page {
			return nil
		}
	}
}
