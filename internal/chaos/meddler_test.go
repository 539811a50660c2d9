//go:build slow

package chaos_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator/forgery"
)

// listen keeps fulfillmenttools' events, for forge.
func (g *trouble) listen() {
	g.site.world.FFT.OnEvent(func(_, _ string, body []byte) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.heard = append(g.heard, bytes.Clone(body))
	})
}

// forge has somebody who knows the token send what no platform said.
func (g *trouble) forge(ctx context.Context, t *testing.T, random *rand.Rand) {
	tokens := map[string]string{}
	for _, name := range []string{"event", "service"} {
		token, err := g.site.command("token", "--for", name)
		if err != nil {
			t.Error(err)
			return
		}
		tokens["/"+name] = strings.TrimSpace(string(token))
	}
	for pause(ctx, 150*time.Millisecond) {
		g.mu.Lock()
		body, path := forgery.ReplaceReferences(random, g.heard), "/service"
		g.mu.Unlock()
		if ids := g.site.world.CT.OrderIDs(); len(ids) > 0 {
			switch id := ids[random.IntN(len(ids))]; random.IntN(6) {
			case 0:
				body = forgery.CounterpartEvent(g.site.settings["CTP_PROJECT_KEY"], id)
			case 1:
				path, body = "/event", forgery.DeletionMessage(g.site.settings["CTP_PROJECT_KEY"], id)
			}
		}
		if body == nil {
			continue // nothing was sent yet
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.site.front.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Errorf("forge: %v", err)
			return
		}
		request.Header.Set("Authorization", "Bearer "+tokens[path])
		request.Header.Set("Content-Type", "application/json")
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			g.count(&g.forged)
		}
	}
}

// call is what a worried operator calls beside the replicas. What fails because of the
// weather may fail.
func (g *trouble) call(ctx context.Context, random *rand.Rand) {
	for pause(ctx, time.Second) {
		args := []string{"reconcile", "--since", "1h"}
		if ids := g.site.world.CT.OrderIDs(); len(ids) > 0 && random.IntN(2) == 0 {
			args = []string{"sync", ids[random.IntN(len(ids))]}
		}
		_, _ = g.site.command(args...)
		g.count(&g.called)
	}
}
