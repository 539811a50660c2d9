package setup_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"installations at once": {
			"TestAnyNumberOfInstallsAtOnceMakeOneOfEach", "TestOneLookIsNotEnoughToAct", "TestUpstreamDefect36TwoInstallationsAtOnceDoNotRaceOnTheType",
		},
		"the doctor's looks":          {"TestAHealthyInstallationIsFoundHealthy", "TestWrongCredentialsOnBothSidesAreFoundAtOnce"},
		"caches of what a shop holds": {"TestUpstreamDefect34TheConfigurationIsReadOnceHoweverManyAsk", "TestAStoreIsReadOnceForAllItsOrders"},
		"configuration that changes": {
			"TestAChangedConfigurationIsInForceWithinItsTime", "TestTheLastGoodConfigurationStaysWhileAWrongOneIsThere",
		},
	})
	os.Exit(m.Run())
}
