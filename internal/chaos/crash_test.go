//go:build slow

package chaos_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/postgrestest"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/testtime"
)

// point is when the process dies, seen from the one call that matters.
type point string

const (
	beforeCall   point = "before the call"
	beforeAnswer point = "after the call, before its answer"
	beforeRecord point = "after the answer, before the record"
	beforeAck    point = "after the record, before the acknowledgement"
)

// work is what the process dies at.
type work struct {
	name    string
	setting string // names the platform that is called
	path    string // of the senders' messages that lead to it
	call    func(r *http.Request, body []byte) bool
	done    func(s *site, order string) bool
}

func works() []work {
	return []work{
		{
			name: "export", setting: "FFT_API_URL", path: "/event",
			call: func(r *http.Request, _ []byte) bool {
				return r.Method == http.MethodPost && r.URL.Path == "/api/orders"
			},
			done: func(s *site, order string) bool { return len(s.world.FFT.OrdersOf(order)) > 0 },
		},
		{
			name: "update", setting: "CTP_API_URL", path: "/service",
			call: func(r *http.Request, body []byte) bool {
				return r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/orders/") && bytes.Contains(body, []byte(`"Shipped"`))
			},
			done: func(s *site, order string) bool {
				history := s.world.CT.History(order)
				return len(history) > 0 && history[len(history)-1].ShipmentState == "Shipped"
			},
		},
	}
}

// cell is one work, one point and one kind of store.
type cell struct {
	work     work
	point    point
	kind     string
	database string
	// block keeps the store from being written until release is called.
	block func() (release func(), err error)

	fired  atomic.Bool
	site   *site
	store  *durable.Ledger
	order  placed
	result string // empty: not right
}

func TestAProcessThatDiesAtAnyStepLosesAndDoublesNothing(t *testing.T) {
	unlessFast(t)
	t.Parallel()
	cells := crashCells(t)
	var all sync.WaitGroup
	started := time.Now()
	for _, c := range cells {
		c.open(t)
		all.Go(func() { c.die(t) })
	}
	all.Wait()
	for _, c := range cells {
		t.Logf("%-8s %-45s %-11s %s", c.work.name, c.point, c.kind, c.result)
	}
	t.Logf("%d crashes in %s", len(cells), time.Since(started).Round(time.Millisecond))
}

func crashCells(t *testing.T) (cells []*cell) {
	folder := t.TempDir()
	server, err := postgrestest.Start("fsync=off", "max_connections=300")
	switch {
	case err == nil:
		t.Cleanup(func() { _ = server.Close() })
	case errors.Is(err, postgrestest.ErrNotInstalled):
		t.Logf("PostgreSQL is left out: %v", err)
	default:
		t.Fatal(err)
	}
	for _, w := range works() {
		for i, p := range []point{beforeCall, beforeAnswer, beforeRecord, beforeAck} {
			name := fmt.Sprintf("%s%d", w.name, i)
			file := filepath.Join(folder, name+".db")
			cells = append(cells,
				&cell{work: w, point: p, kind: "none", database: config.NoDatabase, block: nothing},
				&cell{work: w, point: p, kind: "SQLite", database: "sqlite:" + file, block: func() (func(), error) { return blockSQLite(file) }})
			if server != nil {
				address := createDatabase(t, server, name)
				cells = append(cells, &cell{
					work: w, point: p, kind: "PostgreSQL", database: address + "&pool_max_conns=6",
					block: func() (func(), error) { return blockPostgres(address) },
				})
			}
		}
	}
	return cells
}

func nothing() (func(), error) { return func() {}, nil }

// blockSQLite holds the file's only write transaction.
func blockSQLite(file string) (release func(), err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	tx, err := db.Begin()
	if err != nil {
		return nil, err
	}
	return func() { _ = tx.Rollback(); _ = db.Close() }, nil
}

// blockPostgres keeps claims and the journal from being written.
func blockPostgres(address string) (release func(), err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "BEGIN; LOCK TABLE fftconnect_claims, fftconnect_journal, fftconnect_events IN SHARE MODE")
	return func() { _ = conn.Close(ctx) }, err
}

// open starts the cell's world, with a connector that makes its calls through the
// tripwire.
func (c *cell) open(t *testing.T) {
	c.site = newSite(t, c.database, quick(1), map[string]string{"HANDLE_TIMEOUT": "2s"})
	target, err := url.Parse(c.site.settings[c.work.setting])
	if err != nil {
		t.Fatal(err)
	}
	wire := httptest.NewServer(c.tripwire(t, target))
	t.Cleanup(func() { c.site.stop(); wire.Close() })
	c.site.settings[c.work.setting] = wire.URL
	c.site.front.acknowledged = c.acknowledged
	order := c.site.world.NextOrder()
	for order.Fate != catalogue.FateShipped {
		order = c.site.world.NextOrder()
	}
	c.order = placed{order.Draft["id"].(string), order.Fate, order.Traits}
	c.site.open(t, 1)
	c.store = c.site.store(t)
	c.site.world.Place(order)
}

// tripwire stands between the connector and a platform. The first call that matters
// kills the connector.
func (c *cell) tripwire(t *testing.T, target *url.URL) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(target)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if c.point == beforeAck || !c.work.call(r, body) || !c.fired.CompareAndSwap(false, true) {
			proxy.ServeHTTP(w, r)
			return
		}
		if c.point == beforeCall {
			c.site.replicas[0].kill()
			return
		}
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
		if answer.Code >= 300 {
			t.Errorf("%s, %s, %s: the call was answered %d %s", c.work.name, c.point, c.kind, answer.Code, answer.Body)
		}
		if c.point == beforeAnswer {
			c.site.replicas[0].kill()
			return
		}
		c.answerAndKill(t, w, answer)
	})
}

// answerAndKill lets the connector have the answer, but not write anything down.
func (c *cell) answerAndKill(t *testing.T, w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	release, err := c.block()
	if err != nil {
		t.Errorf("%s: block the store: %v", c.kind, err)
		return
	}
	defer release()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
	_ = http.NewResponseController(w).Flush()
	if c.kind != "none" {
		// Long enough to read the answer; it is blocked, however long this takes.
		<-time.After(100 * time.Millisecond)
	}
	c.site.replicas[0].kill()
}

// acknowledged loses the first acknowledgement after the work is done.
func (c *cell) acknowledged(r *http.Request) bool {
	if c.point != beforeAck || !strings.HasPrefix(r.URL.Path, c.work.path) || !c.work.done(c.site, c.order.id) ||
		!c.fired.CompareAndSwap(false, true) {
		return true
	}
	c.site.replicas[0].kill()
	return false
}

// die waits until the order is right in spite of it.
func (c *cell) die(t *testing.T) {
	started := time.Now()
	orders := []placed{c.order}
	problem := ""
	testtime.Holds(func() bool {
		problem = quiet(context.Background(), c.site, c.store, orders)
		return problem == ""
	})
	name := fmt.Sprintf("%s, %s, %s", c.work.name, c.point, c.kind)
	starts, crashes := c.site.replicas[0].seen()
	switch {
	case problem != "":
		t.Errorf("%s: %s", name, problem)
		complain(t, c.site, c.store, orders)
	case !c.fired.Load() || starts < 2:
		t.Errorf("%s: the process did not die", name)
	case len(crashes) > 0:
		t.Errorf("%s: %s", name, crashes)
	default:
		c.result = fmt.Sprintf("one order, complete, nothing stuck, after %.1f s", time.Since(started).Seconds())
	}
}
