package intake_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"memory that bodies share":       {"TestTheBodiesInMemoryHaveATotal"},
		"keys of the issuer":             {"TestUnknownKeysDoNotMakeUsAskTheIssuer", "TestAnIssuerThatIsBackIsAskedAgain"},
		"a sender that leaves, and time": {"TestTheMessageIsStoredThoughTheSenderLeft", "TestTheFlowsTimeIsBounded", "TestSeveralMessagesShareTheTimeOfOneAnswer", "TestABodyThatBreaksOffIsNeitherHandledNorRejected"},
		"what is counted":                {"TestCallsMadeForAMessageAreCounted", "TestAMessageIsRecordedWithWhatIsKnownOfIt"},
	})
	os.Exit(m.Run())
}
