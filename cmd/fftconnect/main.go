// Command fftconnect connects commercetools and fulfillmenttools.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"fftconnect/internal/config"
	"fftconnect/internal/printable"
	"fftconnect/internal/remote"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or configuration
)

// commands are the subcommands; each has a file of its own.
type commands struct {
	EnvFile string      `help:"Read settings from a file of NAME=VALUE lines; the environment goes first." type:"existingfile" placeholder:"FILE"`
	Version versionFlag `name:"version" help:"Print the version."`

	Demo       demoCommand       `cmd:"" help:"Show the whole connector at work on simulated platforms."`
	Serve      serveCommand      `cmd:"" help:"Run the connector."`
	Install    installCommand    `cmd:"" help:"Create what is missing on both platforms: subscriptions, webhooks, custom type."`
	Uninstall  uninstallCommand  `cmd:"" help:"Remove what install created."`
	Doctor     doctorCommand     `cmd:"" help:"Check what can be wrong with an installation, and say how to fix it."`
	Events     eventsCommand     `cmd:"" help:"Look at what is stored, and repair it."`
	Orders     ordersCommand     `cmd:"" help:"Look at orders that are not finished, and send one again."`
	Sync       syncCommand       `cmd:"" help:"Make one order right on both platforms."`
	Reconcile  reconcileCommand  `cmd:"" help:"Compare orders on both platforms and repair what differs."`
	Facilities facilitiesCommand `cmd:"" help:"Make facilities agree with channels."`
	Shadow     shadowCommand     `cmd:"" help:"Look at what shadow mode found."`
	Map        mapCommand        `cmd:"" help:"Print the fulfillmenttools order that an order would become."`
	Simulate   simulateCommand   `cmd:"" help:"Run the simulated platforms alone."`
	Notify     notifyCommand     `cmd:"" help:"Look at who is told when something is wrong."`
	Token      tokenCommand      `cmd:"" help:"Print a token for callers of POST /event."`
	Config     configCommand     `cmd:"" help:"Print the effective settings, or check the shop's configuration."`
	Store      storeCommand      `cmd:"" help:"Back the store up, and restore it."`
	VersionCmd versionCommand    `cmd:"" name:"version" help:"Print the version."`
	Completion completionCommand `cmd:"" help:"Print a script that makes a shell complete commands and flags."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Propose what the last word may become."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the manual page."`
}

// program is what every subcommand is given.
type program struct {
	ctx    context.Context
	out    io.Writer // standard output, to which nothing gets that acts on a terminal
	errs   io.Writer // standard error, in the same way
	stdout io.Writer // as they are, for what redraws lines of our own
	stderr io.Writer
	lookup func(string) (string, bool)
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv)) }

// run is the program as a function, so that a test can call it.
func run(args []string, stdout, stderr io.Writer, lookup func(string) (string, bool)) int {
	out, errs := printable.Writer(stdout), printable.Writer(stderr)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("fftconnect"),
		kong.Description("Connects commercetools and fulfillmenttools: orders go there, their fulfilment comes back."),
		kong.UsageOnError(),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic(err) // the commands above are wrong
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintf(errs, "fftconnect: %v\nTry: %s --help\n", err, misusedCommand(err))
		return exitUsage
	}
	p := program{ctx: ctx, out: out, errs: errs, stdout: stdout, stderr: stderr, lookup: lookup}
	if cli.EnvFile != "" {
		if p.lookup, err = withEnvFile(cli.EnvFile, lookup, errs); err != nil {
			fmt.Fprintf(errs, "fftconnect: %v\n", err)
			return exitUsage
		}
	}
	warnOfUnknownVariables(errs, "environment", variableNames(os.Environ()), false)
	if command, ok := parsed.Selected().Target.Addr().Interface().(interface{ Run(p program) error }); ok {
		return p.exitCode(command.Run(p)) // without kong's model of all commands, while serve runs
	}
	return p.exitCode(parsed.Run(p, parser))
}

// misusedCommand is the command whose usage was wrong.
func misusedCommand(err error) string {
	var wrong *kong.ParseError
	if !errors.As(err, &wrong) || wrong.Context.Selected() == nil {
		return "fftconnect"
	}
	return wrong.Context.Selected().FullPath()
}

func (p program) exitCode(err error) int {
	var problems config.Problems
	var wrong *config.ShopError
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errShown):
		return exitUsage
	case errors.As(err, &wrong):
		fmt.Fprintf(p.errs, "fftconnect: %v\n", err)
		return exitUsage
	case errors.As(err, &problems):
		fmt.Fprintf(p.errs, "fftconnect: %v\n", problems)
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(p.errs, "fftconnect: %v\n", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(p.errs, "fftconnect: interrupted")
		return exitFailed
	default:
		fmt.Fprintf(p.errs, "fftconnect: %v\n", err)
		if id := remote.Correlation(err); id != "" {
			fmt.Fprintf(p.errs, "correlation id, for the platform's support: %s\n", id)
		}
		return exitFailed
	}
}
