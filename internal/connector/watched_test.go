package connector_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

// TestMain says what the race detector watches: whole connectors, by what is concurrent in
// them. What becomes of a single order is one goroutine's work at a time.
func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"claims": {
			"TestTwoReplicasWithoutAStoreCreateEveryOrderOnce", "TestTwoReplicasOnOneStoreCreateEveryOrderOnce",
			"TestManyMessagesAboutOneOrderAtOnceCreateOneOrder", "TestUpstreamDefect03LaggingListsAndTwoProcessesDoubleNoOrder",
			"TestUpstreamDefect36OrdersCreatedAtOnceDoNotRaceOnTheType", "TestHistories",
		},
		"lanes: events about one order": {
			"TestAParcelAndItsHandoverJobCostNoLookIntoEither", "TestWhatComesThriceAndShuffledWhileOthersEditArrivesOnceAndNeverBackwards",
			"TestConflictsAreDecidedAnew",
		},
		"queue of deferred events": {
			"TestInBadWeatherEverythingArrivesExactlyOnce", "TestAnOutageWhileOrdersComeInLosesAndDoublesNothing", "TestTheBacklogDrainsAtTheRate",
			"TestAQueueThatEndsByItselfEndsTheProcess",
		},
		"circuit": {"TestWhileTheCircuitIsOpenEventsWaitAndThePlatformIsLeftAlone"},
		"tokens":  {"TestRevokedTokensAreRenewedAndNothingIsDeferred", "TestShortLivedTokensAreRenewedInTime"},
		"visits, sweeps and walks": {
			"TestServeVisitsAndSweepsByItself", "TestTheJobDoesNotOverlap", "TestTheJobWaitsForNobodysBody", "TestABackFillExportsNothingTwice",
			"TestAnOrderOnWhichSomebodyElseWorksIsWaitedFor", "TestAWalkTellsItsProgressPageByPage",
		},
		"upkeep":                      {"TestUpkeepMendsAnInstallation", "TestEveryReplicaShowsWhatTheLastUpkeepFound"},
		"caches of the configuration": {"TestTheConfigurationFileCountsForInstallerAndConnector"},
		"notifications":               {"TestOneReplicaTells", "TestTheDailySummarySaysHowItGoes"},
		"console and its live updates": {
			"TestMessagesAreCountedOnceAndCompletely", "TestARetryIsPlannedFirstAndShowsItsProgress", "TestTheConsoleFindsAnOrderByWhatItsMessagesTold",
			"TestASignInGivesTheRoleThatTheProviderNames",
		},
		"traces and metrics that are sent": {"TestAnOrdersLifeIsATraceForEachMessage", "TestACollectorThatIsAwayHoldsNothingUp"},
		"shadow mode":                      {"TestShadowModeSurvivesDuplicatesAndOutages"},
		"channels to facilities": {
			"TestManyNotificationsAtOnceMakeOneFacility", "TestOnlyOneReplicaCreatesAFacilityAndOnlyCreatingIsHeld",
			"TestARunBringsEveryChannelAndThenHasNothingToDo",
		},
		"start, stop and floods": {
			"TestAttacks", "TestAMessageInFlightIsFinishedBeforeStopping", "TestAMessageThatOutlastsTheGraceIsCutOffAndStaysWithItsSender",
			"TestMoreMessagesThanAllowedAtOnceAreSentAgainLater", "TestConnectionsAreBounded", "TestASilentConnectionIsLeft",
		},
	})
	os.Exit(m.Run())
}
