package intake

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"fftconnect/internal/outcome"
)

// ErrJobRuns is the error of a job that runs already, here or elsewhere.
var ErrJobRuns = errors.New("the job is already running")

const (
	// strangersJob is how often strangers start the job at most.
	strangersJob = time.Minute
	// maxJobBody is what is read of a body that the job has no use for.
	maxJobBody = 64 << 10
)

// runningJob lets one job run at a time.
type runningJob struct {
	mu      sync.Mutex
	running bool
	started time.Time
}

// start is the word that refuses it, or how to end it.
func (j *runningJob) start(stranger bool) (refused string, end func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.running:
		return "already running", nil
	case stranger && !j.started.IsZero() && time.Since(j.started) < strangersJob:
		return "it ran a moment ago", nil
	}
	j.running, j.started = true, time.Now()
	return "", func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.running = false
	}
}

// serveJob runs the scheduled comparison while its caller waits, as commercetools Connect
// does, for up to half an hour. Only the caller whose job runs may wait so long, and only
// once its request has come in.
func (s *Server) serveJob(w http.ResponseWriter, r *http.Request) {
	visitor, ok := s.authenticate(w, r, JobPath, outcome.Export, s.opts.JobCaller)
	if !ok {
		return
	}
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(s.opts.BodyTimeout))
	refused, end := s.jobs.start(visitor.Stranger)
	if refused != "" {
		w.Header().Set("Connection", "close")
		replyWord(w, http.StatusServiceUnavailable, refused)
		return
	}
	defer end()
	if n, err := io.Copy(io.Discard, io.LimitReader(r.Body, maxJobBody+1)); err != nil || n > maxJobBody {
		w.Header().Set("Connection", "close")
		replyWord(w, http.StatusBadRequest, "the job takes no body")
		return
	}
	_ = connection.SetWriteDeadline(time.Time{})
	_ = connection.SetReadDeadline(time.Time{})
	findings, err := s.opts.Job(r.Context())
	switch {
	case errors.Is(err, ErrJobRuns):
		replyWord(w, http.StatusServiceUnavailable, "already running")
	case err != nil:
		replyWord(w, http.StatusServiceUnavailable, "not finished")
	default:
		replyWord(w, http.StatusOK, strconv.Itoa(findings)+" differences")
	}
}
