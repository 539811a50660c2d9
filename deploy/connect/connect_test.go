//go:build packaging

// Package connect_test lives through commercetools Connect as the platform would: the
// specification is checked, every app is installed, tested, built, started with its own variables and
// nothing else, fed, stopped, redeployed and undeployed.
package connect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testtime"
)

// specification is Connect's own check of connect.yaml.
const specification = "@commercetools-connect/specification@0.0.16"

// memory is what Connect gives an app, in bytes.
const memory = 512 << 20

// platform is Connect, as far as apps notice it.
type platform struct {
	t      *testing.T
	repo   string
	node   string // folder with the Node to run, on PATH
	world  *world.World
	shared map[string]string // configuration that all apps inherit
	own    map[string]map[string]string
	ports  map[string]int
}

// compiled is fftconnect 0.1.0 for Connect's machines, for all tests.
var compiled string

// program compiles it once, with the flags that most has been compiled with already.
func program(t *testing.T) string {
	t.Helper()
	if compiled == "" {
		to := filepath.Join(work, "fftconnect")
		env := append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
		command(t, "../..", env, "go", "build", "-buildvcs=false", "-ldflags", "-s -w -X main.release=0.1.0", "-o", to, "./cmd/fftconnect")
		compiled = to
	}
	return compiled
}

// work is a folder for what all tests use.
var work string

func TestMain(m *testing.M) {
	var err error
	if work, err = os.MkdirTemp("", "fftconnect-connect-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(work)
	os.Exit(code)
}

func TestALifeOnConnect(t *testing.T) {
	if os.Getenv("FFTCONNECT_PACKAGING") == "" {
		t.Skip("installs packages from the npm registry: set FFTCONNECT_PACKAGING=1")
	}
	repo := filepath.Join(t.TempDir(), "connector")
	command(t, "", append(os.Environ(), "PROGRAM="+program(t)), "bash", "build.sh", "0.1.0", repo)
	tools := t.TempDir()
	command(t, tools, nil, "npm", "install", "--silent", "--no-audit", "--no-fund", specification)
	script := `import {ConnectSpecification} from "@commercetools-connect/specification"; await ConnectSpecification.load(process.argv[2])`
	must(t, os.WriteFile(filepath.Join(tools, "check.mjs"), []byte(script), 0o600))
	command(t, tools, nil, "node", "check.mjs", repo)
	noGoInside(t, repo)
	for _, version := range []string{"22", "24"} {
		t.Run("Node "+version, func(t *testing.T) {
			folder := t.TempDir()
			command(t, folder, nil, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "node@"+version)
			p := newPlatform(t, repo, filepath.Join(folder, "node_modules", "node", "bin"))
			if got := p.run("event", "node", "--version"); !strings.HasPrefix(got, "v"+version+".") {
				t.Fatalf("Node is %s", got)
			}
			p.live()
		})
	}
}

func newPlatform(t *testing.T, repo, node string) *platform {
	w, err := world.Start(world.Options{
		Seed:    3,
		Backoff: func(int) time.Duration { return 200 * time.Millisecond },
		Pace:    fftsim.Pace{Routing: 50 * time.Millisecond, Picking: 50 * time.Millisecond, Packing: 50 * time.Millisecond, Handover: 50 * time.Millisecond},
	})
	must(t, err)
	t.Cleanup(w.Close)
	p := &platform{t: t, repo: repo, node: node, world: w, ports: map[string]int{"event": freePort(t), "service": freePort(t), "job": freePort(t)}}
	all := w.Environment("")
	p.shared = map[string]string{"DEPLOYMENT": "fftconnect"}
	for name, value := range all {
		if name != "PUBLIC_URL" && name != "SUBSCRIPTION_DESTINATION" {
			p.shared[name] = value
		}
	}
	p.own = map[string]map[string]string{
		"event":   {"CONNECT_SUBSCRIPTION_DESTINATION": "GCP", "CONNECT_GCP_PROJECT_ID": "demo", "CONNECT_GCP_TOPIC_NAME": "fftconnect"},
		"service": {"CONNECT_SERVICE_URL": fmt.Sprintf("http://127.0.0.1:%d/service", p.ports["service"])},
		"job":     {},
	}
	w.RouteMessages(p.address("event"), nil)
	return p
}

// live is a deployment from its first day to its last.
func (p *platform) live() {
	for _, app := range []string{"event", "service", "job"} {
		p.run(app, "npm", "ci", "--no-audit", "--no-fund")
		p.run(app, "npm", "test")
		p.run(app, "npm", "prune", "--omit=dev")
	}
	theirs := fftsim.Subscription{Name: "theirs", Event: "ORDER_CREATED", Target: &fftsim.Target{Type: "WEBHOOK", CallbackURL: "https://elsewhere.example/hook", Headers: []fftsim.Header{{Key: "x", Value: "y"}}}}
	_, err := p.world.FFT.AddSubscription(theirs)
	must(p.t, err)

	// At run time Connect promises none of its variables.
	apps := map[string]*exec.Cmd{}
	for _, app := range []string{"event", "service", "job"} {
		apps[app] = p.start(app)
	}
	for range 2 { // deployed, and deployed again
		p.lifecycle("event", "connector:post-deploy")
		p.lifecycle("service", "connector:post-deploy")
	}
	if n := len(p.world.CT.Subscriptions()); n != 2 {
		p.t.Errorf("%d subscriptions of commercetools, want 2", n)
	}
	webhooks := len(p.world.FFT.Subscriptions()) - 1
	if webhooks < 5 {
		p.t.Errorf("%d webhooks", webhooks)
	}

	id := p.world.CT.PlaceOrder(confirmed("C-1"))
	testtime.Until(p.t, "the order is shipped", func() bool { return p.order(id)["shipmentState"] == "Shipped" })
	p.snsBody()
	p.job()
	if n := len(p.world.FFT.Orders()); n != 2 {
		p.t.Errorf("%d orders in fulfillmenttools, want 2", n)
	}
	for app, running := range apps {
		p.stop(app, running)
	}
	p.lifecycle("service", "connector:pre-undeploy")
	p.lifecycle("event", "connector:pre-undeploy")
	if left := p.world.FFT.Subscriptions(); len(left) != 1 || left[0].Name != "theirs" || len(p.world.CT.Subscriptions()) != 0 {
		p.t.Errorf("left in fulfillmenttools: %d, in commercetools: %d", len(left), len(p.world.CT.Subscriptions()))
	}
}

// snsBody is how messages come in regions on AWS.
func (p *platform) snsBody() {
	p.world.RouteMessages("http://127.0.0.1:1/event", nil) // Pub/Sub does not deliver this one
	id := p.world.CT.PlaceOrder(confirmed("C-2"))
	message, err := json.Marshal(map[string]any{
		"notificationType": "Message", "projectKey": "demo", "id": "6c1b0c1e-5a0e-4a34-9b0a-8f3a2b1c0d11", "version": 1, "sequenceNumber": 1,
		"resource": map[string]any{"typeId": "order", "id": id}, "resourceVersion": 1, "type": "OrderCreated",
		"createdAt": time.Now().UTC(), "lastModifiedAt": time.Now().UTC(),
	})
	must(p.t, err)
	body, err := json.Marshal(map[string]any{"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-central-1:1:t", "Message": string(message)})
	must(p.t, err)
	response, err := http.Post(p.address("event"), "text/plain; charset=UTF-8", bytes.NewReader(body))
	must(p.t, err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		p.t.Errorf("a body of SNS is answered %d", response.StatusCode)
	}
	testtime.Until(p.t, "the order by SNS is shipped", func() bool { return p.order(id)["shipmentState"] == "Shipped" })
}

func (p *platform) job() {
	response, err := http.Post(p.address("job"), "application/json", nil)
	must(p.t, err)
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		p.t.Errorf("the job is answered %d %s", response.StatusCode, text)
	}
}

// start runs an app as Connect does, and waits until it is up.
func (p *platform) start(app string) *exec.Cmd {
	running := exec.Command("npm", "run", "start")
	running.Dir = filepath.Join(p.repo, app)
	running.Env = p.environment(nil, app)
	running.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var log bytes.Buffer
	running.Stdout, running.Stderr = &log, &log
	must(p.t, running.Start())
	p.t.Cleanup(func() {
		_ = syscall.Kill(-running.Process.Pid, syscall.SIGKILL)
		if p.t.Failed() {
			p.t.Logf("%s:\n%s", app, log.String())
		}
	})
	testtime.Until(p.t, app+" is up", func() bool {
		response, err := http.Get(p.address(app) + "/status")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return running
}

// stop ends an app as Connect does: the program itself must hear of it and drain.
func (p *platform) stop(app string, running *exec.Cmd) {
	if peak := peakOf(p.t, running.Process.Pid); peak > memory {
		p.t.Errorf("%s took %d MiB", app, peak>>20)
	}
	must(p.t, syscall.Kill(running.Process.Pid, syscall.SIGTERM))
	ended := make(chan error, 1)
	go func() { ended <- running.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			p.t.Errorf("%s ended with %v", app, err)
		}
	case <-time.After(3 * time.Minute):
		p.t.Errorf("%s did not end", app)
	}
	if response, err := http.Get(p.address(app) + "/status"); err == nil {
		response.Body.Close()
		p.t.Errorf("%s goes on running: npm did not pass the signal on", app)
	}
}

// lifecycle runs a script of postDeploy or preUndeploy, which alone gets Connect's variables.
func (p *platform) lifecycle(app, script string) {
	command(p.t, filepath.Join(p.repo, app), p.environment(p.own[app], app), "npm", "run", script)
}

func (p *platform) run(app string, args ...string) string {
	return strings.TrimSpace(command(p.t, filepath.Join(p.repo, app), p.environment(nil, app), append([]string{"env"}, args...)...))
}

// environment is exactly what an app gets.
func (p *platform) environment(own map[string]string, app string) []string {
	settings := maps.Clone(p.shared)
	maps.Copy(settings, own)
	settings["PORT"] = strconv.Itoa(p.ports[app])
	settings["ADMIN_ADDR"] = "127.0.0.1:0" // each app has a machine of its own there
	settings["HOME"], settings["PATH"] = p.t.TempDir(), p.node+string(os.PathListSeparator)+os.Getenv("PATH")
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		lines = append(lines, name+"="+settings[name])
	}
	return lines
}

func (p *platform) address(app string) string {
	return fmt.Sprintf("http://127.0.0.1:%d/%s", p.ports[app], app)
}

func (p *platform) order(id string) map[string]any {
	order, _ := p.world.CT.Order(id)
	return order
}

func confirmed(number string) map[string]any {
	return map[string]any{
		"orderNumber": number, "orderState": "Confirmed",
		"totalPrice": map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2},
		"shippingAddress": map[string]any{
			"firstName": "Ada", "lastName": "Berg", "streetName": "Lindenweg", "streetNumber": "7", "postalCode": "50667", "city": "Köln", "country": "DE",
		},
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "p", "name": map[string]any{"en": "Mug"}, "quantity": 1,
			"variant":    map[string]any{"id": 1, "sku": "SKU-1"},
			"price":      map[string]any{"value": map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2}},
			"totalPrice": map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2},
		}},
	}
}

// noGoInside: one Go file in an app's folder and Connect takes its Go builder.
func noGoInside(t *testing.T, repo string) {
	must(t, filepath.WalkDir(repo, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") || filepath.Base(path) == "go.mod" {
			t.Errorf("%s is in the repository", path)
		}
		return err
	}))
}

// peakOf is the most memory that the program below npm held, in bytes.
func peakOf(t *testing.T, pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(t, err)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatal("no peak in /proc")
	}
	kib, _ := strconv.Atoi(string(found[1]))
	return kib << 10
}

func freePort(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func command(t *testing.T, folder string, env []string, args ...string) string {
	t.Helper()
	run := exec.Command(args[0], args[1:]...)
	run.Dir, run.Env = folder, env
	output, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
