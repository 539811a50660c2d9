package connector_test

import (
	"os"
	"runtime/debug"
	"testing"

	"fftconnect/internal/testform"
)

// TestMain has garbage collected sooner when the worlds of several tests come together:
// the whole package stays below 400 MiB. The race detector needs twice the heap for itself.
func TestMain(m *testing.M) {
	debug.SetMemoryLimit(testform.Of[int64](100, 280, 280) << 20)
	os.Exit(m.Run())
}
