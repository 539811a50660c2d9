package main

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// rights are what a command needs, as docs/operations.md says.
type rights struct{ scopes, permissions []string }

var (
	tableRow = regexp.MustCompile("(?m)^\\| `([a-z `,]+)` \\| (.*) \\| (.*) \\| (.*) \\|$")
	word     = regexp.MustCompile("`([A-Za-z_]+)`")
)

// documented reads the table of docs/operations.md.
func documented(t *testing.T) map[string]rights {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Roles and scopes\n")
	section, _, _ = strings.Cut(section, "\n## ")
	words := func(cell string) (found []string) {
		for _, match := range word.FindAllStringSubmatch(cell, -1) {
			found = append(found, match[1])
		}
		return found
	}
	all := map[string]rights{}
	for _, row := range tableRow.FindAllStringSubmatch(section, -1) {
		for name := range strings.SplitSeq(row[1], "`, `") {
			all[name] = rights{words(row[2]), words(row[3])}
		}
	}
	return all
}

// errand is a command on platforms that hold orders and channels, the rights taken
// away before it.
type errand struct {
	before func(w *world.World) // with all rights
	args   []string
	some   bool // it ends with 1: not all that it looks at is there
}

// errands go through all that a command calls.
var errands = map[string]errand{
	"install":         {args: []string{"install"}},
	"uninstall":       {before: installed, args: []string{"uninstall", "--yes"}},
	"facilities sync": {before: supplied, args: []string{"facilities", "sync"}},
	"map":             {before: ordered, args: []string{"map", "A-1"}},
	"sync":            {before: underWay, args: []string{"sync", "A-1"}},
	"reconcile":       {before: ordered, args: []string{"reconcile", "--since", "24h"}},
	"orders list":     {before: underWay, args: []string{"orders", "list"}},
	"orders resend":   {before: cancelledThere, args: []string{"orders", "resend", "A-1"}},
	"config check":    {before: installed, args: []string{"config", "check"}},
	"config clear":    {before: installed, args: []string{"config", "clear", "--yes"}},
	"doctor":          {before: whole, args: []string{"doctor"}, some: true},
}

func installed(w *world.World) { ran(w, nil, "install") }

func supplied(w *world.World) {
	w.CT.PutChannel(map[string]any{
		"key": "bonn-1", "roles": []any{"InventorySupply"}, "name": map[string]any{"de": "Bonn"},
		"address": map[string]any{"streetName": "Ring", "postalCode": "53111", "city": "Bonn", "country": "DE"},
	})
}

func ordered(w *world.World) {
	installed(w)
	w.CT.PlaceOrder(map[string]any{
		"orderNumber": "A-1", "orderState": "Confirmed",
		"shippingAddress": map[string]any{"firstName": "Ada", "lastName": "L", "streetName": "Ring", "postalCode": "53111", "city": "Bonn", "country": "DE"},
		"lineItems": []any{map[string]any{
			"id": "l-1", "quantity": 1, "variant": map[string]any{"sku": "S1"}, "name": map[string]any{"de": "Ding"},
			"price": map[string]any{"value": map[string]any{"currencyCode": "EUR", "centAmount": 1999}},
		}},
	})
}

// underWay has an order that is picked already, of which nothing is shown.
func underWay(w *world.World) {
	ordered(w)
	ran(w, nil, "sync", "A-1")
	for _, order := range w.FFT.Orders() {
		for range 4 {
			_, _ = w.FFT.Step(order.ID)
		}
	}
}

// cancelledThere has an order that somebody cancelled in fulfillmenttools.
func cancelledThere(w *world.World) {
	underWay(w)
	for _, order := range w.FFT.Orders() {
		_ = w.FFT.CancelByFFT(order.ID, true)
	}
	for _, id := range w.CT.OrderIDs() { // as if that were long ago
		w.CT.DeleteCustomObject("fftconnect-claims", id)
	}
}

// whole has all that doctor looks at, but for the connector itself.
func whole(w *world.World) {
	ordered(w)
	supplied(w)
	w.CT.PutCustomObject("fft", "configuration", map[string]any{"export": map[string]any{"trigger": map[string]any{"workflowState": "released"}}})
}

// ran runs a command with these scopes, all when nil.
func ran(w *world.World, scopes []string, args ...string) (output string, exit int) {
	settings := w.Environment("http://127.0.0.1:9/service")
	settings["DATABASE_URL"], settings["FFT_LIST_LAG"] = "none", "1ms"
	if scopes != nil {
		full := make([]string, len(scopes))
		for i, scope := range scopes {
			full[i] = scope + ":demo"
		}
		settings["CTP_SCOPE"] = cmp.Or(strings.Join(full, " "), "view_project_settings:demo") // none at all would be all of them
	}
	var out bytes.Buffer
	exit = run(args, &out, &out, func(name string) (string, bool) { value, ok := settings[name]; return value, ok })
	return out.String(), exit
}

// refusals are the calls that rights were missing for.
func refusals(w *world.World) (calls []string) {
	for _, log := range []*simulator.Log{w.CTLog, w.FFTLog} {
		for _, e := range log.All() {
			if e.Status == http.StatusForbidden {
				calls = append(calls, e.Method+" "+e.Path)
			}
		}
	}
	return calls
}

// TestCommandsNeedTheRolesAndScopesThatTheDocsName: with them nothing is refused, and
// without any one of them something is.
func TestCommandsNeedTheRolesAndScopesThatTheDocsName(t *testing.T) {
	t.Parallel()
	table := documented(t)
	if missing := slices.DeleteFunc(slices.Sorted(maps.Keys(errands)), func(name string) bool { _, ok := table[name]; return ok }); len(missing) > 0 {
		t.Fatalf("docs/operations.md says nothing of %v", missing)
	}
	for name, errand := range errands {
		needs := table[name]
		try := func(t *testing.T, needs rights) (refused []string, exit int, output string) {
			w, err := world.Start(world.Options{
				Seed: 1, RequireScopes: true, Pace: fftsim.Pace{Manual: true}, Backoff: func(int) time.Duration { return time.Hour },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if errand.before != nil {
				errand.before(w)
			}
			w.CTLog.Reset()
			w.FFTLog.Reset()
			w.FFT.Permit(needs.permissions...)
			output, exit = ran(w, append([]string{}, needs.scopes...), errand.args...)
			return refusals(w), exit, output
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if refused, exit, output := try(t, needs); len(refused) > 0 || (exit != exitDone) != errand.some {
				t.Errorf("with all that is named, exit code %d, refused: %v\n%s", exit, refused, output)
			}
			for _, right := range slices.Concat(needs.scopes, needs.permissions) {
				without := func(all []string) []string {
					return slices.DeleteFunc(slices.Clone(all), func(other string) bool { return other == right })
				}
				if refused, _, output := try(t, rights{without(needs.scopes), without(needs.permissions)}); len(refused) == 0 {
					t.Errorf("without %s nothing is refused:\n%s", right, output)
				}
			}
		})
	}
}
