// Package platforms makes the clients of both platforms as the environment says.
package platforms

import (
	"net/http"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/tracing"
)

// Guards are what the clients of both platforms tell, and are kept back by. The zero
// value is none.
type Guards struct {
	Observe  func(remote.Call)
	Health   *remote.Health
	Circuits map[string]*remote.Circuit // by platform
	Tracer   *tracing.Tracer
}

// Clients are the clients of both platforms.
func Clients(env config.Environment, version string, base http.RoundTripper, guards Guards) (*commercetools.Client, *fulfillmenttools.Client, error) {
	agent := "fftconnect/" + version
	client, err := commercetools.New(commercetools.Options{
		ProjectKey: env.Commercetools.ProjectKey, APIURL: env.Commercetools.APIURL, AuthURL: env.Commercetools.AuthURL,
		ClientID: env.Commercetools.ClientID, ClientSecret: env.Commercetools.ClientSecret.Reveal(),
		Scope: env.Commercetools.Scope, Base: guards.Tracer.Calls(commercetools.Platform, base), UserAgent: agent,
		Observe: guards.Observe, Health: guards.Health, Circuit: guards.Circuits[commercetools.Platform],
	})
	return client, fulfillmenttools.New(fulfillmenttools.Options{
		APIURL: env.Fulfillmenttools.APIURL, SignInURL: env.Fulfillmenttools.SignInURL, TokenURL: env.Fulfillmenttools.TokenURL,
		APIKey: env.Fulfillmenttools.APIKey.Reveal(), User: env.Fulfillmenttools.User,
		Password: env.Fulfillmenttools.Password.Reveal(), Base: guards.Tracer.Calls(fulfillmenttools.Platform, base), UserAgent: agent,
		Observe: guards.Observe, Health: guards.Health, Circuit: guards.Circuits[fulfillmenttools.Platform],
	}), err
}
