package remote

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// tlsError is a host with which no safe connection could be made.
type tlsError struct {
	host  string
	cause error
}

// withHost tells which host a TLS failure is about, which the failure itself does not always
// say; other errors stay as they are.
func withHost(request *http.Request, err error) error {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	if errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) {
		return &tlsError{request.URL.Hostname(), err}
	}
	return err
}

func (e *tlsError) Error() string {
	var certificate *tls.CertificateVerificationError
	if !errors.As(e.cause, &certificate) || len(certificate.UnverifiedCertificates) == 0 {
		return fmt.Sprintf("no TLS connection with %s: %v", e.host, e.cause)
	}
	shown := certificate.UnverifiedCertificates[0]
	return fmt.Sprintf("the certificate that %s shows is not good: %v (of %s, issued by %s, valid until %s)",
		e.host, certificate.Err, shown.Subject, shown.Issuer, shown.NotAfter.Format(time.DateOnly))
}

func (e *tlsError) Unwrap() error { return e.cause }
