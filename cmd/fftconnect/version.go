package main

import (
	"fmt"
	"runtime/debug"
)

// release is set when a release is built: -ldflags "-X main.release=1.2.3".
var release = ""

// version is the release, else the commit that was built, else "dev".
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
				return setting.Value[:12]
			}
		}
	}
	return "dev"
}

type versionCommand struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// Run prints the version.
func (c versionCommand) Run(p program) error {
	if c.JSON {
		return p.printJSON(map[string]string{"version": version()})
	}
	_, err := fmt.Fprintln(p.out, "fftconnect", version())
	return err
}
