//go:build packaging

// Package image_test builds the container image, looks into it and runs it as a container would.
package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testtime"
)

// most is how large an image may be, compressed, in bytes.
const most = 50 << 20

type descriptor struct {
	Digest   string
	Size     int64
	Platform struct{ OS, Architecture string }
}

type manifest struct {
	Manifests   []descriptor
	Config      descriptor
	Layers      []descriptor
	Annotations map[string]string
}

type configuration struct {
	OS, Architecture string
	Config           struct {
		User, WorkingDir     string
		Env, Entrypoint, Cmd []string
		Labels               map[string]string
	}
}

func TestTheImage(t *testing.T) {
	if os.Getenv("FFTCONNECT_PACKAGING") == "" {
		t.Skip("builds the image's tools: set FFTCONNECT_PACKAGING=1")
	}
	layout, digest := build(t)
	if _, again := build(t); again != digest {
		t.Errorf("the same sources give %s and %s", digest, again)
	}
	var index, whole manifest
	read(t, filepath.Join(layout, "index.json"), &index)
	blob(t, layout, index.Manifests[0].Digest, &whole)
	if index.Manifests[0].Digest != digest || len(whole.Manifests) != architectures() {
		t.Fatalf("%s holds %d images", index.Manifests[0].Digest, len(whole.Manifests))
	}
	for _, one := range whole.Manifests {
		t.Run(one.Platform.Architecture, func(t *testing.T) {
			var image manifest
			var config configuration
			blob(t, layout, one.Digest, &image)
			blob(t, layout, image.Config.Digest, &config)
			about(t, image, config)
			root := unpack(t, layout, image)
			inside(t, root)
			if one.Platform.Architecture == runtime.GOARCH && one.Platform.OS == runtime.GOOS {
				live(t, root, config)
			}
		})
	}
}

// here has the image built for this machine alone, since every platform has all of the program
// compiled anew.
func here() bool { return os.Getenv("FFTCONNECT_PACKAGING") == "here" }

func architectures() int {
	if here() {
		return 1
	}
	return 2
}

// build gives the OCI layout and the digest that was printed.
func build(t *testing.T) (layout, digest string) {
	out := filepath.Join(t.TempDir(), "image")
	run := exec.Command("go", "run", "./release", "-version", "0.1.0", "-only", "image", "-out", out, "-pgo", "off", "-here="+strconv.FormatBool(here()))
	run.Dir = filepath.Join("..", "tools")
	var said bytes.Buffer
	run.Stderr = &said
	printed, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return filepath.Join(out, "oci"), strings.TrimSpace(string(printed))
}

// about checks what an image says of itself.
func about(t *testing.T, image manifest, config configuration) {
	size := int64(0)
	for _, layer := range image.Layers {
		size += layer.Size
	}
	t.Logf("%s: %.1f MB", config.Architecture, float64(size)/1e6)
	if size > most {
		t.Errorf("it has %d MB", size>>20)
	}
	if config.Config.User != "65532:65532" {
		t.Errorf("it runs as %q", config.Config.User)
	}
	if !slices.Contains(config.Config.Env, "ADMIN_ADDR=:9090") {
		t.Errorf("probes do not reach it: %v", config.Config.Env)
	}
	for _, labels := range []map[string]string{config.Config.Labels, image.Annotations} {
		if labels["org.opencontainers.image.version"] != "0.1.0" || labels["org.opencontainers.image.licenses"] != "MIT" || labels["org.opencontainers.image.revision"] == "" {
			t.Errorf("labels are %v", labels)
		}
	}
}

// unpack lays the layers over each other.
func unpack(t *testing.T, layout string, image manifest) string {
	root := t.TempDir()
	must(t, os.Chmod(root, 0o755))
	for _, layer := range image.Layers {
		file, err := os.Open(blobPath(layout, layer.Digest))
		must(t, err)
		defer file.Close()
		plain, err := gzip.NewReader(file)
		must(t, err)
		for files := tar.NewReader(plain); ; {
			entry, err := files.Next()
			if err == io.EOF {
				break
			}
			must(t, err)
			path := filepath.Join(root, filepath.FromSlash(entry.Name))
			if entry.Typeflag == tar.TypeDir {
				must(t, os.MkdirAll(path, 0o755))
			} else {
				data, err := io.ReadAll(files)
				must(t, err)
				must(t, os.WriteFile(path, data, 0o600))
			}
			must(t, os.Chmod(path, entry.FileInfo().Mode()))
			if os.Geteuid() == 0 {
				must(t, os.Chown(path, entry.Uid, entry.Gid))
			}
		}
	}
	return root
}

// inside checks what the program needs of the system around it.
func inside(t *testing.T, root string) {
	bundle, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	must(t, err)
	if pool := x509.NewCertPool(); !pool.AppendCertsFromPEM(bundle) || bytes.Count(bundle, []byte("BEGIN CERTIFICATE")) < 100 {
		t.Error("certificates are missing")
	}
	var sbom struct {
		BOMFormat  string
		Components []struct{ Name string }
	}
	read(t, filepath.Join(root, "usr/share/doc/fftconnect/sbom.cdx.json"), &sbom)
	if sbom.BOMFormat != "CycloneDX" || len(sbom.Components) < 30 {
		t.Errorf("the list of components is %s with %d", sbom.BOMFormat, len(sbom.Components))
	}
}

// live runs the image as a container does, as root only: in its own root folder, as its user, with
// nothing to write to but the volume, between simulated platforms.
func live(t *testing.T, root string, config configuration) {
	w, err := world.Start(world.Options{Seed: 5})
	must(t, err)
	t.Cleanup(w.Close)
	port, admin := freePort(t), freePort(t)
	env := slices.Clone(config.Config.Env)
	for name, value := range w.Environment(fmt.Sprintf("http://127.0.0.1:%d/service", port)) {
		if name != "DATABASE_URL" {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, fmt.Sprintf("PORT=%d", port), fmt.Sprintf("ADMIN_ADDR=:%d", admin), "TZ=Asia/Kathmandu", "EVENT_AUTH=none")
	command := func(args ...string) *exec.Cmd {
		run := exec.Command(config.Config.Entrypoint[0], args...)
		run.Env, run.Dir = env, config.Config.WorkingDir
		if os.Geteuid() == 0 {
			run.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		} else {
			run.Path, run.Dir = filepath.Join(root, config.Config.Entrypoint[0]), t.TempDir()
			run.Env = append(run.Env, "DATABASE_URL=sqlite:fftconnect.db")
		}
		return run
	}
	if os.Geteuid() == 0 {
		must(t, os.Chmod(filepath.Join(root, "tmp"), 0o555)) // read-only but for the volume
	} else {
		t.Log("not root: the program runs outside of its root folder")
	}
	w.RouteMessages(fmt.Sprintf("http://127.0.0.1:%d/event", port), nil)
	var log bytes.Buffer
	serve := command(config.Config.Cmd...)
	serve.Stderr = &log
	must(t, serve.Start())
	ended := make(chan error, 1)
	go func() { ended <- serve.Wait() }()
	t.Cleanup(func() {
		_ = serve.Process.Kill()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	testtime.Until(t, "the probe is answered", func() bool {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz", admin))
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	if said, err := command("install").CombinedOutput(); err != nil {
		t.Fatalf("install: %v\n%s", err, said)
	}
	id := w.Place(w.NextOrder())
	testtime.Until(t, "the order is in fulfillmenttools", func() bool { return len(w.FFT.OrdersOf(id)) == 1 })
	must(t, serve.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(3 * time.Minute):
		t.Error("it did not end")
	}
	// The time zone is linked in: the root folder has none.
	if !strings.Contains(log.String(), "+05:45") {
		t.Error("it does not know its time zone")
	}
}

func freePort(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func blobPath(layout, digest string) string {
	return filepath.Join(layout, "blobs", "sha256", strings.TrimPrefix(digest, "sha256:"))
}

func blob(t *testing.T, layout, digest string, to any) { read(t, blobPath(layout, digest), to) }

func read(t *testing.T, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	must(t, json.Unmarshal(data, to))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
