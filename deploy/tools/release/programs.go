package main

import (
	"path/filepath"
	"runtime"
	"slices"
)

// platform is an operating system and an architecture, as Go names them.
type platform struct{ system, architecture string }

func (p platform) String() string { return p.system + "_" + p.architecture }

// platforms are those that archives are made for.
var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// thisOne is the platform that this runs on.
var thisOne = platform{runtime.GOOS, runtime.GOARCH}

// linux are those of the release that images and packages are made for.
func (r release) linux() []platform {
	return slices.DeleteFunc(slices.Clone(r.systems), func(p platform) bool { return p.system != "linux" })
}

// program builds fftconnect for a platform, once.
func (r release) program(p platform) (string, error) {
	if built, ok := r.built[p.String()]; ok {
		return built, nil
	}
	to := filepath.Join(r.work, "fftconnect-"+p.String())
	build := append([]string{"build", "-buildvcs=false"}, r.flags...)
	build = append(build, "-ldflags", "-s -w -X main.release="+r.version+" -X main.commit="+r.commit, "-o", to, "./cmd/fftconnect")
	_, err := command(r.root, []string{"CGO_ENABLED=0", "GOFLAGS=", "GOOS=" + p.system, "GOARCH=" + p.architecture}, "go", build...)
	r.built[p.String()] = to
	return to, err
}

// ask runs fftconnect on this machine.
func (r release) ask(args ...string) ([]byte, error) {
	program, err := r.program(thisOne)
	if err != nil {
		return nil, err
	}
	return command(r.work, nil, program, args...)
}
