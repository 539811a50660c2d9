package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Environment is the connector's own configuration.
type Environment struct {
	Commercetools struct {
		ProjectKey, Region, APIURL, AuthURL string
		ClientID                            string
		ClientSecret                        Secret
		Scope                               string
	}
	Fulfillmenttools struct {
		ProjectID, APIURL   string
		SignInURL, TokenURL string
		APIKey              Secret
		User                string
		Password            Secret
		ListLag             time.Duration
		ForceCancel         bool
		FieldNames          string
	}
	Token struct { // the bearer token that callers show
		Secret, Previous          Secret
		Issuer, Audience, Subject string
		Lifetime                  time.Duration
	}
	Event struct { // who may call POST /event
		Auth                     string
		OIDCIssuer, OIDCAudience string
		OIDCEmail                string
		Rate                     int // messages a second of callers without a token
	}
	Features struct {
		OrderSync, StatusUpdates, ChannelSync bool
	}
	Shadow         bool          // handle everything, write nothing
	ShadowPatience time.Duration // that another connector is given before its work is compared

	Deployment     string
	Port           int
	AdminAddr      string
	Admin          Admin // the console
	PublicURL      string
	Destination    *Destination // nil when none is named
	HandleTimeout  time.Duration
	MaxInFlight    int
	MaxConnections int // of the public listener
	ShutdownGrace  time.Duration
	CacheTTL       time.Duration
	LogLevel       string
	LogFormat      string
	ConfigFile     string
	Shop           *Shop // out of ConfigFile; nil: the custom object in commercetools

	DatabaseURL      Secret // NoDatabase: none
	ExportClaim      bool
	JournalRetention time.Duration
	DeadRetention    time.Duration
	Bounds           struct { // of the store
		Dead, DeadMiB, Unreadable, UnreadableMiB, Journal, JournalMiB int
	}
	DrainRate int      // events a second
	Revisit   struct { // open orders
		After, For, ShippedFor time.Duration
	}
	Late struct { // how long something may take
		PickJob, Handover, Target time.Duration
	}
	ReconcileRate int // orders a second
	Notify        Notify
	OpenTelemetry OpenTelemetry
}

// NoDatabase is the DATABASE_URL of a connector without a store.
const NoDatabase = "none"

// googleIssuer gives tokens to everybody who has an account.
const googleIssuer = "https://accounts.google.com"

// Ways to authenticate the callers of POST /event.
const (
	EventAuthToken = "token" // a token of ours, in a header or in ?token=
	EventAuthOIDC  = "oidc"  // the broker's own OpenID Connect token
	EventAuthNone  = "none"  // anybody; a message is a hint only, the order is always read
)

// Need names what a command cannot do without.
type Need int

const (
	// NeedPublicURL: fulfillmenttools must know where to reach us.
	NeedPublicURL Need = 1 << iota
	// NeedDestination: commercetools must know where to deliver messages.
	NeedDestination
)

// Problem is one setting that is missing or wrong.
type Problem struct {
	Variable string
	Problem  string
	Meaning  string
	Fix      string
}

// Problems is every setting that is missing or wrong.
type Problems []Problem

func (p Problems) Error() string {
	var text strings.Builder
	if len(p) == 1 {
		text.WriteString("1 setting is missing or wrong:")
	} else {
		fmt.Fprintf(&text, "%d settings are missing or wrong:", len(p))
	}
	for _, problem := range p {
		fmt.Fprintf(&text, "\n  %s: %s\n      meaning: %s\n      fix:     %s", problem.Variable, problem.Problem, problem.Meaning, problem.Fix)
	}
	return text.String()
}

// Load reads the environment through lookup, such as os.LookupEnv. Every variable
// may instead be given as NAME_FILE, the path of a file that holds the value. The
// error is Problems.
func Load(lookup func(string) (string, bool), needs Need) (Environment, error) {
	var env Environment
	var problems Problems
	given := withFileVariants(lookup)
	for _, s := range Settings() {
		value, err := given(s.Name)
		value = strings.TrimSpace(value)
		if err == nil && value == "" {
			value = s.Default
			if s.Computed != nil {
				value = s.Computed(env, given)
			}
		}
		if err == nil {
			switch {
			case value != "":
				err = s.set(&env, value)
			case s.isRequired(needs):
				err = errors.New("is not set")
			}
		}
		if err != nil {
			problems = append(problems, Problem{Variable: s.Name, Problem: err.Error(), Meaning: s.Meaning, Fix: s.Fix})
		}
	}
	if problem := unknownRegionProblem(env, given); problem != nil {
		problems = append(problems, *problem)
	}
	if err := loadDestination(&env, given); err != nil {
		problems = append(problems, *err)
	} else if env.Destination == nil && needs&NeedDestination != 0 && env.NeedsMessages() {
		problems = append(problems, noDestination)
	}
	if env.Event.Auth == EventAuthOIDC && env.Event.OIDCAudience == "" {
		problems = append(problems, Problem{"EVENT_OIDC_AUDIENCE", "is not set", "audience that the broker's token must name", "set it to the audience of the push subscription"})
	}
	if env.Event.Auth == EventAuthOIDC && env.Event.OIDCEmail == "" && env.Event.OIDCIssuer == googleIssuer {
		problems = append(problems, Problem{"EVENT_OIDC_EMAIL", "is not set", "service account that the broker's token must name: anybody with a Google account gets tokens of this issuer", "set it to the e-mail address of the push subscription's service account"})
	}
	problems = append(problems, env.Admin.missingSettings()...)
	problems = append(problems, env.Notify.missingSettings()...)
	problems = append(problems, env.OpenTelemetry.unsupported()...)
	if len(problems) > 0 {
		return Environment{}, problems
	}
	return env, nil
}

// getter gives a variable's value; empty when it is not set.
type getter func(name string) (string, error)

func withFileVariants(lookup func(string) (string, bool)) getter {
	return func(name string) (string, error) {
		if value, ok := lookup(name); ok && value != "" {
			return value, nil
		}
		path, ok := lookup(name + "_FILE")
		if !ok || path == "" {
			return "", nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("%s_FILE cannot be read: %w", name, err)
		}
		return strings.TrimSpace(string(text)), nil
	}
}

// NeedsMessages reports whether commercetools must deliver anything to us.
func (e Environment) NeedsMessages() bool { return e.Features.OrderSync || e.Features.ChannelSync }

// ServiceURL is the address that fulfillmenttools calls: the public address, which
// includes the /service path.
func (e Environment) ServiceURL() string { return strings.TrimRight(e.PublicURL, "/") }
