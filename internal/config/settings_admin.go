package config

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Ways to authenticate who uses the console.
const (
	AdminAuthLoopback = "loopback" // this machine only, without a sign-in
	AdminAuthBasic    = "basic"    // names and passwords of ADMIN_USERS
	AdminAuthOIDC     = "oidc"     // a sign-in at an OpenID Connect provider
	AdminAuthProxy    = "proxy"    // identity headers of the proxies in ADMIN_PROXIES
)

// Roles of who uses the console.
const (
	RoleViewer   = "viewer"   // sees everything but message bodies
	RoleOperator = "operator" // also sees bodies, and acts
)

// AdminUser is somebody who may use the console with a password.
type AdminUser struct {
	Name, Role string
	Password   Secret
}

// Admin is who may use the console, and where it is.
type Admin struct {
	Auth     string
	BasePath string // without a slash at the end; empty: none
	URL      string // scheme and host that browsers use; empty: not known
	Users    []AdminUser
	// Operators and Viewers are names, or values of the roles claim or header; * is everybody
	// who is authenticated.
	Operators, Viewers []string
	OIDC               struct {
		Issuer, ClientID string
		ClientSecret     Secret
		RolesClaim       string
	}
	Proxies                 []netip.Prefix
	UserHeader, RolesHeader string
}

const leastPassword = 12 // characters

func adminSettings() []Setting {
	return []Setting{
		{
			Name: "ADMIN_AUTH", Meaning: "who may use the console: loopback (this machine only, no sign-in), basic (ADMIN_USERS), oidc (sign-in at ADMIN_OIDC_ISSUER), proxy (identity headers of ADMIN_PROXIES)", Default: AdminAuthLoopback,
			Fix: "loopback, basic, oidc or proxy",
			set: func(e *Environment, v string) error {
				return setOneOf(&e.Admin.Auth, v, AdminAuthLoopback, AdminAuthBasic, AdminAuthOIDC, AdminAuthProxy)
			},
		},
		{
			Name: "ADMIN_URL", Meaning: "scheme and host under which browsers reach the console; needed for oidc", Fix: "such as https://operations.example",
			set: func(e *Environment, v string) error { return setURL(&e.Admin.URL, v) },
		},
		{
			Name: "ADMIN_BASE_PATH", Meaning: "path under which the console is, for a proxy that shares a host", Fix: "such as /fftconnect",
			set: func(e *Environment, v string) error {
				e.Admin.BasePath = strings.TrimRight(v, "/")
				if e.Admin.BasePath != "" && !basePath.MatchString(e.Admin.BasePath) {
					return errors.New("must be a path such as /fftconnect")
				}
				return nil
			},
		},
		{
			Name: "ADMIN_USERS", Meaning: "for basic: name:role:password of each user, separated by blanks or lines; roles are viewer and operator", Secret: true,
			Fix: "such as alice:operator:PASSWORD, with at least 12 characters in the password",
			set: func(e *Environment, v string) error { return setAdminUsers(&e.Admin.Users, v) },
		},
		{
			Name: "ADMIN_OPERATORS", Meaning: "for oidc and proxy: who may act, by e-mail address, name or role, separated by commas; * is everybody who is signed in", Fix: "such as fftconnect-operators,alice@shop.example",
			set: func(e *Environment, v string) error { e.Admin.Operators = splitNames(v); return nil },
		},
		{
			Name: "ADMIN_VIEWERS", Meaning: "the same for who may only look", Fix: "such as fftconnect-viewers, or *",
			set: func(e *Environment, v string) error { e.Admin.Viewers = splitNames(v); return nil },
		},
		{
			Name: "ADMIN_OIDC_ISSUER", Meaning: "OpenID Connect provider of the console's users", Fix: "give the issuer's address",
			set: func(e *Environment, v string) error { return setURL(&e.Admin.OIDC.Issuer, v) },
		},
		{
			Name: "ADMIN_OIDC_CLIENT_ID", Meaning: "our client there; its redirect address is ADMIN_URL, ADMIN_BASE_PATH and /signed-in", Fix: "register a web client there",
			set: func(e *Environment, v string) error { e.Admin.OIDC.ClientID = v; return nil },
		},
		{
			Name: "ADMIN_OIDC_CLIENT_SECRET", Meaning: "its secret", Fix: "as the provider gave it", Secret: true,
			set: func(e *Environment, v string) error { e.Admin.OIDC.ClientSecret = Secret(v); return nil },
		},
		{
			Name: "ADMIN_OIDC_ROLES_CLAIM", Meaning: "claim of the provider's token that lists roles or groups", Default: "roles", Fix: "such as groups",
			set: func(e *Environment, v string) error { e.Admin.OIDC.RolesClaim = v; return nil },
		},
		{
			Name: "ADMIN_PROXIES", Meaning: "for proxy: addresses whose identity headers are believed, separated by commas", Fix: "such as 10.0.0.5 or 10.1.0.0/24",
			set: func(e *Environment, v string) error { return setPrefixes(&e.Admin.Proxies, v) },
		},
		{
			Name: "ADMIN_PROXY_USER_HEADER", Meaning: "header in which the proxy names the user", Default: "X-Forwarded-User", Fix: "such as X-Auth-Request-Email",
			set: func(e *Environment, v string) error { e.Admin.UserHeader = v; return nil },
		},
		{
			Name: "ADMIN_PROXY_ROLES_HEADER", Meaning: "header in which it lists the user's roles or groups, separated by commas", Default: "X-Forwarded-Groups", Fix: "such as X-Auth-Request-Groups",
			set: func(e *Environment, v string) error { e.Admin.RolesHeader = v; return nil },
		},
	}
}

// missingSettings are settings that another one makes necessary.
func (a Admin) missingSettings() (missing Problems) {
	need := func(given bool, name string) {
		if given {
			return
		}
		for _, s := range adminSettings() {
			if s.Name == name {
				missing = append(missing, Problem{name, "is not set, which ADMIN_AUTH=" + a.Auth + " needs", s.Meaning, s.Fix})
			}
		}
	}
	switch a.Auth {
	case AdminAuthBasic:
		need(len(a.Users) > 0, "ADMIN_USERS")
	case AdminAuthOIDC:
		need(a.URL != "", "ADMIN_URL")
		need(a.OIDC.Issuer != "", "ADMIN_OIDC_ISSUER")
		need(a.OIDC.ClientID != "", "ADMIN_OIDC_CLIENT_ID")
		need(a.OIDC.ClientSecret != "", "ADMIN_OIDC_CLIENT_SECRET")
		need(len(a.Operators)+len(a.Viewers) > 0, "ADMIN_OPERATORS")
	case AdminAuthProxy:
		need(len(a.Proxies) > 0, "ADMIN_PROXIES")
		need(len(a.Operators)+len(a.Viewers) > 0, "ADMIN_OPERATORS")
	}
	return missing
}

// splitNames are what commas separate.
func splitNames(text string) (list []string) {
	for _, name := range strings.Split(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func setAdminUsers(to *[]AdminUser, text string) error {
	*to = nil
	for i, user := range strings.Fields(text) {
		parts := strings.SplitN(user, ":", 3)
		switch {
		case len(parts) != 3 || parts[0] == "":
			return fmt.Errorf("user %d is not name:role:password", i+1)
		case !slices.Contains([]string{RoleViewer, RoleOperator}, parts[1]):
			return fmt.Errorf("user %s has no role: viewer or operator", parts[0])
		case len(parts[2]) < leastPassword:
			return fmt.Errorf("the password of %s has under %d characters", parts[0], leastPassword)
		case slices.ContainsFunc(*to, func(u AdminUser) bool { return u.Name == parts[0] }):
			return fmt.Errorf("user %s is there twice", parts[0])
		}
		*to = append(*to, AdminUser{Name: parts[0], Role: parts[1], Password: Secret(parts[2])})
	}
	return nil
}

func setPrefixes(to *[]netip.Prefix, text string) error {
	*to = nil
	for _, part := range splitNames(text) {
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			single, err := netip.ParseAddr(part)
			if err != nil {
				return fmt.Errorf("%s is no address", part)
			}
			prefix = netip.PrefixFrom(single, single.BitLen())
		}
		*to = append(*to, prefix.Masked())
	}
	return nil
}
