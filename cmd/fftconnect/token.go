package main

import (
	"fmt"

	"fftconnect/internal/connector"
)

type tokenCommand struct{}

// Run prints a token: the one secret that this program ever prints, and only here.
func (tokenCommand) Run(p program) error {
	env, err := p.environment(0)
	if err != nil {
		return err
	}
	token, err := connector.Token(env).Sign()
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, token)
	return nil
}
