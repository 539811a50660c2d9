package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/config"
)

const (
	jwtSecret = "0123456789abcdef0123456789abcdef"
	anything  = config.NeedPublicURL | config.NeedDestination
)

// complete is the least that a connector needs.
func complete() map[string]string {
	return map[string]string{
		"CTP_PROJECT_KEY": "acme", "CTP_CLIENT_ID": "client", "CTP_CLIENT_SECRET": "ct-secret",
		"FFT_PROJECT_ID": "ocff-acme-prd", "FFT_API_KEY": "fft-key", "FFT_API_USER": "connector@acme.example",
		"FFT_API_PASSWORD": "fft-password", "JWT_SECRET": jwtSecret,
	}
}

// with adds settings to the least that is needed; an empty value takes one away.
func with(more map[string]string) map[string]string {
	settings := complete()
	maps.Copy(settings, more)
	return settings
}

func load(settings map[string]string, needs config.Need) (config.Environment, error) {
	return config.Load(func(name string) (string, bool) { value, ok := settings[name]; return value, ok }, needs)
}

func mustLoad(t *testing.T, more map[string]string) config.Environment {
	t.Helper()
	env, err := load(with(more), 0)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// problemsOf are the variables that are reported, in order.
func problemsOf(t *testing.T, settings map[string]string, needs config.Need) []string {
	t.Helper()
	env, err := load(settings, needs)
	if err == nil {
		return nil
	}
	var problems config.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want Problems", err)
	}
	if env.Commercetools.ClientID != "" {
		t.Error("a wrong configuration is used")
	}
	var names []string
	for _, problem := range problems {
		names = append(names, problem.Variable)
		if problem.Problem == "" || problem.Meaning == "" || problem.Fix == "" {
			t.Errorf("%s is reported without problem, meaning or fix: %+v", problem.Variable, problem)
		}
		for _, part := range []string{problem.Variable + ": " + problem.Problem, problem.Meaning, problem.Fix} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the text lacks %q:\n%v", part, err)
			}
		}
	}
	return names
}

func TestTheLeastThatIsNeededHasWorkingDefaults(t *testing.T) {
	t.Parallel()
	env := mustLoad(t, nil)
	for what, pair := range map[string][2]any{
		"region":           {env.Commercetools.Region, "europe-west1.gcp"},
		"API":              {env.Commercetools.APIURL, "https://api.europe-west1.gcp.commercetools.com"},
		"auth":             {env.Commercetools.AuthURL, "https://auth.europe-west1.gcp.commercetools.com"},
		"scope":            {env.Commercetools.Scope, ""},
		"FFT API":          {env.Fulfillmenttools.APIURL, "https://ocff-acme-prd.api.fulfillmenttools.com"},
		"sign-in":          {env.Fulfillmenttools.SignInURL, "https://identitytoolkit.googleapis.com"},
		"refresh":          {env.Fulfillmenttools.TokenURL, "https://securetoken.googleapis.com"},
		"list lag":         {env.Fulfillmenttools.ListLag, 10 * time.Second},
		"force":            {env.Fulfillmenttools.ForceCancel, false},
		"field names":      {env.Fulfillmenttools.FieldNames, "auto"},
		"issuer":           {env.Token.Issuer, "fftconnect"},
		"audience":         {env.Token.Audience, "fftconnect"},
		"subject":          {env.Token.Subject, "fulfillmenttools"},
		"token lifetime":   {env.Token.Lifetime, 8760 * time.Hour},
		"event auth":       {env.Event.Auth, config.EventAuthToken},
		"features":         {env.Features.OrderSync && env.Features.StatusUpdates, true},
		"deployment":       {env.Deployment, "fftconnect"},
		"port":             {env.Port, 8080},
		"admin":            {env.AdminAddr, "127.0.0.1:9090"},
		"public URL":       {env.PublicURL, ""},
		"handle timeout":   {env.HandleTimeout, 7 * time.Second},
		"in flight":        {env.MaxInFlight, 256},
		"grace":            {env.ShutdownGrace, 8 * time.Second},
		"cache":            {env.CacheTTL, 5 * time.Minute},
		"log level":        {env.LogLevel, "info"},
		"log format":       {env.LogFormat, "json"},
		"secret":           {env.Commercetools.ClientSecret.Reveal(), "ct-secret"},
		"API key":          {env.Fulfillmenttools.APIKey.Reveal(), "fft-key"},
		"password":         {env.Fulfillmenttools.Password.Reveal(), "fft-password"},
		"signing key":      {env.Token.Secret.Reveal(), jwtSecret},
		"destination":      {env.Destination == nil, true},
		"refresh override": {mustLoad(t, map[string]string{"FFT_AUTH_URL": "http://127.0.0.1:1/"}).Fulfillmenttools.TokenURL, "http://127.0.0.1:1"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", what, pair[0], pair[1])
		}
	}
}

func TestRegionAndAddressesAreTaken(t *testing.T) {
	t.Parallel()
	env := mustLoad(t, map[string]string{"CTP_REGION": "us-east-2.aws", "FFT_API_URL": "http://127.0.0.1:7000/api/", "PUBLIC_URL": "https://c.example/service/"})
	if env.Commercetools.APIURL != "https://api.us-east-2.aws.commercetools.com" || env.Commercetools.AuthURL != "https://auth.us-east-2.aws.commercetools.com" {
		t.Errorf("got %+v", env.Commercetools)
	}
	if env.Fulfillmenttools.APIURL != "http://127.0.0.1:7000" || env.ServiceURL() != "https://c.example/service" {
		t.Errorf("got %s and %s", env.Fulfillmenttools.APIURL, env.ServiceURL())
	}
	env = mustLoad(t, map[string]string{
		"CTP_API_URL": "http://127.0.0.1:1/", "CTP_AUTH_URL": "http://127.0.0.1:2",
		"FFT_AUTH_URL": "https://identitytoolkit.googleapis.com/", "CONNECT_SERVICE_URL": "https://s.example/service",
	})
	if env.Commercetools.APIURL != "http://127.0.0.1:1" || env.Commercetools.AuthURL != "http://127.0.0.1:2" || env.PublicURL != "https://s.example/service" {
		t.Errorf("got %+v %s", env.Commercetools, env.PublicURL)
	}
	if env.Fulfillmenttools.SignInURL != "https://identitytoolkit.googleapis.com" || env.Fulfillmenttools.TokenURL != "https://securetoken.googleapis.com" {
		t.Errorf("Google's own address is taken for an override: %+v", env.Fulfillmenttools)
	}
}

func TestEverythingThatIsMissingIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	required := []string{
		"CTP_PROJECT_KEY", "CTP_CLIENT_ID", "CTP_CLIENT_SECRET", "FFT_PROJECT_ID", "FFT_API_KEY",
		"FFT_API_USER", "FFT_API_PASSWORD", "JWT_SECRET",
	}
	if got := problemsOf(t, nil, 0); !slices.Equal(got, required) {
		t.Errorf("got %v, want %v", got, required)
	}
	if got, want := problemsOf(t, nil, anything), append(slices.Clone(required), "PUBLIC_URL", "SUBSCRIPTION_DESTINATION"); !slices.Equal(got, want) {
		t.Errorf("to install: got %v, want %v", got, want)
	}
	if got := problemsOf(t, map[string]string{"CTP_PROJECT_KEY": "  "}, 0); !slices.Equal(got, required) {
		t.Errorf("of blanks only: got %v", got)
	}
	// Without the export there is nothing to subscribe to.
	if got := problemsOf(t, with(map[string]string{"FEAT_ORDERSYNC_ACTIVE": "false", "FEAT_CHANNELSYNC_ACTIVE": "false"}), config.NeedDestination); got != nil {
		t.Errorf("without the export: got %v", got)
	}
}

func TestEverythingThatIsWrongIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"CTP_PROJECT_KEY": "acme shop", "CTP_REGION": "Europe West", "CTP_API_URL": "api.example", "CTP_AUTH_URL": "ftp://a.example",
		"FFT_PROJECT_ID": "a/b", "FFT_API_URL": "https://", "FFT_AUTH_URL": "://", "FFT_LIST_LAG": "ten", "FFT_FORCE_CANCEL": "maybe",
		"FFT_FIELD_NAMES": "old", "JWT_SECRET": "short", "JWT_LIFETIME": "-1h", "EVENT_AUTH": "basic", "EVENT_OIDC_ISSUER": "google",
		"FEAT_ORDERSYNC_ACTIVE": "on", "FEAT_STATUSUPDATES_ACTIVE": "off", "DEPLOYMENT": "a b", "PORT": "70000", "ADMIN_ADDR": "9090",
		"PUBLIC_URL": "connector.example", "HANDLE_TIMEOUT": "10s", "MAX_IN_FLIGHT": "0", "SHUTDOWN_GRACE": "0s", "CACHE_TTL": "x",
		"LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "SUBSCRIPTION_DESTINATION": "topic",
	}
	got := problemsOf(t, with(wrong), 0)
	slices.Sort(got)
	if want := slices.Sorted(maps.Keys(wrong)); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	_, err := load(with(wrong), 0)
	if strings.Contains(err.Error(), "short:") || !strings.Contains(err.Error(), "has 5 characters, needs at least 32") {
		t.Errorf("got %v", err)
	}
}

func TestAWrongNameIsReportedOnceNotWithEverythingMadeFromIt(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{"CTP_REGION", "FFT_PROJECT_ID", "CTP_PROJECT_KEY"} {
		if got := problemsOf(t, with(map[string]string{variable: "not a name"}), 0); !slices.Equal(got, []string{variable}) {
			t.Errorf("%s: got %v", variable, got)
		}
	}
}

func TestEverySettingMayComeFromAFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings := map[string]string{}
	all := with(map[string]string{"SUBSCRIPTION_DESTINATION": `{"type":"SNS","topicArn":"arn:aws:sns:eu:1:orders"}`, "PORT": "81"})
	for name, value := range all {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		settings[name+"_FILE"] = path
	}
	env, err := load(settings, config.NeedDestination)
	if err != nil {
		t.Fatal(err)
	}
	if env.Commercetools.ClientSecret.Reveal() != "ct-secret" || env.Port != 81 || env.Destination.Kind != "SNS" {
		t.Errorf("got %+v", env)
	}

	settings["CTP_CLIENT_SECRET"] = "of the variable"
	if env, err = load(settings, 0); err != nil || env.Commercetools.ClientSecret.Reveal() != "of the variable" {
		t.Errorf("the variable itself must win: %v", err)
	}
	settings["CTP_CLIENT_ID_FILE"] = filepath.Join(folder, "missing")
	settings["SUBSCRIPTION_DESTINATION_FILE"] = filepath.Join(folder, "missing")
	if got := problemsOf(t, settings, 0); !slices.Equal(got, []string{"CTP_CLIENT_ID", "SUBSCRIPTION_DESTINATION"}) {
		t.Errorf("files that are missing: got %v", got)
	}
	if _, err = load(settings, 0); !strings.Contains(err.Error(), "CTP_CLIENT_ID_FILE cannot be read") {
		t.Errorf("got %v", err)
	}
}

func TestValuesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	env := mustLoad(t, map[string]string{
		"FEAT_ORDERSYNC_ACTIVE": "No", "FEAT_STATUSUPDATES_ACTIVE": "1", "LOG_LEVEL": "DEBUG", "EVENT_AUTH": " None ",
		"FFT_FORCE_CANCEL": "yes", "CTP_CLIENT_ID": " client\n", "PORT": "0", "FFT_FIELD_NAMES": "Legacy",
	})
	if env.Features.OrderSync || !env.Features.StatusUpdates || env.LogLevel != "debug" || env.Event.Auth != config.EventAuthNone ||
		!env.Fulfillmenttools.ForceCancel || env.Commercetools.ClientID != "client" || env.Port != 0 || env.Fulfillmenttools.FieldNames != "legacy" {
		t.Errorf("got %+v", env)
	}
}

// TestNothingOpensByAccident: what the surroundings set opens no door; only saying so does.
func TestNothingOpensByAccident(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{
		"CONNECT_PROVIDER", "CONNECT_AWS_TOPIC_ARN", "CONNECT_AZURE_CONNECTION_STRING",
	} {
		env := mustLoad(t, map[string]string{variable: "x"})
		if env.Event.Auth != config.EventAuthToken || env.DatabaseURL != "sqlite:fftconnect.db" {
			t.Errorf("%s: got %s, %s", variable, env.Event.Auth, env.DatabaseURL.Reveal())
		}
	}
	env := mustLoad(t, map[string]string{"CONNECT_GCP_PROJECT_ID": "p", "CONNECT_GCP_TOPIC_NAME": "t", "EVENT_AUTH": "none"})
	if env.Event.Auth != config.EventAuthNone {
		t.Errorf("what is set must win, got %s", env.Event.Auth)
	}
	env = mustLoad(t, map[string]string{"EVENT_AUTH": "oidc", "EVENT_OIDC_AUDIENCE": "me", "EVENT_OIDC_EMAIL": "push@acme.example"})
	if env.Event.OIDCIssuer != "https://accounts.google.com" || env.Event.OIDCAudience != "me" || env.Event.OIDCEmail != "push@acme.example" {
		t.Errorf("got %+v", env.Event)
	}
	if got := problemsOf(t, with(map[string]string{"EVENT_AUTH": "oidc"}), 0); !slices.Equal(got, []string{"EVENT_OIDC_AUDIENCE", "EVENT_OIDC_EMAIL"}) {
		t.Errorf("got %v", got)
	}
	mustLoad(t, map[string]string{"EVENT_AUTH": "oidc", "EVENT_OIDC_AUDIENCE": "me", "EVENT_OIDC_ISSUER": "https://own.example"})
}

func TestTheTableDescribesEverySetting(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range config.Settings() {
		if s.Meaning == "" || s.Fix == "" || seen[s.Name] {
			t.Errorf("%s is described badly or twice", s.Name)
		}
		seen[s.Name] = true
		if holdsSecret := strings.Contains(s.Name, "SECRET") || strings.Contains(s.Name, "PASSWORD") || strings.HasSuffix(s.Name, "_KEY") && s.Name != "CTP_PROJECT_KEY" || s.Name == "DATABASE_URL" || s.Name == "ADMIN_USERS" || strings.HasSuffix(s.Name, "_HEADERS") || strings.HasPrefix(s.Name, "NOTIFY_") && (strings.HasSuffix(s.Name, "_URL") || strings.HasSuffix(s.Name, "_TOKEN")); s.Secret != holdsSecret {
			t.Errorf("%s: secret is %v", s.Name, s.Secret)
		}
	}
}
