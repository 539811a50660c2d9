package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"fftconnect/internal/config"
	"fftconnect/internal/remote"
)

// webhook posts messages as JSON. Redirects are not followed: the address is the operator's,
// and no other is. Errors do not name it, since it may hold a secret.
type webhook struct {
	name      string
	address   config.Secret
	token     config.Secret
	transport http.RoundTripper
	body      func(Message) any
}

func newWebhook(name string, address, token config.Secret, base http.RoundTripper, body func(Message) any) *webhook {
	transport := remote.NewTransport(remote.Options{Platform: name, Base: base, Timeout: sendPatience, Attempts: 2})
	return &webhook{name: name, address: address, token: token, transport: transport, body: body}
}

// Name implements Target.
func (w *webhook) Name() string { return w.name }

// Where implements Target.
func (w *webhook) Where() string {
	parsed, err := url.Parse(w.address.Reveal())
	if err != nil {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host + "/…"
}

// Send implements Target.
func (w *webhook) Send(ctx context.Context, m Message) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(w.body(m)); err != nil {
		return err
	}
	ctx = remote.WithOperation(ctx, remote.Operation{Name: "send notification"})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address.Reveal(), &body)
	if err != nil {
		return errors.New("the address cannot be read")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "fftconnect")
	if w.token != "" {
		request.Header.Set("Authorization", "Bearer "+w.token.Reveal())
	}
	response, err := w.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	return response.Body.Close()
}

// maxAnswer is how much is read of an answer, to use its connection again.
const maxAnswer = 64 << 10

func asJSON(m Message) any { return m }

// asSlack is a message as Slack's incoming webhooks take it, and what takes the same.
// https://docs.slack.dev/messaging/formatting-message-text
func asSlack(m Message) any {
	title, rest, _ := strings.Cut(m.Text(), "\n")
	return map[string]string{"text": "*" + slackEscapes.Replace(title) + "*\n" + slackEscapes.Replace(rest)}
}

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
