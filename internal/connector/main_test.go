package connector_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected sooner when the worlds of several tests come together:
// the whole package stays below 400 MiB.
func TestMain(m *testing.M) {
	debug.SetMemoryLimit(280 << 20)
	os.Exit(m.Run())
}
