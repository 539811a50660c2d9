package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fftconnect/internal/testform"
)

// TestTimeZonesAreKnownInABareImage runs the program where nothing is but the program and
// two files: neither the system's time zones nor those of Go.
func TestTimeZonesAreKnownInABareImage(t *testing.T) {
	t.Parallel()
	testform.InSlow(t)
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "fftconnect"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for name, text := range map[string]string{
		"shop.yaml": `export: {set: {customAttributes.hour: 'date(order.createdAt).In(timezone("Europe/Berlin")).Hour()'}}`,
		"order.json": `{"id":"0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10","version":3,"orderNumber":"A-1","createdAt":"2026-07-01T10:00:00.000Z","lastModifiedAt":"2026-07-01T10:00:00.000Z",
			"orderState":"Confirmed","totalPrice":{"type":"centPrecision","currencyCode":"EUR","centAmount":1999,"fractionDigits":2},
			"shippingAddress":{"streetName":"Ring","streetNumber":"1","postalCode":"53111","city":"Bonn","country":"DE"},
			"lineItems":[{"id":"l-1","quantity":1,"variant":{"id":1,"sku":"S1"},"name":{"de":"Ding"}}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), "/fftconnect", "map", "order.json", "--config", "shop.yaml")
	run.Dir, run.Env = "/", []string{}
	run.SysProcAttr = &syscall.SysProcAttr{Chroot: dir}
	if os.Getuid() != 0 { // in a name space of its own it may
		run.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		run.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
	}
	output, err := run.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("a process of its own root is not permitted here: %v", err)
	}
	if err != nil || !strings.Contains(string(output), `"hour": 12`) {
		t.Errorf("%v: %s", err, output)
	}
}
