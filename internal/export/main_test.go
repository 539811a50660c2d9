package export_test

import (
	"flag"
	"os"
	"testing"

	"fftconnect/internal/testform"
)

// TestMain says what the race detector watches, and draws fewer orders in the quick form; make fuzz draws thousands.
func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"messages about one order at once": {
			"TestMessagesAboutOneOrderAtTheSameTimeCreateItOnce", "TestWhoeverWaitsForAnotherMessageLeavesWhenItsTimeIsUp",
		},
		"one mapping for many orders": {"TestGoldenOrders"},
	})
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set(testform.Of("3", "15", "100"))
	}
	os.Exit(m.Run())
}
