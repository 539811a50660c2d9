package demo

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fftconnect/internal/console"
	"fftconnect/internal/simulator/world"
)

// settings are those of the demo's connector.
type settings map[string]string

func (s settings) lookup(name string) (string, bool) {
	value, ok := s[name]
	return value, ok
}

func settingsOf(w *world.World, publicURL, adminAddr, database string) settings {
	s := settings(w.Environment(publicURL + "/service"))
	s["DATABASE_URL"] = "sqlite:" + database
	s["FFT_LIST_LAG"] = "1s"
	s["ADMIN_ADDR"] = adminAddr
	return s
}

// lines are the settings as a file for --env-file.
func (s settings) lines() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&text, "%s='%s'\n", name, s[name])
	}
	return text.String()
}

// pagesOf are the simulated platforms' own pages.
func pagesOf(w *world.World) *console.Pages {
	return &console.Pages{
		Commercetools:    func(orderID string) string { return w.CTURL + "/_sim/orders/" + orderID },
		Fulfillmenttools: func(string) string { return w.FFTURL + "/_sim/orders" },
	}
}

// keepRunning stays up until ctx ends, and says how pages and commands reach what is there.
func keepRunning(ctx context.Context, w *world.World, publicURL, adminURL string, s settings, folder string, screen *screen) error {
	file := filepath.Join(folder, "demo.env")
	if err := os.WriteFile(file, []byte(s.lines()), 0o600); err != nil {
		return err
	}
	screen.say("")
	screen.say("Still running; look around, then stop it with Ctrl-C:")
	screen.say("  console                        %s/", adminURL)
	screen.say("  metrics                        %s/metrics", adminURL)
	screen.say("  readiness                      %s/readyz", adminURL)
	screen.say("  connector                      %s/event/status", publicURL)
	screen.say("  orders in fulfillmenttools     %s/_sim/orders", w.FFTURL)
	for _, id := range w.CT.OrderIDs()[:1] {
		screen.say("  an order in commercetools      %s/_sim/orders/%s", w.CTURL, id)
	}
	screen.say("")
	screen.say("Every command works on it with these settings, which are in a file:")
	screen.say("  fftconnect --env-file %s events list", file)
	screen.say("  fftconnect --env-file %s sync ORDER --dry-run", file)
	screen.say("")
	screen.say("%s", strings.TrimRight(s.lines(), "\n"))
	<-ctx.Done()
	return nil
}
