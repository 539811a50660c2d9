package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Setting is one variable of the environment.
type Setting struct {
	Name     string
	Meaning  string
	Fix      string
	Default  string
	Computed func(env Environment, given getter) string // default that depends on others
	Required bool
	NeededBy Need // required by commands with this need
	Secret   bool
	set      func(env *Environment, value string) error
}

func (s Setting) isRequired(needs Need) bool { return s.Required || s.NeededBy&needs != 0 }

// ConfigFileVariable names the file with the shop's configuration.
const ConfigFileVariable = "CONFIG_FILE"

// Settings is the table of all settings, in the order in which they are read.
func Settings() []Setting {
	return slices.Concat(commercetoolsSettings(), fulfillmenttoolsSettings(), callerSettings(), serverSettings(), adminSettings(), storeSettings(), notifySettings(), otelSettings())
}

func callerSettings() []Setting {
	return []Setting{
		{
			Name: "JWT_SECRET", Meaning: "signs the tokens that callers show us", Required: true, Secret: true,
			Fix: "make one with: openssl rand -hex 32",
			set: func(e *Environment, v string) error {
				e.Token.Secret = Secret(v)
				if len(v) < 32 {
					return fmt.Errorf("has %d characters, needs at least 32", len(v))
				}
				return nil
			},
		},
		{
			Name: "JWT_SECRET_PREVIOUS", Meaning: "the secret before, while it is being replaced: tokens that it signed are still good", Secret: true,
			Fix: "the former JWT_SECRET; take it away when nobody shows its tokens any more",
			set: func(e *Environment, v string) error {
				e.Token.Previous = Secret(v)
				if len(v) < 32 {
					return fmt.Errorf("has %d characters, needs at least 32", len(v))
				}
				return nil
			},
		},
		{
			Name: "JWT_ISSUER", Meaning: "issuer in those tokens", Default: "fftconnect", Fix: "any text",
			set: func(e *Environment, v string) error { e.Token.Issuer = v; return nil },
		},
		{
			Name: "JWT_AUDIENCE", Meaning: "audience in those tokens", Default: "fftconnect", Fix: "any text",
			set: func(e *Environment, v string) error { e.Token.Audience = v; return nil },
		},
		{
			Name: "JWT_SUBJECT", Meaning: "subject in fulfillmenttools' token; those for /event and /job have the path behind it", Default: "fulfillmenttools", Fix: "any text",
			set: func(e *Environment, v string) error { e.Token.Subject = v; return nil },
		},
		{
			Name: "JWT_LIFETIME", Meaning: "how long a token is good for; install renews it in the last quarter", Default: "8760h",
			Fix: "give a duration such as 8760h",
			set: func(e *Environment, v string) error { return setDuration(&e.Token.Lifetime, v) },
		},
		{
			Name: "EVENT_AUTH", Meaning: "who may call POST /event: token (JWT as above, as Bearer or ?token=), oidc (the broker's own token), none (anybody, also POST /job)", Default: EventAuthToken,
			Fix: "token, oidc or none",
			set: func(e *Environment, v string) error {
				return setOneOf(&e.Event.Auth, v, EventAuthToken, EventAuthOIDC, EventAuthNone)
			},
		},
		{
			Name: "EVENT_RATE", Meaning: "with EVENT_AUTH=none, messages a second without a token that make us read; more are sent again later", Default: "50", Fix: "a number from 1 to 10000",
			set: func(e *Environment, v string) error { return setInt(&e.Event.Rate, v, 1, 10000) },
		},
		{
			Name: "EVENT_OIDC_ISSUER", Meaning: "issuer of the broker's token", Default: googleIssuer,
			Fix: "give the issuer's address",
			set: func(e *Environment, v string) error { return setURL(&e.Event.OIDCIssuer, v) },
		},
		{
			Name: "EVENT_OIDC_AUDIENCE", Meaning: "audience that the broker's token must name",
			Fix: "set it to the audience of the push subscription",
			set: func(e *Environment, v string) error { e.Event.OIDCAudience = v; return nil },
		},
		{
			Name: "EVENT_OIDC_EMAIL", Meaning: "service account that the broker's token must name; unset: any, which Google's issuer does not allow",
			Fix: "set it to the e-mail address of the push subscription's service account",
			set: func(e *Environment, v string) error { e.Event.OIDCEmail = v; return nil },
		},
	}
}

func serverSettings() []Setting {
	return []Setting{
		{
			Name: "FEAT_ORDERSYNC_ACTIVE", Meaning: "whether orders go to fulfillmenttools", Default: "true", Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.Features.OrderSync, v) },
		},
		{
			Name: "FEAT_STATUSUPDATES_ACTIVE", Meaning: "whether fulfillmenttools' events update orders", Default: "true", Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.Features.StatusUpdates, v) },
		},
		{
			Name: "FEAT_CHANNELSYNC_ACTIVE", Meaning: "whether channels that hold stock become facilities in fulfillmenttools", Default: "true", Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.Features.ChannelSync, v) },
		},
		{
			Name: "SHADOW", Meaning: "shadow mode: messages are handled beside another connector and nothing is written; what would have been written is compared with what is there", Default: "false", Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.Shadow, v) },
		},
		{
			Name: "SHADOW_PATIENCE", Meaning: "in shadow mode, how long the other connector has for its work before it is compared", Default: "1m", Fix: "a duration such as 1m",
			set: func(e *Environment, v string) error { return setDuration(&e.ShadowPatience, v) },
		},
		{
			Name: "DEPLOYMENT", Meaning: "name of this deployment; subscriptions carry it, so that deployments leave each other's alone", Default: "fftconnect",
			Fix: "letters, digits, - and _",
			set: func(e *Environment, v string) error {
				return setMatching(&e.Deployment, v, projectKey, "a name of letters, digits, - and _")
			},
		},
		{
			Name: "PORT", Meaning: "port of the public listener", Default: "8080", Fix: "a number from 0 to 65535",
			set: func(e *Environment, v string) error { return setInt(&e.Port, v, 0, 65535) },
		},
		{
			Name: "ADMIN_ADDR", Meaning: "address of the admin listener: console, health, readiness, metrics; in a container :9090, so that probes reach it", Default: "127.0.0.1:9090",
			Fix: "host and port; do not let the public reach it",
			set: func(e *Environment, v string) error {
				e.AdminAddr = v
				if _, _, err := net.SplitHostPort(v); err != nil {
					return fmt.Errorf("is no host and port")
				}
				return nil
			},
		},
		{
			Name: "PUBLIC_URL", Meaning: "where fulfillmenttools reaches us, with the /service path; on commercetools Connect it is CONNECT_SERVICE_URL", NeededBy: NeedPublicURL,
			Fix:      "give the public address, such as https://connector.example/service",
			Computed: func(_ Environment, given getter) string { return connectServiceURL(given) },
			set: func(e *Environment, v string) error {
				e.PublicURL = v
				return checkServiceURL(v)
			},
		},
		{
			Name: "HANDLE_TIMEOUT", Meaning: "time for handling one message; both senders give up after 10s", Default: "7s", Fix: "a duration under 10s",
			set: func(e *Environment, v string) error {
				if err := setDuration(&e.HandleTimeout, v); err != nil {
					return err
				}
				if e.HandleTimeout >= senderPatience {
					return fmt.Errorf("must be under %v", senderPatience)
				}
				return nil
			},
		},
		{
			Name: "MAX_IN_FLIGHT", Meaning: "messages handled at once, and as many events; more are sent again later", Default: "256", Fix: "a number from 1 to 10000",
			set: func(e *Environment, v string) error { return setInt(&e.MaxInFlight, v, 1, 10000) },
		},
		{
			Name: "MAX_CONNECTIONS", Meaning: "connections of the public listener at once, half as many of one address; more are closed", Default: "2048", Fix: "a number from 2 to 100000",
			set: func(e *Environment, v string) error { return setInt(&e.MaxConnections, v, 2, 100000) },
		},
		{
			Name: "SHUTDOWN_GRACE", Meaning: "time given to messages in flight when stopping; less than what the platform gives after SIGTERM, which is usually 10s", Default: "8s", Fix: "a duration such as 8s",
			set: func(e *Environment, v string) error { return setDuration(&e.ShutdownGrace, v) },
		},
		{
			Name: "CACHE_TTL", Meaning: "how old configuration object, types and stores may be that are worked with; they are read again before", Default: "5m", Fix: "a duration such as 5m",
			set: func(e *Environment, v string) error { return setDuration(&e.CacheTTL, v) },
		},
		{
			Name: ConfigFileVariable, Meaning: "file with the shop's configuration, JSON or YAML; unset: the custom object fft/configuration in commercetools",
			Fix: "see what is wrong with: fftconnect config check FILE",
			set: func(e *Environment, v string) error {
				shop, err := ReadShop(v)
				if err == nil {
					e.ConfigFile, e.Shop = v, &shop
				}
				return err
			},
		},
		{
			Name: "LOG_LEVEL", Meaning: "least severe log lines to write", Default: "info", Fix: "debug, info, warn or error",
			set: func(e *Environment, v string) error {
				return setOneOf(&e.LogLevel, v, "debug", "info", "warn", "error")
			},
		},
		{
			Name: "LOG_FORMAT", Meaning: "form of log lines", Default: "json", Fix: "json or text",
			set: func(e *Environment, v string) error { return setOneOf(&e.LogFormat, v, "json", "text") },
		},
	}
}

// senderPatience is how long either platform waits for our answer.
const senderPatience = 10 * time.Second

func storeSettings() []Setting {
	return []Setting{
		{
			Name: "DATABASE_URL", Meaning: "the store: sqlite:FILE, postgres://… (several replicas share it), or none", Secret: true, Default: "sqlite:fftconnect.db",
			Fix: "for example sqlite:fftconnect.db",
			set: func(e *Environment, v string) error {
				e.DatabaseURL = Secret(v)
				for _, scheme := range []string{"sqlite:", "postgres://", "postgresql://"} {
					if strings.HasPrefix(v, scheme) && v != scheme {
						return nil
					}
				}
				if v == NoDatabase {
					return nil
				}
				return errors.New("must be sqlite:FILE, postgres://… or none")
			},
		},
		{
			Name: "EXPORT_CLAIM", Meaning: "without a store, whether replicas agree through a custom object in commercetools on who creates an order; costs one call an order", Default: "true",
			Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.ExportClaim, v) },
		},
		{
			Name: "JOURNAL_RETENTION", Meaning: "how long the journal keeps what was done", Default: "720h", Fix: "a duration such as 720h",
			set: func(e *Environment, v string) error { return setDuration(&e.JournalRetention, v) },
		},
		{
			Name: "DEAD_RETENTION", Meaning: "how long dead letters are kept", Default: "2160h", Fix: "a duration such as 2160h",
			set: func(e *Environment, v string) error { return setDuration(&e.DeadRetention, v) },
		},
		{
			Name: "MAX_DEAD_LETTERS", Meaning: "dead letters that the store holds; what would be one more stays with its sender", Default: "10000", Fix: "a number from 1 to 1000000",
			set: func(e *Environment, v string) error { return setInt(&e.Bounds.Dead, v, 1, 1_000_000) },
		},
		{
			Name: "MAX_DEAD_LETTERS_MIB", Meaning: "MiB of their bodies together, of which each has 64 KiB at most", Default: "256", Fix: "a number from 1 to 100000",
			set: func(e *Environment, v string) error { return setInt(&e.Bounds.DeadMiB, v, 1, 100_000) },
		},
		{
			Name: "MAX_UNREADABLE", Meaning: "bodies that could not be read that the store holds; what would be one more stays with its sender", Default: "1000", Fix: "a number from 1 to 1000000",
			set: func(e *Environment, v string) error { return setInt(&e.Bounds.Unreadable, v, 1, 1_000_000) },
		},
		{
			Name: "MAX_UNREADABLE_MIB", Meaning: "MiB of them together, of which each has 64 KiB at most", Default: "32", Fix: "a number from 1 to 100000",
			set: func(e *Environment, v string) error { return setInt(&e.Bounds.UnreadableMiB, v, 1, 100_000) },
		},
		{
			Name: "MAX_JOURNAL_ROWS", Meaning: "rows of the journal; the oldest go first", Default: "5000000", Fix: "a number from 1000 to 1000000000",
			set: func(e *Environment, v string) error { return setInt(&e.Bounds.Journal, v, 1000, 1_000_000_000) },
		},
		{
			Name: "MAX_JOURNAL_MIB", Meaning: "MiB of the journal, estimated from its latest rows; the oldest go first", Default: "1024", Fix: "a number from 1 to 100000",
			set: func(e *Environment, v string) error { return setInt(&e.Bounds.JournalMiB, v, 1, 100_000) },
		},
		{
			Name: "DRAIN_RATE", Meaning: "deferred events handled a second at most, per direction", Default: "50", Fix: "a number from 1 to 10000",
			set: func(e *Environment, v string) error { return setInt(&e.DrainRate, v, 1, 10000) },
		},
		{
			Name: "REVISIT_AFTER", Meaning: "when an order that is not finished is looked at on both platforms after its last event; then after twice that, and so on up to a day", Default: "15m", Fix: "a duration such as 15m",
			set: func(e *Environment, v string) error { return setDuration(&e.Revisit.After, v) },
		},
		{
			Name: "REVISIT_FOR", Meaning: "how long an order without an event is looked at; then it is reported once and left", Default: "720h", Fix: "a duration such as 720h",
			set: func(e *Environment, v string) error { return setDuration(&e.Revisit.For, v) },
		},
		{
			Name: "REVISIT_SHIPPED_FOR", Meaning: "how long a shipped order without news of its delivery counts as not finished", Default: "168h", Fix: "a duration such as 168h",
			set: func(e *Environment, v string) error { return setDuration(&e.Revisit.ShippedFor, v) },
		},
		{
			Name: "LATE_PICK_JOB", Meaning: "an order is late that has no pick job so long after its export", Default: "2h", Fix: "a duration such as 2h",
			set: func(e *Environment, v string) error { return setDuration(&e.Late.PickJob, v) },
		},
		{
			Name: "LATE_HANDOVER", Meaning: "an order is late that was picked so long ago and not handed over", Default: "24h", Fix: "a duration such as 24h",
			set: func(e *Environment, v string) error { return setDuration(&e.Late.Handover, v) },
		},
		{
			Name: "LATE_TARGET", Meaning: "an order is late so long after its target time", Default: "1m", Fix: "a duration such as 15m",
			set: func(e *Environment, v string) error { return setDuration(&e.Late.Target, v) },
		},
		{
			Name: "RECONCILE_RATE", Meaning: "orders looked at on both platforms a second at most", Default: "20", Fix: "a number from 1 to 1000",
			set: func(e *Environment, v string) error { return setInt(&e.ReconcileRate, v, 1, 1000) },
		},
	}
}

var (
	projectKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	basePath   = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
	region     = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*$`)
)

// Google's two identity hosts: one signs in, the other refreshes tokens.
const (
	googleIdentity = "https://identitytoolkit.googleapis.com"
	googleToken    = "https://securetoken.googleapis.com"
)

// setMatching leaves a wrong value out, so that what is computed from it is not
// reported as wrong too.
func setMatching(to *string, value string, pattern *regexp.Regexp, what string) error {
	if !pattern.MatchString(value) {
		return errors.New("is not " + what)
	}
	*to = value
	return nil
}

func setOneOf(to *string, value string, allowed ...string) error {
	*to = strings.ToLower(value)
	if !slices.Contains(allowed, *to) {
		return errors.New("must be one of " + strings.Join(allowed, ", "))
	}
	return nil
}

func setBool(to *bool, value string) error {
	switch strings.ToLower(value) {
	case "true", "yes", "1":
		*to = true
	case "false", "no", "0":
		*to = false
	default:
		return errors.New("must be true or false")
	}
	return nil
}

func setInt(to *int, value string, least, most int) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return fmt.Errorf("must be a number from %d to %d", least, most)
	}
	*to = n
	return nil
}

func setDuration(to *time.Duration, value string) error {
	d, err := ParseDuration(value)
	if err != nil || d <= 0 {
		return errors.New("must be a duration above zero, such as 10s, 5m or 1d")
	}
	*to = d
	return nil
}

// setURL takes scheme and host, perhaps with a path, without a slash at the end.
func setURL(to *string, value string) error {
	*to = strings.TrimRight(value, "/")
	return checkURL(value)
}

// servicePath is where fulfillmenttools' events come in.
const servicePath = "/service"

// checkServiceURL is a web address that leads to the path for fulfillmenttools' events.
func checkServiceURL(value string) error {
	if err := checkURL(value); err != nil {
		return err
	}
	if !strings.HasSuffix(strings.TrimRight(value, "/"), servicePath) {
		return errors.New("must end in " + servicePath + ": that is where events come in")
	}
	return nil
}

// connectServiceURL is the public address on commercetools Connect. Sources differ on whether it includes the path.
func connectServiceURL(given getter) string {
	value, _ := given("CONNECT_SERVICE_URL")
	value = strings.TrimRight(value, "/")
	if value != "" && !strings.HasSuffix(value, servicePath) {
		value += servicePath
	}
	return value
}

func checkURL(value string) error {
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return errors.New("must be a web address such as https://host.example")
	}
	return nil
}
