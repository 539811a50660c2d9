package export_test

import (
	"flag"
	"os"
	"testing"

	"fftconnect/internal/testform"
)

// TestMain draws fewer orders in the quick form; make fuzz draws thousands.
func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set(testform.Of("3", "15", "100"))
	}
	os.Exit(m.Run())
}
