package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers itself
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers itself

	"fftconnect/deploy/tools/archive"
)

// linuxPackages makes deb and rpm packages of what deploy/linux/nfpm.yaml lists.
func (r release) linuxPackages() error {
	if err := r.linuxFiles(); err != nil {
		return err
	}
	for _, p := range r.linux() {
		program, err := r.program(p)
		if err != nil {
			return err
		}
		for _, format := range []string{"deb", "rpm"} {
			if err := r.linuxPackage(format, p.architecture, program); err != nil {
				return err
			}
		}
	}
	return nil
}

// linuxFiles writes what the packages hold and the sources do not: manual and completions.
func (r release) linuxFiles() error {
	manual, err := r.ask("man")
	if err != nil {
		return err
	}
	if manual, err = archive.Gzip(manual); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.work, "fftconnect.1.gz"), manual, 0o644); err != nil {
		return err
	}
	for shell, name := range shells {
		script, err := r.ask("completion", shell)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(r.work, filepath.Base(name)), script, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (r release) linuxPackage(format, architecture, program string) error {
	values := map[string]string{
		"VERSION": r.version, "ARCHITECTURE": architecture, "PROGRAM": program, "WORK": r.work, "ROOT": r.root,
		"TIME": archive.Epoch.Format("2006-01-02T15:04:05Z07:00"),
	}
	description, err := os.ReadFile(filepath.Join(r.root, "deploy", "linux", "nfpm.yaml"))
	if err != nil {
		return err
	}
	filled := os.Expand(string(description), func(name string) string { return values[name] })
	config, err := nfpm.Parse(strings.NewReader(filled))
	if err != nil {
		return err
	}
	info, err := config.Get(format)
	if err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	to, err := os.Create(filepath.Join(r.out, strings.ReplaceAll(packager.ConventionalFileName(info), "~", "-")))
	if err != nil {
		return err
	}
	if err := packager.Package(info, to); err != nil {
		_ = to.Close()
		return err
	}
	return to.Close()
}
