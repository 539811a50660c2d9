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

// refreshTimeout bounds a refresh, which may outlive the caller that started it.
const refreshTimeout = 10 * time.Second

// Cache holds one value a key. A value older than its time to live is still served
// while it is fetched anew in the background, until it is ten times that old; so a
// platform's hiccup costs nobody a wait.
type Cache[V any] struct {
	fetch   func(ctx context.Context, key string) (V, error)
	ttl     time.Duration
	flights singleflight.Group

	mu        sync.Mutex
	entries   map[string]entry[V]
	forgotten int // counts Forget and Clear, so that a fetch from before is not kept
}

type entry[V any] struct {
	value V
	at    time.Time
}

// maxEntries bounds a cache; the keys are a shop's types, stores and the like.
const maxEntries = 1000

// New fetches nothing yet. fetch must be safe for concurrent use.
func New[V any](ttl time.Duration, fetch func(ctx context.Context, key string) (V, error)) *Cache[V] {
	return &Cache[V]{fetch: fetch, ttl: ttl, entries: map[string]entry[V]{}}
}

// Get is the value for key; it waits for a fetch only when there is none to serve.
func (c *Cache[V]) Get(ctx context.Context, key string) (V, error) {
	c.mu.Lock()
	found, ok := c.entries[key]
	forgotten := c.forgotten
	c.mu.Unlock()
	age := time.Since(found.at)
	if ok && age < c.ttl {
		return found.value, nil
	}
	result := c.flights.DoChan(strconv.Itoa(forgotten)+" "+key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
		defer cancel()
		value, err := c.fetch(ctx, key)
		if err == nil {
			c.put(key, value, forgotten)
		}
		return value, err
	})
	if ok && age < 10*c.ttl {
		return found.value, nil
	}
	select {
	case got := <-result:
		value, _ := got.Val.(V)
		return value, got.Err
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

func (c *Cache[V]) put(key string, value V, forgotten int) {
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
	c.entries[key] = entry[V]{value: value, at: time.Now()}
}
