package connector_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/simulator"
	"fftconnect/internal/testform"
)

// TestAFifthOfAnswersFailingDelaysOrdersLittle holds what an operator sees of a platform
// that is unwell: how long orders take to get there, in the connector's own waits.
func TestAFifthOfAnswersFailingDelaysOrdersLittle(t *testing.T) {
	orders := testform.Of(30, 100, 300)
	const (
		perSecond = 30
		p99       = 15 * time.Second
		last      = 45 * time.Second
	)
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		d.poll = time.Second // as in production
		r := newRig(t, rigOptions{world: quick(), store: store})
		var mu sync.Mutex
		began, took := map[string]time.Time{}, map[string]time.Duration{}
		r.FFT.OnEvent(func(name, _ string, body []byte) {
			if name != fulfillmenttools.OrderCreatedEvent {
				return
			}
			event, err := fulfillmenttools.DecodeEvent(body)
			if err != nil {
				t.Error(err)
			}
			id := event.Payload.OrderID
			mu.Lock()
			defer mu.Unlock()
			if _, told := took[id]; !told {
				took[id] = time.Since(began[id])
			}
		})
		r.FFTFaults.SetWeather(simulator.Weather{ErrorRate: 0.2, RetryAfter: time.Second})
		for range orders {
			mu.Lock()
			began[r.CT.PlaceOrder(simpleOrder(""))] = time.Now()
			mu.Unlock()
			<-time.After(time.Second / perSecond)
		}
		r.eventually("every order is there", func() bool { return len(r.FFT.Orders()) >= orders })
		mu.Lock()
		defer mu.Unlock()
		var all []time.Duration
		for _, d := range took {
			all = append(all, d)
		}
		slices.Sort(all)
		t.Logf("push to order: p50 %s, p99 %s, last %s", all[len(all)/2], all[len(all)*99/100], all[len(all)-1])
		if got := all[len(all)*99/100]; got > p99 {
			t.Errorf("p99 is %s, at most %s", got, p99)
		}
		if got := all[len(all)-1]; got > last {
			t.Errorf("the last took %s, at most %s", got, last)
		}
	})
}
