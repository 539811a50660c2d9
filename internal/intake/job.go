package intake

import (
	"net/http"
	"strconv"
	"time"

	"fftconnect/internal/outcome"
)

// job runs the scheduled comparison while its caller waits, as commercetools Connect
// does, for up to half an hour.
func (s *Server) job(w http.ResponseWriter, r *http.Request) {
	if err := s.opts.JobCaller(r.Context(), r); err != nil {
		s.opts.Recorder.Unauthorized(outcome.Export, err.Error())
		w.Header().Set("WWW-Authenticate", "Bearer")
		reply(w, http.StatusUnauthorized, "unauthorized")
		return
	}
	// It takes longer than the listener allows for an answer.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	findings, err := s.opts.Job(r.Context())
	if err != nil {
		reply(w, http.StatusServiceUnavailable, "not finished")
		return
	}
	reply(w, http.StatusOK, strconv.Itoa(findings)+" differences")
}
