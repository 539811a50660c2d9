package connector_test

import (
	"context"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator"
)

// trouble has something go wrong, and end when it has lasted.
func (w *course) trouble(s step) {
	switch s.what {
	case "weather":
		w.changeSky(s.word, func(skies []simulator.Weather) []simulator.Weather { return append(skies, s.weather) })
		w.later(s.lasts, func() {
			w.changeSky(s.word, func(skies []simulator.Weather) []simulator.Weather {
				i := slices.Index(skies, s.weather)
				return slices.Delete(skies, i, i+1)
			})
		})
	case "outage":
		w.outage(s.word, 1)
		w.later(s.lasts, func() { w.outage(s.word, -1) })
	case "revoke":
		if s.word == "commercetools" {
			w.ct.RevokeTokens()
		} else {
			w.fft.RevokeTokens()
		}
	case "crash":
		w.crash(s)
	case "forge":
		w.forge(s)
	case "reconcile", "sync":
		w.timers.Go(func() { w.command(s) })
	case "lose":
		w.lose(s.word, 1)
		w.later(s.lasts, func() { w.lose(s.word, -1) })
	case "database away":
		w.leave(1)
		w.later(s.lasts, func() { w.leave(-1) })
	}
}

// changeSky changes the weather of a platform: the latest that lasts is what counts.
func (w *course) changeSky(platform string, change func([]simulator.Weather) []simulator.Weather) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if change != nil {
		w.skies[platform] = change(w.skies[platform])
	}
	sky := simulator.Weather{Jitter: w.plan.jitter}
	if skies := w.skies[platform]; len(skies) > 0 {
		sky = skies[len(skies)-1]
	}
	w.faults[platform].SetWeather(sky)
}

func (w *course) outage(platform string, more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[platform] += more
	w.faults[platform].SetOutage(w.down[platform] > 0)
}

// lose has everything lost for ever that is sent to one of our addresses, as when its
// webhooks are deleted for a while.
func (w *course) lose(path string, more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.losing[path] += more
}

func (w *course) leave(more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away += more
	w.db.SetAway(w.away > 0)
}

// crash kills a replica at the crash point. Another one takes its place when it has
// been dead for a while, in fake time.
func (w *course) crash(s step) {
	w.mu.Lock()
	victim := w.replicas[s.number]
	w.mu.Unlock()
	if !victim.arm(s.word) {
		return
	}
	w.timers.Go(func() {
		<-victim.ctx.Done()
		time.Sleep(s.lasts)
		next := w.start().work()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.replicas[s.number] = next
	})
}

// command is what a person calls in a terminal: a process of its own, beside the replicas.
func (w *course) command(s step) {
	r := w.start()
	defer r.die()
	ctx, cancel := context.WithTimeout(r.ctx, 10*time.Minute)
	defer cancel()
	// What fails because of the weather may fail: whoever calls it reads so.
	if s.what == "reconcile" {
		now := time.Now()
		_, _ = r.connector.Reconciler.WalkAll(ctx, reconcile.Walk{From: commercetools.Position{ModifiedAt: now.Add(-endless)}, Until: now})
		return
	}
	if order, err := r.connector.Commercetools.Snapshot(ctx, w.orders[s.number]); err == nil {
		_, _ = r.connector.Reconciler.Report(ctx, order, false)
	}
}

func isDeferred(e ledger.Event) bool { return e.State == ledger.StateDeferred }
