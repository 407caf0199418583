// Package session turns a cookie or a bearer token into who is there: an Actor with the roles of this moment, a
// language, a theme. It holds no state; sessions and tokens belong to package account.
//
// Invariants:
//  1. A session's cookie is HttpOnly, SameSite=Lax, bound to this host, and Secure wherever the registry is reached over
//     https.
//  2. A request with a bearer token is that token's: its cookie is not looked at.
//  3. What a cookie other than the session's says (language, theme, last person) decides nothing but what is shown.
package session

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kindred/internal/account"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/policies"
)

// Visitor is who is there in one request.
type Visitor struct {
	Actor    policies.Actor // no account: nobody is signed in
	Token    string         // of the session, from the cookie
	Bearer   bool           // came with a token instead
	Name     string         // sign-in name, for the header
	Printer  *locale.Printer
	Theme    view.Theme
	Peer     netip.Addr
	Language string // that was chosen or belongs to the account; empty when only the browser says
}

// SignedIn tells whether an account is there.
func (v Visitor) SignedIn() bool { return v.Actor.Account != "" }

// Caller is where the request comes from, for package account.
func (v Visitor) Caller() account.Caller {
	return account.Caller{Peer: v.Peer, Request: v.Actor.Request}
}

// Keeper reads and writes the cookies.
type Keeper struct {
	accounts *account.Service
	secure   bool
}

// NewKeeper makes a keeper; secure tells that the registry is reached over https.
func NewKeeper(accounts *account.Service, secure bool) *Keeper { return &Keeper{accounts, secure} }

const (
	visitorKey     = "visitor"
	languageCookie = "kindred_language"
	themeCookie    = "kindred_theme"
	year           = 365 * 24 * time.Hour
)

func (k *Keeper) cookie() string {
	if k.secure {
		return "__Host-kindred"
	}
	return "kindred"
}

// Begin makes a visitor of whom only the request's id and the browser's language are known.
func Begin(c *gin.Context, request ident.RequestID) {
	c.Set(visitorKey, Visitor{
		Actor: policies.Actor{Request: request}, Printer: locale.For(c.GetHeader("Accept-Language")), Theme: view.System, Peer: peer(c),
	})
}

// Of is the visitor of a request.
func Of(c *gin.Context) Visitor {
	if v, ok := c.Get(visitorKey); ok {
		return v.(Visitor)
	}
	return Visitor{Printer: locale.For(), Theme: view.System}
}

// peer is the address of the connection, or the one that a pinned proxy vouches for.
func peer(c *gin.Context) netip.Addr {
	a, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// HasBearer tells whether a request carries a bearer token.
func HasBearer(r *http.Request) bool {
	scheme, _, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return ok && strings.EqualFold(scheme, "bearer")
}

// Find completes the visitor. A cookie whose session has ended is removed and nobody is there; a bearer token that is
// not good is a fault.
func (k *Keeper) Find(c *gin.Context) error {
	v := Of(c)
	if HasBearer(c.Request) {
		_, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
		actor, err := k.accounts.Bearer(c.Request.Context(), strings.TrimSpace(token), v.Actor.Request)
		if err != nil {
			return err
		}
		v.Actor, v.Bearer = actor, true
		c.Set(visitorKey, v)
		return nil
	}
	v.Theme = view.ParseTheme(value(c, themeCookie))
	v.Language = value(c, languageCookie)
	if token := value(c, k.cookie()); token != "" {
		if err := k.sessionOf(c, &v, token); err != nil {
			return err
		}
	}
	v.Printer = locale.For(v.Language, c.GetHeader("Accept-Language"))
	c.Set(visitorKey, v)
	return nil
}

func (k *Keeper) sessionOf(c *gin.Context, v *Visitor, token string) error {
	s, err := k.accounts.Session(c.Request.Context(), token)
	if errors.Is(err, account.ErrSignedOut) {
		k.Forget(c)
		return nil
	}
	if err != nil {
		return err
	}
	v.Actor, v.Token, v.Name = s.Actor(v.Actor.Request), token, s.Name
	if v.Language == "" {
		v.Language = s.Language
	}
	return nil
}

// Remember puts a new session into the browser.
func (k *Keeper) Remember(c *gin.Context, s account.Session) {
	k.set(c, k.cookie(), s.Token, s.ExpiresAt)
}

// Forget removes the session from the browser.
func (k *Keeper) Forget(c *gin.Context) { k.set(c, k.cookie(), "", time.Unix(1, 0)) }

// Keep stores a small choice of the reader (never a secret) for a year; an empty value removes it.
func (k *Keeper) Keep(c *gin.Context, name, value string, now time.Time) {
	expires := now.Add(year)
	if value == "" {
		expires = time.Unix(1, 0)
	}
	k.set(c, name, value, expires)
}

// Value is a small choice that Keep stored.
func Value(c *gin.Context, name string) string { return value(c, name) }

// SetLanguage and SetTheme store what the reader chose.
func (k *Keeper) SetLanguage(c *gin.Context, language string, now time.Time) error {
	for _, l := range locale.Languages {
		if l == language {
			k.Keep(c, languageCookie, language, now)
			return nil
		}
	}
	return fault.New(fault.Invalid, "fault.invalid").At("language")
}

// SetTheme stores light, dark or, for anything else, the device's choice.
func (k *Keeper) SetTheme(c *gin.Context, theme view.Theme, now time.Time) {
	if theme == view.System {
		theme = ""
	}
	k.Keep(c, themeCookie, string(theme), now)
}

func (k *Keeper) set(c *gin.Context, name, value string, expires time.Time) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: name, Value: value, Path: "/", Expires: expires, Secure: k.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func value(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(name)
	if err != nil || len(cookie.Value) > 512 {
		return ""
	}
	return cookie.Value
}
