package connector_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/world"
)

// doubtful is a world in which only our own guard keeps orders from being created
// twice: the platform takes a second one, and its lists lag behind.
func doubtful() world.Options {
	options := quick()
	options.AllowSecondOrder = true
	options.ListLag = 300 * time.Millisecond
	return options
}

func isCreate(request *http.Request) bool {
	return request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/api/orders")
}

func TestACreateWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, bare := range []bool{true, false} { // without webhooks only the list tells
			r := newRig(t, rigOptions{world: doubtful(), env: brief(), bare: bare})
			r.FFTFaults.PlanFaults("POST /api/orders", 1, simulator.Fault{LoseAnswer: true})
			id := r.CT.PlaceOrder(simpleOrder("A-1"))
			if bare {
				response := r.post("/event", confirmed(id))
				if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
					t.Errorf("a create without an answer: %d, Retry-After %q", response.StatusCode, response.Header.Get("Retry-After"))
				}
				r.eventually("the message is done", func() bool {
					return r.post("/event", confirmed(id)).StatusCode == http.StatusOK
				})
			}
			r.settle()
			mustBeOne(t, r.FFT.OrdersOf(id), "after a lost answer")
			if got := r.FFTLog.Count("POST /api/orders"); got != 1 {
				t.Errorf("%d create calls, want 1", got)
			}
		}
	})
}

// hanging carries a create out but gives no answer until the caller leaves; late
// carries it out only then.
func hanging(late bool) (func(http.RoundTripper) http.RoundTripper, *sync.WaitGroup) {
	var once atomic.Bool
	var wait sync.WaitGroup
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(request *http.Request) (*http.Response, error) {
			if !isCreate(request) || once.Swap(true) {
				return next.RoundTrip(request)
			}
			carriedOut := request.Clone(context.WithoutCancel(request.Context()))
			wait.Add(1)
			carryOut := func() {
				defer wait.Done()
				if response, err := next.RoundTrip(carriedOut); err == nil {
					_ = response.Body.Close()
				}
			}
			if !late {
				carryOut()
			}
			<-request.Context().Done()
			if late {
				go carryOut()
			}
			return nil, request.Context().Err()
		})
	}, &wait
}

func TestACreateThatTimesOutButSucceededIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"at once": false, "when nobody waits any longer": true} {
		t.Run("carried out "+name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				between, wait := hanging(late)
				env := brief()
				env["HANDLE_TIMEOUT"] = "900ms" // longer than the lists lag
				r := newRig(t, rigOptions{world: doubtful(), env: env, bare: true, between: between})
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				if response := r.post("/event", confirmed(id)); response.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("a create that hangs: %d", response.StatusCode)
				}
				if got := r.last(id); got.Kind != outcome.Returned {
					t.Errorf("a create that hangs is %s", got.Kind)
				}
				r.eventually("the message is done", func() bool {
					return r.post("/event", confirmed(id)).StatusCode == http.StatusOK
				})
				wait.Wait()
				mustBeOne(t, r.FFT.OrdersOf(id), "after a timeout")
				if got := r.FFTLog.Count("POST /api/orders"); got != 1 {
					t.Errorf("%d create calls, want 1", got)
				}
			})
		})
	}
}

func TestACreateThatCertainlyFailedIsRepeatedAtOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: doubtful(), env: map[string]string{"FFT_LIST_LAG": "1h"}, bare: true})
		r.FFTFaults.PlanFaults("POST /api/orders", 1, simulator.Fault{Status: http.StatusTooManyRequests})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		if response := r.post("/event", confirmed(id)); response.StatusCode != http.StatusOK {
			t.Errorf("%d:%s", response.StatusCode, describe(r.outcomes(id)))
		}
		mustBeOne(t, r.FFT.OrdersOf(id), "after a 429")
	})
}

func TestManyMessagesAboutOneOrderAtOnceCreateOneOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := doubtful()
		options.ListLag = time.Hour // the list never helps
		r := newRig(t, rigOptions{world: options, env: brief(), bare: true})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() { r.post("/event", confirmed(id)) })
		}
		wait.Wait()
		mustBeOne(t, r.FFT.OrdersOf(id), "after 20 messages at once")
		kinds := map[outcome.Kind]int{}
		for _, entry := range r.outcomes(id) {
			kinds[entry.Kind]++
		}
		if kinds[outcome.Applied] != 1 || kinds[outcome.Unchanged] != 19 {
			t.Errorf("outcomes: %v", kinds)
		}
	})
}

func TestAnOrderOfAnotherOwnerWithTheSameNameIsNotTakenForOurs(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		first := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.post("/event", confirmed(first))
		// Deleted behind our back; the shop gives the number away again.
		if err := r.CT.DeleteOrder(first); err != nil {
			t.Fatal(err)
		}
		second := r.CT.PlaceOrder(simpleOrder("A-1"))
		if response := r.post("/event", confirmed(second)); response.StatusCode != http.StatusOK {
			t.Errorf("%d", response.StatusCode)
		}
		entry := r.last(second)
		if entry.Kind != outcome.Rejected || !strings.Contains(entry.Reason, "belongs to another") || entry.Hint == "" {
			t.Errorf("%s: %s (%s)", entry.Kind, entry.Reason, entry.Hint)
		}
		if there := r.FFT.OrdersOf(second); len(there) != 0 {
			t.Errorf("%d orders there", len(there))
		}
	})
}
