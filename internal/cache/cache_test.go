package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const ttl = time.Minute

// source gives numbered values, and remembers how often it was asked.
type source struct {
	mu    sync.Mutex
	calls int
	takes time.Duration
	fail  error
}

func (s *source) fetch(ctx context.Context, key string) (string, error) {
	s.mu.Lock()
	s.calls++
	n, takes, fail := s.calls, s.takes, s.fail
	s.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if fail != nil {
		return "", fail
	}
	return fmt.Sprintf("%s-%d", key, n), nil
}

// set changes what the next calls meet.
func (s *source) set(takes time.Duration, fail error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes, s.fail = takes, fail
}

// want gets key and compares the value and the time that it took.
func want(t *testing.T, c *Cache[string], key, value string, wait time.Duration) {
	t.Helper()
	start := time.Now()
	got, err := c.Get(t.Context(), key)
	if got != value || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, value)
	}
	if took := time.Since(start); took != wait {
		t.Errorf("%q took %v, want %v", got, took, wait)
	}
}

func TestAValueIsFetchedOnceWhileItIsYoung(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second)
		want(t, c, "b", "b-2", time.Second)
		time.Sleep(ttl*3/4 - 2*time.Second)
		want(t, c, "a", "a-1", 0)
		want(t, c, "b", "b-2", 0)
		if s.calls != 2 {
			t.Errorf("%d fetches", s.calls)
		}
	})
}

func TestAValueIsFetchedAnewBeforeItIsTooOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second)
		time.Sleep(ttl * 3 / 4)
		want(t, c, "a", "a-1", 0)
		want(t, c, "a", "a-1", 0)
		time.Sleep(time.Second)
		synctest.Wait()
		want(t, c, "a", "a-2", 0)
	})
}

func TestAValueThatIsTooOldIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: patience / 2}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", patience/2)
		time.Sleep(5 * ttl)
		want(t, c, "a", "a-2", patience/2)
	})
}

func TestWhileItsSourceFailsTheLastValueIsServedAlmostWithoutAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second / 2}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second/2)
		s.set(5*time.Second, errors.New("down"))
		time.Sleep(2 * ttl)
		want(t, c, "a", "a-1", patience) // it hangs
		time.Sleep(5 * time.Second)
		for range 4 {
			want(t, c, "a", "a-1", 0)
		}
		if s.calls != 2 {
			t.Errorf("%d fetches", s.calls)
		}
		s.set(0, errors.New("down"))
		time.Sleep(ttl)
		want(t, c, "a", "a-1", 0) // it refuses
		s.set(time.Second/2, nil)
		time.Sleep(ttl / 4)
		want(t, c, "a", "a-4", time.Second/2)
	})
}

func TestAValueTenTimesTooOldIsNotServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second)
		time.Sleep(10 * ttl)
		want(t, c, "a", "a-2", time.Second)
		down := errors.New("down")
		s.set(0, down)
		time.Sleep(10 * ttl)
		if got, err := c.Get(t.Context(), "a"); got != "" || !errors.Is(err, down) {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestAHundredCallersShareOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() { want(t, c, "a", "a-1", time.Second) })
		}
		callers.Wait()
		if s.calls != 1 {
			t.Errorf("%d fetches", s.calls)
		}
	})
}

func TestAnErrorIsNotKept(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	s := &source{fail: down}
	c := New(ttl, s.fetch)
	for range 2 {
		if got, err := c.Get(t.Context(), "a"); got != "" || !errors.Is(err, down) {
			t.Errorf("got %q, %v", got, err)
		}
	}
	s.set(0, nil)
	if got, err := c.Get(t.Context(), "a"); got != "a-3" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestACallerWhoLeavesDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		impatient, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer leave()
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := c.Get(impatient, "a"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait() // the impatient caller has begun the fetch
		callers.Go(func() { want(t, c, "a", "a-1", time.Second) })
		callers.Wait()
	})
}

func TestAFetchThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(ttl, (&source{takes: time.Hour}).fetch)
		start := time.Now()
		if _, err := c.Get(t.Context(), "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestForgetMakesTheNextGetFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second)
		want(t, c, "b", "b-2", time.Second)
		c.Forget("a")
		want(t, c, "a", "a-3", time.Second)
		want(t, c, "b", "b-2", 0)
	})
}

func TestAFetchFromBeforeForgetIsNotServedAfterIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second)
		s.set(5*time.Second, nil)
		time.Sleep(ttl * 3 / 4)
		want(t, c, "a", "a-1", 0) // begins a fetch in the background
		synctest.Wait()
		c.Forget("a")
		s.set(time.Second, nil)
		want(t, c, "a", "a-3", time.Second)
		time.Sleep(5 * time.Second) // the fetch from before has ended
		want(t, c, "a", "a-3", 0)
	})
}

func TestClearForgetsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: time.Second}
		c := New(ttl, s.fetch)
		want(t, c, "a", "a-1", time.Second)
		want(t, c, "b", "b-2", time.Second)
		c.Clear()
		want(t, c, "b", "b-3", time.Second)
		want(t, c, "a", "a-4", time.Second)
	})
}

func TestACacheIsBounded(t *testing.T) {
	t.Parallel()
	s := &source{}
	c := New(ttl, s.fetch)
	for i := range 3 * maxEntries {
		if _, err := c.Get(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.entries) != maxEntries {
		t.Errorf("%d entries are kept, want %d", len(c.entries), maxEntries)
	}
	last := fmt.Sprint(3*maxEntries - 1)
	if _, err := c.Get(t.Context(), last); err != nil || s.calls != 3*maxEntries {
		t.Errorf("the newest entry was fetched again: %d calls, %v", s.calls, err)
	}
}

func TestAPointerMayBeNil(t *testing.T) {
	t.Parallel()
	c := New(ttl, func(context.Context, string) (*int, error) { return nil, nil })
	for range 2 {
		if got, err := c.Get(t.Context(), "a"); got != nil || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	}
}
