//go:build packaging

// Package release_test makes a release and looks at everything that is handed out.
package release_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// handedOut is everything in the folder of a release.
var handedOut = []string{
	"fftconnect-0.1.0-1.aarch64.rpm", "fftconnect-0.1.0-1.x86_64.rpm", "fftconnect-0.1.0.tgz",
	"fftconnect_0.1.0_SHA256SUMS", "fftconnect_0.1.0_amd64.deb", "fftconnect_0.1.0_arm64.deb",
	"fftconnect_0.1.0_connect.tar.gz",
	"fftconnect_0.1.0_darwin_amd64.tar.gz", "fftconnect_0.1.0_darwin_arm64.tar.gz",
	"fftconnect_0.1.0_image_amd64.tar", "fftconnect_0.1.0_image_arm64.tar", "fftconnect_0.1.0_image_digest.txt",
	"fftconnect_0.1.0_linux_amd64.tar.gz", "fftconnect_0.1.0_linux_arm64.tar.gz",
	"fftconnect_0.1.0_sbom.cdx.json",
	"fftconnect_0.1.0_windows_amd64.zip", "fftconnect_0.1.0_windows_arm64.zip",
	"oci",
}

// rpms are rpm's words for architectures.
var rpms = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// here has the release made for this machine alone, since every platform has all of the program
// compiled anew.
func here() bool { return os.Getenv("FFTCONNECT_PACKAGING") == "here" }

// wanted is what is handed out in this form.
func wanted() []string {
	if !here() {
		return handedOut
	}
	foreign := []string{"darwin", "windows"}
	for architecture, alias := range rpms {
		if architecture != runtime.GOARCH {
			foreign = append(foreign, architecture, alias)
		}
	}
	return slices.DeleteFunc(slices.Clone(handedOut), func(name string) bool {
		return slices.ContainsFunc(foreign, func(word string) bool { return strings.Contains(name, word) })
	})
}

func TestARelease(t *testing.T) {
	if os.Getenv("FFTCONNECT_PACKAGING") == "" {
		t.Skip("builds for every platform: set FFTCONNECT_PACKAGING=1")
	}
	out := filepath.Join(t.TempDir(), "release")
	run := exec.Command("go", "run", "./release", "-version", "v0.1.0", "-out", out, "-pgo", "off", "-here="+strconv.FormatBool(here()))
	run.Dir = filepath.Join("..", "tools")
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var names []string
	entries, err := os.ReadDir(out)
	must(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if !slices.Equal(names, wanted()) {
		t.Errorf("the release is\n%s", strings.Join(names, "\n"))
	}
	checksums(t, out)
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, architecture := range []string{"amd64", "arm64"} {
			if !here() || system == runtime.GOOS && architecture == runtime.GOARCH {
				archive(t, out, system, architecture)
			}
		}
	}
	chart := untar(t, filepath.Join(out, "fftconnect-0.1.0.tgz"))
	if about := string(chart["fftconnect/Chart.yaml"]); !strings.Contains(about, "\nversion: 0.1.0\n") || !strings.Contains(about, "\nappVersion: \"0.1.0\"\n") {
		t.Errorf("the chart says %s", about)
	}
	connector := untar(t, filepath.Join(out, "fftconnect_0.1.0_connect.tar.gz"))
	for _, name := range []string{"connect.yaml", "event/package-lock.json", "service/Procfile", "job/src/program.mjs"} {
		if connector["fftconnect-connect/"+name] == nil {
			t.Errorf("the connector lacks %s", name)
		}
	}
	deb(t, filepath.Join(out, "fftconnect_0.1.0_"+runtime.GOARCH+".deb"))
	if rpm, err := os.ReadFile(filepath.Join(out, "fftconnect-0.1.0-1."+rpms[runtime.GOARCH]+".rpm")); err != nil || !bytes.HasPrefix(rpm, []byte{0xed, 0xab, 0xee, 0xdb}) {
		t.Errorf("no rpm package: %v", err)
	}
}

func checksums(t *testing.T, out string) {
	list, err := os.ReadFile(filepath.Join(out, "fftconnect_0.1.0_SHA256SUMS"))
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		data, err := os.ReadFile(filepath.Join(out, name))
		must(t, err)
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != sum {
			t.Errorf("%s has another checksum", name)
		}
	}
	if len(lines) != len(wanted())-2 {
		t.Errorf("%d checksums", len(lines))
	}
}

// archive looks at one for a platform, and runs what it holds when that is this one.
func archive(t *testing.T, out, system, architecture string) {
	name := fmt.Sprintf("fftconnect_0.1.0_%s_%s", system, architecture)
	var files map[string][]byte
	program := "fftconnect"
	if system == "windows" {
		files, program = unzip(t, filepath.Join(out, name+".zip")), "fftconnect.exe"
	} else {
		files = untar(t, filepath.Join(out, name+".tar.gz"))
	}
	for _, beside := range []string{"LICENSE", "README.md", "CHANGELOG.md", "fftconnect.1", "completions/fftconnect.bash", "completions/fftconnect.fish", "completions/_fftconnect"} {
		if len(files[beside]) == 0 {
			t.Errorf("%s lacks %s", name, beside)
		}
	}
	if got := machine(t, files[program]); got != system+" "+architecture {
		t.Errorf("%s holds a program for %s", name, got)
	}
	if system != runtime.GOOS || architecture != runtime.GOARCH {
		return
	}
	path := filepath.Join(t.TempDir(), program)
	must(t, os.WriteFile(path, files[program], 0o700))
	said, err := exec.Command(path, "version", "--json").Output()
	must(t, err)
	var about struct{ Version, Commit, Go string }
	must(t, json.Unmarshal(said, &about))
	if about.Version != "0.1.0" || !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(about.Commit) || about.Go != runtime.Version() {
		t.Errorf("it says %s", said)
	}
	if said, err := exec.Command(path, "--version").Output(); err != nil || string(said) != "fftconnect 0.1.0\n" {
		t.Errorf("--version says %s %v", said, err)
	}
}

// machine is what a program runs on.
func machine(t *testing.T, program []byte) string {
	from := bytes.NewReader(program)
	if file, err := elf.NewFile(from); err == nil {
		return "linux " + map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[file.Machine]
	}
	if file, err := macho.NewFile(from); err == nil {
		return "darwin " + map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[file.Cpu]
	}
	file, err := pe.NewFile(from)
	must(t, err)
	return "windows " + map[uint16]string{pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64"}[file.Machine]
}

// deb unpacks the package with Debian's own tool, and has systemd look at the unit.
func deb(t *testing.T, path string) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Log("dpkg-deb is not here: the package is not unpacked")
		return
	}
	root := t.TempDir()
	if said, err := exec.Command("dpkg-deb", "--extract", path, root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for name, mode := range map[string]fs.FileMode{
		"usr/bin/fftconnect": 0o755, "usr/lib/systemd/system/fftconnect.service": 0o644, "etc/fftconnect/connector.env": 0o600,
		"usr/share/man/man1/fftconnect.1.gz": 0o644, "usr/share/bash-completion/completions/fftconnect": 0o644,
	} {
		if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	unit(t, root)
	about, err := exec.Command("dpkg-deb", "--info", path).Output()
	must(t, err)
	for _, want := range []string{"Version: 0.1.0", "conffiles", "postinst", "prerm"} {
		if !strings.Contains(string(about), want) {
			t.Errorf("the package lacks %s:\n%s", want, about)
		}
	}
}

// unit has systemd itself read the unit, with the program where the package put it.
func unit(t *testing.T, root string) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("systemd-analyze is not here: the unit is not verified")
		return
	}
	text, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system/fftconnect.service"))
	must(t, err)
	there := filepath.Join(t.TempDir(), "fftconnect.service")
	must(t, os.WriteFile(there, bytes.ReplaceAll(text, []byte("/usr/bin/fftconnect"), []byte(filepath.Join(root, "usr/bin/fftconnect"))), 0o600))
	if said, err := exec.Command("systemd-analyze", "verify", "--man=no", there).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

func untar(t *testing.T, path string) map[string][]byte {
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	plain, err := gzip.NewReader(file)
	must(t, err)
	found := map[string][]byte{}
	for files := tar.NewReader(plain); ; {
		entry, err := files.Next()
		if err == io.EOF {
			return found
		}
		must(t, err)
		found[entry.Name], err = io.ReadAll(files)
		must(t, err)
	}
}

func unzip(t *testing.T, path string) map[string][]byte {
	files, err := zip.OpenReader(path)
	must(t, err)
	defer files.Close()
	found := map[string][]byte{}
	for _, file := range files.File {
		from, err := file.Open()
		must(t, err)
		found[file.Name], err = io.ReadAll(from)
		must(t, err)
	}
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
