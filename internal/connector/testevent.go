package connector

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/console"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
)

// testPatience is how long a test event may take: both senders give up after as long.
const testPatience = 10 * time.Second

// sendTestEvents sends a message and an event about nothing to our public address, the way that
// both platforms come: through whatever stands before it, with the tokens that they show.
func (c *Connector) sendTestEvents(ctx context.Context, base http.RoundTripper) []console.Tested {
	name := "fftconnect-test-" + rand.Text()
	event, _ := json.Marshal(map[string]any{
		"event": fulfillmenttools.PickJobCreatedEvent, "eventId": name,
		"payload": map[string]any{"id": name, "version": 1, "status": "OPEN", "tenantOrderId": name, "orderRef": name},
	})
	message, _ := json.Marshal(map[string]any{
		"notificationType": "ResourceCreated", "projectKey": c.env.Commercetools.ProjectKey,
		"resource": map[string]any{"typeId": "subscription", "id": name}, "version": 1,
	})
	client := &http.Client{Timeout: testPatience, Transport: base, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	token := intake.TokenOf(c.env)
	tested := []console.Tested{c.sendTestEvent(ctx, client, c.publicBase()+intake.ServicePath, token, event)}
	if c.env.Event.Auth == config.EventAuthOIDC {
		return append(tested, console.Tested{Endpoint: c.publicBase() + intake.EventPath, Answer: "not tried: only the broker has a token for it", Fix: "publish a message to the broker's topic"})
	}
	return append(tested, c.sendTestEvent(ctx, client, c.publicBase()+intake.EventPath, token.ForEndpoint(intake.EventPath), message))
}

func (c *Connector) sendTestEvent(ctx context.Context, client *http.Client, address string, token intake.Token, body []byte) console.Tested {
	tested := console.Tested{Endpoint: address}
	if c.env.PublicURL == "" {
		tested.Answer, tested.Fix = "not tried", "set PUBLIC_URL"
		return tested
	}
	began := time.Now()
	defer func() { tested.Took = time.Since(began).Round(time.Millisecond) }()
	status, text, err := c.postTestEvent(ctx, client, address, token, body)
	switch {
	case err != nil:
		tested.Answer, tested.Fix = "does not answer", "start the connector, or correct PUBLIC_URL and what forwards it"
	case status == http.StatusOK:
		tested.Good, tested.Answer = true, fmt.Sprintf("200 %s", text)
	case status == http.StatusUnauthorized:
		tested.Answer, tested.Fix = "401", "another connector answers there, or one with another JWT_SECRET"
	case status == http.StatusServiceUnavailable:
		tested.Answer, tested.Fix = "503 "+text, "the direction is paused or switched off, or a platform is away: see Now"
	default:
		tested.Answer, tested.Fix = fmt.Sprint(status), "PUBLIC_URL must lead to the connector and end in /service, without a redirect"
	}
	return tested
}

func (c *Connector) postTestEvent(ctx context.Context, client *http.Client, address string, token intake.Token, body []byte) (status int, text string, err error) {
	signed, err := token.Sign()
	if err != nil {
		return 0, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+signed)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	return response.StatusCode, string(answer), nil
}
