//go:build browser

package browser_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/console/signintest"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testtime"
)

var update = flag.Bool("update", false, "write docs/images anew")

// place is a connector in a world where several things have gone wrong, and a browser.
type place struct {
	t       *testing.T
	world   *world.World
	store   *durable.Ledger
	fft     *fulfillmenttools.Client
	admin   string
	shipped string // number of an order
	ctx     context.Context
}

func chromium(t *testing.T) string {
	t.Helper()
	if os.Getenv("FFTCONNECT_BROWSER") == "" {
		t.Skip("FFTCONNECT_BROWSER is not set")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium here")
	return ""
}

func newPlace(t *testing.T, more map[string]string) *place {
	t.Helper()
	p := openPlace(t, fftsim.Pace{
		Routing: 20 * time.Millisecond, Picking: 20 * time.Millisecond, Packing: 20 * time.Millisecond, Handover: 20 * time.Millisecond, Delivery: 20 * time.Millisecond,
	}, more)
	p.live()
	return p
}

// openPlace is a connector in a world without orders, and a browser.
func openPlace(t *testing.T, pace fftsim.Pace, more map[string]string) *place {
	t.Helper()
	browser := chromium(t)
	w, err := world.Start(world.Options{Seed: 3, Pace: pace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	p := &place{t: t, world: w}
	p.connect(more)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox)...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	p.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // starts it, to live as long as this context
		t.Fatal(err)
	}
	return p
}

// connect runs a connector in the world until the test ends.
func (p *place) connect(more map[string]string) {
	p.t.Helper()
	on := connector.Listeners{}
	var err error
	for _, listener := range []*net.Listener{&on.Public, &on.Admin} {
		if *listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			p.t.Fatal(err)
		}
	}
	publicURL := "http://" + on.Public.Addr().String()
	p.admin = "http://" + on.Admin.Addr().String()
	settings := p.world.Environment(publicURL + "/service")
	settings["DATABASE_URL"], settings["FFT_LIST_LAG"] = "sqlite:"+filepath.Join(p.t.TempDir(), "fftconnect.db"), "1s"
	settings["ADMIN_URL"] = p.admin
	for name, value := range more {
		settings[name] = value
	}
	lookup := func(name string) (string, bool) { value, ok := settings[name]; return value, ok }
	env, err := config.Load(lookup, config.NeedPublicURL|config.NeedDestination)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.store, err = durable.Open(p.t.Context(), env.DatabaseURL.Reveal(), durable.Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		p.t.Fatal(err)
	}
	c, err := connector.New(connector.Options{Environment: env, Version: "test", Store: p.store, Settings: func() []config.EffectiveSetting { return config.Effective(lookup) }})
	if err != nil {
		p.t.Fatal(err)
	}
	p.fft = c.Fulfillmenttools
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, on) }()
	p.t.Cleanup(func() {
		stop()
		<-ended
		_ = p.store.Close(context.Background())
	})
	token, err := intake.TokenOf(env).ForEndpoint(intake.EventPath).Sign()
	if err != nil {
		p.t.Fatal(err)
	}
	p.world.RouteMessages(publicURL+"/event", http.Header{"Authorization": {"Bearer " + token}})
	plan, err := c.Installer().Install(p.t.Context())
	if err == nil {
		err = plan.Apply(p.t.Context(), func(setup.Step, error) {})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// live has orders placed, of which some cannot be exported, and others are late.
func (p *place) live() {
	p.t.Helper()
	for range 40 {
		order := p.world.NextOrder()
		if order.Fate == catalogue.FateShipped && p.shipped == "" {
			p.shipped, _ = order.Draft["orderNumber"].(string)
		}
		p.world.Place(order)
	}
	p.handled()
	for i := range 7 {
		err := p.store.AddDeadLetter(p.t.Context(), ledger.Deferred{
			Flow: outcome.Export, Type: "OrderStateChanged", Order: fmt.Sprintf("aaaaaaaa-bbbb-4ccc-8ddd-%012d", i), EventID: fmt.Sprint("refused ", i),
			Body:   []byte(`{"resource":{"id":"…"}}`),
			Reason: "cancel order: fulfillmenttools answered 400 OrderNotCancellable: the order is being picked", Fix: "stop the order in fulfillmenttools by hand, then discard this", Outcome: outcome.Refused,
			ReceivedAt: time.Now().Add(-time.Duration(i) * time.Hour),
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	since := time.Now().Add(-26 * time.Hour)
	err := p.store.TrackOrders(p.t.Context(), []reconcile.OpenOrder{{
		ID: "99999999-bbbb-4ccc-8ddd-000000000001", Number: "A-2077", Opened: since, LastActivity: since, Next: time.Now().Add(3 * time.Hour),
		State: "at picking since " + since.UTC().Format(time.RFC3339) + ", pick job AS12", Late: reconcile.LatePastTarget, Since: since.Add(2 * time.Hour),
	}})
	if err != nil {
		p.t.Fatal(err)
	}
}

// handled waits until every message was handled and is in the journal.
func (p *place) handled() {
	p.t.Helper()
	testtime.Until(p.t, "every message is handled", func() bool { return p.world.Pending() == 0 })
	// The journal is written in turn, a moment later: what is recorded now is its end.
	end := outcome.Entry{At: time.Now(), Flow: outcome.Export, Type: "SubscriptionTest", EventID: rand.Text()}
	end.Kind = outcome.Ignored
	p.store.Record(end)
	testtime.Until(p.t, "the journal is written", func() (written bool) {
		err := p.store.Journal(p.t.Context(), end.At.Add(-time.Second), end.Kind, func(row ledger.JournalRow) {
			written = written || row.EventID == end.EventID
		})
		if err != nil {
			p.t.Fatal(err)
		}
		return written
	})
}

// step is one thing done in the browser.
type step = chromedp.Action[chromedp.Void]

// do runs steps in the browser; each must be possible within three minutes.
func (p *place) do(what string, steps ...step) {
	p.t.Helper()
	for n, step := range steps {
		ctx, cancel := context.WithTimeout(p.ctx, 3*time.Minute)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			text, _ := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS("body")))
			p.t.Fatalf("%s, step %d: %v\n%s", what, n+1, err, text)
		}
	}
}

func (p *place) open(path string) step { return chromedp.Navigate(p.admin + path) }

// until waits until what the browser answers is as it should be.
func (p *place) until(what string, ask chromedp.Action[string], holds func(answer string) bool) {
	p.t.Helper()
	last := ""
	testtime.Until(p.t, what, func() bool {
		answer, err := chromedp.Run(p.ctx, ask)
		if p.ctx.Err() != nil {
			p.t.Fatalf("did not happen: %s: %v; the last answer was\n%s", what, err, last)
		}
		if err != nil {
			return false
		}
		last = answer
		return holds(answer)
	})
}

// sees waits until the page has all these texts.
func (p *place) sees(texts ...string) {
	p.t.Helper()
	shown := chromedp.Evaluate[string](`document.querySelector("main")?.innerText ?? ""`)
	p.until("the page has "+strings.Join(texts, ", "), shown, func(text string) bool {
		for _, want := range texts {
			if !strings.Contains(text, want) {
				return false
			}
		}
		return true
	})
}

// at waits until the browser is at an address that ends so.
func (p *place) at(end string) {
	p.t.Helper()
	p.until("the browser is at "+end, chromedp.Location(), func(at string) bool { return strings.HasSuffix(at, end) })
}

// press presses the first button with this text.
func press(text string) step { return chromedp.Click(`//main//button[contains(., "` + text + `")]`) }

// fits fails where a page is wider than the window.
func (p *place) fits(what string) {
	p.t.Helper()
	over, err := chromedp.Run(p.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if err != nil || over > 0 {
		p.t.Errorf("%s is %d pixels too wide (%v)", what, over, err)
	}
}

// picture is a screenshot for the docs.
func (p *place) picture(name string) {
	p.t.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	file := filepath.Join(p.t.TempDir(), name+".png")
	if *update {
		file = filepath.Join("..", "..", "..", "docs", "images", name+".png")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func TestTheConsoleInABrowser(t *testing.T) {
	p := newPlace(t, nil)
	p.do("first page", chromedp.EmulateViewport(1100, 620), p.open("/"))
	p.sees("need attention", "open orders")
	p.picture("console-home")

	p.do("search", chromedp.SendKeys(chromedp.CSS(`main input[name=q]`), p.shipped+"\n"))
	p.sees("What was done about the order", "PICK_JOB_CREATED")
	p.do("ask", chromedp.Click(`//main//a[contains(., "Ask both platforms")]`))
	p.sees("CT shows", "Both platforms agree", "Deliveries")
	p.do("high window", chromedp.EmulateViewport(1100, 1000))
	p.picture("console-order")
	p.do("sync", press("Sync"))
	p.at("/sync") // the page before says the same
	p.sees("Both platforms agree; nothing to do.")

	p.do("attention", p.open("/attention"))
	p.sees("Refused cancellations and changes", "Late orders", "Dead letters")
	p.picture("console-attention")
	p.do("choose", chromedp.Click(`//main//a[contains(., "Choose some")]`))
	p.sees("7 messages")
	p.do("plan", chromedp.Click(chromedp.CSS(`input[name=id]`)), press("Retry the chosen"))
	p.sees("1 message will be handled again", "Nothing was changed yet")
	p.do("plan of all", p.open("/attention"), press("Retry all 7"))
	p.sees("7 messages will be handled again", "Nothing was changed yet")
	p.do("retry", press("Retry 7 messages"))
	p.sees("All have been handled") // shown without a reload by hand

	p.do("late", p.open("/late"))
	p.sees("A-2077", "past its target time", "at picking since")
	p.do("mapping", p.open("/mapping?order="+p.shipped))
	p.sees("orderLineItems[0]", "would not be exported")
	p.do("settings", p.open("/settings"), press("Check it"))
	p.sees("It is right", "CTP_PROJECT_KEY", "••••")
	p.do("test event", press("Send a test event"))
	p.sees("works", "/service", "/event")

	p.do("now", p.open("/now"), press("Examine the installation"))
	p.sees("webhooks", "Directions", "public address")
	p.do("pause", chromedp.Click(chromedp.CSS(`details summary`)), chromedp.SendKeys(chromedp.CSS(`details input[name=why]`), "stocktaking until 18:00"), press("Pause orders"))
	p.sees("paused since", "stocktaking until 18:00")
	p.do("up", chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`))
	p.picture("console-now")
	p.do("resume", press("Resume"))
	p.sees("orders to fulfillmenttools: on")
}

func TestTheConsoleOnAPhoneAndInTheDark(t *testing.T) {
	p := newPlace(t, nil)
	p.do("phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for _, path := range []string{"/", "/attention", "/late", "/now", "/settings", "/mapping?order=" + p.shipped, "/search?q=B-1"} {
		p.do(path, p.open(path))
		p.fits(path)
	}
	p.do("search", p.open("/search?q="+p.shipped))
	p.fits("an order")
	p.picture("console-phone")
	p.do("dark", chromedp.EmulateViewport(1100, 800), dark())
	p.do("attention", p.open("/attention"))
	p.picture("console-dark")
}

func TestALivePageKeepsWhatIsBegunWhileItsAnswerComes(t *testing.T) {
	p := openPlace(t, fftsim.Pace{}, nil)
	const why = `document.querySelector("details input[name=why]")`
	for _, test := range []struct {
		name  string
		begun []step
		want  string
	}{
		{"nothing is begun", nil, ""},
		{"a reason is typed", []step{chromedp.Click(chromedp.CSS(`details summary`)), chromedp.SendKeys(chromedp.CSS(`details input[name=why]`), ", stocktaking")}, "of before, stocktaking"},
	} {
		p.do("an answer that takes long", p.open("/now"), chromedp.Evaluate[chromedp.Void](`
			`+why+`.value = "of before"
			const ask = fetch
			window.fetch = (...what) => new Promise(resolve => { window.answer = () => resolve(ask(...what)) })
			window.shown = refresh()
		`))
		p.do(test.name, test.begun...)
		p.do("the answer comes", chromedp.Evaluate[chromedp.Void](`answer(); shown`, chromedp.EvalAwaitPromise))
		typed, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](why+`.value`))
		if err != nil || typed != test.want {
			t.Errorf("%s: %q is typed, want %q (%v)", test.name, typed, test.want, err)
		}
	}
}

func TestASignInInABrowser(t *testing.T) {
	chromium(t)
	provider := signintest.Start(t, map[string]any{"email": "olga@shop.example", "email_verified": true})
	p := newPlace(t, map[string]string{
		"ADMIN_AUTH": "oidc", "ADMIN_OIDC_ISSUER": provider.URL, "ADMIN_OIDC_CLIENT_ID": signintest.ClientID,
		"ADMIN_OIDC_CLIENT_SECRET": signintest.ClientSecret, "ADMIN_OPERATORS": "olga@shop.example", "ADMIN_BASE_PATH": "/ops",
	})
	p.do("a page", p.open("/ops/attention"))
	p.sees("Sign in")
	p.do("sign in", chromedp.Click(`//main//a[contains(., "Sign in")]`))
	p.sees("Refused cancellations and changes")
	p.do("retry", press("Retry all 7"))
	p.sees("7 messages will be handled again")
	p.do("sign out", chromedp.Click(`//footer//button`))
	p.sees("Sign in")
}
