package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind is what a failed call means for what happens next.
type Kind int

const (
	// Rejected: the platform says no and will keep saying so.
	Rejected Kind = iota
	// Conflict: someone was faster; read again and decide again.
	Conflict
	// NotFound: the thing does not exist.
	NotFound
	// Transient: network, 408, 425, 429, 5xx or no time left; later it may work.
	Transient
	// Blocked: credentials, scopes or permissions are wrong. It works again by
	// itself once somebody has fixed them, so nothing is given up.
	Blocked
)

func (k Kind) String() string {
	switch k {
	case Conflict:
		return "conflict"
	case NotFound:
		return "not found"
	case Transient:
		return "transient"
	case Blocked:
		return "blocked"
	default:
		return "rejected"
	}
}

// IsTemporary reports whether the same thing may work later, without anybody changing
// the message: it is worth keeping.
func (k Kind) IsTemporary() bool { return k == Conflict || k == Transient || k == Blocked }

// Error is a call that did not succeed. Its text holds no secret and no personal
// data: the platform's words are scrubbed of what the request carried.
type Error struct {
	Platform  string
	Operation string
	Kind      Kind
	Status    int           // HTTP status; 0 when there was no answer
	Code      string        // the platform's code, such as ConcurrentModification
	Message   string        // the platform's words
	Hint      string        // what to do about it
	Delay     time.Duration // what the platform asked to wait; 0 when it did not say
	// Ambiguous: the platform may have carried the call out although it failed.
	Ambiguous bool
	Cause     error
	// Correlation is the id under which the platform's own people find the call; empty when
	// its answer had none.
	Correlation string
	// Foreign: somebody else than the platform answered, such as a gateway before it.
	Foreign bool
	// final: neither the caller's time nor the call's nature allows a repetition.
	final bool
}

func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s: ", e.Platform, e.Operation)
	switch {
	case e.Status != 0:
		fmt.Fprintf(&text, "answered %d", e.Status)
	case e.Cause != nil && e.Message == "":
		text.WriteString(withoutAddress(e.Cause))
	default:
		text.WriteString(e.Kind.String())
	}
	if e.Code != "" {
		fmt.Fprintf(&text, " %s", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&text, ": %s", e.Message)
	}
	if e.Hint != "" {
		fmt.Fprintf(&text, " (%s)", e.Hint)
	}
	return text.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// isTokenRefusal is false for the nil Error, and when there was no token to refuse.
func (e *Error) isTokenRefusal() bool {
	return e != nil && e.Status == http.StatusUnauthorized && !e.final
}

// KindOf is the kind of the call that made err fail. An error that no call made is
// Transient when time ran out, and Rejected otherwise: repeating would not help.
func KindOf(err error) Kind {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Kind
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Transient
	}
	return Rejected
}

// Is reports whether err comes from a call that failed with the given kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// IsAmbiguous reports whether the call behind err may have been carried out.
func IsAmbiguous(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Ambiguous
}

// IsCallOver reports whether the platform itself ended the call behind err: whatever it did of
// it, it does no more. Nobody's answer, a gateway's, and one that speaks of a time that ran
// out leave it open whether the platform goes on.
func IsCallOver(err error) bool {
	var failed *Error
	if !errors.As(err, &failed) || failed.Status == 0 || failed.Foreign {
		return false
	}
	switch failed.Status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout:
		return false
	default:
		return true
	}
}

// WaitOf is how long the platform behind err asked to wait; 0 when it did not say.
func WaitOf(err error) time.Duration {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Delay
	}
	return 0
}

// HintOf is what to do about err, or nothing. An error that no call made may have a
// hint of its own.
func HintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Hint
	}
	return ""
}

// ErrNotYet is behind every error that Later makes.
var ErrNotYet = errors.New("not yet")

// NewTransient makes a transient error for something that nobody failed at: it can only be
// done after the delay.
func NewTransient(platform, operation, why string, delay time.Duration) *Error {
	return &Error{Platform: platform, Operation: operation, Kind: Transient, Message: why, Delay: delay, Cause: ErrNotYet}
}

// kindOfStatus is the one table of what a status means.
func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Blocked
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusConflict:
		return Conflict
	case status < 400, status == http.StatusRequestTimeout, status == http.StatusTooEarly,
		status == http.StatusMisdirectedRequest, status == http.StatusTooManyRequests, status >= 500:
		return Transient
	default:
		return Rejected
	}
}

// isAmbiguousStatus reports a status that leaves it open whether the call was carried
// out: something else than the platform may have answered for it.
func isAmbiguousStatus(status int) bool {
	return status < 400 || status >= 500 || status == http.StatusRequestTimeout || status == http.StatusMisdirectedRequest
}

// makeForeign makes the error of an answer that somebody else than the platform gave, such as
// a gateway before it: it says nothing of what was asked, and later it may work.
func (e *Error) makeForeign() {
	e.Foreign = true
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return // whoever said so did not let it through
	}
	e.Kind, e.Ambiguous = Transient, true
	if e.Message == "" {
		e.Message = "not in the platform's own words"
	}
}

// fromNetwork classifies a call that got no answer.
func fromNetwork(platform string, op Operation, cause error) *Error {
	var opErr *net.OpError
	dialFailed := errors.As(cause, &opErr) && opErr.Op == "dial"
	return &Error{
		Platform: platform, Operation: op.Name, Kind: Transient,
		Ambiguous: !dialFailed, Cause: cause,
	}
}

// longestWait bounds what a platform may ask for.
const longestWait = 15 * time.Minute

func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), longestWait)
	}
	return 0
}

// withoutAddress says what a network error was without the address that it carries, since
// an address can hold an API key.
func withoutAddress(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var insecure *tlsError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "call cancelled"
	case errors.As(err, &insecure):
		return insecure.Error()
	case errors.As(err, &dns):
		return "host " + dns.Name + " cannot be resolved"
	case errors.As(err, &op):
		return "connection failed: " + op.Op + ": " + op.Err.Error()
	default:
		return "connection broken"
	}
}

// StatusOf is the HTTP status of the answer behind err; ok is false when there was none.
func StatusOf(err error) (status int, ok bool) {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Status, failed.Status != 0
	}
	return 0, false
}
