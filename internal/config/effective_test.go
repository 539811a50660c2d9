package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

func TestEffectiveSettingsSayWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(hidden+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{
		"CTP_PROJECT_KEY": "acme", "CTP_REGION": "us-east-2.aws", "CTP_CLIENT_SECRET_FILE": path, "JWT_SECRET": hidden,
		"PORT": "many", "CONNECT_PROVIDER": "GCP",
		"SUBSCRIPTION_DESTINATION": `{"type":"AzureServiceBus","connectionString":"` + hidden + `"}`,
	}
	found := map[string]config.EffectiveSetting{}
	for _, s := range config.Effective(func(name string) (string, bool) { value, ok := settings[name]; return value, ok }) {
		if s.Meaning == "" {
			t.Errorf("%s has no meaning", s.Name)
		}
		if text := fmt.Sprintf("%+v", s); strings.Contains(text, "hunter2") {
			t.Errorf("a secret shows: %s", text)
		}
		found[s.Name] = s
	}
	for name, want := range map[string][2]string{
		"CTP_PROJECT_KEY":          {"acme", "environment"},
		"CTP_API_URL":              {"https://api.us-east-2.aws.commercetools.com", "default"},
		"CTP_CLIENT_SECRET":        {"••••", "file"},
		"JWT_SECRET":               {"••••", "environment"},
		"FFT_API_PASSWORD":         {"", "default"},
		"PORT":                     {"many", "environment"},
		"LOG_LEVEL":                {"info", "default"},
		"DATABASE_URL":             {"sqlite:fftconnect.db", "default"},
		"EVENT_AUTH":               {"token", "default"},
		"SUBSCRIPTION_DESTINATION": {"AzureServiceBus", "environment"},
	} {
		if got := found[name]; got.Value != want[0] || got.From != want[1] {
			t.Errorf("%s is %q from %s, want %q from %s", name, got.Value, got.From, want[0], want[1])
		}
	}
	for _, s := range config.Effective(func(string) (string, bool) { return "", false }) {
		if s.From != "default" {
			t.Errorf("of nothing: %+v", s)
		}
	}
}
