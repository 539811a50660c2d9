package claim

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// CustomObjects are commercetools'.
type CustomObjects interface {
	Object(ctx context.Context, container, key string) (commercetools.Object, error)
	PutObject(ctx context.Context, container, key string, value any) (commercetools.Object, error)
	ReplaceObject(ctx context.Context, container, key string, version int, value any) (commercetools.Object, error)
	ObjectsBefore(ctx context.Context, container string, before time.Time, limit int) ([]commercetools.Object, error)
	DeleteObject(ctx context.Context, container, key string) error
}

// Objects is a Store of custom objects, for replicas without a database of their own.
// An order's first object, its gate, is put without a version: of all who put it exactly
// one is told that it created it, and all learn when that was. Whatever it holds is
// overwritten and never read. Later attempts, and a name that the order does not tell by
// itself, go into a second object, by its version. An export is one call so.
//
// How an attempt ended is kept in memory only: another replica waits until the attempt
// must have come to light, and then finds the order by its names. All times are
// commercetools' own.
type Objects struct {
	objects CustomObjects
	span    time.Duration // of a first attempt
	now     func() time.Time

	mu    sync.Mutex
	known *simplelru.LRU[string, remembrance] // by the version of the second object, from 1: the gate alone
}

const (
	container = "fftconnect-claims"
	// again names the second object.
	again = "_again"
	// gateVersion is the version of an order that has only its gate.
	gateVersion = 1
	// objectsKept is how long an object is kept: longer than any message lives.
	objectsKept = 8 * 24 * time.Hour
)

// NewObjects is a Store through objects. listLag is how long fulfillmenttools' lists may
// lag behind; now is time.Now when nil.
func NewObjects(objects CustomObjects, listLag time.Duration, now func() time.Time) *Objects {
	if now == nil {
		now = time.Now
	}
	o := &Objects{objects: objects, span: attemptTime + abandonedTime + listLag, now: now}
	o.known = newBoundedCache[remembrance](nil)
	return o
}

// attempt is the value of a second object.
type attempt struct {
	Names    []string `json:"names"`
	InFlight int64    `json:"inFlightMilliseconds"` // since the object was modified
	Nonce    string   `json:"nonce"`                // so that no two writes are the same
}

func objectValueOf(record State) attempt {
	return attempt{Names: record.Names, InFlight: record.InFlight.Milliseconds(), Nonce: rand.Text()}
}

// OpenClaim implements Store.
func (o *Objects) OpenClaim(ctx context.Context, order Order, first State) (State, bool, error) {
	if known := o.recall(order.ID); known.FFTOrderID != "" {
		return known, false, nil
	}
	gate, err := o.objects.PutObject(ctx, container, order.ID, objectValueOf(first))
	if err != nil {
		return State{}, false, err
	}
	if gate.Version != 1 {
		// By the platform's clock it is now when the gate was last modified.
		kept, err := o.readSecondObject(ctx, order.ID, gate.LastModifiedAt, gate.CreatedAt)
		return kept, false, err
	}
	first.Version = gateVersion
	if told := (Order{ID: order.ID, Number: order.Number}).Names(); len(withoutDuplicates(append(told, first.Names...)...)) > len(told) {
		if first.Version, err = o.BeginAttempt(ctx, order.ID, first); err != nil {
			return State{}, false, err
		}
	}
	o.remember(order.ID, first)
	return first, true, nil
}

// ReadClaim implements Store.
func (o *Objects) ReadClaim(ctx context.Context, orderID string) (State, error) {
	if known := o.recall(orderID); known.FFTOrderID != "" {
		return known, nil
	}
	gate, err := o.objects.Object(ctx, container, orderID)
	if remote.Is(err, remote.NotFound) {
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	return o.readSecondObject(ctx, orderID, gate.AnsweredAt, gate.CreatedAt)
}

// readSecondObject reads the second object of an order whose gate was created at that time.
func (o *Objects) readSecondObject(ctx context.Context, orderID string, now, opened time.Time) (State, error) {
	object, err := o.objects.Object(ctx, container, orderID+again)
	record := State{Version: gateVersion, InFlight: o.span - now.Sub(opened)}
	switch {
	case remote.Is(err, remote.NotFound):
	case err != nil:
		return State{}, err
	default:
		var value attempt
		if err := json.Unmarshal(object.Value, &value); err != nil {
			return State{}, fmt.Errorf("claim of order %s: custom object %s/%s is not ours: %w", orderID, container, object.Key, err)
		}
		record.Names, record.Version = value.Names, int64(object.Version)+gateVersion
		record.InFlight = time.Duration(value.InFlight)*time.Millisecond - now.Sub(object.LastModifiedAt)
	}
	if known := o.recall(orderID); known.Version == record.Version {
		return known, nil // it is ours, and we know how it ended
	}
	return record, nil
}

// RecallClaim implements Store.
func (o *Objects) RecallClaim(_ context.Context, orderID string) (State, error) {
	return o.recall(orderID), nil
}

// BeginAttempt implements Store.
func (o *Objects) BeginAttempt(ctx context.Context, orderID string, record State) (int64, error) {
	value := objectValueOf(record)
	// Of all who put the first second object one is told version 1. The others overwrite
	// what it holds, with the same time and later: nobody begins too early because of it.
	var object commercetools.Object
	var err error
	before := int(record.Version - gateVersion)
	if before == 0 {
		object, err = o.objects.PutObject(ctx, container, orderID+again, value)
	} else {
		object, err = o.objects.ReplaceObject(ctx, container, orderID+again, before, value)
	}
	if remote.Is(err, remote.Conflict) || err == nil && object.Version != before+1 {
		return 0, ErrOvertaken
	}
	if err != nil {
		return 0, err
	}
	record.Version = int64(object.Version) + gateVersion
	o.remember(orderID, record)
	return record.Version, nil
}

// UpdateClaim implements Store.
func (o *Objects) UpdateClaim(_ context.Context, orderID string, record State) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if kept, ok := o.known.Get(orderID); ok && kept.Version != record.Version {
		return ErrOvertaken
	}
	o.known.Add(orderID, remembrance{State: record, until: o.now().Add(record.InFlight)})
	return nil
}

func (o *Objects) remember(orderID string, record State) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known.Add(orderID, remembrance{State: record, until: o.now().Add(record.InFlight)})
}

func (o *Objects) recall(orderID string) State {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept, ok := o.known.Get(orderID)
	if !ok {
		return State{}
	}
	kept.InFlight = kept.until.Sub(o.now())
	return kept.State
}

// Sweep deletes what no message can need any more.
func (o *Objects) Sweep(ctx context.Context) error {
	const page = 200
	for {
		old, err := o.objects.ObjectsBefore(ctx, container, o.now().Add(-objectsKept), page)
		if err != nil {
			return err
		}
		for _, object := range old {
			if err := o.objects.DeleteObject(ctx, container, object.Key); err != nil {
				return err
			}
		}
		if len(old) < page {
			return nil
		}
	}
}
