package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// Set when a release is built: -ldflags "-X main.release=1.2.3 -X main.commit=…".
var release, commit string

// build says what this program is.
type build struct {
	Version  string `json:"version"` // the release, else the commit, else "dev"
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified"` // built from a commit and what was not committed
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func currentBuild() build {
	b := build{Version: release, Commit: commit, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			switch {
			case setting.Key == "vcs.revision" && b.Commit == "":
				b.Commit = setting.Value
			case setting.Key == "vcs.modified":
				b.Modified = setting.Value == "true"
			}
		}
	}
	switch {
	case b.Version != "":
	case len(b.Commit) >= 12:
		b.Version = b.Commit[:12]
	default:
		b.Version = "dev"
	}
	return b
}

// versionText is the release, else the commit that was built, else "dev".
func versionText() string { return currentBuild().Version }

type versionCommand struct {
	JSON bool `name:"json" help:"Print as JSON, with commit and Go version."`
}

// Run prints the version.
func (c versionCommand) Run(p program) error {
	if c.JSON {
		return p.printJSON(currentBuild())
	}
	_, err := fmt.Fprintln(p.out, "fftconnect", versionText())
	return err
}

// versionFlag is what many programs have beside the command.
type versionFlag bool

// BeforeReset implements kong's hook: nothing else is parsed.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, "fftconnect", versionText())
	app.Exit(exitDone)
	return nil
}
