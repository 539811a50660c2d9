package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"

	"fftconnect/internal/intake"
	"fftconnect/internal/simulator/forgery"
)

// claimed is whose a forged event said that an entity is.
type claimed struct{ commercetoolsID, orderRef string }

// overhear keeps what fulfillmenttools sends, for those who forge.
func (w *course) overhear(request *http.Request) error {
	text, err := io.ReadAll(request.Body)
	if err != nil {
		return err
	}
	request.Body = io.NopCloser(bytes.NewReader(text))
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(text) > 0 {
		w.heard = append(w.heard, text)
	}
	return nil
}

// forge has somebody who knows our token send what no platform said, once.
func (w *course) forge(s step) {
	id := w.orders[s.number]
	if id == "" {
		return
	}
	random := rand.New(rand.NewPCG(w.plan.seed, s.pick))
	w.mu.Lock()
	heard := slices.Clone(w.heard)
	w.mu.Unlock()
	path, body := "/service", []byte(nil)
	switch random.IntN(6) {
	case 0:
		body = forgery.CounterpartEvent(projectKey, id)
	case 1:
		path, body = "/event", forgery.DeletionMessage(projectKey, id)
	default:
		if body = forgery.ReplaceReferences(random, heard); body == nil {
			return
		}
	}
	w.noteClaim(body)
	token, err := intake.TokenOf(w.env).ForEndpoint(path).Sign()
	if err != nil {
		panic(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+ourHost+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	w.timers.Go(func() { _, _ = w.handOver(request) })
}

// noteClaim remembers whose the forged event says that its entity is.
func (w *course) noteClaim(body []byte) {
	var event struct{ Payload map[string]any }
	if err := json.Unmarshal(body, &event); err != nil {
		panic(err)
	}
	holders := forgery.References(event.Payload)
	said := func(name string) string {
		text, _ := holders[name][name].(string)
		return text
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.claimed[said("id")] = claimed{said("commercetoolsId"), said("orderRef")}
}
