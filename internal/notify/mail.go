package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/config"
)

// mail sends messages by e-mail, over TLS, or to this machine.
type mail struct {
	to     []string
	from   string
	server config.MailServer
	dial   Dial
}

// Name implements Target.
func (*mail) Name() string { return "email" }

// Where implements Target.
func (m *mail) Where() string { return strings.Join(m.to, ", ") + " by " + m.server.Address() }

// Send implements Target.
func (m *mail) Send(ctx context.Context, message Message) error {
	if err := m.deliver(ctx, message); err != nil {
		return fmt.Errorf("%s: %s", m.server.Address(), mailProblem(err))
	}
	return nil
}

func (m *mail) deliver(ctx context.Context, message Message) error {
	conn, err := m.dial(ctx, "tcp", m.server.Address())
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	settings := &tls.Config{ServerName: m.server.Host, RootCAs: m.server.Roots}
	if m.server.TLS {
		conn = tls.Client(conn, settings)
	}
	client, err := smtp.NewClient(conn, m.server.Host)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := m.secure(client, settings); err != nil {
		return err
	}
	if err := client.Mail(m.from); err != nil {
		return err
	}
	for _, to := range m.to {
		if err := client.Rcpt(to); err != nil {
			return err
		}
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(m.text(message, time.Now())); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	_ = client.Quit() // it has the message
	return nil
}

// errNoTLS is for a server that would get everything in the clear.
var errNoTLS = errors.New("the server offers no STARTTLS")

// secure encrypts the connection, and signs in.
func (m *mail) secure(client *smtp.Client, settings *tls.Config) error {
	if offered, _ := client.Extension("STARTTLS"); !m.server.TLS && offered {
		if err := client.StartTLS(settings); err != nil {
			return err
		}
	} else if !m.server.TLS && !m.server.IsLocal() {
		return errNoTLS
	}
	if m.server.User == "" {
		return nil
	}
	_, ways := client.Extension("AUTH")
	if !slices.Contains(strings.Fields(ways), "PLAIN") && slices.Contains(strings.Fields(ways), "LOGIN") {
		return client.Auth(loginAuth{m.server})
	}
	return client.Auth(smtp.PlainAuth("", m.server.User, m.server.Password.Reveal(), m.server.Host))
}

// text is the message as it is sent.
func (m *mail) text(message Message, now time.Time) []byte {
	var text bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&text, "%s: %s\r\n", name, value) }
	header("From", m.from)
	header("To", strings.Join(m.to, ", "))
	header("Subject", mime.QEncoding.Encode("utf-8", message.Subject()))
	header("Date", now.Format(time.RFC1123Z))
	_, domain, _ := strings.Cut(m.from, "@")
	header("Message-ID", "<"+strings.ToLower(rand.Text())+"@"+domain+">")
	header("Auto-Submitted", "auto-generated")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	text.WriteString("\r\n")
	body := quotedprintable.NewWriter(&text)
	_, _ = body.Write([]byte(strings.ReplaceAll(message.Text(), "\n", "\r\n")))
	_ = body.Close()
	return text.Bytes()
}

// mailProblem says what went wrong without the server's words, which may repeat what it got.
func mailProblem(err error) string {
	var answered *textproto.Error
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var network net.Error
	switch {
	case errors.Is(err, errNoTLS):
		return err.Error()
	case errors.As(err, &answered) && (answered.Code == 530 || answered.Code == 534 || answered.Code == 535):
		return fmt.Sprintf("the server answered %d: user and password were not taken", answered.Code)
	case errors.As(err, &answered):
		return fmt.Sprintf("the server answered %d", answered.Code)
	case errors.As(err, &unknown), errors.As(err, &other):
		return "the server's certificate is not trusted"
	case errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case errors.As(err, &network):
		return "it cannot be reached"
	default:
		return "the message could not be handed over"
	}
}
