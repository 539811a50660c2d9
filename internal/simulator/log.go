package simulator

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Exchange is one request that a simulated platform received, and its answer.
type Exchange struct {
	Platform string // "commercetools" or "fulfillmenttools"
	Method   string
	Path     string
	Query    string // raw
	Status   int    // 0: the connection was cut
	Start    time.Time
	End      time.Time
	Faulted  bool // a fault decided the answer
	// Header, Request and Response are kept only by a log that keeps bodies.
	Header   http.Header
	Request  []byte
	Response []byte
}

// Log remembers what a platform was asked. A nil Log remembers nothing. It is safe
// for concurrent use.
type Log struct {
	keepBodies bool
	mu         sync.Mutex
	exchanges  []*Exchange
}

// NewLog makes a log; with keepBodies it keeps headers and bodies as well.
func NewLog(keepBodies bool) *Log { return &Log{keepBodies: keepBodies} }

func (l *Log) begin(platform string, r *http.Request, now time.Time) *Exchange {
	if l == nil {
		return nil
	}
	exchange := &Exchange{Platform: platform, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Start: now}
	if l.keepBodies {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		exchange.Request, exchange.Header = body, r.Header.Clone()
	}
	return exchange
}

func (l *Log) end(exchange *Exchange, status int, response []byte, now time.Time, faulted bool) {
	if l == nil {
		return
	}
	exchange.Status, exchange.End, exchange.Faulted = status, now, faulted
	if l.keepBodies {
		exchange.Response = bytes.Clone(response)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.exchanges = append(l.exchanges, exchange)
}

// All is every finished exchange so far, oldest first.
func (l *Log) All() []Exchange {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Exchange, len(l.exchanges))
	for i, exchange := range l.exchanges {
		all[i] = *exchange
	}
	return all
}

// Count is the number of exchanges whose "METHOD /path" contains every given part.
func (l *Log) Count(parts ...string) int {
	n := 0
	for _, exchange := range l.All() {
		name := exchange.Method + " " + exchange.Path
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(name, part) }) {
			n++
		}
	}
	return n
}

// CountExcept is the number of exchanges whose path does not begin with auth, which is
// where tokens are got.
func (l *Log) CountExcept(auth string) int {
	n := 0
	for _, exchange := range l.All() {
		if !strings.HasPrefix(exchange.Path, auth) {
			n++
		}
	}
	return n
}

// Reset forgets everything so far.
func (l *Log) Reset() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.exchanges = nil
}
