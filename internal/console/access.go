package console

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/config"
)

// visitor is who uses the console.
type visitor struct {
	Name     string
	Operator bool // may act
}

type visitorKey struct{}

// visitorFrom is who makes the request.
func visitorFrom(ctx context.Context) visitor {
	who, _ := ctx.Value(visitorKey{}).(visitor)
	return who
}

// Why somebody is not let in.
var (
	errElsewhere = &failure{http.StatusForbidden, "The console opens only in a browser on the machine that fftconnect runs on, at the address of ADMIN_ADDR. For others, set ADMIN_AUTH to basic, oidc or proxy (docs/console.md)."}
	errSignIn    = &failure{http.StatusUnauthorized, "Sign in first."}
	errPassword  = &failure{http.StatusUnauthorized, "Name or password is wrong."}
	errNoRole    = &failure{http.StatusForbidden, "You are signed in, but have no role here: your name, or a role or group of yours, has to be in ADMIN_OPERATORS or ADMIN_VIEWERS."}
	errNoProxy   = &failure{http.StatusForbidden, "The console is reached through a proxy of ADMIN_PROXIES, which says who you are."}
)

// access decides who is let in.
type access struct {
	admin   config.Admin
	session sessions
}

func newAccess(opts Options) access {
	mac := hmac.New(sha256.New, opts.Secret)
	mac.Write([]byte("fftconnect console session"))
	return access{admin: opts.Admin, session: sessions{key: mac.Sum(nil)}}
}

// authenticate is who makes the request; the error says why they are not let in.
func (a access) authenticate(r *http.Request) (visitor, error) {
	switch a.admin.Auth {
	case config.AdminAuthBasic:
		return a.authenticateByPassword(r)
	case config.AdminAuthOIDC:
		return a.session.visitor(r)
	case config.AdminAuthProxy:
		return a.authenticateByProxy(r)
	default:
		if !isFromThisMachine(r) {
			return visitor{}, errElsewhere
		}
		return visitor{Name: "somebody on this machine", Operator: true}, nil
	}
}

// isFromThisMachine reports a request of a browser on this machine that means this machine. Another site's
// name may lead here, and a proxy on this machine may bring others along.
func isFromThisMachine(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Host", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}

// penalty slows guessing down.
const penalty = time.Second

func (a access) authenticateByPassword(r *http.Request) (visitor, error) {
	name, password, given := r.BasicAuth()
	if !given {
		return visitor{}, errSignIn
	}
	var who visitor
	shown := sha256.Sum256([]byte(password))
	for _, user := range a.admin.Users {
		right := sha256.Sum256([]byte(user.Password.Reveal()))
		same := subtle.ConstantTimeCompare(shown[:], right[:])
		if user.Name == name && same == 1 {
			who = visitor{Name: user.Name, Operator: user.Role == config.RoleOperator}
		}
	}
	if who.Name == "" {
		select {
		case <-time.After(penalty):
		case <-r.Context().Done():
		}
		return who, errPassword
	}
	return who, nil
}

func (a access) authenticateByProxy(r *http.Request) (visitor, error) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !slices.ContainsFunc(a.admin.Proxies, func(p netip.Prefix) bool { return p.Contains(from.Addr().Unmap()) }) {
		return visitor{}, errNoProxy
	}
	name := r.Header.Get(a.admin.UserHeader)
	if name == "" {
		return visitor{}, errNoProxy
	}
	var roles []string
	for _, role := range strings.Split(r.Header.Get(a.admin.RolesHeader), ",") {
		roles = append(roles, strings.TrimSpace(role))
	}
	return a.withRole(name, append(roles, name))
}

// withRole gives somebody the role that one of these names has.
func (a access) withRole(name string, known []string) (visitor, error) {
	among := func(list []string) bool {
		return slices.ContainsFunc(list, func(entry string) bool { return entry == "*" || entry != "" && slices.Contains(known, entry) })
	}
	switch {
	case among(a.admin.Operators):
		return visitor{Name: name, Operator: true}, nil
	case among(a.admin.Viewers):
		return visitor{Name: name}, nil
	default:
		return visitor{}, errNoRole
	}
}

// refuseVisitor answers somebody who is not let in.
func (c *Console) refuseVisitor(w http.ResponseWriter, r *http.Request, why error) {
	if errors.Is(why, errSignIn) && c.opts.Admin.Auth == config.AdminAuthOIDC && r.Method == http.MethodGet {
		http.Redirect(w, r, c.opts.Admin.BasePath+"/sign-in?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	if c.opts.Admin.Auth == config.AdminAuthBasic {
		w.Header().Set("WWW-Authenticate", `Basic realm="fftconnect console", charset="UTF-8"`)
	}
	c.render(w, r, c.problemPage(why))
}
