package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/simulator"
)

func TestAGatewayAnswersWhateverThePlatformDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var carriedOut atomic.Int64
		platform := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if text, err := io.ReadAll(r.Body); err != nil || string(text) != "an order" {
				t.Errorf("carried out with %q, %v", text, err)
			}
			carriedOut.Add(1)
			w.WriteHeader(http.StatusCreated)
		})
		faults := simulator.NewFaults(1)
		faults.SetWeather(simulator.Weather{GatewayRate: 1})
		handler := simulator.WithFaults("test", platform, faults, nil, simulator.RealClock(), nil)
		const requests = 300
		statuses, late := map[int]int{}, 0
		for range requests {
			before := carriedOut.Load()
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/api/orders", strings.NewReader("an order")))
			statuses[answer.Code]++
			now := carriedOut.Load()
			time.Sleep(9 * time.Second)
			late += int(carriedOut.Load() - now)
			if carriedOut.Load() > before+1 {
				t.Fatal("carried out twice")
			}
		}
		if statuses[http.StatusCreated] > 0 || statuses[200] == 0 || statuses[404] == 0 || statuses[302] == 0 || statuses[502] == 0 {
			t.Errorf("answered %v", statuses)
		}
		if done := int(carriedOut.Load()); late == 0 || done == late || done == requests {
			t.Errorf("of %d requests %d were carried out, %d of them after the answer", requests, done, late)
		}
	})
}
