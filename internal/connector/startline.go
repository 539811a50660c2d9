package connector

import (
	"context"
	"net/url"
	"strings"

	"fftconnect/internal/config"
	"fftconnect/internal/doctor"
)

// logStart is the first line of a log: what runs here, for whom, and with which settings.
func (c *Connector) logStart(on Listeners) {
	c.logger.Info("serving",
		"version", c.version, "deployment", c.env.Deployment,
		"commercetools", c.env.Commercetools.ProjectKey, "fulfillmenttools", c.env.Fulfillmenttools.ProjectID,
		"store", storeName(c.env.DatabaseURL.Reveal()), "event_auth", c.env.Event.Auth, "configuration", configurationSource(c.env),
		"public", on.Public.Addr().String(), "admin", on.Admin.Addr().String())
	if why := c.whyStoreIsTemporary(); why != "" {
		c.logger.Warn("the store does not last: what waits for another attempt would be lost", "store", storeName(c.env.DatabaseURL.Reveal()), "why", why, "advice", doctor.FleetingHint)
	}
	if c.env.Shadow {
		c.logger.Warn("shadow mode: nothing is written", "setting", "SHADOW", "value", "true")
	}
	if c.env.PublicURL == "" {
		c.logger.Info("PUBLIC_URL is not set: webhooks are kept alive where they are, and fftconnect install cannot make any")
	}
	if c.env.Event.Auth == config.EventAuthNone {
		c.logger.Warn("anybody may call POST /event and POST /job", "setting", "EVENT_AUTH", "value", config.EventAuthNone)
	}
}

// whyStoreIsTemporary says why the store does not last; empty when it does, as far as is known.
func (c *Connector) whyStoreIsTemporary() string {
	return doctor.WhyTemporary(c.env.DatabaseURL.Reveal())
}

// LoadShopConfiguration reads the shop's configuration, so that a wrong one is logged and shown
// before the first order, and says what is in force. That it cannot be read will be told by who needs it. Run does
// not do it: starting makes no call.
func (c *Connector) LoadShopConfiguration(ctx context.Context) {
	if settings, err := c.shop.Configuration(ctx); err == nil {
		c.logger.Info("configuration in force", "configuration", configurationSource(c.env), "does", settings.Summary())
	}
}

// configurationSource is where the shop's configuration is.
func configurationSource(env config.Environment) string {
	if env.ConfigFile != "" {
		return env.ConfigFile
	}
	return "custom object " + config.ShopContainer + "/" + config.ShopKey
}

// storeName is the store's address without user, password and parameters.
func storeName(address string) string {
	parsed, err := url.Parse(address)
	switch {
	case strings.HasPrefix(address, "sqlite:") || address == config.NoDatabase:
		return address
	case err != nil:
		return "postgres"
	}
	return "postgres://" + parsed.Host + parsed.Path
}
