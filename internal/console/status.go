package console

import (
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/telemetry"
)

// Status is how the connector is doing, as far as this process knows without asking a platform.
type Status struct {
	Started       time.Time
	Stopping      bool
	Shadow        bool
	Open          bool // anybody may call POST /event
	Paused        []Pause
	Circuits      []Circuit
	Blocked       []remote.Blockage
	Configuration string   // what is wrong with the shop's configuration; empty when nothing is
	Installation  []string // what of the installation could not be kept up
	TokenExpires  time.Time
	Problems      []telemetry.Problem // the latest messages that somebody must look at
	Handled       []telemetry.Handled // since the process started
	Visited       time.Time           // when due visits last went through; zero: not by this process
	Swept         time.Time           // until when the sweeps looked
	Reconcile     time.Time           // how far a run of fftconnect reconcile has come that was not ended; zero: none
	Switched      map[outcome.Flow]bool
}

// Pause is a direction that somebody stopped for a while.
type Pause struct {
	Flow  outcome.Flow
	Since time.Time
	By    string
	Why   string
}

// Circuit is how a platform is doing.
type Circuit struct {
	Platform string
	State    string
	Wait     time.Duration // until it is tried again
}

// Explained is an order mapped, and why each field is as it is.
type Explained struct {
	Order    commercetools.Snapshot
	Settings config.Shop
	export.Explanation
	Calls int
}

// Notification is where notifications go, and how that went last.
type Notification struct {
	Target, Where string
	Sent          time.Time // latest; zero: none yet
	Problem       string    // why the latest could not be sent; empty when it could
	Failed        time.Time
}

// Tested is a test event that was sent to ourselves.
type Tested struct {
	Endpoint string
	Answer   string
	Good     bool
	Took     time.Duration
	Fix      string
}
