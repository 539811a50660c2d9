package telemetry_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/notify"
)

var message = notify.Message{Kind: "report", Deployment: "shop-a", Project: "acme", Title: "Köln <b> & more", New: []notify.Line{{Kind: notify.Blocked, Title: "platform does not let us read", Runbook: "docs/operations.md#blocked"}}}

type receiver struct {
	status int
	got    *http.Request
	body   []byte
}

// RoundTrip implements http.RoundTripper.
func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	if r.status == 0 {
		return nil, errors.New("dial " + request.URL.String())
	}
	r.got = request
	r.body, _ = io.ReadAll(request.Body)
	return &http.Response{StatusCode: r.status, Header: http.Header{"Location": {"http://169.254.169.254/planted"}}, Body: io.NopCloser(strings.NewReader("no: planted")), Request: request}, nil
}

func TestWebhooksGetJSON(t *testing.T) {
	t.Parallel()
	base := &receiver{status: 200}
	settings := config.Notify{WebhookURL: "https://alerts.example/planted", WebhookToken: "planted-token", SlackURL: "https://hooks.slack.example/planted"}
	targets := notify.Targets(settings, base, nil)
	if err := targets[0].Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	var got notify.Message
	if err := json.Unmarshal(base.body, &got); err != nil || got.Title != message.Title || got.New[0].Kind != notify.Blocked || base.got.Header.Get("Authorization") != "Bearer planted-token" {
		t.Errorf("got %s, %v", base.body, err)
	}
	if err := targets[1].Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	var slack struct{ Text string }
	if err := json.Unmarshal(base.body, &slack); err != nil || !strings.HasPrefix(slack.Text, "*fftconnect shop-a (acme): Köln &lt;b&gt; &amp; more*\n") || base.got.Header.Get("Authorization") != "" {
		t.Errorf("got %s, %v", base.body, err)
	}
	for _, target := range targets {
		if strings.Contains(target.Where(), "planted") {
			t.Errorf("%s shows %s", target.Name(), target.Where())
		}
	}
}

func TestNoErrorHoldsASecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		settings := config.Notify{
			WebhookURL: "https://user:planted@alerts.example/planted?key=planted", WebhookToken: "planted", SlackURL: "https://hooks.slack.example/planted",
			EmailTo: []string{"a@shop.example"}, EmailFrom: "b@shop.example", MailServer: config.MailServer{Host: "mail.shop.example", Port: "587", User: "planted", Password: "planted"},
		}
		for _, status := range []int{0, 302, 403, 404, 500} {
			dial := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("planted") }
			for _, target := range notify.Targets(settings, &receiver{status: status}, dial) {
				ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
				err := target.Send(ctx, message)
				cancel()
				if err == nil || strings.Contains(err.Error(), "planted") {
					t.Errorf("%s, %d: %v", target.Name(), status, err)
				}
			}
		}
	})
}

// mailServer is one of SMTP on one end of a pipe.
type mailServer struct {
	certificate tls.Certificate
	roots       *x509.CertPool
	offers      []string
	refuses     string // a command
	lines       []string
	encrypted   bool
}

func newMailServer(t *testing.T, offers ...string) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mail.shop.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{certificate: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots: x509.NewCertPool(), offers: offers}
	s.roots.AddCert(parsed)
	return s
}

// dial answers on the other end; served is closed when that is over.
func (s *mailServer) dial(implicit bool, served chan struct{}) notify.Dial {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer close(served)
			defer there.Close()
			if implicit {
				there, s.encrypted = tls.Server(there, &tls.Config{Certificates: []tls.Certificate{s.certificate}}), true
			}
			s.serve(there)
		}()
		return here, nil
	}
}

func (s *mailServer) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 mail.shop.example")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.lines = append(s.lines, line)
		verb, _, _ := strings.Cut(line, " ")
		switch {
		case verb == s.refuses:
			say("535 5.7.8 not taken: planted")
		case verb == "EHLO":
			say("250-mail.shop.example")
			for _, offer := range s.offers {
				if offer != "STARTTLS" || !s.encrypted {
					say("250-" + offer)
				}
			}
			say("250 8BITMIME")
		case verb == "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.certificate}})
			in, s.encrypted = bufio.NewReader(conn), true
		case line == "AUTH LOGIN":
			for _, ask := range []string{"Username:", "Password:"} {
				say("334 " + base64.StdEncoding.EncodeToString([]byte(ask)))
				answer, _ := in.ReadString('\n')
				text, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(answer))
				s.lines = append(s.lines, string(text))
			}
			say("235 in")
		case verb == "AUTH":
			say("235 in")
		case verb == "DATA":
			say("354 go on")
			for {
				line, err := in.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				s.lines = append(s.lines, strings.TrimRight(line, "\r\n"))
			}
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 good")
		}
	}
}

func TestMailGoesOverTLSOrNotAtAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		offers   []string
		implicit bool
		host     string
		user     string
		refuses  string
		want     string // in what the server got
		fails    string
	}{
		"STARTTLS and PLAIN":       {offers: []string{"STARTTLS", "AUTH PLAIN LOGIN"}, user: "u", want: "AUTH PLAIN"},
		"STARTTLS and LOGIN":       {offers: []string{"STARTTLS", "AUTH LOGIN"}, user: "u", want: "AUTH LOGIN"},
		"TLS from the start":       {implicit: true, offers: []string{"AUTH PLAIN"}, user: "u", want: "AUTH PLAIN"},
		"no STARTTLS":              {offers: []string{"AUTH PLAIN"}, user: "u", fails: "the server offers no STARTTLS"},
		"a wrong password":         {offers: []string{"STARTTLS", "AUTH PLAIN"}, user: "u", refuses: "AUTH", fails: "535: user and password were not taken"},
		"a certificate of another": {offers: []string{"STARTTLS"}, host: "other.shop.example", fails: "not trusted"},
		"this machine":             {host: "localhost", want: "RCPT TO:<ops@shop.example>"},
	} {
		server := newMailServer(t, test.offers...)
		server.refuses = test.refuses
		served := make(chan struct{})
		host := test.host
		if host == "" {
			host = "mail.shop.example"
		}
		settings := config.Notify{EmailTo: []string{"ops@shop.example", "two@shop.example"}, EmailFrom: "fft@shop.example", MailServer: config.MailServer{
			Host: host, Port: "587", TLS: test.implicit, User: test.user, Password: "planted", Roots: server.roots,
		}}
		err := notify.Targets(settings, nil, server.dial(test.implicit, served))[0].Send(t.Context(), message)
		<-served
		got := strings.Join(server.lines, "\n")
		switch {
		case test.fails != "":
			if err == nil || !strings.Contains(err.Error(), test.fails) || strings.Contains(err.Error(), "planted") || strings.Contains(got, "DATA") {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil || !strings.Contains(got, test.want):
			t.Errorf("%s: %v\n%s", name, err, got)
		case server.encrypted == (test.host == "localhost"):
			t.Errorf("%s: encrypted %v", name, server.encrypted)
		case !strings.Contains(got, "Subject: =?utf-8?q?fftconnect_shop-a_(acme):_K=C3=B6ln") || !strings.Contains(got, "runbook: docs/operations.md#blocked"):
			t.Errorf("%s: the server got\n%s", name, got)
		}
	}
}
