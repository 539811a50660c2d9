// Package doctor checks what can be wrong with an installation, and says beside
// each finding how to fix it. It changes nothing.
//
//	doctor.go        the checks in order
//	platforms.go     credentials, scopes, permissions, clocks
//	installation.go  order type, subscriptions, webhooks, configuration
//	ourselves.go     our public address, the database, when messages last came
package doctor

import (
	"context"
	"net/http"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/setup"
)

// Status is how a check ended.
type Status string

const (
	// OK: nothing to do.
	OK Status = "ok"
	// Warn: it works, but somebody should look.
	Warn Status = "warn"
	// Fail: it does not work until it is fixed.
	Fail Status = "fail"
	// Skip: it could not be checked.
	Skip Status = "skip"
)

// Finding is one check and its result.
type Finding struct {
	Area   string `json:"area"`
	Check  string `json:"check"`
	Status Status `json:"status"`
	Detail string `json:"detail,omitempty"`
	Fix    string `json:"advice,omitempty"`
}

// Database is what the doctor asks of the store.
type Database interface {
	Ping(ctx context.Context) error
	CheckRoom(ctx context.Context) error
	// Clock is the present by the clock that claims and leases are told by.
	Clock(ctx context.Context) (time.Time, error)
	LastSeen(ctx context.Context) (map[outcome.Flow]time.Time, error)
	CountStored(ctx context.Context) (ledger.StoredCounts, error)
	Checkpoint(ctx context.Context, name string) (value string, updated time.Time, ok bool, err error)
}

// Patient is what is examined.
type Patient struct {
	Commercetools    *commercetools.Client
	Fulfillmenttools *fulfillmenttools.Client
	Installer        setup.Installer
	Environment      config.Environment
	HTTP             *http.Client
	Database         Database // nil: none is configured
	DatabaseError    error    // why it could not be opened
	DatabaseFile     string   // one that is not there yet
	Now              func() time.Time
}

// Examine makes all checks and tells each finding as it comes.
func (p Patient) Examine(ctx context.Context, tell func(Finding)) (findings []Finding) {
	add := func(f Finding) {
		findings = append(findings, f)
		tell(f)
	}
	// Both are looked at, whatever the first one says.
	ct, fft := p.checkCommercetools(ctx, add), p.checkFulfillmenttools(ctx, add)
	if ct && fft {
		p.checkInstallation(ctx, add)
		p.checkWebhookToken(ctx, add)
		p.checkConfiguration(ctx, add)
	}
	p.reportMode(add)
	p.checkClocks(ctx, add)
	p.checkPublicAddress(ctx, add)
	p.checkNotifications(ctx, add)
	p.checkDatabase(ctx, add)
	return findings
}

// Healthy reports whether nothing must be fixed.
func Healthy(findings []Finding) bool {
	for _, f := range findings {
		if f.Status == Fail {
			return false
		}
	}
	return true
}
