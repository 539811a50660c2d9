package connector_test

import (
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testform"
)

// A day of a million orders whose lunch hour has ten times the mean, at a scale: one
// order stands for so many, and the platform's limit and DRAIN_RATE are divided by it.
// Times are the real ones: latencies, backoff, patience and polls are not scaled.
const (
	dayOrders  = 1_000_000
	dayPeak    = 10 // times the mean, for an hour
	lunch      = time.Hour
	callsThere = 3 // calls to fulfillmenttools of one order's life
)

// TestTheBacklogOfAMillionOrderDay has fulfillmenttools take 75 orders a second of the
// 116 that come at lunch, without Retry-After, and prints the curve that docs/capacity.md
// shows. A refused call is repeated, so that the backlog is more than arithmetic says.
func TestTheBacklogOfAMillionOrderDay(t *testing.T) {
	testform.InSlow(t)
	const scale, before, after = 2000, 10 * time.Minute, 3 * time.Hour
	inFakeTime(t, func(t *testing.T) {
		const takes = 75 // orders a second
		limit := &perSecond{rate: takes * callsThere / float64(scale)}
		d, store := withDatabase(t)
		d.drainRate = 100 / float64(scale) // two replicas
		world := quick()
		world.Pace = fftsim.Pace{Routing: time.Minute, Picking: 20 * time.Minute, Packing: 5 * time.Minute, Handover: 30 * time.Minute}
		r := newRig(t, rigOptions{world: world, store: store, between: limit.guard})
		limit.on()

		mean := float64(dayOrders) / (24 * 3600) / float64(scale)
		peak := mean * dayPeak
		rest := (mean*24 - peak) / 23
		var placed []string
		worst, worstAt, gone := 0, time.Duration(0), time.Duration(-1)
		start := time.Now()
		due := 0.0
		for minute := -before; minute < lunch+after; minute += time.Minute {
			rate := rest
			if minute >= 0 && minute < lunch {
				rate = peak
			}
			for due += rate * 60; due >= 1; due-- {
				placed = append(placed, r.CT.PlaceOrder(simpleOrder("")))
				<-time.After(time.Duration(float64(time.Second) / math.Max(rate, 1/60.0) / 2))
			}
			<-time.After(time.Until(start.Add(before + minute + time.Minute)))
			waiting := len(placed) - len(r.FFT.Orders())
			if waiting > worst {
				worst, worstAt = waiting, minute+time.Minute
			}
			if minute >= lunch && gone < 0 && waiting <= 1 {
				gone = minute + time.Minute - lunch
			}
			if minute >= -10*time.Minute && minute%(10*time.Minute) == 0 {
				t.Logf("%4.0f min  %7d placed  %7d wait  %5d stored", minute.Minutes()+1, len(placed)*scale, waiting*scale, len(d.stored(t)))
			}
		}
		r.eventually("every order is there", func() bool { return len(r.FFT.Orders()) >= len(placed) })
		for _, id := range placed {
			mustBeOne(t, r.FFT.OrdersOf(id), "of the day")
		}
		t.Logf("%d orders stand for %d each; at most %d wait, %s after the beginning of lunch; gone %s after its end; %d calls were refused",
			len(placed), scale, worst*scale, worstAt, gone, limit.refused)
		if least := int((peak - takes/float64(scale)) * lunch.Seconds()); worst < least*9/10 || worst > 2*least {
			t.Errorf("at most %d orders waited, arithmetic says %d", worst, least)
		}
		if gone < 0 {
			t.Error("the backlog was not gone at the end")
		}
	})
}

// perSecond is a platform's limit: what is above it is answered 429.
type perSecond struct {
	rate float64 // calls a second

	mu      sync.Mutex
	works   bool
	tokens  float64
	last    time.Time
	refused int
}

func (p *perSecond) on() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.works, p.last, p.tokens = true, time.Now(), p.burst()
}

// burst is what ten seconds allow, and never less than an order's calls.
func (p *perSecond) burst() float64 { return math.Max(10*p.rate, 2*callsThere) }

func (p *perSecond) allows() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.works {
		return true
	}
	now := time.Now()
	p.tokens = math.Min(p.burst(), p.tokens+now.Sub(p.last).Seconds()*p.rate)
	p.last = now
	if p.tokens < 1 {
		p.refused++
		return false
	}
	p.tokens--
	return true
}

// guard stands before fulfillmenttools.
func (p *perSecond) guard(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(request *http.Request) (*http.Response, error) {
		if !strings.HasPrefix(request.URL.Path, "/api/") || p.allows() {
			return next.RoundTrip(request)
		}
		return &http.Response{
			StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Request: request,
			Body: io.NopCloser(strings.NewReader(`[{"summary":"too many requests"}]`)),
		}, nil
	})
}
