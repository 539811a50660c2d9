package simulator_test

import (
	"os"
	"testing"

	"fftconnect/internal/testform"
)

func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"orders at once":    {"TestManyOrdersAtOnce", "TestConcurrentWritersConflict", "TestShippedOrderRunsThrough", "TestEqualSeedsGiveEqualIDs"},
		"notifications":     {"TestPushIsRepeatedUntilAcknowledged", "TestWebhookIsRepeatedUntil200", "TestMessagesArePushed", "TestEverySubscriptionIsServed"},
		"ends":              {"TestCloseStopsEverything"},
		"the network":       {"TestRequestsGoOverTheNetworkInFakeTime", "TestNobodyThereRefuses"},
		"tokens":            {"TestTokensExpireAndAreRevoked", "TestSignInAndRefresh"},
		"faults, a gateway": {"TestFaultsSpeakLikeTheirHost", "TestAGatewayAnswersWhateverThePlatformDoes"},
	})
	os.Exit(m.Run())
}
