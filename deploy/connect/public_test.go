//go:build packaging

package connect_test

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAPublicConnectorTakesItsProgramFromARegistry: certification wants no binaries in the
// repository, so the apps name the package, which a registry has.
func TestAPublicConnectorTakesItsProgramFromARegistry(t *testing.T) {
	if os.Getenv("FFTCONNECT_PACKAGING") == "" {
		t.Skip("needs npm: set FFTCONNECT_PACKAGING=1")
	}
	out := t.TempDir()
	repo := filepath.Join(out, "connector")
	command(t, "", append(os.Environ(), "PACKAGE=@acme/fftconnect-linux-x64", "PROGRAM="+program(t)), "bash", "build.sh", "0.1.0", repo)
	tarballs, err := filepath.Glob(filepath.Join(out, "connector.npm", "*.tgz"))
	must(t, err)
	if inside, _ := filepath.Glob(filepath.Join(repo, "*", "*.tgz")); len(tarballs) != 1 || len(inside) > 0 {
		t.Fatalf("to publish: %v; in the repository: %v", tarballs, inside)
	}
	packed, err := os.ReadFile(tarballs[0])
	must(t, err)
	lock, err := os.ReadFile(filepath.Join(repo, "event", "package-lock.json"))
	must(t, err)
	if strings.Contains(string(lock), "file:") || !strings.Contains(string(lock), `"integrity": "sha512-`) {
		t.Errorf("the lock file is %s", lock)
	}
	// A registry that has this package.
	var registry *httptest.Server
	registry = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".tgz") {
			_, _ = w.Write(packed)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"name": "@acme/fftconnect-linux-x64", "dist-tags": map[string]string{"latest": "0.1.0"},
			"versions": map[string]any{"0.1.0": map[string]any{
				"name": "@acme/fftconnect-linux-x64", "version": "0.1.0", "bin": map[string]string{"fftconnect": "bin/fftconnect"},
				"os": []string{"linux"}, "cpu": []string{"x64"},
				"dist": map[string]string{"tarball": registry.URL + "/package.tgz", "shasum": fmt.Sprintf("%x", sha1.Sum(packed))},
			}},
		})
	}))
	defer registry.Close()
	event := filepath.Join(repo, "event")
	env := append(os.Environ(), "npm_config_registry="+registry.URL, "npm_config_cache="+t.TempDir())
	command(t, event, env, "npm", "ci", "--no-audit", "--no-fund")
	if said := command(t, event, env, "node_modules/.bin/fftconnect", "version"); said != "fftconnect 0.1.0\n" {
		t.Errorf("the program says %q", said)
	}
}
