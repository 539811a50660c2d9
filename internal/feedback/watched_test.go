package feedback_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"events about one order at once": {
			"TestEventsAtTheSameTimeLeadToTheSameOrder", "TestEventsThatPileUpBecomeOneUpdate", "TestEventsOfOtherOrdersDoNotWait",
			"TestAnEventThatIsRefusedTakesNoOtherAlong", "TestAnUpdateThatPanicsIsNotDoneForThoseWhoWaitForIt",
		},
		"a sender that leaves": {"TestASenderThatHangsUpDoesNotEndTheUpdateOfOthers", "TestWhoeverWaitsLeavesWhenItsTimeIsUp"},
	})
	os.Exit(m.Run())
}
