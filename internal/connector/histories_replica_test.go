package connector_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/connector"
	"fftconnect/internal/ledger/ledgertest"
)

// replica is one process of the connector, from its start to its death.
type replica struct {
	w         *course
	connector *connector.Connector
	store     *ledgertest.Store // nil when it is stateless
	ctx       context.Context   // ends when it dies
	die       context.CancelFunc
	worked    chan struct{}

	mu     sync.Mutex
	doomed bool
	armed  string // the crash point that kills it; empty: none
}

func (w *course) start() *replica {
	r := &replica{w: w, worked: make(chan struct{})}
	r.ctx, r.die = context.WithCancel(context.Background())
	opts := connector.Options{Environment: w.env, Version: "history", Base: roundTripper(r.call), Watch: w.handled}
	if !w.plan.stateless {
		r.store = w.db.Open(ledgertest.Options{})
		opts.Store = r.store
		if w.broken.store != nil {
			opts.Store = w.broken.store(r.store)
		}
	}
	var err error
	if r.connector, err = connector.New(opts); err != nil {
		panic(err)
	}
	return r
}

// work has it do what is in the store until it dies.
func (r *replica) work() *replica {
	go func() {
		defer close(r.worked)
		_ = r.connector.Work(r.ctx)
	}()
	return r
}

// crash ends the process: nothing that it still does has an effect on anybody.
func (r *replica) crash() {
	if r.store != nil {
		r.store.Cut()
	}
	r.die()
}

// stop ends the process when nothing is in flight.
func (r *replica) stop() {
	r.die()
	<-r.worked
}

func (r *replica) dead() bool { return r.ctx.Err() != nil }

// arm has the replica die at the crash point, and in a while if it does not come. It
// reports false when that was to happen already.
func (r *replica) arm(point string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doomed {
		return false
	}
	r.doomed = true
	if point == "now" {
		r.crash()
		return true
	}
	r.armed = point
	r.w.later(crashWithin, r.crash)
	return true
}

// crashWithin is how long a crash point may take to come.
const crashWithin = 10 * time.Minute

// strikes reports whether the replica has to die at this point.
func (r *replica) strikes(point string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.armed == "" || r.armed != point {
		return false
	}
	r.armed = ""
	return true
}

// call is the replica's way to the platforms.
func (r *replica) call(request *http.Request) (*http.Response, error) {
	if r.dead() {
		return nil, errBroken
	}
	kind := kindOf(request)
	if kind != "" && r.strikes("before "+kind) {
		r.crash()
		return nil, errBroken
	}
	platform := r.w.ct.Handler()
	if request.URL.Host == fftHost {
		platform = r.w.fft.Handler()
	}
	if r.w.broken.call != nil {
		request = r.w.broken.call(r.w, request)
	}
	response, err := r.sent(request, platform)
	if err == nil && r.w.broken.answer != nil {
		r.w.broken.answer(r.w, request, response)
	}
	if kind != "" && err == nil && r.strikes("after "+kind) {
		r.crash()
	}
	if r.dead() {
		return nil, errBroken
	}
	return response, err
}

func (r *replica) sent(request *http.Request, platform http.Handler) (*http.Response, error) {
	ctx, cancel := context.WithCancel(request.Context())
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	if !r.w.plan.survives {
		copied, err := received(ctx, request)
		if err != nil {
			return nil, err
		}
		return serve(platform, copied)
	}
	// The platform goes on with what nobody waits for any more.
	there := context.WithoutCancel(request.Context())
	copied, err := received(there, request)
	if err != nil {
		return nil, err
	}
	return serveBeside(ctx, platform, copied)
}

// kindOf names the calls that change something.
func kindOf(r *http.Request) string {
	if r.Method != http.MethodPost {
		return ""
	}
	switch path := r.URL.Path; {
	case r.URL.Host == fftHost && path == "/api/orders":
		return "create"
	case r.URL.Host == fftHost && strings.HasSuffix(path, "/actions"):
		return "cancel"
	case strings.HasPrefix(path, "/demo/orders/"):
		return "update"
	case path == "/demo/custom-objects":
		return "claim"
	}
	return ""
}

// receive is a sender's way to the replica.
func (r *replica) receive(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(request.Context())
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	copied, err := received(ctx, request)
	if err != nil {
		return nil, err
	}
	response, err := serveBeside(ctx, r.connector.Public, copied)
	if r.strikes("before answer") {
		r.crash()
	}
	if r.dead() {
		return nil, errBroken
	}
	return response, err
}
