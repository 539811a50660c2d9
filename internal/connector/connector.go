// Package connector wires the parts together and runs them: the only package that
// knows everyone.
package connector

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
	"fftconnect/internal/shop"
	"fftconnect/internal/telemetry"
)

// Options make a Connector.
type Options struct {
	Environment config.Environment
	Version     string
	Logger      *slog.Logger        // discards when nil
	Base        http.RoundTripper   // sends to the platforms; a pooling transport when nil
	Watch       func(outcome.Entry) // told how every message ended; may be nil
}

// Connector is the whole, ready to run. Making one makes no call.
type Connector struct {
	Commercetools    *commercetools.Client
	Fulfillmenttools *fulfillmenttools.Client
	Telemetry        *telemetry.Telemetry
	Public           http.Handler // POST /event, POST /service
	env              config.Environment
	logger           *slog.Logger
	admin            *admin
}

// New wires everything, in the order in which the parts depend on each other.
func New(opts Options) (*Connector, error) {
	env := opts.Environment
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Base == nil {
		opts.Base = Transport()
	}
	c := &Connector{env: env, logger: opts.Logger}
	c.Telemetry = telemetry.New(opts.Logger, opts.Version, opts.Watch)

	var err error
	if c.Commercetools, c.Fulfillmenttools, err = Clients(env, opts.Version, opts.Base, c.Telemetry); err != nil {
		return nil, err
	}
	around := shop.New(c.Commercetools, env.CacheTTL)
	var updater *feedback.Updater
	exporter := export.New(export.Options{
		Source: c.Commercetools, Target: c.Fulfillmenttools, Shop: around, Claims: export.NewMemoryClaims(),
		ListLag: env.Fulfillmenttools.ListLag, ForceCancel: env.Fulfillmenttools.ForceCancel,
		Seen: func(order commercetools.Snapshot) { updater.Seen(order) },
	})
	updater = feedback.New(feedback.Options{
		ProjectKey: env.Commercetools.ProjectKey, Orders: c.Commercetools, Fulfilment: c.Fulfillmenttools,
		Schemas: around, Counterparts: exporter, FieldNames: feedback.FieldNames(env.Fulfillmenttools.FieldNames),
		ListLag: env.Fulfillmenttools.ListLag,
	})
	c.Public = intake.New(c.intakeOptions(exporter, updater))
	c.admin = newAdmin(c.Telemetry, opts.Version)
	return c, nil
}

func (c *Connector) intakeOptions(exporter *export.Exporter, updater *feedback.Updater) intake.Options {
	token := Token(c.env)
	opts := intake.Options{
		ProjectKey: c.env.Commercetools.ProjectKey, Recorder: c.Telemetry,
		Timeout: c.env.HandleTimeout, MaxInFlight: c.env.MaxInFlight,
		EventCaller: intake.Bearer(token),
	}
	if c.env.Features.OrderSync {
		opts.Exporter = exporter
	}
	if c.env.Features.StatusUpdates {
		opts.Updater = updater
	}
	switch c.env.Event.Auth {
	case config.EventAuthNone:
		opts.MessageCaller = intake.Anybody
	case config.EventAuthOIDC:
		client := &http.Client{Timeout: 5 * time.Second}
		opts.MessageCaller = intake.OIDC(client, c.env.Event.OIDCIssuer, c.env.Event.OIDCAudience, c.env.Event.OIDCEmail)
	default:
		opts.MessageCaller = intake.BearerOrQuery(token)
	}
	return opts
}

// Token is the token that callers show.
func Token(env config.Environment) intake.Token {
	return intake.Token{
		Secret: []byte(env.Token.Secret.Reveal()), Issuer: env.Token.Issuer, Audience: env.Token.Audience,
		Subject: env.Token.Subject, Lifetime: env.Token.Lifetime,
	}
}

// Clients are the clients of both platforms. measure may be nil.
func Clients(env config.Environment, version string, base http.RoundTripper, measure *telemetry.Telemetry) (*commercetools.Client, *fulfillmenttools.Client, error) {
	agent := "fftconnect/" + version
	ct := commercetools.Options{
		ProjectKey: env.Commercetools.ProjectKey, APIURL: env.Commercetools.APIURL, AuthURL: env.Commercetools.AuthURL,
		ClientID: env.Commercetools.ClientID, ClientSecret: env.Commercetools.ClientSecret.Reveal(),
		Scope: env.Commercetools.Scope, Base: base, UserAgent: agent,
	}
	fft := fulfillmenttools.Options{
		APIURL: env.Fulfillmenttools.APIURL, SignInURL: env.Fulfillmenttools.SignInURL, TokenURL: env.Fulfillmenttools.TokenURL,
		APIKey: env.Fulfillmenttools.APIKey.Reveal(), User: env.Fulfillmenttools.User,
		Password: env.Fulfillmenttools.Password.Reveal(), Base: base, UserAgent: agent,
	}
	if measure != nil {
		ct.Observe, fft.Observe = measure.Call, measure.Call
	}
	client, err := commercetools.New(ct)
	return client, fulfillmenttools.New(fft), err
}

// Transport keeps connections to both platforms open and bounds how long opening
// one may take.
func Transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   3 * time.Second,
		ResponseHeaderTimeout: 6 * time.Second,
	}
}
