//go:build packaging

// Package upgrade_test runs the version before and this one together on one database, as a rolling
// upgrade does.
package upgrade_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fftconnect/internal/ledger/postgrestest"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testtime"
)

// wave is how many orders come in each part of the upgrade.
const wave = 12

func TestARollingUpgrade(t *testing.T) {
	if os.Getenv("FFTCONNECT_PACKAGING") == "" {
		t.Skip("builds the version before: set FFTCONNECT_PACKAGING=1")
	}
	server, err := postgrestest.Start()
	if errors.Is(err, postgrestest.ErrNotInstalled) {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(func() { _ = server.Close() })
	w, err := world.Start(world.Options{Seed: 7, Backoff: func(int) time.Duration { return 200 * time.Millisecond }})
	must(t, err)
	t.Cleanup(w.Close)
	balance := &balancer{}
	front := balance.listen(t)
	s := &site{t: t, World: w, database: server.URL("postgres"), front: front, balancer: balance}
	w.RouteMessages(front+"/event", nil)

	before, now := build(t, sources(t, versionBefore(t))), build(t, "../..")
	old := s.start(before)
	s.command(before, "install")
	s.wave("by the version before")

	s.start(now)
	s.wave("by both")

	s.stop(old)
	s.wave("by this version")

	// What the new version has migrated, the old one leaves alone.
	if said, err := s.run(before, "serve").CombinedOutput(); err == nil || !bytes.Contains(said, []byte("a newer fftconnect has used it")) {
		t.Errorf("the version before starts again: %v\n%s", err, said)
	}
	for _, id := range s.orders {
		if n := len(w.FFT.OrdersOf(id)); n != 1 {
			t.Errorf("order %s exists %d times in fulfillmenttools", id, n)
		}
	}
}

// versionBefore is the latest release, or, as long as there is none, the last commit with an
// older database.
func versionBefore(t *testing.T) string {
	if commit := os.Getenv("FFTCONNECT_BEFORE"); commit != "" {
		return commit
	}
	if tag, err := git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"); err == nil {
		return tag
	}
	migrated, err := git("log", "-1", "--format=%H", "--find-renames", "--diff-filter=AM", "--", "internal/ledger/*.sql")
	if err != nil || migrated == "" {
		t.Skip("the sources come without their history: there is no version before")
	}
	parent, err := git("rev-parse", migrated+"^")
	if err != nil {
		t.Skip("the history is cut off: there is no version before")
	}
	return parent
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", append([]string{"-C", "../.."}, args...)...).Output()
	return strings.TrimSpace(string(out)), err
}

// sources lays out a commit.
func sources(t *testing.T, commit string) string {
	folder := t.TempDir()
	t.Logf("the version before is %s", commit)
	packed := filepath.Join(folder, "sources.tar")
	_, err := git("archive", "--output", packed, commit)
	must(t, err)
	if said, err := exec.Command("tar", "-x", "-C", folder, "-f", packed).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return folder
}

func build(t *testing.T, sources string) string {
	program := filepath.Join(t.TempDir(), "fftconnect")
	compile := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./cmd/fftconnect")
	compile.Dir = sources
	if said, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return program
}

// site is where both versions run.
type site struct {
	*world.World
	t               *testing.T
	database, front string
	balancer        *balancer
	orders          []string
}

// replica is one running program.
type replica struct {
	address string
	process *exec.Cmd
	log     bytes.Buffer
	ended   chan error
}

func (s *site) run(program string, args ...string) *exec.Cmd {
	run := exec.Command(program, args...)
	run.Dir = s.t.TempDir()
	settings := s.Environment(s.front + "/service")
	settings["DATABASE_URL"], settings["ADMIN_ADDR"], settings["PORT"], settings["EVENT_AUTH"] = s.database, "127.0.0.1:0", "0", "none"
	for name, value := range settings {
		run.Env = append(run.Env, name+"="+value)
	}
	return run
}

func (s *site) command(program string, args ...string) {
	if said, err := s.run(program, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, said)
	}
}

func (s *site) start(program string) *replica {
	port := freePort(s.t)
	r := &replica{address: fmt.Sprintf("http://127.0.0.1:%d", port), process: s.run(program, "serve"), ended: make(chan error, 1)}
	r.process.Env = append(r.process.Env, fmt.Sprintf("PORT=%d", port))
	r.process.Stderr = &r.log
	must(s.t, r.process.Start())
	go func() { r.ended <- r.process.Wait() }()
	s.t.Cleanup(func() {
		_ = r.process.Process.Kill()
		if s.t.Failed() {
			s.t.Log(r.log.String())
		}
	})
	testtime.Until(s.t, "it serves", func() bool {
		response, err := http.Get(r.address + "/service/status")
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	})
	s.balancer.add(r.address)
	return r
}

// stop ends a replica as Kubernetes does: no more messages are sent to it, and it is told to stop.
func (s *site) stop(r *replica) {
	s.balancer.remove(r.address)
	must(s.t, r.process.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-r.ended:
		if err != nil {
			s.t.Errorf("it ended with %v", err)
		}
	case <-time.After(3 * time.Minute):
		s.t.Error("it did not end")
	}
}

// wave has orders placed, and waits until they are shipped.
func (s *site) wave(whose string) {
	var placed []string
	for range wave {
		placed = append(placed, s.CT.PlaceOrder(confirmed()))
	}
	s.orders = append(s.orders, placed...)
	for _, id := range placed {
		testtime.Until(s.t, "order "+id+" is shipped "+whose, func() bool {
			order, _ := s.CT.Order(id)
			return order["shipmentState"] == "Shipped"
		})
	}
}

// confirmed is an order of one line that ships.
func confirmed() map[string]any {
	money := map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2}
	return map[string]any{
		"orderState": "Confirmed", "totalPrice": money,
		"shippingAddress": map[string]any{
			"firstName": "Ada", "lastName": "Berg", "streetName": "Lindenweg", "streetNumber": "7", "postalCode": "50667", "city": "Köln", "country": "DE",
		},
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "p", "name": map[string]any{"en": "Mug"}, "quantity": 1,
			"variant": map[string]any{"id": 1, "sku": "SKU-1"}, "price": map[string]any{"value": money}, "totalPrice": money,
		}},
	}
}

// balancer sends requests to the replicas in turn.
type balancer struct {
	mu       sync.Mutex
	next     int
	replicas []string
}

func (b *balancer) add(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replicas = append(b.replicas, address)
}

func (b *balancer) remove(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []string
	for _, other := range b.replicas {
		if other != address {
			left = append(left, other)
		}
	}
	b.replicas = left
}

func (b *balancer) listen(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.next++
		if len(b.replicas) > 0 {
			to, _ := url.Parse(b.replicas[b.next%len(b.replicas)])
			r.SetURL(to)
		}
	}}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

func freePort(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
