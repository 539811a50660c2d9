package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// classify turns an error into how the message ended. This is the one place where
// it is decided whether the sender keeps the message.
//
//	conflict, transient, blocked   deferred: 503, the sender repeats it
//	rejected, not found            rejected: 200, somebody must look
//	anything else                  rejected: 200, our own mistake
func classify(result outcome.Result, err error) outcome.Result {
	if err == nil {
		return result
	}
	result.Kind = outcome.Rejected
	switch remote.KindOf(err) {
	case remote.Conflict, remote.Transient, remote.Blocked:
		result.Kind = outcome.Deferred
	}
	result.Reason = err.Error()
	var hinted interface{ Hint() string }
	switch {
	case errors.As(err, &hinted):
		result.Hint = hinted.Hint()
	case result.Hint == "":
		result.Hint = remote.Hint(err)
	}
	return result
}

// status answers both senders: fulfillmenttools takes nothing but 200 for done, and
// both repeat whatever else they get.
func status(kind outcome.Kind) int {
	if kind == outcome.Deferred {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// answer tells the sender how it ended, and nothing that it did not know.
func answer(w http.ResponseWriter, result outcome.Result, err error) {
	if result.Kind == outcome.Deferred {
		wait := max(remote.Wait(err), time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	reply(w, status(result.Kind), string(result.Kind))
}

func reply(w http.ResponseWriter, status int, word string) {
	body, err := json.Marshal(map[string]string{"status": word})
	if err != nil {
		panic(fmt.Sprintf("intake: a word that JSON cannot hold: %v", err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
