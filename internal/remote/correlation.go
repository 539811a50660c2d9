package remote

import (
	"errors"
	"net/http"
	"strings"
)

// correlationHeaders are those in which a platform, or what stands before it, names a call
// for its own people: commercetools documents the first; fulfillmenttools documents none.
var correlationHeaders = []string{"X-Correlation-Id", "X-Request-Id"}

// maxCorrelation is longer than any id that commercetools takes.
const maxCorrelation = 256

// CorrelationID is the id that an answer's header gives its call; empty when there is none
// that may stand in a log.
func CorrelationID(header http.Header) string {
	for _, name := range correlationHeaders {
		values := header[name]
		if len(values) == 0 || values[0] == "" || len(values[0]) > maxCorrelation || strings.ContainsFunc(values[0], notOfIDs) {
			continue
		}
		return values[0]
	}
	return ""
}

// Correlation is the correlation id of the call behind err; empty when there is none.
func Correlation(err error) string {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Correlation
	}
	return ""
}

func notOfIDs(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_/.:;=+", r)
}
