package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

const hidden = "hunter2-the-secret"

// printed is value in every form in which a program prints.
func printed(t *testing.T, value any) map[string]string {
	t.Helper()
	forms := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%20v", "%T"} {
		forms[verb] = fmt.Sprintf(verb, value)
	}
	forms["error"] = fmt.Errorf("value %v: %w", value, errors.New("x")).Error()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	forms["JSON"] = string(text)
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"slog JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		"slog text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	} {
		var out bytes.Buffer
		slog.New(handler(&out)).With("with", value).Info("line", "value", value, slog.Group("group", "inner", value))
		forms[name] = out.String()
	}
	return forms
}

func TestASecretNeverPrints(t *testing.T) {
	t.Parallel()
	secret := config.Secret(hidden)
	for name, value := range map[string]any{
		"secret": secret, "pointer": &secret, "list": []config.Secret{secret},
		"map":   map[string]config.Secret{"a": secret},
		"field": struct{ Secret config.Secret }{secret}, "any": []any{secret},
	} {
		for form, text := range printed(t, value) {
			if strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", "hunter2")) {
				t.Errorf("%s as %s shows: %s", name, form, text)
			}
		}
	}
	if got := fmt.Sprintf("%v|%v|%s", secret, config.Secret(""), secret.Reveal()); got != "••••||"+hidden {
		t.Errorf("got %s", got)
	}
}

func TestAWholeEnvironmentPrintsNoSecret(t *testing.T) {
	t.Parallel()
	for _, destination := range []string{
		`{"type":"AzureServiceBus","connectionString":"` + hidden + `"}`,
		`{"type":"SQS","queueUrl":"https://q.example","region":"eu","accessKey":"k","accessSecret":"` + hidden + `"}`,
		`{"type":"ConfluentCloud","bootstrapServer":"b","apiKey":"k","apiSecret":"` + hidden + `","acks":"1","topic":"t"}`,
	} {
		env := mustLoad(t, map[string]string{
			"CTP_CLIENT_SECRET": hidden, "FFT_API_KEY": hidden, "FFT_API_PASSWORD": hidden,
			"JWT_SECRET": hidden + jwtSecret, "SUBSCRIPTION_DESTINATION": destination,
		})
		for name, value := range map[string]any{"environment": env, "pointer": &env, "destination": env.Destination, "value": *env.Destination} {
			for form, text := range printed(t, value) {
				if strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", "hunter2")) {
					t.Errorf("%s as %s shows: %s", name, form, text)
				}
			}
		}
		if got := fmt.Sprint(env.Destination); got != env.Destination.Kind {
			t.Errorf("got %s, want the kind", got)
		}
	}
}

func TestProblemsHoldNoSecret(t *testing.T) {
	t.Parallel()
	for variable, value := range map[string]string{
		"JWT_SECRET":               "hunter2",
		"CTP_API_URL":              "//user:hunter2@api.example",
		"PUBLIC_URL":               "hunter2",
		"SUBSCRIPTION_DESTINATION": `{"type":"AzureServiceBus","connectionStrin":"hunter2"}`,
		"CTP_PROJECT_KEY":          "hunter2 ",
	} {
		settings := with(map[string]string{variable: value, "CTP_CLIENT_ID": ""})
		if _, err := load(settings, anything); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", variable, err)
		}
	}
}
