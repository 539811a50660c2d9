package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
)

// Notify is where notifications go, and how often.
type Notify struct {
	WebhookURL   Secret
	WebhookToken Secret
	SlackURL     Secret
	EmailTo      []string
	EmailFrom    string
	MailServer   MailServer
	Repeat       time.Duration // until what lasts is told again
	Pause        time.Duration // between two messages
	Summary      bool          // whether there is a daily one
	Hour, Minute int           // of the summary
	Zone         *time.Location
}

// On reports whether there is anywhere to send to.
func (n Notify) On() bool { return n.WebhookURL != "" || n.SlackURL != "" || len(n.EmailTo) > 0 }

// MailServer is a server that takes e-mail.
type MailServer struct {
	Host, Port string
	TLS        bool // from the start; otherwise by STARTTLS
	User       string
	Password   Secret
	Roots      *x509.CertPool // whom to trust; nil: the system's
}

// Address is host and port.
func (s MailServer) Address() string { return net.JoinHostPort(s.Host, s.Port) }

// IsLocal reports whether the server is on this machine.
func (s MailServer) IsLocal() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

func notifySettings() []Setting {
	return []Setting{
		{
			Name: "NOTIFY_WEBHOOK_URL", Meaning: "address to which notifications are posted as JSON", Fix: "such as https://alerts.example/fftconnect", Secret: true,
			set: func(e *Environment, v string) error { return setSecretURL(&e.Notify.WebhookURL, v) },
		},
		{
			Name: "NOTIFY_WEBHOOK_TOKEN", Meaning: "bearer token that it wants", Fix: "as it was given", Secret: true,
			set: func(e *Environment, v string) error { e.Notify.WebhookToken = Secret(v); return nil },
		},
		{
			Name: "NOTIFY_SLACK_URL", Meaning: "Slack's incoming webhook, or one that takes the same, as Mattermost's do", Fix: "such as https://hooks.slack.com/services/…", Secret: true,
			set: func(e *Environment, v string) error { return setSecretURL(&e.Notify.SlackURL, v) },
		},
		{
			Name: "NOTIFY_EMAIL_TO", Meaning: "e-mail addresses that get notifications, separated by commas", Fix: "such as operations@shop.example",
			set: func(e *Environment, v string) error { return setEmailAddresses(&e.Notify.EmailTo, v) },
		},
		{
			Name: "NOTIFY_EMAIL_FROM", Meaning: "e-mail address that they come from", Fix: "such as fftconnect@shop.example",
			set: func(e *Environment, v string) error {
				var from []string
				if err := setEmailAddresses(&from, v); err != nil || len(from) != 1 {
					return errors.New("is no e-mail address")
				}
				e.Notify.EmailFrom = from[0]
				return nil
			},
		},
		{
			Name: "NOTIFY_SMTP_URL", Meaning: "server that sends them: smtp:// (STARTTLS, port 587) or smtps:// (TLS, port 465), with user and password", Fix: "such as smtp://USER:PASSWORD@mail.shop.example:587, with %40 for @ in the user", Secret: true,
			set: func(e *Environment, v string) error { return setMailServer(&e.Notify.MailServer, v) },
		},
		{
			Name: "NOTIFY_REPEAT", Meaning: "when what is still wrong is told again", Default: "4h", Fix: "a duration such as 4h",
			set: func(e *Environment, v string) error { return setDuration(&e.Notify.Repeat, v) },
		},
		{
			Name: "NOTIFY_PAUSE", Meaning: "shortest time between two notifications; what comes meanwhile goes together", Default: "5m", Fix: "a duration such as 5m",
			set: func(e *Environment, v string) error { return setDuration(&e.Notify.Pause, v) },
		},
		{
			Name: "NOTIFY_SUMMARY", Meaning: "time of day of the daily summary, such as 08:00; unset: there is none", Fix: "hour and minute, such as 08:00",
			set: func(e *Environment, v string) error {
				at, err := time.Parse("15:04", v)
				if err != nil {
					return errors.New("is no time of day")
				}
				e.Notify.Summary, e.Notify.Hour, e.Notify.Minute = true, at.Hour(), at.Minute()
				return nil
			},
		},
		{
			Name: "NOTIFY_ZONE", Meaning: "time zone of the daily summary", Default: "UTC", Fix: "a name such as Europe/Berlin",
			set: func(e *Environment, v string) (err error) {
				if e.Notify.Zone, err = time.LoadLocation(v); err != nil {
					return errors.New("is no time zone")
				}
				return nil
			},
		},
	}
}

// missingSettings are those that e-mail needs.
func (n Notify) missingSettings() (missing Problems) {
	if len(n.EmailTo) == 0 {
		return nil
	}
	for _, s := range notifySettings() {
		if s.Name == "NOTIFY_EMAIL_FROM" && n.EmailFrom == "" || s.Name == "NOTIFY_SMTP_URL" && n.MailServer.Host == "" {
			missing = append(missing, Problem{s.Name, "is not set, which NOTIFY_EMAIL_TO needs", s.Meaning, s.Fix})
		}
	}
	return missing
}

// setSecretURL takes an address that may hold a secret, so that the error does not repeat it.
func setSecretURL(to *Secret, value string) error {
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return errors.New("is no web address")
	}
	*to = Secret(value)
	return nil
}

func setEmailAddresses(to *[]string, value string) error {
	*to = nil
	for _, text := range splitNames(value) {
		parsed, err := netmail.ParseAddress(text)
		if err != nil || parsed.Name != "" || strings.ContainsAny(parsed.Address, "\r\n") {
			return fmt.Errorf("%q is no e-mail address", text)
		}
		*to = append(*to, parsed.Address)
	}
	return nil
}

func setMailServer(to *MailServer, value string) error {
	parsed, err := url.Parse(value)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" || strings.Trim(parsed.Path, "/") != "" {
		return errors.New("is no smtp:// or smtps:// address")
	}
	*to = MailServer{Host: parsed.Hostname(), Port: parsed.Port(), TLS: parsed.Scheme == "smtps"}
	if to.Port == "" {
		to.Port = map[bool]string{true: "465", false: "587"}[to.TLS]
	}
	if parsed.User != nil {
		password, _ := parsed.User.Password()
		to.User, to.Password = parsed.User.Username(), Secret(password)
	}
	return nil
}
