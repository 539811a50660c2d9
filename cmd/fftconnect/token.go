package main

import (
	"fmt"
	"time"

	"fftconnect/internal/intake"
)

type tokenCommand struct {
	For string `default:"event" enum:"event,service,job" help:"Endpoint that the token opens: event, service or job."`
}

// Run prints a token: the one secret that this program ever prints, and only here. When it
// ends goes beside it, so that the output is the token alone.
func (c tokenCommand) Run(p program) error {
	env, err := p.loadEnvironment(0)
	if err != nil {
		return err
	}
	signer := intake.TokenOf(env).ForEndpoint("/" + c.For)
	token, err := signer.Sign()
	if err != nil {
		return err
	}
	ends, err := signer.Verify(token)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, token)
	fmt.Fprintf(p.errs, "good for POST /%s until %s\n", c.For, ends.UTC().Format(time.RFC3339))
	return nil
}
