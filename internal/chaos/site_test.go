//go:build slow

package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/postgrestest"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testtime"
)

// binary is the connector, built once for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// fast leaves everything out: these tests take a minute and both processors.
func fast() bool { return os.Getenv("FFTCONNECT_SLOW") == "" && !long() }

func unlessFast(t *testing.T) {
	t.Helper()
	if fast() {
		t.Skip("takes a minute: set FFTCONNECT_SLOW=1")
	}
}

func run(m *testing.M) int {
	flag.Parse()
	if fast() {
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "fftconnect-chaos-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "fftconnect")
	if output, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "fftconnect/cmd/fftconnect").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the connector: %v\n%s", err, output)
		return 1
	}
	if flag.Lookup("test.parallel").Value.String() == flag.Lookup("test.parallel").DefValue {
		_ = flag.Set("test.parallel", "8") // they wait more than they compute
	}
	return m.Run()
}

// listLag is what the connectors are told of fulfillmenttools' lists, which really
// lag half as much.
const listLag = 2 * time.Second

// site is a simulated world with connectors in it.
type site struct {
	world    *world.World
	settings map[string]string
	front    *front
	replicas []*replica
	stop     func() // the replicas
}

// quick is a world whose orders are through in a second and whose senders repeat
// soon.
func quick(seed uint64) world.Options {
	return world.Options{
		Seed: seed, ListLag: listLag / 2, AllowSecondOrder: true,
		Backoff: func(attempt int) time.Duration {
			return min(100*time.Millisecond<<min(attempt-2, 5), 2*time.Second)
		},
		Pace: fftsim.Pace{
			Routing: 200 * time.Millisecond, Picking: 300 * time.Millisecond,
			Packing: 200 * time.Millisecond, Handover: 300 * time.Millisecond,
		},
	}
}

// newSite has no connector yet. settings go before those of the world.
func newSite(t *testing.T, database string, opts world.Options, settings map[string]string) *site {
	t.Helper()
	w, err := world.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{world: w, front: newFront(), stop: func() {}}
	t.Cleanup(func() {
		s.stop()
		w.Close()
		s.front.Close()
	})
	s.settings = w.Environment(s.front.URL + "/service")
	maps.Copy(s.settings, map[string]string{
		"DATABASE_URL": database, "EXPORT_CLAIM": "true", "FFT_LIST_LAG": listLag.String(), "HANDLE_TIMEOUT": "3s",
		"PORT": "0", "ADMIN_ADDR": "127.0.0.1:0", "LOG_LEVEL": "info", "LOG_FORMAT": "json", "SHUTDOWN_GRACE": "5m",
		"RECONCILE_RATE": "500",
	})
	maps.Copy(s.settings, settings)
	return s
}

// open installs, starts so many replicas, and waits until they are up.
func (s *site) open(t *testing.T, replicas int) {
	t.Helper()
	token := strings.TrimSpace(string(s.must(t, "token")))
	s.world.RouteMessages(s.front.URL+"/event", http.Header{"Authorization": {"Bearer " + token}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for i := range replicas {
		r := &replica{name: fmt.Sprintf("replica %d", i+1), env: s.environment(), front: s.front}
		s.replicas = append(s.replicas, r)
		running.Go(func() { r.run(ctx) })
	}
	s.stop = func() { cancel(); running.Wait() }
	testtime.Until(t, "every replica is up", func() bool { return s.front.replicas() == replicas })
	s.must(t, "install")
}

func (s *site) environment() []string {
	var env []string
	for name, value := range s.settings {
		env = append(env, name+"="+value)
	}
	return env
}

// command runs a subcommand with the connectors' settings.
func (s *site) command(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, args...)
	command.Env = s.environment()
	var errs bytes.Buffer
	command.Stderr = &errs
	output, err := command.Output()
	if err != nil {
		err = fmt.Errorf("fftconnect %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return output, err
}

func (s *site) must(t *testing.T, args ...string) []byte {
	t.Helper()
	output, err := s.command(args...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// store opens the connectors' store beside them; nil when they have none.
func (s *site) store(t *testing.T) *durable.Ledger {
	t.Helper()
	if s.settings["DATABASE_URL"] == config.NoDatabase {
		return nil
	}
	l, err := durable.Open(t.Context(), s.settings["DATABASE_URL"], durable.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return l
}

// crashes are the ends that nobody asked for.
func (s *site) crashes() (all []string) {
	for _, r := range s.replicas {
		_, crashes := r.seen()
		all = append(all, crashes...)
	}
	return all
}

// startPostgres starts a server of the test's own, or skips the test.
func startPostgres(t *testing.T) *postgrestest.Server {
	t.Helper()
	server, err := postgrestest.Start("fsync=off", "max_connections=300")
	if errors.Is(err, postgrestest.ErrNotInstalled) {
		t.Skip("PostgreSQL is left out: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// createDatabase makes an empty one and gives its URL.
func createDatabase(t *testing.T, server *postgrestest.Server, name string) string {
	t.Helper()
	url, err := server.CreateDatabase(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return url
}
