package connector

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"

	"fftconnect/internal/console"
	"fftconnect/internal/outcome"
	"fftconnect/internal/printable"
	"fftconnect/internal/remote"
	"fftconnect/internal/telemetry"
)

// admin is the admin listener's handler: what operators and their tools see.
type admin struct {
	mux        *http.ServeMux
	health     *remote.Health
	stopping   atomic.Bool
	lastUpkeep func(context.Context) upkeepReport // of the installation
	wrong      func() error                       // with the shop's configuration
	problems   func(context.Context) []telemetry.Problem
	store      func(context.Context) []string // what keeps it from taking what comes
	paused     func(context.Context) []outcome.Flow
	fleeting   string // why the store does not last
	shadow     bool   // nothing is written
	open       bool   // anybody may bring messages and start the job
}

func newAdmin(t *telemetry.Telemetry, health *remote.Health, version string, condition func(context.Context) upkeepReport) *admin {
	a := &admin{mux: http.NewServeMux(), health: health, lastUpkeep: condition}
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "UP", "version": version})
	})
	a.mux.HandleFunc("GET /readyz", a.serveReady)
	a.mux.HandleFunc("GET /problems", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"problems": append([]telemetry.Problem{}, a.problems(r.Context())...)})
	})
	a.mux.Handle("GET /metrics", t.Handler())
	return a
}

// mountConsole puts the console where it is to be.
func (a *admin) mountConsole(pages *console.Console) {
	base := pages.BasePath()
	a.mux.Handle(base+"/", pages)
	if base != "" {
		a.mux.Handle("GET /{$}", http.RedirectHandler(base+"/", http.StatusSeeOther))
	}
}

// serveReady says whether messages are taken, and what keeps them from being done.
// Whatever that is, they must still come in: they are stored or stay with the sender.
func (a *admin) serveReady(w http.ResponseWriter, r *http.Request) {
	if a.stopping.Load() {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "stopping"})
		return
	}
	answer := map[string]any{"status": "ready"}
	if a.shadow {
		answer["mode"] = "shadow: nothing is written"
	}
	if paused := a.paused(r.Context()); len(paused) > 0 {
		answer["status"], answer["paused"] = "degraded", paused
	}
	if a.fleeting != "" {
		answer["storage"] = "does not last: " + a.fleeting
	}
	if a.open {
		answer["callers"] = "anybody may call POST /event and POST /job"
	}
	if blocked := a.health.Blocked(); len(blocked) > 0 {
		answer["status"], answer["blocked"] = "degraded", blocked
	}
	if err := a.wrong(); err != nil {
		answer["status"], answer["configuration"] = "degraded", err.Error()
	}
	if troubles := a.store(r.Context()); len(troubles) > 0 {
		answer["status"], answer["store"] = "degraded", troubles
	}
	if problems := a.lastUpkeep(r.Context()).Problems; len(problems) > 0 {
		answer["status"], answer["installation"] = "degraded", problems
	}
	writeJSON(w, http.StatusOK, answer)
}

func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(printable.Writer(w)).Encode(body) // people look at it on a terminal
}
