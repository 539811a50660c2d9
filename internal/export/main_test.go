package export_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws fewer orders in the quick form; make fuzz draws thousands.
func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue && os.Getenv("FFTCONNECT_SLOW") == "" {
		_ = checks.Value.Set("15")
	}
	os.Exit(m.Run())
}
