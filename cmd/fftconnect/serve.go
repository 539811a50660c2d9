package main

import (
	"fmt"

	"fftconnect/internal/connector"
)

type serveCommand struct{}

// Run serves until it is told to stop.
func (serveCommand) Run(p program) error {
	env, err := p.environment(0)
	if err != nil {
		return err
	}
	c, err := connector.New(connector.Options{Environment: env, Version: version(), Logger: p.logger(env)})
	if err != nil {
		return err
	}
	on, err := c.Listen()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return c.Run(p.ctx, on)
}
