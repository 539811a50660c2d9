package export_test

import (
	"context"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/remote"
)

// objects are custom objects in memory. As in commercetools, what changes nothing is
// no new version.
type objects struct {
	mu   sync.Mutex
	kept map[string]commercetools.Object
	held map[string]any
	puts int
}

func newObjects() *objects {
	return &objects{kept: map[string]commercetools.Object{}, held: map[string]any{}}
}

func (o *objects) Object(_ context.Context, _, key string) (commercetools.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	object, ok := o.kept[key]
	if !ok {
		return object, failing(remote.NotFound, false)
	}
	return object, nil
}

func (o *objects) PutObject(_ context.Context, _, key string, value any) (commercetools.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.puts++
	object, ok := o.kept[key]
	switch {
	case !ok:
		object = commercetools.Object{Key: key, Version: 1, CreatedAt: time.Now(), LastModifiedAt: time.Now()}
	case !reflect.DeepEqual(o.held[key], value):
		object.Version++
		object.LastModifiedAt = time.Now()
	}
	o.kept[key], o.held[key] = object, value
	return object, nil
}

func (o *objects) ReplaceObject(ctx context.Context, container, key string, version int, value any) (commercetools.Object, error) {
	if o.kept[key].Version != version {
		return commercetools.Object{}, failing(remote.Conflict, false)
	}
	return o.PutObject(ctx, container, key, value)
}

func (o *objects) ObjectsBefore(_ context.Context, _ string, before time.Time, _ int) (old []commercetools.Object, err error) {
	for _, object := range o.kept {
		if object.LastModifiedAt.Before(before) {
			old = append(old, object)
		}
	}
	return old, nil
}

func (o *objects) DeleteObject(_ context.Context, _, key string) error {
	delete(o.kept, key)
	return nil
}

func TestOfAllReplicasOneAtATimeMayCreateAnOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		attempt := func(c *export.ObjectClaims) time.Duration {
			err := c.Attempt(t.Context(), orderID, "A-1001", time.Now())
			if err != nil && !remote.Is(err, remote.Transient) {
				t.Fatal(err)
			}
			return remote.Wait(err)
		}
		fresh := func() *export.ObjectClaims { return export.NewObjectClaims(kept, 10*time.Second) }
		first := fresh()
		if attempt(first) != 0 || kept.puts != 1 {
			t.Errorf("the first is refused, or costs %d calls", kept.puts)
		}
		const patience = 28 * time.Second
		for turn := range 40 {
			time.Sleep(patience - time.Second)
			for range 3 {
				if got := attempt(fresh()); got != time.Second {
					t.Fatalf("turn %d: another replica is to wait %s, want 1s", turn, got)
				}
			}
			time.Sleep(time.Second)
			granted := 0
			for range 3 {
				if attempt(fresh()) == 0 {
					granted++
				}
			}
			if granted != 1 {
				t.Fatalf("turn %d: %d replicas may create the order", turn, granted)
			}
		}
	})
}

func TestAReplicaDoesNotWaitForItsOwnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		mine, other := export.NewObjectClaims(kept, 10*time.Second), export.NewObjectClaims(kept, 10*time.Second)
		for range 50 {
			if err := mine.Attempt(t.Context(), orderID, "A-1001", time.Now()); err != nil {
				t.Fatal(err)
			}
			if err := mine.Attempt(t.Context(), orderID, "A-1001", time.Now()); err == nil {
				t.Fatal("two attempts at once")
			}
			if err := other.Attempt(t.Context(), orderID, "A-1001", time.Now()); err == nil {
				t.Fatal("two replicas at once")
			}
			if err := mine.Settle(t.Context(), orderID); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(28 * time.Second)
		if err := other.Attempt(t.Context(), orderID, "A-1001", time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := mine.Attempt(t.Context(), orderID, "A-1001", time.Now()); err == nil {
			t.Fatal("the other one's attempt is forgotten")
		}
	})
}

func TestClaimsThatNoMessageCanNeedAreSwept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		claims := export.NewObjectClaims(kept, 10*time.Second)
		_ = claims.Attempt(t.Context(), "old", "A-1", time.Now())
		time.Sleep(8*24*time.Hour + time.Minute)
		_ = claims.Attempt(t.Context(), "new", "A-2", time.Now())
		if err := claims.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, gone := kept.kept["old"]; gone || len(kept.kept) != 1 {
			t.Errorf("kept %v", kept.kept)
		}
	})
}
