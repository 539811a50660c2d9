package facilities_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"notifications at once": {"TestManyNotificationsAtOnceMakeOneFacility", "TestOnlyOneReplicaCreatesAFacilityAndOnlyCreatingIsHeld"},
		"a run over all":        {"TestARunBringsEveryChannelAndThenHasNothingToDo"},
	})
	os.Exit(m.Run())
}
