package notify

import (
	"errors"
	"net/smtp"

	"fftconnect/internal/config"
)

// loginAuth is AUTH LOGIN, the only one that some servers have. It goes over TLS, or to this
// machine.
type loginAuth struct{ server config.MailServer }

// Start implements smtp.Auth.
func (a loginAuth) Start(server *smtp.ServerInfo) (proto string, toServer []byte, err error) {
	if !server.TLS && !a.server.IsLocal() {
		return "", nil, errNoTLS
	}
	return "LOGIN", nil, nil
}

// Next implements smtp.Auth.
func (a loginAuth) Next(fromServer []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case string(fromServer) == "Username:":
		return []byte(a.server.User), nil
	case string(fromServer) == "Password:":
		return []byte(a.server.Password.Reveal()), nil
	default:
		return nil, errors.New("the server asks for something unknown")
	}
}
