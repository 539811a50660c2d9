package ctsim

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// idSource makes UUID-shaped ids that are the same for the same seed.
type idSource struct {
	mu     sync.Mutex
	random *rand.Rand
}

func newIDSource(seed, stream uint64) *idSource {
	return &idSource{random: rand.New(rand.NewPCG(seed, stream))}
}

func (s *idSource) next() string {
	s.mu.Lock()
	a, b := s.random.Uint64(), s.random.Uint64()
	s.mu.Unlock()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}
