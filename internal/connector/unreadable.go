package connector

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
)

// UnreadablePath is where the admin listener of a connector without a store shows what
// could not be read, and takes what is to become of it.
const UnreadablePath = "/unreadable"

// UnreadableTimeout is how long one call may have what could not be read handled again;
// what is left then stays as it is.
const UnreadableTimeout = 2 * time.Minute

// UnreadableAnswer is what the admin listener says of what could not be read.
type UnreadableAnswer struct {
	Events []ledger.Event `json:"events"` // listed, or left over
	Done   int            `json:"done"`   // handled after all, or discarded
}

// mountUnreadables serves what the connector keeps in memory, which may hold personal data: to who
// has a token for it, however the listener may be reached.
func (c *Connector) mountUnreadables(outer *http.ServeMux) {
	mux, caller := http.NewServeMux(), intake.Bearer(intake.TokenOf(c.env).ForEndpoint(UnreadablePath))
	outer.HandleFunc(UnreadablePath+"/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := caller(r.Context(), r); err != nil {
			writeJSON(w, http.StatusUnauthorized, map[string]string{"status": "unauthorized"})
			return
		}
		mux.ServeHTTP(w, r)
	})
	mux.HandleFunc("POST "+UnreadablePath+"/list", c.unreadableHandler(func(_ *http.Request, filter ledger.Filter) UnreadableAnswer {
		return UnreadableAnswer{Events: withoutBodies(c.unread.Events(filter))}
	}))
	mux.HandleFunc("GET "+UnreadablePath+"/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		found := c.unread.Events(ledger.Filter{IDs: []int64{id}})
		if err != nil || len(found) == 0 {
			writeJSON(w, http.StatusNotFound, map[string]string{"status": "not found"})
			return
		}
		writeJSON(w, http.StatusOK, found[0])
	})
	mux.HandleFunc("POST "+UnreadablePath+"/retry", c.unreadableHandler(func(r *http.Request, filter ledger.Filter) UnreadableAnswer {
		ctx, cancel := context.WithTimeout(r.Context(), UnreadableTimeout)
		defer cancel()
		done, left := c.unread.Retry(ctx, filter, c.storedEventHandler())
		return UnreadableAnswer{Events: withoutBodies(left), Done: done}
	}))
	mux.HandleFunc("POST "+UnreadablePath+"/discard", c.unreadableHandler(func(_ *http.Request, filter ledger.Filter) UnreadableAnswer {
		return UnreadableAnswer{Done: c.unread.Discard(filter)}
	}))
}

// unreadableHandler reads which are meant.
func (c *Connector) unreadableHandler(do func(*http.Request, ledger.Filter) UnreadableAnswer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var filter ledger.Filter
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
		decoder.DisallowUnknownFields()
		if r.Header.Get("Content-Type") != "application/json" || decoder.Decode(&filter) != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"status": "a filter in JSON is expected"})
			return
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * UnreadableTimeout))
		writeJSON(w, http.StatusOK, do(r, filter))
	}
}

// withoutBodies leaves out what may hold personal data.
func withoutBodies(events []ledger.Event) []ledger.Event {
	for i := range events {
		events[i].Body = nil
	}
	return append([]ledger.Event{}, events...)
}
