// Package cache keeps answers that change rarely, such as configuration, types and
// stores, so that handling a message does not ask for them again.
package cache

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// refreshTimeout bounds a refresh, which may outlive the caller that started it.
	refreshTimeout = 10 * time.Second
	// patience bounds the wait for a refresh while there is an older value to serve.
	patience = time.Second
)

// Cache holds one value a key. A value is fetched anew, in the background, in the last
// quarter of its time to live, and waited for shortly once that is over: so what is served
// is never older, as long as its source answers. While it does not, the last value is
// served until it is ten times that old, and the source is asked now and then.
type Cache[V any] struct {
	fetch   func(ctx context.Context, key string) (V, error)
	ttl     time.Duration
	flights singleflight.Group

	mu        sync.Mutex
	entries   map[string]*entry[V] // never changed
	forgotten int                  // counts Forget and Clear, so that a fetch from before is not kept
}

type entry[V any] struct {
	value  V
	at     time.Time
	failed time.Time // when it could last not be fetched anew; zero when it could
}

// maxEntries bounds a cache; the keys are a shop's types, stores and the like.
const maxEntries = 1000

// New fetches nothing yet. fetch must be safe for concurrent use.
func New[V any](ttl time.Duration, fetch func(ctx context.Context, key string) (V, error)) *Cache[V] {
	return &Cache[V]{fetch: fetch, ttl: ttl, entries: map[string]*entry[V]{}}
}

// Get is the value for key; it waits for a fetch only when there is none to serve, or
// when that is due.
func (c *Cache[V]) Get(ctx context.Context, key string) (V, error) {
	c.mu.Lock()
	found, ok := c.entries[key]
	forgotten := c.forgotten
	c.mu.Unlock()
	if !ok {
		found = &entry[V]{}
	}
	age := time.Since(found.at)
	usable := ok && age < 10*c.ttl
	if usable && (age < c.ttl*3/4 || time.Since(found.failed) < c.ttl/4) {
		return found.value, nil
	}
	result := c.flights.DoChan(strconv.Itoa(forgotten)+" "+key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
		defer cancel()
		value, err := c.fetch(ctx, key)
		if err == nil {
			c.store(key, value, forgotten)
		} else {
			c.noteFailure(key, forgotten)
		}
		return value, err
	})
	var enough <-chan time.Time
	switch {
	case usable && age < c.ttl:
		return found.value, nil
	case usable:
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case got := <-result:
		value, _ := got.Val.(V)
		if got.Err != nil && usable {
			return found.value, nil
		}
		return value, got.Err
	case <-enough:
		return found.value, nil
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// Forget makes the next Get fetch key anew.
func (c *Cache[V]) Forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
	c.forgotten++
}

// Clear forgets every key.
func (c *Cache[V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	c.forgotten++
}

func (c *Cache[V]) store(key string, value V, forgotten int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgotten != forgotten {
		return
	}
	if _, known := c.entries[key]; !known && len(c.entries) >= maxEntries {
		for other := range c.entries {
			delete(c.entries, other)
			break
		}
	}
	c.entries[key] = &entry[V]{value: value, at: time.Now()}
}

// noteFailure notes that the key's value could not be fetched anew.
func (c *Cache[V]) noteFailure(key string, forgotten int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.entries[key]; ok && c.forgotten == forgotten {
		c.entries[key] = &entry[V]{value: kept.value, at: kept.at, failed: time.Now()}
	}
}
