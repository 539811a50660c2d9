package cache

import (
	"hash/maphash"
	"sync"
	"time"
)

// Compact remembers a number for each of many keys, in about 30 bytes each. It knows a key
// by a hash that nobody outside can foresee: of 8,000 keys two are taken for one another
// once in 10^12 times. It is safe for concurrent use.
//
// What it keeps is in two halves. The older one goes when the newer one is full or old; what
// is used of it moves to the newer one. Both get their whole room at the first
// use, and use it again: memory does not grow with what is kept.
type Compact[K comparable] struct {
	size int
	keep time.Duration
	now  func() time.Time
	seed maphash.Seed

	mu           sync.Mutex
	newer, older map[uint64]remembered
	since        time.Time // of the newer half
}

type remembered struct {
	number uint64
	until  int64 // microseconds since 1970
}

// NewCompact keeps at most so many keys, and of those that were put or asked for last at least half
// so many, each for so long after it was put.
func NewCompact[K comparable](size int, keep time.Duration, now func() time.Time) *Compact[K] {
	return &Compact[K]{size: size, keep: keep, now: now, seed: maphash.MakeSeed(), since: now()}
}

// NumberOf is a number for a text, to be put; another text's is another one, as far as hashes go.
func (c *Compact[K]) NumberOf(text string) uint64 { return maphash.String(c.seed, text) }

// Get gives the key's number.
func (c *Compact[K]) Get(key K) (number uint64, ok bool) {
	hash := maphash.Comparable(c.seed, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.turn(now)
	found, ok := c.newer[hash]
	if !ok {
		if found, ok = c.older[hash]; ok {
			c.newer[hash] = found
		}
	}
	if !ok || now.UnixMicro() > found.until {
		return 0, false
	}
	return found.number, true
}

// Put remembers the key's number.
func (c *Compact[K]) Put(key K, number uint64) {
	hash := maphash.Comparable(c.seed, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.turn(now)
	c.newer[hash] = remembered{number, now.Add(c.keep).UnixMicro()}
}

// Drop forgets the key.
func (c *Compact[K]) Drop(key K) {
	hash := maphash.Comparable(c.seed, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.newer, hash)
	delete(c.older, hash)
}

// turn makes the newer half the older one when it is full, or as old as anything may get.
func (c *Compact[K]) turn(now time.Time) {
	if c.newer == nil {
		c.newer, c.older = make(map[uint64]remembered, c.size/2), make(map[uint64]remembered, c.size/2)
	}
	if len(c.newer) >= c.size/2 || now.Sub(c.since) >= c.keep {
		c.newer, c.older, c.since = c.older, c.newer, now
		clear(c.newer)
	}
}
