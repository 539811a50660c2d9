package console

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"fftconnect/internal/config"
)

const (
	sessionCookie = "fftconnect_console"
	flowCookie    = "fftconnect_sign_in"
	// sessionLasts is a working day; roles are looked at anew after it.
	sessionLasts = 8 * time.Hour
	// flowLasts is how long a sign-in at the provider may take.
	flowLasts = 10 * time.Minute
)

// sessions are cookies that say who has signed in, signed by us: any replica reads them.
type sessions struct{ key []byte }

// ticket is what a cookie says.
type ticket struct {
	jwt.RegisteredClaims
	Operator bool   `json:"op,omitempty"`
	Nonce    string `json:"nonce,omitempty"`
	Verifier string `json:"verifier,omitempty"`
	To       string `json:"to,omitempty"`
}

func (s sessions) sign(t ticket, purpose string, lasts time.Duration) (string, error) {
	t.Audience, t.ExpiresAt = jwt.ClaimStrings{purpose}, jwt.NewNumericDate(time.Now().Add(lasts))
	return jwt.NewWithClaims(jwt.SigningMethodHS256, t).SignedString(s.key)
}

func (s sessions) readTicket(r *http.Request, name string) (ticket, error) {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ticket{}, err
	}
	var t ticket
	_, err = jwt.ParseWithClaims(cookie.Value, &t, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(name), jwt.WithExpirationRequired())
	return t, err
}

func (s sessions) visitor(r *http.Request) (visitor, error) {
	t, err := s.readTicket(r, sessionCookie)
	if err != nil || t.Subject == "" {
		return visitor{}, errSignIn
	}
	return visitor{Name: t.Subject, Operator: t.Operator}, nil
}

func (c *Console) setCookie(w http.ResponseWriter, name, value string, lasts time.Duration) {
	cookie := &http.Cookie{
		Name: name, Value: value, Path: c.opts.Admin.BasePath + "/", MaxAge: int(lasts.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(c.opts.Admin.URL, "https:"), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// signInPage offers the way to the provider.
func (c *Console) signInPage(r *http.Request) (answer, error) {
	if c.opts.Admin.Auth != config.AdminAuthOIDC {
		return answer{to: "/"}, nil
	}
	return answer{page: "signin", title: "Sign in", data: localPathOrHome(r.URL.Query().Get("to"))}, nil
}

// localPathOrHome is a path of the console; anything else becomes its first page.
func localPathOrHome(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return to
}

// signIn sends the browser to the provider.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	ctx := oidc.ClientContext(r.Context(), c.opts.HTTP)
	_, client, err := c.oidcProvider(ctx)
	if err != nil {
		c.render(w, r, c.problemPage(err))
		return
	}
	t := ticket{Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: localPathOrHome(r.URL.Query().Get("to"))}
	t.ID = rand.Text()
	flow, err := c.access.session.sign(t, flowCookie, flowLasts)
	if err != nil {
		c.render(w, r, c.problemPage(err))
		return
	}
	c.setCookie(w, flowCookie, flow, flowLasts)
	http.Redirect(w, r, client.AuthCodeURL(t.ID, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), http.StatusSeeOther)
}

// completeSignIn is where the provider sends the browser back to.
func (c *Console) completeSignIn(w http.ResponseWriter, r *http.Request) {
	who, to, err := c.exchangeCode(r)
	if err != nil {
		c.opts.Logger.Warn("a sign-in failed", "component", "console", "error", err)
		c.render(w, r, c.problemPage(err))
		return
	}
	session, err := c.access.session.sign(ticket{RegisteredClaims: jwt.RegisteredClaims{Subject: who.Name}, Operator: who.Operator}, sessionCookie, sessionLasts)
	if err != nil {
		c.render(w, r, c.problemPage(err))
		return
	}
	c.setCookie(w, flowCookie, "", 0)
	c.setCookie(w, sessionCookie, session, sessionLasts)
	c.opts.Logger.Info("signed in to the console", "component", "console", "by", who.Name, "operator", who.Operator)
	http.Redirect(w, r, c.opts.Admin.BasePath+to, http.StatusSeeOther)
}

// exchangeCode exchanges the provider's code for who it is.
func (c *Console) exchangeCode(r *http.Request) (who visitor, to string, err error) {
	t, err := c.access.session.readTicket(r, flowCookie)
	query := r.URL.Query()
	if err != nil || t.ID == "" || query.Get("state") != t.ID {
		return who, "", newFailure(http.StatusForbidden, "This sign-in was not begun in this browser, or took too long. Try again.")
	}
	if refusal := query.Get("error"); refusal != "" {
		return who, "", newFailure(http.StatusForbidden, "The provider refused: %s", refusal)
	}
	ctx := oidc.ClientContext(r.Context(), c.opts.HTTP)
	provider, client, err := c.oidcProvider(ctx)
	if err != nil {
		return who, "", err
	}
	token, err := client.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return who, "", newFailure(http.StatusForbidden, "The provider did not accept the code that it gave: check ADMIN_OIDC_CLIENT_ID and ADMIN_OIDC_CLIENT_SECRET.")
	}
	text, _ := token.Extra("id_token").(string)
	identity, err := provider.Verifier(&oidc.Config{ClientID: c.opts.Admin.OIDC.ClientID}).Verify(ctx, text)
	if err != nil || identity.Nonce != t.Nonce {
		return who, "", newFailure(http.StatusForbidden, "The provider's token is not valid.")
	}
	name, known, err := c.rolesOf(identity)
	if err != nil {
		return who, "", err
	}
	who, err = c.access.withRole(name, known)
	return who, t.To, err
}

// rolesOf is how the person is called, and all names that may give a role. An e-mail address
// counts only when the provider has verified it.
func (c *Console) rolesOf(identity *oidc.IDToken) (name string, known []string, err error) {
	var claims map[string]any
	if err := identity.Claims(&claims); err != nil {
		return "", nil, newFailure(http.StatusForbidden, "The provider's token has unreadable claims.")
	}
	name, known = identity.Subject, []string{identity.Subject}
	if email, _ := claims["email"].(string); email != "" && claims["email_verified"] == true {
		name, known = email, append(known, email)
	}
	switch roles := claims[c.opts.Admin.OIDC.RolesClaim].(type) {
	case string:
		known = append(known, strings.Fields(roles)...)
	case []any:
		for _, role := range roles {
			if text, ok := role.(string); ok {
				known = append(known, text)
			}
		}
	}
	return name, known, nil
}

func (c *Console) oidcProvider(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	admin := c.opts.Admin
	if admin.Auth != config.AdminAuthOIDC {
		return nil, nil, errNoPage
	}
	provider, err := oidc.NewProvider(ctx, admin.OIDC.Issuer)
	if err != nil {
		return nil, nil, newFailure(http.StatusForbidden, "The provider that ADMIN_OIDC_ISSUER names does not answer as one.")
	}
	return provider, &oauth2.Config{
		ClientID: admin.OIDC.ClientID, ClientSecret: admin.OIDC.ClientSecret.Reveal(), Endpoint: provider.Endpoint(),
		RedirectURL: admin.URL + admin.BasePath + "/signed-in", Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}, nil
}

// signOut forgets who signed in.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	c.setCookie(w, sessionCookie, "", 0)
	http.Redirect(w, r, c.opts.Admin.BasePath+"/", http.StatusSeeOther)
}
