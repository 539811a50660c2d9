package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"mvdan.cc/sh/v3/syntax"

	"fftconnect/internal/config"
	"fftconnect/internal/intake"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testform"
	"fftconnect/internal/testtime"
)

// pages are those with commands that people type.
var pages = []string{"README.md", "docs/*.md", "deploy/*/README.md"}

// written is a command on a page.
type written struct {
	where   string
	program string
	args    []string
	env     []string // NAME=VALUE before it
}

// turn is when a command is tried: dead letters are looked at before they are corrected.
func (w written) turn() int {
	if slices.Contains(w.args, "events") {
		return 0
	}
	return 1
}

func (w written) String() string { return strings.Join(append(slices.Clone(w.env), w.args...), " ") }

var (
	shellBlock = regexp.MustCompile("(?ms)^( *)```sh\n(.*?)^ *```")
	codeSpan   = regexp.MustCompile("`((?:[A-Z_]+=\\S+ )*(?:fftconnect|make) [^`]+)`")
	yamlBlock  = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")
)

// commandsOfPages reads every command out of blocks and out of the text.
func commandsOfPages(t *testing.T) (all []written) {
	t.Helper()
	for _, pattern := range pages {
		files, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			page := strings.TrimPrefix(file, "../../")
			for _, block := range shellBlock.FindAllSubmatch(text, -1) {
				indent, script := string(block[1]), string(block[2])
				all = append(all, commandsOf(t, page, strings.ReplaceAll("\n"+script, "\n"+indent, "\n"))...)
			}
			prose := shellBlock.ReplaceAll(text, nil)
			for _, span := range codeSpan.FindAllSubmatch(prose, -1) {
				all = append(all, commandsOf(t, page, strings.Join(strings.Fields(string(span[1])), " "))...)
			}
		}
	}
	return all
}

// commandsOf reads what a shell would run, also within $(…).
func commandsOf(t *testing.T, page, script string) (found []written) {
	t.Helper()
	parsed, err := syntax.NewParser().Parse(strings.NewReader(script), page)
	if err != nil {
		t.Errorf("%s: %v\n%s", page, err, script)
		return nil
	}
	syntax.Walk(parsed, func(node syntax.Node) bool {
		call, ok := node.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		command := written{where: page}
		for _, assigned := range call.Assigns {
			if assigned.Value != nil {
				command.env = append(command.env, assigned.Name.Value+"="+literal(assigned.Value))
			}
		}
		for _, word := range call.Args {
			command.args = append(command.args, literal(word))
		}
		if command.args[0] == "sudo" {
			command.args = command.args[1:]
		}
		if strings.HasPrefix(strings.Join(command.args, " "), "go run ./cmd/fftconnect ") {
			command.args = command.args[2:]
		}
		command.program, command.args = filepath.Base(command.args[0]), command.args[1:]
		found = append(found, command)
		return true
	})
	return found
}

// literal is a word without its quotes; what a shell would put in is an x.
func literal(word *syntax.Word) string {
	var text strings.Builder
	var read func(parts []syntax.WordPart)
	read = func(parts []syntax.WordPart) {
		for _, part := range parts {
			switch part := part.(type) {
			case *syntax.Lit:
				text.WriteString(part.Value)
			case *syntax.SglQuoted:
				text.WriteString(part.Value)
			case *syntax.DblQuoted:
				read(part.Parts)
			default:
				text.WriteString("x")
			}
		}
	}
	read(word.Parts)
	return text.String()
}

// elsewhere are other programs of the pages, and why this test does not run them.
var elsewhere = map[string]string{
	"git": "needs a host", "npm": "needs the registry; deploy/connect's test installs the apps", "commercetools": "needs an account",
	"kubectl": "needs a cluster", "helm": "needs a cluster; deploy/tools' test renders the chart", "gcloud": "needs an account", "aws": "needs an account", "az": "needs an account",
	"terraform": "needs its providers", "crane": "needs a registry", "docker": "needs a container engine", "podman": "needs a container engine",
	"openssl": "not ours", "cat": "not ours", "cd": "not ours", "install": "not ours", "systemctl": "needs systemd", "journalctl": "needs systemd", "sha256sum": "not ours", "tar": "not ours", "apt-get": "installs", "sudoedit": "needs a person", "dnf": "installs", "curl": "not ours", "source": "not ours", "mkdir": "not ours",
	"go": "runs this test",
}

// TestEveryProgramOfThePagesIsKnown: targets of make exist, and what cannot be run here is listed.
func TestEveryProgramOfThePagesIsKnown(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commandsOfPages(t) {
		switch {
		case command.program == "fftconnect":
		case command.program == "make":
			for _, target := range command.args {
				if !strings.Contains(target, "=") && !bytes.Contains(makefile, []byte("\n"+target+": ")) {
					t.Errorf("%s: make has no target %s", command.where, target)
				}
			}
		case elsewhere[command.program] == "":
			t.Errorf("%s: nobody knows whether %s works", command.where, command.program)
		}
	}
}

// notRun are commands that are tried in another way.
var notRun = map[string]string{
	"demo": "testdata/script/demo.txtar", "simulate": "testdata/script/simulate.txtar", "serve": "runs beside the others here",
}

// endings are exit codes other than 0, and what is said then.
var endings = map[string]struct {
	code int
	says string
}{
	"uninstall":    {2, "add --yes"}, // asks on a terminal
	"config clear": {2, "add --yes"},
	// No run was cut off here; testdata/script/repair.txtar cuts one off.
	"reconcile --resume": {1, "nothing to resume"},
}

// mentions name a command without what it works on: it and its flags exist.
var mentions = []string{"events discard", "map", "map --explain", "orders resend", "reconcile --since"}

// placeholders are words that stand for something.
var placeholders = map[string]string{
	"ORDER": "A-1001", "[FILE]": "shop.yaml", "FILE": "shop.yaml", "KEY": "fft-fields", "/etc/fftconnect/connector.env": "connector.env",
	"/backup/fftconnect.db": "copy.db",
}

// TestEveryDocumentedCommandWorks types them one after the other, in a place like the one
// that the pages speak of: an order A-1001, twenty dead letters, a configuration shop.yaml. In
// the quick form it looks whether the program understands them.
func TestEveryDocumentedCommandWorks(t *testing.T) {
	t.Parallel()
	try := understood
	if testform.Slow {
		try = newDocumentedPlace(t).try
	}
	tried := map[string]bool{}
	all := commandsOfPages(t)
	slices.SortStableFunc(all, func(a, b written) int { return cmp.Compare(a.turn(), b.turn()) })
	for _, command := range all {
		if command.program != "fftconnect" || len(command.args) == 0 {
			continue
		}
		for i, word := range command.args {
			if value, ok := placeholders[word]; ok {
				command.args[i] = value
			}
		}
		if tried[command.String()] {
			continue
		}
		tried[command.String()] = true
		try(t, command)
	}
	if len(tried) < 40 {
		t.Errorf("only %d commands were found", len(tried))
	}
}

// documentedPlace is what the pages' commands work on.
type documentedPlace struct {
	*world.World
	folder string
	env    []string
	stop   func()
	url    string // of the connector
	id     string // of A-1001
	// unmappable are the orders that lack an address.
	unmappable []string
}

func newDocumentedPlace(t *testing.T) *documentedPlace {
	w, err := world.Start(world.Options{Seed: 1, Pace: fftsim.Pace{Manual: true}, Backoff: func(int) time.Duration { return 50 * time.Millisecond }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	port, admin := freeTCPPort(t), freeTCPPort(t)
	p := &documentedPlace{World: w, folder: t.TempDir(), url: "http://127.0.0.1:" + port}
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(this, filepath.Join(p.folder, "fftconnect")); err != nil {
		t.Fatal(err)
	}
	told := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(told.Close)
	settings := w.Environment("http://127.0.0.1:" + port + "/service")
	maps.Copy(settings, map[string]string{
		"PORT": port, "ADMIN_ADDR": "127.0.0.1:" + admin, "DATABASE_URL": "sqlite:fftconnect.db",
		"FFT_LIST_LAG": "200ms", "HANDLE_TIMEOUT": "1s", "SHUTDOWN_GRACE": "5m", "RECONCILE_RATE": "1000", "NOTIFY_WEBHOOK_URL": told.URL,
	})
	env, err := config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok }, 0)
	if err != nil {
		t.Fatal(err)
	}
	token, err := intake.TokenOf(env).ForEndpoint(intake.EventPath).Sign()
	if err != nil {
		t.Fatal(err)
	}
	w.RouteMessages("http://127.0.0.1:"+port+"/event", http.Header{"Authorization": {"Bearer " + token}})
	file := ""
	for name, value := range settings {
		p.env = append(p.env, name+"="+value)
		file += name + "=" + value + "\n"
	}
	p.env = append(p.env, "GORACE=atexit_sleep_ms=0", "PATH="+p.folder)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shop := yamlBlock.FindSubmatch(readme)
	if shop == nil {
		t.Fatal("the README has no configuration any more")
	}
	for name, text := range map[string]string{"connector.env": file, "shop.yaml": string(shop[1])} {
		if err := os.WriteFile(filepath.Join(p.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.start(t)
	p.furnish(t)
	return p
}

func (p *documentedPlace) start(t *testing.T) {
	var log bytes.Buffer
	serve := p.command(context.Background(), nil, "serve")
	serve.Stderr = &log
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	p.stop = sync.OnceFunc(func() {
		_ = serve.Process.Signal(os.Interrupt)
		if err := serve.Wait(); err != nil {
			t.Errorf("serve ended with %v\n%s", err, log.String())
		}
	})
	t.Cleanup(p.stop)
	testtime.Until(t, "serve is up", func() bool { // one that is stopped before was interrupted
		answer, err := http.Get(p.url + "/service/status")
		if err == nil {
			_ = answer.Body.Close()
		}
		return err == nil
	})
}

// furnish brings what the pages speak of.
func (p *documentedPlace) furnish(t *testing.T) {
	channel := map[string]any{
		"key": "store-koeln", "roles": []any{"InventorySupply"}, "name": map[string]any{"de": "Köln"}, "address": address(),
	}
	p.CT.PutChannel(channel)
	testtime.Until(t, "it can be installed", func() bool {
		said, err := p.command(t.Context(), nil, "install").CombinedOutput()
		return err == nil && !bytes.Contains(said, []byte("✗"))
	})
	for i := range 20 {
		p.unmappable = append(p.unmappable, p.CT.PlaceOrder(order(fmt.Sprintf("BAD-%d", i), false)))
	}
	p.id = p.CT.PlaceOrder(order("A-1001", true))
	testtime.Until(t, "A-1001 is exported and the others are dead letters", func() bool {
		said, _ := p.command(t.Context(), nil, "events", "list", "--state", "dead").Output()
		return len(p.FFT.OrdersOf(p.id)) == 1 && bytes.Count(said, []byte(" dead ")) == 20
	})
}

// command is fftconnect in this place.
func (p *documentedPlace) command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	run := exec.CommandContext(ctx, filepath.Join(p.folder, "fftconnect"), args...)
	run.Dir, run.Env = p.folder, append(slices.Clone(p.env), env...)
	return run
}

// understood wants the program to understand the command, without running it.
func understood(t *testing.T, w written) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	args := slices.Clone(w.args)
	for i, word := range args {
		if word == "connector.env" || strings.HasSuffix(word, ".yaml") || strings.HasSuffix(word, ".db") {
			args[i] = file
		}
	}
	parser, err := kong.New(new(commands), kong.Name("fftconnect"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil && !slices.Contains(mentions, strings.Join(w.args, " ")) {
		t.Errorf("%s: fftconnect %s: %v", w.where, w, err)
	}
}

// try runs a command and wants it to end well.
func (p *documentedPlace) try(t *testing.T, w written) {
	verb := strings.Join(slices.DeleteFunc(slices.Clone(w.args), func(word string) bool { return strings.HasPrefix(word, "-") || word == "connector.env" }), " ")
	line := strings.Join(w.args, " ")
	if first, _, _ := strings.Cut(verb, " "); notRun[first] != "" || slices.Contains(mentions, line) {
		command := strings.Fields(verb)
		if notRun[first] != "" {
			command = []string{first}
		}
		help, err := p.command(t.Context(), nil, append(command, "--help")...).CombinedOutput()
		for _, word := range w.args {
			if flag, _, _ := strings.Cut(word, "="); strings.HasPrefix(flag, "--") && !bytes.Contains(help, []byte(flag)) {
				t.Errorf("%s: fftconnect %s: there is no %s", w.where, w, flag)
			}
		}
		if err != nil {
			t.Errorf("%s: fftconnect %s: %v\n%s", w.where, w, err, help)
		}
		return
	}
	for begins, before := range beforehand {
		if strings.HasPrefix(line, begins) {
			if after := before(t, p); after != nil {
				defer after()
			}
		}
	}
	want := endings[verb]
	if known, ok := endings[line]; ok {
		want = known
	}
	run := p.command(t.Context(), w.env, w.args...)
	said, err := run.CombinedOutput()
	if run.ProcessState == nil || run.ProcessState.ExitCode() != want.code || !strings.Contains(string(said), want.says) {
		t.Errorf("%s: fftconnect %s: %v\n%s", w.where, w, err, said)
	}
}

// beforehand is what a page says has happened; what is returned puts things right again.
var beforehand = map[string]func(*testing.T, *documentedPlace) (after func()){
	"reconcile": func(t *testing.T, p *documentedPlace) func() { // what cannot be mapped was corrected, but for what was discarded
		for _, id := range p.unmappable {
			if err := p.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address()}); err != nil {
				t.Fatal(err)
			}
		}
		p.unmappable = nil
		testtime.Until(t, "what was corrected is exported", func() bool { return len(p.FFT.Orders()) >= 20 && p.Pending() == 0 })
		return nil
	},
	"orders resend A-1001": func(t *testing.T, p *documentedPlace) func() {
		for _, order := range p.FFT.OrdersOf(p.id) {
			if err := p.FFT.CancelByFFT(order.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		return nil
	},
	"store restore": func(t *testing.T, p *documentedPlace) func() {
		p.stop()
		return func() { p.start(t) }
	},
}

func freeTCPPort(t *testing.T) string {
	t.Helper()
	port, err := unusedPort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}
