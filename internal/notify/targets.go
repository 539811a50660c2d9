package notify

import (
	"context"
	"net"
	"net/http"
	"time"

	"fftconnect/internal/config"
)

// Targets are those that the settings name. base sends requests, and dial opens connections to
// mail servers; a nil one is the usual.
func Targets(settings config.Notify, base http.RoundTripper, dial Dial) (targets []Target) {
	if base == nil {
		base = http.DefaultTransport
	}
	if dial == nil {
		dial = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	}
	if settings.WebhookURL != "" {
		targets = append(targets, newWebhook("webhook", settings.WebhookURL, settings.WebhookToken, base, asJSON))
	}
	if settings.SlackURL != "" {
		targets = append(targets, newWebhook("slack", settings.SlackURL, "", base, asSlack))
	}
	if len(settings.EmailTo) > 0 {
		targets = append(targets, &mail{to: settings.EmailTo, from: settings.EmailFrom, server: settings.MailServer, dial: dial})
	}
	return targets
}

// Dial opens a connection.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)
