package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/otlp"
)

type serveCommand struct{}

// closeTimeout bounds writing down what is left when stopping. With SHUTDOWN_GRACE it stays under the
// ten seconds that platforms usually give.
const closeTimeout = 1500 * time.Millisecond

// flushTimeout bounds sending the last traces, metrics and log lines, within the same ten seconds.
const flushTimeout = 400 * time.Millisecond

// Run serves until it is told to stop.
func (serveCommand) Run(p program) (err error) {
	defer profile()()
	parts := programParts()
	unmapUnused(parts)
	go mapSparingly(parts)
	env, err := p.loadEnvironment(0)
	if err != nil {
		return err
	}
	limitGarbage(env.DatabaseURL.Reveal())
	sender := otlp.Start(otlp.Options{Settings: env.OpenTelemetry, Version: versionText(), Logger: p.newLogger(env), Level: logLevel(env)})
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
		defer cancel()
		sender.Stop(ctx)
	}()
	logger := sender.Logger(p.newLogger(env))
	store, err := connector.OpenStore(p.ctx, env, logger, false)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if store != nil {
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
			defer cancel()
			err = errors.Join(err, store.Close(ctx))
		}()
	}
	c, err := connector.New(connector.Options{
		Environment: env, Version: versionText(), Logger: logger, Store: store,
		Tracer: sender.Tracer(), Settings: func() []config.EffectiveSetting { return config.Effective(p.lookup) },
	})
	if err != nil {
		return err
	}
	sender.SendMetrics(c.Telemetry.Metrics())
	on, err := c.Listen()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	looking, enough := context.WithCancel(p.ctx)
	var looked sync.WaitGroup
	looked.Go(func() {
		c.LoadShopConfiguration(looking)
		unmapUnused(parts)
	})
	defer looked.Wait()
	defer enough()
	return c.Run(p.ctx, on)
}
