package durable

import (
	"context"
	"sync"
	"time"
)

// probeInterval is the pace while nothing but waiting comes of the attempts.
const probeInterval = time.Second

// attemptPace lets attempts begin at a steady rate. While every attempt ends with Wait, as
// in an outage, it slows down to a probe a second; the first other end restores it.
type attemptPace struct {
	normal time.Duration

	mu      sync.Mutex
	current time.Duration // between two attempts
	next    time.Time
}

func newPace(rate float64) *attemptPace {
	normal := time.Duration(float64(time.Second) / rate)
	return &attemptPace{normal: normal, current: normal}
}

// waitForTurn waits for the turn and reports false when one of the two ended before.
func (p *attemptPace) waitForTurn(ctx context.Context, stopping <-chan struct{}) bool {
	select {
	case <-stopping:
		return false
	default:
	}
	wait := p.nextTurn(time.Now())
	if wait <= 0 {
		return true
	}
	turn := time.NewTimer(wait)
	defer turn.Stop()
	select {
	case <-turn.C:
		return true
	case <-stopping:
		return false
	case <-ctx.Done():
		return false
	}
}

func (p *attemptPace) nextTurn(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next.Before(now) {
		p.next = now
	}
	wait := p.next.Sub(now)
	p.next = p.next.Add(p.current)
	return wait
}

// noteEnd tells whether an attempt only waited.
func (p *attemptPace) noteEnd(waited bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if waited {
		p.current = min(2*p.current, max(probeInterval, p.normal))
		return
	}
	if p.current != p.normal {
		p.current, p.next = p.normal, time.Time{}
	}
}
