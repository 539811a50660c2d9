// Command release makes what a release consists of, for every platform, without a container engine:
//
//	go run ./release -version 1.2.3 -root ../.. -out ../../dist/release
//
// With -only image or -only sbom it makes that alone, with -here all of it for this machine's
// platform alone. The same sources and the same version give the same files.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"fftconnect/deploy/tools/image"
)

// release is one version of everything.
type release struct {
	root    string // of the sources
	out     string
	work    string // for what is not handed out
	version string
	systems []platform        // that it is for
	flags   []string          // that the program is compiled with
	commit  string            // empty outside of a repository
	built   map[string]string // the program's file, by platform
}

// semantic is a version as all formats take it.
var semantic = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

func main() {
	version := flag.String("version", "", "version, such as 1.2.3")
	root := flag.String("root", "../..", "folder of the sources")
	out := flag.String("out", "", "folder to write to; what is there is replaced")
	only := flag.String("only", "", "make only this: image or sbom")
	profile := flag.String("pgo", "deploy/fftconnect.pgo", "profile to compile with; off: none, which takes less time")
	here := flag.Bool("here", false, "to try it: only for this machine's platform, compiled as go build does, which it may have done already")
	flag.Parse()
	r := release{version: strings.TrimPrefix(*version, "v"), systems: platforms, flags: []string{"-trimpath", "-pgo", *profile}, built: map[string]string{}}
	if *here {
		r.systems, r.flags = []platform{thisOne}, nil
	}
	if err := r.run(*root, *out, *only); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

func (r release) run(root, out, only string) (err error) {
	if !semantic.MatchString(r.version) {
		return fmt.Errorf("%q is no version such as 1.2.3", r.version)
	}
	if r.root, err = filepath.Abs(root); err != nil {
		return err
	}
	if r.out, err = filepath.Abs(out); err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "fftconnect-release-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.work)) }()
	if commit, err := exec.Command("git", "-C", r.root, "rev-parse", "HEAD").Output(); err == nil {
		r.commit = strings.TrimSpace(string(commit))
	}
	if only == "sbom" {
		return r.writeSBOM(r.out)
	}
	if err := errors.Join(os.RemoveAll(r.out), os.MkdirAll(r.out, 0o755)); err != nil {
		return err
	}
	switch only {
	case "image":
		return r.image()
	case "":
		return r.all()
	}
	return fmt.Errorf("-only is image or sbom, not %q", only)
}

// all makes everything, in the order in which one thing needs another.
func (r release) all() error {
	for _, step := range []struct {
		name string
		make func() error
	}{
		{"image", r.image},
		{"archives", r.archives},
		{"Linux packages", r.linuxPackages},
		{"chart", r.chart},
		{"connector for commercetools Connect", r.connect},
		{"list of components", func() error { return r.writeSBOM(r.file("sbom.cdx.json")) }},
		{"checksums", r.checksums},
	} {
		if err := step.make(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintln(os.Stderr, "made:", step.name)
	}
	return nil
}

// image makes the container image and prints its digest.
func (r release) image() error {
	spec := image.Spec{Programs: map[string]string{}, SBOM: filepath.Join(r.work, "sbom.cdx.json"), Version: r.version, Revision: r.commit}
	for _, p := range r.linux() {
		program, err := r.program(p)
		if err != nil {
			return err
		}
		spec.Programs[p.architecture] = program
	}
	if err := r.writeSBOM(spec.SBOM); err != nil {
		return err
	}
	digest, err := spec.Write(r.out)
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return os.WriteFile(r.file("image_digest.txt"), []byte(digest+"\n"), 0o644)
}

// file is where something of this version is handed out.
func (r release) file(rest string) string {
	return filepath.Join(r.out, "fftconnect_"+r.version+"_"+rest)
}

// command runs a program in a folder and gives what it prints.
func command(folder string, env []string, name string, args ...string) ([]byte, error) {
	run := exec.Command(name, args...)
	run.Dir, run.Env = folder, append(os.Environ(), env...)
	var said strings.Builder
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, said.String())
	}
	return out, nil
}
