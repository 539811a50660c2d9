package claim_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/claim/claimtest"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// objects are custom objects in memory. As in commercetools, what changes nothing is
// no new version.
type objects struct {
	mu   sync.Mutex
	kept map[string]commercetools.Object
	puts int
}

func newObjects() *objects {
	return &objects{kept: map[string]commercetools.Object{}}
}

func (o *objects) Object(_ context.Context, _, key string) (commercetools.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	object, ok := o.kept[key]
	if !ok {
		return object, failing(remote.NotFound, false)
	}
	object.AnsweredAt = time.Now()
	return object, nil
}

func (o *objects) PutObject(_ context.Context, _, key string, value any) (commercetools.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.puts++
	text, err := json.Marshal(value)
	if err != nil {
		return commercetools.Object{}, err
	}
	object, ok := o.kept[key]
	switch {
	case !ok:
		object = commercetools.Object{Key: key, Version: 1, CreatedAt: time.Now(), LastModifiedAt: time.Now(), Value: text}
	case string(object.Value) != string(text):
		object.Version, object.LastModifiedAt, object.Value = object.Version+1, time.Now(), text
	}
	o.kept[key] = object
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

func TestObjectsKeepClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		claimtest.Conform(t, claimtest.Stores{
			A: claim.NewObjects(kept, 25*time.Second, nil), B: claim.NewObjects(kept, 25*time.Second, nil), Forgets: true,
		})
	})
}

func TestOfAllReplicasOneAtATimeMayCreateAnOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		fresh := func() *claim.Claims { return claim.New(claim.NewObjects(kept, lag, nil), lag, nil) }
		wait := func(c *claim.Claims) time.Duration {
			attempt, _, err := c.Begin(t.Context(), order)
			if attempt == nil && !remote.Is(err, remote.Transient) {
				t.Fatal(err)
			}
			return remote.WaitOf(err)
		}
		if wait(fresh()) != 0 || kept.puts != 1 {
			t.Errorf("the first is refused, or costs %d calls", kept.puts)
		}
		const span = 35 * time.Second
		for turn := range 40 {
			time.Sleep(span - time.Second)
			for range 3 {
				if got := wait(fresh()); got != time.Second {
					t.Fatalf("turn %d: another replica is to wait %s, want 1s", turn, got)
				}
			}
			time.Sleep(time.Second)
			granted := 0
			for range 3 {
				if wait(fresh()) == 0 {
					granted++
				}
			}
			if granted != 1 {
				t.Fatalf("turn %d: %d replicas may create the order", turn, granted)
			}
		}
	})
}

func TestANameThatTheOrderDoesNotTellIsKeptForTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		a, b := claim.New(claim.NewObjects(kept, lag, nil), lag, nil), claim.New(claim.NewObjects(kept, lag, nil), lag, nil)
		odd := order
		odd.Name = "shop-7"
		begin(t, a, odd)
		_, _, _ = b.Begin(t.Context(), order)
		time.Sleep(35 * time.Second)
		if names := begin(t, b, order).Names(); !slices.Equal(names, []string{"shop-7", "A-1"}) {
			t.Errorf("names %v", names)
		}
	})
}

func TestOurClockHasNoSayInObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		begin(t, claim.New(claim.NewObjects(kept, lag, nil), lag, nil), order)
		ahead := func() time.Time { return time.Now().Add(28 * time.Second) }
		mustWait(t, claim.New(claim.NewObjects(kept, lag, ahead), lag, ahead), 35*time.Second)
	})
}

func TestClaimsThatNoMessageCanNeedAreSwept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newObjects()
		store := claim.NewObjects(kept, lag, nil)
		c := claim.New(store, lag, nil)
		begin(t, c, claim.Order{ID: "old", Name: "old"})
		time.Sleep(8*24*time.Hour + time.Minute)
		begin(t, c, claim.Order{ID: "new", Name: "new"})
		if err := store.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, gone := kept.kept["old"]; gone || len(kept.kept) != 1 {
			t.Errorf("kept %v", kept.kept)
		}
	})
}
