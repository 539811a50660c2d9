//go:build browser

package browser_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testtime"
)

var pictures = flag.String("pictures", "", "a folder for a picture of every step of the walk-through")

// walk is one way of a new operator through the console. It begins at the first page, and knows
// nothing but what is seen there.
type walk struct {
	*place
	name  string
	steps []string // what was clicked and typed
}

func (p *place) walk(t *testing.T, name string) *walk {
	w := &walk{place: p, name: name}
	p.t = t
	p.do(name, p.open("/"))
	p.sees("need attention")
	w.look()
	return w
}

// step does one thing, waits for what is seen then, and takes a picture.
func (w *walk) step(what string, action step, then ...string) {
	w.t.Helper()
	w.steps = append(w.steps, what)
	w.do(what, action)
	w.sees(then...)
	w.look()
}

func (w *walk) find(name string, then ...string) {
	w.t.Helper()
	w.step("find "+name, chromedp.SendKeys(chromedp.CSS(`main input[name=q]`), name+"\n"), then...)
}

// follow clicks what has this text: a link, a tile or a button.
func (w *walk) follow(text string, then ...string) {
	w.t.Helper()
	w.step("click "+text, chromedp.Click(`//body//*[self::a or self::button][contains(normalize-space(.), "`+text+`")]`), then...)
}

func (w *walk) look() {
	w.t.Helper()
	if *pictures == "" {
		return
	}
	// The whole page, however long.
	picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*pictures, fmt.Sprintf("%s-%d.png", strings.ReplaceAll(w.name, " ", "-"), len(w.steps))), picture, 0o644)
	}
	if err != nil {
		w.t.Error(err)
	}
}

// place places an order of this number, which ships to an address without these fields.
func (p *place) place(number string, without ...string) (id string) {
	p.t.Helper()
	order := p.world.NextOrder()
	for order.Fate != catalogue.FateShipped || order.NumberLater != "" {
		order = p.world.NextOrder()
	}
	order.Draft["orderNumber"] = number
	address := maps.Clone(order.Draft["shippingAddress"].(map[string]any))
	for _, field := range without {
		delete(address, field)
	}
	order.Draft["shippingAddress"] = address
	id = p.world.Place(order)
	p.handled()
	return id
}

// visitedLate notes what a visit sees of an order that has been at picking for a day.
func (p *place) visitedLate(id string) {
	p.t.Helper()
	since := time.Now().Add(-26 * time.Hour)
	testtime.Until(p.t, "the order is noted as late", func() bool { // what its messages tell may be written after them
		seen, _, err := p.store.OpenOrder(p.t.Context(), id)
		late := seen
		late.State, late.LastActivity = "at picking since "+since.UTC().Format(time.RFC3339)+", pick job AS12", since
		late.Late, late.Since = reconcile.LatePastTarget, since.Add(2*time.Hour)
		if err == nil && seen.Late == "" {
			err = p.store.SaveVisit(p.t.Context(), seen, late)
		}
		if err != nil {
			p.t.Fatal(err)
		}
		return seen.Late != ""
	})
}

// picking brings an order to where it is being picked.
func (p *place) picking(id string) {
	p.t.Helper()
	for stage := ""; stage != fftsim.StagePicking; {
		there := p.world.FFT.OrdersOf(id)
		if len(there) != 1 {
			p.t.Fatalf("order %s exists %d times in fulfillmenttools", id, len(there))
		}
		var err error
		if stage, err = p.world.FFT.Step(there[0].ID); err != nil {
			p.t.Fatal(err)
		}
	}
	p.handled()
}

// TestANewOperatorFindsEachReason builds what goes wrong most often, and finds the reason as somebody would who has
// never seen the console: by what is on the pages.
func TestANewOperatorFindsEachReason(t *testing.T) {
	configuration := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(configuration, []byte("export:\n  when: not (order.orderNumber startsWith \"TEST-\")\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openPlace(t, fftsim.Pace{Manual: true}, map[string]string{"CONFIG_FILE": configuration})
	p.do("window", chromedp.EmulateViewport(1100, 900))

	page, err := os.ReadFile("../../../docs/console.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := string(page)
	for _, c := range []struct {
		name  string
		build func()
		find  func(w *walk)
	}{
		{"refused address", func() { p.place("A-7001", "city", "state", "region") }, func(w *walk) {
			w.find("A-7001", "shipping address has no city", "To do complete the order in commercetools")
		}},
		{"cancellation refused", func() {
			id := p.place("A-7003")
			p.picking(id)
			if err := p.world.CT.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Cancelled"}); err != nil {
				p.t.Fatal(err)
			}
			p.handled()
		}, func(w *walk) {
			w.find("A-7003", "goes on although the order is cancelled", "To do stop it in fulfillmenttools by hand")
		}},
		{"filtered order", func() { p.place("TEST-7004") }, func(w *walk) {
			w.find("TEST-7004", "it was not to be exported: left out by export.when", "To do nothing, if that is as the shop wants it")
			w.follow("see what decides", "would not be exported", `not (order.orderNumber startsWith "TEST-")`)
		}},
		{"order not in CT", func() {}, func(w *walk) {
			w.find("A-9999", "No order is called “A-9999”", "To do compare it letter by letter")
		}},
		{"order at picking for a day", func() {
			id := p.place("A-7007")
			p.picking(id)
			p.visitedLate(id)
		}, func(w *walk) {
			w.follow("late order", "A-7007", "past its target time", "at picking since")
			w.follow("A-7007", "It is late since", "To do ask the facility")
		}},
		{"webhook deleted", func() {
			for _, s := range p.world.FFT.Subscriptions() {
				if s.Event == "PICK_JOB_CREATED" {
					if err := p.fft.DeleteSubscription(p.t.Context(), s.ID); err != nil {
						p.t.Fatal(err)
					}
				}
			}
		}, func(w *walk) {
			w.follow("Examine the installation", "Doctor")
			w.follow("Examine the installation", "fftconnect_demo_PICK_JOB_CREATED in fulfillmenttools\tmissing, to create", "Fix run: fftconnect install")
		}},
		{"expired password", func() {
			p.world.FFT.SetPassword("another")
			p.place("A-7002")
		}, func(w *walk) {
			w.follow("see Now", "INVALID_PASSWORD", "To do check FFT_API_KEY, FFT_API_USER and FFT_API_PASSWORD", "go on by themselves")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			c.build()
			w := p.walk(t, c.name)
			c.find(w)
			t.Logf("%d steps: %s", len(w.steps), strings.Join(w.steps, ", "))
			if row := fmt.Sprintf("| %s | %d |", c.name, len(w.steps)); !strings.Contains(documented, row) {
				t.Errorf("docs/console.md does not say %s", row)
			}
		})
	}
}
