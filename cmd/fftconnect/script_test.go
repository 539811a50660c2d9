package main

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"fftconnect/internal/config"
	"fftconnect/internal/intake"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testform"
	"fftconnect/internal/testtime"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "fftconnect" { // or it is the program itself, in a script
		testform.Watch(testform.Concurrent{
			"commands beside a process that serves": {"TestScripts"},
			"memory that is given back":             {"TestTheNextCollectionIsAdjustedAfterEach", "TestWhatStartingUsedOfTheProgramIsGivenBack"},
		})
	}
	testscript.Main(m, map[string]func(){"fftconnect": mainWithSchema})
}

// slowScripts are left to FFTCONNECT_SLOW=1: a process of the program takes 80 ms of processor
// time, and these start most.
var slowScripts = []string{"config", "demo", "facilities", "map", "repair", "shadow", "takeover", "unreadable", "usage"}

// racedScripts are run under the race detector as well: commands change what a process serves
// from, and simulate has everything in one process.
var racedScripts = []string{"events", "simulate"}

// scripts are those of this form.
func scripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	if testform.Slow {
		return files
	}
	return slices.DeleteFunc(files, func(file string) bool {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		return slices.Contains(slowScripts, name) || testform.Race && !slices.Contains(racedScripts, name)
	})
}

// TestScripts runs the program as people do: each testdata/script/*.txtar is what
// they type and what they see. The platforms are simulated in this process.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Files: scripts(t),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"platforms": startPlatforms, "place": placeOrder, "address": setAddress, "cancel": cancelOrder,
			"outage": outage, "exported": exported, "shipment": shipment, "serving": serving, "calls": countCalls,
			"stored": stored, "run": runProgram, "exits": exits, "configure": configure, "ready": ready, "metric": metric, "until": until, "ports": ports, "listening": listening,
			"channel": channel, "facility": facilityIs, "refuse": refuse, "deliver": deliver,
		},
		Setup: func(env *testscript.Env) error {
			sources, err := filepath.Abs("../..")
			if err != nil {
				return err
			}
			env.Setenv(sourcesVariable, sources)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or each command would take a second longer
			env.Values[platformsKey{}] = &scriptPlatforms{orders: map[string]string{}}
			return nil
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// runProgram runs a command of the program in this process, which takes a tenth of what a
// process of its own does: run fftconnect events list. What reads its input or serves is run
// by exec; files are named as $WORK/file.
func runProgram(ts *testscript.TestScript, neg bool, args []string) {
	if code := exitOf(ts, args); (code == exitDone) == neg {
		ts.Fatalf("exit code %d", code)
	}
}

// exits runs a command and wants this exit code: exits 2 fftconnect events list, in this
// process, or exits 2 exec fftconnect serve.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if code := strconv.Itoa(exitOf(ts, args[1:])); args[0] != code {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// until runs a command until it prints a pattern.
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[0])
	var printed bytes.Buffer
	await(ts, func() bool {
		printed.Reset()
		if code := programIn(ts, args[1:], &printed, ts.Stderr()); code != exitDone {
			ts.Fatalf("exit code %d", code)
		}
		return pattern.Match(printed.Bytes())
	}, func() string { return "it never printed " + args[0] })
	_, err := ts.Stdout().Write(printed.Bytes())
	ts.Check(err)
}

// exitOf is the exit code of a command.
func exitOf(ts *testscript.TestScript, args []string) int {
	if args[0] != "exec" {
		return programIn(ts, args, ts.Stdout(), ts.Stderr())
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	ts.Check(err)
	return exitDone
}

// programIn runs the program in this process, in the environment of the script. A SQLite file
// lies in the script's folder there, too.
func programIn(ts *testscript.TestScript, args []string, stdout, stderr io.Writer) int {
	if args[0] != "fftconnect" {
		ts.Fatalf("%s is not the program", args[0])
	}
	return runWithSchema(args[1:], stdout, stderr, func(name string) (string, bool) {
		value := ts.Getenv(name)
		if file, ok := strings.CutPrefix(value, "sqlite:"); ok {
			value = "sqlite:" + ts.MkAbs(file)
		}
		return value, value != ""
	})
}

// ports sets variables to free ports.
func ports(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ts.Setenv(name, freePort(ts))
	}
}

// listening waits until somebody listens there.
func listening(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, func() bool {
		conn, err := net.Dial("tcp", args[0])
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, func() string { return "nobody listens at " + args[0] })
}

// platformsKey is where a script keeps its platforms.
type platformsKey struct{}

// scriptPlatforms are both platforms of one script, and the orders that it named.
type scriptPlatforms struct {
	*world.World
	orders map[string]string // number to id
}

func of(ts *testscript.TestScript) *scriptPlatforms {
	p := ts.Value(platformsKey{}).(*scriptPlatforms)
	if p.World == nil {
		ts.Fatalf("the script has not started its platforms")
	}
	return p
}

// startPlatforms makes the environment of a connector that lives between them. With
// an argument the settings go to that file instead.
func startPlatforms(ts *testscript.TestScript, _ bool, args []string) {
	w, err := world.Start(world.Options{Seed: 1, Backoff: func(int) time.Duration { return 50 * time.Millisecond }})
	ts.Check(err)
	ts.Defer(w.Close)
	port := freePort(ts)
	settings := w.Environment("http://127.0.0.1:" + port + "/service")
	settings["PORT"], settings["ADMIN_ADDR"] = port, "127.0.0.1:"+freePort(ts)
	settings["DATABASE_URL"] = "sqlite:fftconnect.db"
	settings["FFT_LIST_LAG"], settings["HANDLE_TIMEOUT"], settings["SHUTDOWN_GRACE"] = "200ms", "1s", "5m"
	env, err := config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok }, 0)
	ts.Check(err)
	token, err := intake.TokenOf(env).ForEndpoint(intake.EventPath).Sign()
	ts.Check(err)
	w.RouteMessages("http://127.0.0.1:"+port+"/event", http.Header{"Authorization": {"Bearer " + token}})
	file := ""
	for name, value := range settings {
		file += "export " + name + "='" + value + "'\n"
		if len(args) == 0 {
			ts.Setenv(name, value)
		}
	}
	if len(args) > 0 {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(file), 0o600))
	}
	ts.Setenv("CONNECTOR", "http://127.0.0.1:"+port)
	ts.Setenv("ADMIN", "http://"+settings["ADMIN_ADDR"])
	ts.Value(platformsKey{}).(*scriptPlatforms).World = w
}

func freePort(ts *testscript.TestScript) string {
	port, err := unusedPort()
	ts.Check(err)
	return port
}

// unusedPort is a port that nobody listens on, outside the range from which the system
// takes ports for others meanwhile.
func unusedPort() (string, error) {
	for range 100 {
		port := strconv.Itoa(20_000 + rand.IntN(10_000))
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			return port, listener.Close()
		}
	}
	return "", errors.New("no free port")
}

// placeOrder places confirmed orders of these numbers; $ID is the last one's id.
// After -unmappable they have no address.
func placeOrder(ts *testscript.TestScript, _ bool, args []string) {
	p := of(ts)
	unmappable := false
	for _, number := range args {
		if number == "-unmappable" {
			unmappable = true
			continue
		}
		p.orders[number] = p.CT.PlaceOrder(order(number, !unmappable))
		ts.Setenv("ID", p.orders[number])
	}
}

func edit(ts *testscript.TestScript, number string, action map[string]any) {
	p := of(ts)
	ts.Check(p.CT.Edit(p.orders[number], action))
}

// setAddress gives an order what it lacked.
func setAddress(ts *testscript.TestScript, _ bool, args []string) {
	edit(ts, args[0], map[string]any{"action": "setShippingAddress", "address": address()})
}

func cancelOrder(ts *testscript.TestScript, _ bool, args []string) {
	edit(ts, args[0], map[string]any{"action": "changeOrderState", "orderState": "Cancelled"})
}

// outage takes fulfillmenttools away or brings it back: outage on.
func outage(ts *testscript.TestScript, _ bool, args []string) {
	of(ts).FFTFaults.SetOutage(args[0] == "on")
}

// exported waits until an order exists so many times in fulfillmenttools.
func exported(ts *testscript.TestScript, _ bool, args []string) {
	p := of(ts)
	number, want := args[0], args[1]
	count := func() string { return strconv.Itoa(len(p.FFT.OrdersOf(p.orders[number]))) }
	await(ts, func() bool { return count() == want }, func() string { return number + " exists " + count() + " times, want " + want })
}

// shipment waits until an order has a shipment state.
func shipment(ts *testscript.TestScript, _ bool, args []string) {
	p := of(ts)
	state := func() string {
		found, _ := p.CT.Order(p.orders[args[0]])
		text, _ := found["shipmentState"].(string)
		return text
	}
	await(ts, func() bool { return state() == args[1] }, func() string { return args[0] + " is " + state() + ", want " + args[1] })
}

// serving waits until the connector answers or, negated, does not any more.
func serving(ts *testscript.TestScript, neg bool, _ []string) {
	url := ts.Getenv("CONNECTOR") + "/service/status"
	up := func() bool {
		response, err := http.Get(url)
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	}
	await(ts, func() bool { return up() != neg }, func() string { return "the connector is not up, or not down" })
}

// stored waits until the connector has handled every message and so many events are
// in the store.
func stored(ts *testscript.TestScript, _ bool, args []string) {
	p := of(ts)
	metric := ""
	await(ts, func() bool {
		metric = sum(ts, "fftconnect_deferred_events", "fftconnect_dead_letters")
		return p.Pending() == 0 && metric == args[0]
	}, func() string { return metric + " events are stored, want " + args[0] })
}

// countCalls checks how many calls that change something a platform has had, and
// begins to count anew: calls 0.
func countCalls(ts *testscript.TestScript, _ bool, args []string) {
	p, n, which := of(ts), 0, ""
	for _, exchange := range append(p.CTLog.All(), p.FFTLog.All()...) {
		if changes(exchange.Method, exchange.Path) {
			n++
			which += "\n" + exchange.Method + " " + exchange.Path
		}
	}
	p.CTLog.Reset()
	p.FFTLog.Reset()
	if len(args) > 0 && args[0] != strconv.Itoa(n) {
		ts.Fatalf("%d calls changed something, want %s:%s", n, args[0], which)
	}
}

func await(ts *testscript.TestScript, holds func() bool, otherwise func() string) {
	if !testtime.Holds(holds) {
		ts.Fatalf("%s", otherwise())
	}
}
