package remote_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/remote"
)

// line is a circuit in front of a platform, with the states that it went through.
type line struct {
	*platform
	circuit *remote.Circuit
	states  []remote.CircuitState
}

func newLine(statuses ...int) *line {
	l := &line{platform: answering(statuses...)}
	l.circuit = remote.NewCircuit(func(to remote.CircuitState) { l.states = append(l.states, to) })
	return l
}

// call makes one attempt.
func (l *line) call(ctx context.Context) error {
	return send(ctx, l, http.MethodGet, remote.Operation{Name: "read order"}, remote.Options{Attempts: 1, Circuit: l.circuit})
}

// fail makes n calls to a platform that is out, without time passing.
func (l *line) fail(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := l.call(t.Context()); !remote.Is(err, remote.Transient) {
			t.Fatalf("a call during the outage: %v", err)
		}
	}
}

func TestAnOutageOpensTheCircuitAndCallsFailAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine(503)
		l.fail(t, 19)
		if _, open := l.circuit.Open(); open {
			t.Error("19 calls are too few to judge by")
		}
		l.fail(t, 1)
		wait, open := l.circuit.Open()
		if !open || wait <= 0 || wait > 5*time.Second {
			t.Errorf("after 20 failures: open %v for %v", open, wait)
		}
		began := time.Now()
		err := l.call(t.Context())
		if l.calls != 20 || time.Since(began) > 0 {
			t.Errorf("%d calls reached the platform, the last one took %v", l.calls, time.Since(began))
		}
		if !errors.Is(err, remote.ErrCircuitOpen) || !remote.Is(err, remote.Transient) || remote.IsAmbiguous(err) || remote.WaitOf(err) < time.Second {
			t.Errorf("refused with %v, wait %v", err, remote.WaitOf(err))
		}
	})
}

func TestOneProbeAtATimeClosesTheCircuitAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine(503)
		l.fail(t, 20)
		// Half an hour out, asked every 100 ms: one call in five seconds is let through.
		for range 18_000 {
			time.Sleep(100 * time.Millisecond)
			_ = l.call(t.Context())
		}
		if probes := l.calls - 20; probes < 350 || probes > 361 {
			t.Errorf("half an hour's outage cost %d calls, want one in five seconds", probes)
		}
		l.answers = []answer{{status: 200, takes: time.Second}}
		time.Sleep(5 * time.Second)
		before := l.calls
		done := make(chan error, 10)
		for range 10 {
			go func() { done <- l.call(t.Context()) }()
		}
		succeeded := 0
		for range 10 {
			if <-done == nil {
				succeeded++
			}
		}
		if succeeded != 1 || l.calls != before+1 {
			t.Errorf("%d of 10 succeeded with %d calls while probing, want one", succeeded, l.calls-before)
		}
		if l.circuit.State() != "closed" {
			t.Errorf("after a good probe the circuit is %s", l.circuit.State())
		}
		if err := l.call(t.Context()); err != nil {
			t.Error(err)
		}
		if last := l.states[len(l.states)-1]; l.states[0] != "open" || last != "closed" {
			t.Errorf("told %v at first and %v at last", l.states[0], last)
		}
	})
}

func TestAStormDoesNotOpenTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		for range 2000 {
			l.answers = append(l.answers, answer{status: 503}, answer{status: 200}, answer{status: 404}, answer{status: 200})
		}
		for range len(l.answers) {
			time.Sleep(5 * time.Millisecond)
			if err := l.call(t.Context()); errors.Is(err, remote.ErrCircuitOpen) {
				t.Fatal("a quarter of failures opened the circuit")
			}
		}
	})
}

func TestAnAnswerOfAnyKindShowsThatThePlatformIsThere(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 412} {
		l := newLine(status)
		for range 50 {
			_ = l.call(t.Context())
		}
		if l.calls != 50 {
			t.Errorf("50 answers %d opened the circuit", status)
		}
	}
}

func TestCallsThatTheirCallersCancelledDoNotOpenTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.answers = []answer{{status: 200, takes: time.Hour}}
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel)
			if err := l.call(ctx); !errors.Is(err, context.Canceled) {
				t.Fatalf("a cancelled call: %v", err)
			}
		}
		if l.circuit.State() != "closed" {
			t.Error("50 cancelled calls opened the circuit")
		}
		// Whoever waits for an answer until the time is over has learned something.
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			_ = l.call(ctx)
			cancel()
		}
		if l.circuit.State() != "open" {
			t.Error("20 calls without an answer did not open the circuit")
		}
	})
}

func TestAProbeThatItsCallerCancelledDoesNotKeepTheNextOneAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine(503)
		l.fail(t, 20)
		time.Sleep(5 * time.Second)
		l.answers = []answer{{status: 200, takes: time.Minute}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		_ = l.call(ctx)
		l.answers = []answer{{status: 200}}
		time.Sleep(5 * time.Second)
		if err := l.call(t.Context()); err != nil || l.circuit.State() != "closed" {
			t.Errorf("the next probe: %v, the circuit is %s", err, l.circuit.State())
		}
	})
}

func TestARefusedSignInDoesNotOpenTheCircuitButAnAbsentOneDoes(t *testing.T) {
	t.Parallel()
	for status, opens := range map[int]bool{400: false, 401: false, 403: false, 503: true} {
		synctest.Test(t, func(t *testing.T) {
			api, signIn := answering(200), answering(status)
			circuit := remote.NewCircuit(nil)
			tokens := remote.NewTokens(func(ctx context.Context, _ remote.Token) (remote.Token, error) {
				return remote.Token{}, send(ctx, signIn, http.MethodPost, remote.Operation{Name: "sign in"}, remote.Options{Attempts: 1})
			})
			for range 40 {
				_ = send(t.Context(), api, http.MethodGet, remote.Operation{}, remote.Options{Tokens: tokens, Circuit: circuit, Attempts: 1})
			}
			if _, open := circuit.Open(); open != opens {
				t.Errorf("sign-ins answered %d: open is %v", status, open)
			}
		})
	}
}

func TestWithoutACircuitEveryCallIsMade(t *testing.T) {
	t.Parallel()
	var none *remote.Circuit
	l := &line{platform: answering(503), circuit: none}
	l.fail(t, 100)
	if _, open := none.Open(); open || none.State() != "closed" || l.calls != 100 {
		t.Errorf("state %s after %d calls", none.State(), l.calls)
	}
}

func TestACallerWhoIsGoneBeforeTheCallGetsAnError(t *testing.T) {
	t.Parallel()
	circuit := remote.NewCircuit(nil)
	var health remote.Health
	tried(t, &health, "read order", 403)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := roundTripper(func(r *http.Request) (*http.Response, error) { return nil, r.Context().Err() })
	for range 100 {
		err := send(ctx, gone, http.MethodGet, remote.Operation{Name: "read order"}, remote.Options{Circuit: circuit, Health: &health})
		if !remote.Is(err, remote.Transient) {
			t.Fatalf("got %v", err)
		}
	}
	if len(health.Blocked()) != 1 || circuit.State() != "closed" {
		t.Errorf("calls that were not made count: blocked %v, circuit %s", health.Blocked(), circuit.State())
	}
}
