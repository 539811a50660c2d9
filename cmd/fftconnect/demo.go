package main

import (
	"errors"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"fftconnect/internal/demo"
)

type demoCommand struct {
	Orders int     `help:"Orders to place." default:"60"`
	Rate   float64 `help:"Orders placed a second." default:"20"`
	Faults string  `help:"What goes wrong: none, or storm (a fifth of all answers 503 or 429, cut connections, latency, doubled and shuffled webhooks, foreign edits)." enum:"none,storm" default:"none"`
	Keep   bool    `help:"Stay up afterwards and print addresses to explore."`
	JSON   bool    `name:"json" help:"Print only the summary, as JSON."`
	Seed   uint64  `help:"Draws orders and faults; the same seed draws the same." default:"1"`
	Logs   bool    `help:"Write the connector's log lines to standard error."`
}

// Validate implements kong's check of flags.
func (c demoCommand) Validate() error {
	if c.Orders < 1 || c.Rate <= 0 {
		return errors.New("--orders and --rate must be above zero")
	}
	return nil
}

// Run plays the demo.
func (c demoCommand) Run(p program) error {
	opts := demo.Options{
		Orders: c.Orders, Rate: c.Rate, Storm: c.Faults == "storm", Keep: c.Keep, JSON: c.JSON,
		Seed: c.Seed, Out: p.stdout, Terminal: isTerminal(p.stdout), Version: versionText(),
	}
	if c.Logs {
		opts.Logger = slog.New(slog.NewTextHandler(p.errs, nil))
	}
	return demo.Run(p.ctx, opts)
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
