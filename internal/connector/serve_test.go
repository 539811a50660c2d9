package connector_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/connector"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

func TestAFlowThatIsSwitchedOffLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run("orders", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			r := newRig(t, rigOptions{world: quick()})
			r.restart(map[string]string{"FEAT_ORDERSYNC_ACTIVE": "false"})
			r.CTLog.Reset()
			id := r.CT.PlaceOrder(simpleOrder("A-1"))
			response := r.post("/event", confirmed(id))
			if word := answerOf(t, response); response.StatusCode != http.StatusServiceUnavailable || word != "switched off" || response.Header.Get("Retry-After") != "60" {
				t.Errorf("%d %q, Retry-After %q", response.StatusCode, word, response.Header.Get("Retry-After"))
			}
			if response := r.post("/event", confirmed(id), "Bearer nonsense"); response.StatusCode != http.StatusUnauthorized {
				t.Errorf("a bad token: %d", response.StatusCode)
			}
			if response := r.post("/service", `{"event":"FACILITY_CREATED","payload":{"id":"1"}}`); response.StatusCode != http.StatusOK {
				t.Errorf("the other flow: %d", response.StatusCode)
			}
			if r.metric(`fftconnect_messages_total{flow="export",outcome="returned",type="switched off"}`) == 0 || r.ctCalls() > 0 {
				t.Errorf("not counted, or %d calls were made", r.ctCalls())
			}
			r.restart(nil)
			r.settle()
			mustBeOne(t, r.FFT.OrdersOf(id), "switched on again")
		})
	})
	t.Run("status updates", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			r := newRig(t, rigOptions{world: quick()})
			r.restart(map[string]string{"FEAT_STATUSUPDATES_ACTIVE": "false"})
			id := r.CT.PlaceOrder(simpleOrder("A-1"))
			r.eventually("the order is there", func() bool { return len(r.FFT.OrdersOf(id)) == 1 })
			for range stages - 1 {
				if _, err := r.FFT.Step(r.FFT.OrdersOf(id)[0].ID); err != nil {
					t.Fatal(err)
				}
			}
			r.eventually("events are deferred", func() bool {
				return r.metric(`fftconnect_messages_total{flow="feedback",outcome="returned",type="switched off"}`) >= 5
			})
			if r.shipmentState(id) != "Pending" || len(r.filled(id)) > 0 {
				t.Errorf("switched off, but %s %v", r.shipmentState(id), r.filled(id))
			}
			r.restart(nil)
			r.settle()
			if r.shipmentState(id) != "Shipped" || len(r.filled(id)) != 6 {
				t.Errorf("switched on again: %s %v", r.shipmentState(id), r.filled(id))
			}
		})
	})
}

// slow holds every create call until it is released.
func slow() (between func(http.RoundTripper) http.RoundTripper, arrived <-chan struct{}, release chan<- struct{}) {
	in, out := make(chan struct{}, 100), make(chan struct{})
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(request *http.Request) (*http.Response, error) {
			if isCreate(request) {
				in <- struct{}{}
				select {
				case <-out:
				case <-request.Context().Done():
					return nil, request.Context().Err()
				}
			}
			return next.RoundTrip(request)
		})
	}, in, out
}

// dial opens a connection to the connector.
func (r *rig) dial() (net.Conn, error) {
	return r.opts.world.Network.DialContext(r.t.Context(), "tcp", strings.TrimPrefix(r.publicURL, "http://"))
}

func (r *rig) posting(body string) <-chan int {
	answer := make(chan int, 1)
	request, err := http.NewRequest(http.MethodPost, r.publicURL+"/event", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := r.tokenFor("/event").Sign()
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	transport := r.opts.world.Network.Transport()
	transport.DisableKeepAlives = true
	client := &http.Client{Transport: transport}
	go func() {
		response, err := client.Do(request)
		if err != nil {
			answer <- 0
			return
		}
		_ = response.Body.Close()
		answer <- response.StatusCode
	}()
	return answer
}

func TestAMessageInFlightIsFinishedBeforeStopping(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		between, arrived, release := slow()
		r := newRig(t, rigOptions{world: quick(), bare: true, between: between})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		answer := r.posting(confirmed(id))
		<-arrived
		if r.metric("fftconnect_messages_in_flight") != 1 {
			t.Error("no message is in flight")
		}
		stopped := make(chan error, 1)
		go func() { stopped <- r.stop() }()
		r.eventually("it is not ready any longer", func() bool {
			status, body := r.get("/readyz")
			return status == http.StatusServiceUnavailable && strings.Contains(body, "stopping")
		})
		if status, _ := r.get("/healthz"); status != http.StatusOK {
			t.Errorf("while stopping it is alive: %d", status)
		}
		r.eventually("no new message comes in", func() bool {
			conn, err := r.dial()
			if err == nil {
				_ = conn.Close()
			}
			return err != nil
		})
		select {
		case <-stopped:
			t.Fatal("it stopped with a message in flight")
		case status := <-answer:
			t.Fatalf("the message was answered %d before it was done", status)
		default:
		}
		close(release)
		if status := <-answer; status != http.StatusOK {
			t.Errorf("the message in flight: %d", status)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		mustBeOne(t, r.FFT.OrdersOf(id), "finished while stopping")
	})
}

func TestAMessageThatOutlastsTheGraceIsCutOffAndStaysWithItsSender(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		between, arrived, _ := slow()
		r := newRig(t, rigOptions{world: quick(), bare: true, between: between, env: map[string]string{"SHUTDOWN_GRACE": "100ms"}, mayCutOff: true})
		answer := r.posting(confirmed(r.CT.PlaceOrder(simpleOrder("A-1"))))
		<-arrived
		if err := r.stop(); err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("stopping says %v", err)
		}
		if status := <-answer; status == http.StatusOK {
			t.Error("a message that was cut off was acknowledged")
		}
	})
}

func TestAnIdleConnectorStopsAtOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		// A connection on which nothing was sent yet, as senders open them in advance.
		conn, err := r.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		r.post("/event", confirmed("55555555-5555-4555-8555-555555555555"))
		start := time.Now()
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestMoreMessagesThanAllowedAtOnceAreSentAgainLater(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		between, arrived, release := slow()
		r := newRig(t, rigOptions{world: quick(), bare: true, between: between, env: map[string]string{"MAX_IN_FLIGHT": "2"}})
		var answers []<-chan int
		for range 2 {
			answers = append(answers, r.posting(confirmed(r.CT.PlaceOrder(simpleOrder("")))))
			<-arrived
		}
		if response := r.post("/service", `{}`); response.StatusCode != http.StatusOK {
			t.Errorf("messages keep events out: %d", response.StatusCode)
		}
		for _, path := range []string{"/event"} {
			response := r.post(path, `{}`)
			if word := answerOf(t, response); response.StatusCode != http.StatusServiceUnavailable || word != "busy" || response.Header.Get("Retry-After") == "" {
				t.Errorf("%s, one too many: %d %q", path, response.StatusCode, word)
			}
			if response := r.post(path, `{}`, "Bearer nonsense"); response.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with a bad token: %d", path, response.StatusCode)
			}
		}
		if status, _ := r.get("/readyz"); status != http.StatusOK {
			t.Errorf("a busy connector is ready all the same: %d", status)
		}
		close(release)
		for _, answer := range answers {
			if status := <-answer; status != http.StatusOK {
				t.Errorf("a message that was in flight: %d", status)
			}
		}
		if response := r.post("/event", `{}`); response.StatusCode != http.StatusOK {
			t.Errorf("afterwards: %d", response.StatusCode)
		}
	})
}

func TestAMessageIsGivenUpBeforeItsSenderGivesUp(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		between, _, _ := slow()
		r := newRig(t, rigOptions{world: quick(), bare: true, between: between, env: map[string]string{"HANDLE_TIMEOUT": "100ms"}})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		response := r.post("/event", confirmed(id))
		if word := answerOf(t, response); response.StatusCode != http.StatusServiceUnavailable || word != "returned" || response.Header.Get("Retry-After") == "" {
			t.Errorf("%d %q", response.StatusCode, word)
		}
		if entry := r.last(id); entry.Kind != outcome.Returned || entry.Duration > 3*time.Second {
			t.Errorf("%s after %s", entry.Kind, entry.Duration)
		}
	})
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"PORT": "0", "ADMIN_ADDR": "127.0.0.1:0"}})
		on, err := r.connector.Listen()
		if err != nil {
			t.Fatal(err)
		}
		defer on.Public.Close()
		defer on.Admin.Close()
		_, port, err := net.SplitHostPort(on.Public.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		for variable, env := range map[string]map[string]string{
			"PORT":       {"PORT": port, "ADMIN_ADDR": "127.0.0.1:0"},
			"ADMIN_ADDR": {"PORT": "0", "ADMIN_ADDR": on.Admin.Addr().String()},
		} {
			if _, err := r.beside(env).connector.Listen(); err == nil || !strings.Contains(err.Error(), "choose another "+variable) {
				t.Errorf("%s is taken: %v", variable, err)
			}
		}
	})
}

// broken is a store whose queue ends by itself.
type broken struct {
	*depot
	end chan error
}

func (b broken) Run(context.Context, func(context.Context, ledger.Event) ledger.Verdict, ...ledger.Periodic) error {
	return <-b.end
}

func TestAQueueThatEndsByItselfEndsTheProcess(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for words, end := range map[string]error{"planted": errors.New("planted"), "the store was closed": nil} {
			d, store := withDepot(t)
			ends := make(chan error, 1)
			r := newRig(t, rigOptions{world: quick(), bare: true, mayCutOff: true, store: func(r *rig) connector.Store {
				store(r)
				return broken{d, ends}
			}})
			if status, _ := r.get("/healthz"); status != http.StatusOK {
				t.Errorf("%s: before that it is %d", words, status)
			}
			ends <- end
			r.eventually("it stops", func() bool { return strings.Contains(r.logs.String(), `"msg":"stopped"`) })
			if err := r.stop(); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: it stopped with %v", words, err)
			}
		}
	})
}

func TestThatAnybodyMayCallIsSaidAtTheStart(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for auth, said := range map[string]int{"none": 1, "token": 0} {
			r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"EVENT_AUTH": auth}})
			r.eventually("it serves", func() bool { return strings.Contains(r.logs.String(), `"msg":"serving"`) })
			if err := r.stop(); err != nil {
				t.Error(err)
			}
			if got := strings.Count(r.logs.String(), "anybody may call POST /event and POST /job"); got != said {
				t.Errorf("%s: said %d times, want %d", auth, got, said)
			}
		}
	})
}
