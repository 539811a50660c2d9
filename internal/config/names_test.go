package config_test

import (
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

func TestARegionThatDoesNotExistIsNamedWithTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	_, err := load(with(map[string]string{"CTP_REGION": "europe-west1.gpc"}), 0)
	if err == nil || !strings.Contains(err.Error(), "did you mean europe-west1.gcp?") {
		t.Errorf("error %v", err)
	}
	mustLoad(t, map[string]string{"CTP_REGION": "cn-north-1.aws", "CTP_API_URL": "https://api.cn.example", "CTP_AUTH_URL": "https://auth.cn.example"})
	for _, name := range config.Regions {
		mustLoad(t, map[string]string{"CTP_REGION": name})
	}
}

func TestUnknownNamesAreNamedWithTheSettingThatWasMeant(t *testing.T) {
	t.Parallel()
	got := config.UnknownVariables([]string{
		"FFT_API_PASWORD", "CTP_CLIENT_ID", "JWT_SECRET_FILE", "PATH", "CONNECT_GCP_TOPIC_NAME", "SUBSCRIPTION_DESTINATION",
	}, false)
	if want := []string{"FFT_API_PASWORD is no setting; did you mean FFT_API_PASSWORD?"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := config.UnknownVariables([]string{"LOGLEVEL"}, true); len(got) != 1 || !strings.Contains(got[0], "LOG_LEVEL") {
		t.Errorf("of a file: %q", got)
	}
}

func TestThePublicAddressLeadsToTheServicePath(t *testing.T) {
	t.Parallel()
	for value, good := range map[string]bool{
		"https://c.example/service": true, "https://c.example/service/": true, "https://c.example/a/service": true,
		"https://c.example": false, "https://c.example/services": false, "c.example/service": false,
	} {
		_, err := load(with(map[string]string{"PUBLIC_URL": value}), 0)
		if (err == nil) != good {
			t.Errorf("%s: %v", value, err)
		}
	}
	for _, value := range []string{"https://x.connect.example", "https://x.connect.example/service"} {
		if env := mustLoad(t, map[string]string{"CONNECT_SERVICE_URL": value}); env.ServiceURL() != "https://x.connect.example/service" {
			t.Errorf("%s becomes %s", value, env.ServiceURL())
		}
	}
}

func TestConnectsOtherNameForPubSubIsTaken(t *testing.T) {
	t.Parallel()
	env := mustLoad(t, map[string]string{
		"CONNECT_SUBSCRIPTION_DESTINATION": "GCP", "CONNECT_GCP_PROJECT_ID": "p", "CONNECT_GCP_TOPIC_NAME": "t",
	})
	if env.Destination == nil || env.Destination.Kind != "GoogleCloudPubSub" {
		t.Errorf("destination %v", env.Destination)
	}
}
