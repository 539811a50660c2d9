package connector

import (
	"encoding/json"
	"net/http"
	"sync/atomic"

	"fftconnect/internal/telemetry"
)

// admin is the admin listener's handler: what operators and their tools see.
type admin struct {
	mux      *http.ServeMux
	stopping atomic.Bool
}

func newAdmin(t *telemetry.Telemetry, version string) *admin {
	a := &admin{mux: http.NewServeMux()}
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, map[string]string{"status": "UP", "version": version})
	})
	a.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if a.stopping.Load() {
			show(w, http.StatusServiceUnavailable, map[string]string{"status": "stopping"})
			return
		}
		show(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	a.mux.HandleFunc("GET /problems", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, map[string]any{"problems": t.Attention()})
	})
	a.mux.Handle("GET /metrics", t.Handler())
	return a
}

func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func show(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
