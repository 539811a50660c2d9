package export

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Objects are commercetools' custom objects.
type Objects interface {
	PutObject(ctx context.Context, container, key string, value any) (commercetools.Object, error)
	ObjectsBefore(ctx context.Context, container string, before time.Time, limit int) ([]commercetools.Object, error)
	DeleteObject(ctx context.Context, container, key string) error
}

// ObjectClaims lets several replicas without a database of their own agree on who
// creates an order: each attempt is a custom object in commercetools, and of all who
// put it exactly one is told that it created it. It costs one call an export. What
// this process knows besides is remembered as MemoryClaims does.
type ObjectClaims struct {
	*MemoryClaims
	objects Objects
	// patience is how long an attempt of another replica may still turn out to have
	// created the order: its call may take a while, and the lists lag.
	patience time.Duration
	now      func() time.Time
}

const (
	claimContainer = "fftconnect-claims"
	// callTime bounds how long after its claim a create call may reach the platform.
	callTime = 15 * time.Second
	// maxAttempts bounds how many create calls of unknown fate one order may have.
	maxAttempts = 20
	// claimsKept is how long a claim object is kept: longer than any message lives.
	claimsKept = 8 * 24 * time.Hour
)

// NewObjectClaims claims through objects. listLag is how long fulfillmenttools'
// lists may lag behind.
func NewObjectClaims(objects Objects, listLag time.Duration) *ObjectClaims {
	return &ObjectClaims{MemoryClaims: NewMemoryClaims(), objects: objects, patience: listLag + callTime, now: time.Now}
}

// Attempt claims the order's next attempt. While another replica's attempt may still
// show up, it is refused as transient.
func (o *ObjectClaims) Attempt(ctx context.Context, orderID, tenantOrderID string, at time.Time) error {
	for n := 1; n <= maxAttempts; n++ {
		object, err := o.objects.PutObject(ctx, claimContainer, fmt.Sprintf("%s_%d", orderID, n), tenantOrderID)
		if err != nil {
			return err
		}
		if object.Version == 1 {
			return o.MemoryClaims.Attempt(ctx, orderID, tenantOrderID, at)
		}
		if wait := o.patience - o.now().Sub(object.CreatedAt); wait > 0 {
			return remote.Later(fulfillmenttools.Platform, "create order", "another replica is creating the order", wait)
		}
	}
	return &remote.Error{
		Platform: fulfillmenttools.Platform, Operation: "create order", Kind: remote.Rejected,
		Message: fmt.Sprintf("%d attempts got no answer", maxAttempts), Hint: "look into fulfillmenttools for the order",
	}
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
