package commercetools_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

// TestMain: what both clients share is under package remote's tests.
func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"tokens":                        {"TestOneTokenServesManyCalls", "TestARevokedTokenIsRenewedOnce", "TestATokenIsRenewedBeforeItExpires"},
		"answers that break off or end": {"TestAnUpdateWhoseAnswerIsLostIsSentAgainAndMeetsTheNewVersion", "TestAnUpdateThatNeverArrivedIsSentAgain"},
	})
	os.Exit(m.Run())
}
