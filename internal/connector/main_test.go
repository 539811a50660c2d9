package connector_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// slowForm has more of the same, and what takes long.
var slowForm = os.Getenv("FFTCONNECT_SLOW") != ""

// inSlowForm leaves the test to FFTCONNECT_SLOW=1.
func inSlowForm(t *testing.T) {
	t.Helper()
	if !slowForm {
		t.Skip("set FFTCONNECT_SLOW=1")
	}
}

// TestMain has garbage collected sooner when the worlds of several tests come together:
// the whole package stays below 400 MiB.
func TestMain(m *testing.M) {
	debug.SetMemoryLimit(280 << 20)
	os.Exit(m.Run())
}
