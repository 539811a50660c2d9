package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNotificationSettings(t *testing.T) {
	t.Parallel()
	n := mustLoad(t, map[string]string{
		"NOTIFY_EMAIL_TO": "a@shop.example, b@shop.example", "NOTIFY_EMAIL_FROM": "f@shop.example",
		"NOTIFY_SMTP_URL": "smtp://me%40shop.example:planted@mail.shop.example", "NOTIFY_SUMMARY": "07:30", "NOTIFY_ZONE": "Europe/Berlin",
		"NOTIFY_SLACK_URL": "https://hooks.slack.example/planted",
	}).Notify
	if !n.On() || len(n.EmailTo) != 2 || n.MailServer.Address() != "mail.shop.example:587" || n.MailServer.User != "me@shop.example" || n.MailServer.TLS {
		t.Errorf("%+v", n)
	}
	if !n.Summary || n.Hour != 7 || n.Minute != 30 || n.Zone.String() != "Europe/Berlin" || n.Repeat.String() != "4h0m0s" {
		t.Errorf("%+v", n)
	}
	if shown := fmt.Sprintf("%+v", n); strings.Contains(shown, "planted") {
		t.Errorf("shown: %s", shown)
	}
	if mustLoad(t, nil).Notify.On() {
		t.Error("somebody is told without being named")
	}
}

func TestWrongNotificationSettingsAreNamed(t *testing.T) {
	t.Parallel()
	for setting, value := range map[string]string{
		"NOTIFY_WEBHOOK_URL": "planted", "NOTIFY_SLACK_URL": "ftp://planted", "NOTIFY_EMAIL_TO": "nobody", "NOTIFY_EMAIL_FROM": "a@b.example, c@d.example",
		"NOTIFY_SMTP_URL": "https://planted@mail", "NOTIFY_SUMMARY": "8", "NOTIFY_ZONE": "Europe/Köln", "NOTIFY_PAUSE": "soon",
	} {
		_, err := load(with(map[string]string{setting: value}), 0)
		if err == nil || !strings.Contains(err.Error(), setting+":") || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s=%s: %v", setting, value, err)
		}
	}
	if got := problemsOf(t, with(map[string]string{"NOTIFY_EMAIL_TO": "a@shop.example"}), 0); !slices.Equal(got, []string{"NOTIFY_EMAIL_FROM", "NOTIFY_SMTP_URL"}) {
		t.Errorf("e-mail alone: %v", got)
	}
}
