package api

import (
	"time"

	"kindred/internal/account"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
)

var steward = route.May(policies.PurposeOperation, policies.ObjectAccount, policies.ActWrite)

type profile struct {
	ID        ident.AccountID `json:"id"`
	Name      string          `json:"name"`
	Mail      string          `json:"mail,omitempty"`
	Language  string          `json:"language"`
	Roles     []policies.Role `json:"roles"`
	Disabled  bool            `json:"disabled"`
	CreatedAt time.Time       `json:"created_at"`
}

func showProfile(p account.Profile) profile {
	roles := p.Roles
	if roles == nil {
		roles = []policies.Role{}
	}
	return profile{p.Account, p.Name, p.Mail, p.Language, roles, p.Disabled, p.CreatedAt}
}

type token struct {
	ID        ident.TokenID `json:"id"`
	Secret    string        `json:"secret,omitempty" doc:"Shown this once. Send it as Authorization: Bearer."`
	Label     string        `json:"label"`
	CreatedAt time.Time     `json:"created_at"`
	UsedAt    *time.Time    `json:"used_at,omitempty"`
	ExpiresAt time.Time     `json:"expires_at"`
	RevokedAt *time.Time    `json:"revoked_at,omitempty"`
}

func showToken(t account.Token) token {
	return token{t.ID, t.Secret, t.Label, t.CreatedAt, instant(t.UsedAt), t.ExpiresAt, instant(t.RevokedAt)}
}

// instant is nothing for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *API) accounts() {
	if a.Accounts == nil {
		return
	}
	on(a, operation{id: "register", method: "POST", path: "/accounts/register", right: route.Anyone, tag: "accounts", status: 202,
		summary: "Make an account. The answer does not say whether the name was free."}, a.register)
	on(a, operation{id: "resetPassword", method: "POST", path: "/accounts/reset", right: route.Anyone, tag: "accounts", status: 204,
		summary: "Set a new password with a reset code; every session and token ends. Why a code is not good is not said."}, a.resetPassword)
	on(a, operation{id: "createToken", method: "POST", path: "/tokens", right: route.Anyone, tag: "tokens", status: 201, creates: true,
		summary: "Make a token, with name and password, or for the account that is signed in."}, a.createToken)
	on(a, operation{id: "listTokens", method: "GET", path: "/tokens", right: route.SignedIn, tag: "tokens", summary: "One's own tokens, newest first."}, a.listTokens)
	on(a, operation{id: "revokeToken", method: "DELETE", path: "/tokens/{token}", right: route.SignedIn, tag: "tokens", status: 204, summary: "End a token of one's own."}, a.revokeToken)
	on(a, operation{id: "me", method: "GET", path: "/me", right: route.SignedIn, tag: "accounts", summary: "One's own account."}, a.me)
	on(a, operation{id: "changeMe", method: "PATCH", path: "/me", right: route.SignedIn, tag: "accounts", summary: "Change one's own settings."}, a.changeMe)
	on(a, operation{id: "changePassword", method: "POST", path: "/me/password", right: route.SignedIn, tag: "accounts", status: 204,
		summary: "Change one's own password, with the current one. Every session ends; tokens stay."}, a.changePassword)
	on(a, operation{id: "listAccounts", method: "GET", path: "/accounts", right: route.May(policies.PurposeOperation, policies.ObjectAccount, policies.ActRead), tag: "accounts", summary: "All accounts."}, a.listAccounts)
	on(a, operation{id: "addAccount", method: "POST", path: "/accounts", right: steward, tag: "accounts", status: 201, creates: true, summary: "Set an account up, with roles."}, a.addAccount)
	on(a, operation{id: "grantRole", method: "PUT", path: "/accounts/{name}/roles/{role}", right: steward, tag: "accounts", summary: "Give an account a role."}, a.grantRole)
	on(a, operation{id: "revokeRole", method: "DELETE", path: "/accounts/{name}/roles/{role}", right: steward, tag: "accounts", summary: "Take a role."}, a.revokeRole)
	on(a, operation{id: "disableAccount", method: "POST", path: "/accounts/{name}/disable", right: steward, tag: "accounts", status: 204, summary: "Close an account: sessions end, tokens no longer work."}, a.disableAccount)
	on(a, operation{id: "enableAccount", method: "POST", path: "/accounts/{name}/enable", right: steward, tag: "accounts", status: 204, summary: "Open it again."}, a.enableAccount)
}

type registration struct {
	Body struct {
		Name     string `json:"name"`
		Password string `json:"password"`
		Mail     string `json:"mail,omitempty"`
		Language string `json:"language,omitempty"`
	}
}

func (a *API) register(x *call, in *registration) (*got[said], error) {
	err := a.Accounts.Register(x.Context(), account.Registration{
		Name: in.Body.Name, Password: in.Body.Password, Mail: in.Body.Mail, Language: in.Body.Language, Caller: x.Caller(),
	})
	if err != nil {
		return nil, err
	}
	return &got[said]{said{x.Printer.T("account.registered")}}, nil
}

type redemption struct {
	Body struct {
		Code     string `json:"code" doc:"From whoever runs the registry (kindred user reset)."`
		Password string `json:"password"`
	}
}

func (a *API) resetPassword(x *call, in *redemption) (*done, error) {
	return &done{}, a.Accounts.Redeem(x.Context(), account.Redemption{Code: in.Body.Code, Password: in.Body.Password, Caller: x.Caller()})
}

type passwordChange struct {
	Body struct {
		Current  string `json:"current"`
		Password string `json:"password"`
	}
}

func (a *API) changePassword(x *call, in *passwordChange) (*done, error) {
	return &done{}, a.Accounts.ChangePasswordByProgram(x.Context(), x.Actor.Account, account.PasswordChange{Current: in.Body.Current, New: in.Body.Password, Caller: x.Caller()})
}

// said is an answer that is a sentence.
type said struct {
	Message string `json:"message"`
}

type tokenWish struct {
	Body struct {
		Name       string `json:"name,omitempty" doc:"Sign-in name; left out by somebody who is signed in."`
		Password   string `json:"password,omitempty"`
		Label      string `json:"label,omitempty" doc:"What the token is for; \"api\" when left out."`
		TTLSeconds int    `json:"ttl_seconds,omitempty" minimum:"60" maximum:"31622400" doc:"Thirty days when left out."`
	}
}

// createToken signs in for the moment that it takes to make the token.
func (a *API) createToken(x *call, in *tokenWish) (*made[token], error) {
	ctx, actor, label := x.Context(), x.Actor, in.Body.Label
	if in.Body.Name != "" || in.Body.Password != "" || !x.SignedIn() {
		s, err := a.Accounts.SignIn(ctx, account.Credentials{Name: in.Body.Name, Password: in.Body.Password, Caller: x.Caller()})
		if err != nil {
			return nil, err
		}
		if err := a.Accounts.SignOut(ctx, s.Token, x.Actor.Request); err != nil {
			return nil, err
		}
		actor = s.Actor(x.Actor.Request)
	}
	if label == "" {
		label = "api"
	}
	t, err := a.Accounts.CreateToken(ctx, actor, label, time.Duration(in.Body.TTLSeconds)*time.Second)
	if err != nil {
		return nil, err
	}
	x.gin.Header("Cache-Control", "no-store")
	return &made[token]{Location: "/api/v1/tokens/" + string(t.ID), Body: showToken(t)}, nil
}

func (a *API) listTokens(x *call, in *Paging) (*got[list[token]], error) {
	all, err := a.Accounts.Tokens(x.Context(), x.Actor)
	if err != nil {
		return nil, err
	}
	return listed(all, *in, func(t account.Token) string { return string(t.ID) }, showToken)
}

type tokenPath struct {
	Token string `path:"token"`
}

func (a *API) revokeToken(x *call, in *tokenPath) (*done, error) {
	id, err := ident.Parse[ident.TokenID](in.Token)
	if err != nil {
		return nil, errMissing
	}
	return &done{}, a.Accounts.RevokeToken(x.Context(), x.Actor, id)
}

func (a *API) me(x *call, _ *struct{}) (*got[profile], error) {
	p, err := a.Accounts.Profile(x.Context(), x.Actor)
	return &got[profile]{showProfile(p)}, err
}

type settings struct {
	Body struct {
		Mail     *string `json:"mail,omitempty"`
		Language *string `json:"language,omitempty"`
	}
}

func (a *API) changeMe(x *call, in *settings) (*got[profile], error) {
	ctx := x.Context()
	p, err := a.Accounts.Profile(ctx, x.Actor)
	if err != nil {
		return nil, err
	}
	wish := account.Settings{Mail: p.Mail, Language: p.Language}
	if in.Body.Mail != nil {
		wish.Mail = *in.Body.Mail
	}
	if in.Body.Language != nil {
		wish.Language = *in.Body.Language
	}
	if err := a.Accounts.ChangeSettings(ctx, x.Actor, wish); err != nil {
		return nil, err
	}
	return a.me(x, nil)
}

func (a *API) listAccounts(x *call, in *Paging) (*got[list[profile]], error) {
	all, err := a.Accounts.Accounts(x.Context(), x.Actor, ident.AccountID(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := list[profile]{Items: []profile{}}
	for _, p := range all {
		out.Items = append(out.Items, showProfile(p))
	}
	if len(all) == in.Limit {
		out.Next = string(all[len(all)-1].Account)
	}
	return &got[list[profile]]{out}, nil
}

type accountWish struct {
	Body struct {
		Name     string          `json:"name"`
		Password string          `json:"password" doc:"To be changed by its owner."`
		Mail     string          `json:"mail,omitempty"`
		Language string          `json:"language,omitempty"`
		Roles    []policies.Role `json:"roles" nullable:"false"`
	}
}

func (a *API) addAccount(x *call, in *accountWish) (*made[profile], error) {
	id, err := a.Accounts.Add(x.Context(), x.Actor, account.NewAccount{
		Name: in.Body.Name, Password: in.Body.Password, Mail: in.Body.Mail, Language: in.Body.Language, Roles: in.Body.Roles,
	})
	if err != nil {
		return nil, err
	}
	return &made[profile]{Body: profile{ID: id, Name: in.Body.Name, Mail: in.Body.Mail, Language: in.Body.Language, Roles: in.Body.Roles, CreatedAt: a.Clock.Now()}}, nil
}

// AccountPath names an account. Huma fills fields of exported types alone.
type AccountPath struct {
	Name string `path:"name"`
}

type rolePath struct {
	AccountPath
	Role policies.Role `path:"role"`
}

// changed tells whether something was not so before.
type changed struct {
	Changed bool `json:"changed"`
}

func (a *API) grantRole(x *call, in *rolePath) (*got[changed], error) {
	ok, err := a.Accounts.GrantRole(x.Context(), x.Actor, in.Name, in.Role)
	return &got[changed]{changed{ok}}, err
}

func (a *API) revokeRole(x *call, in *rolePath) (*got[changed], error) {
	ok, err := a.Accounts.RevokeRole(x.Context(), x.Actor, in.Name, in.Role)
	return &got[changed]{changed{ok}}, err
}

func (a *API) disableAccount(x *call, in *AccountPath) (*done, error) {
	return &done{}, a.Accounts.Disable(x.Context(), x.Actor, in.Name)
}

func (a *API) enableAccount(x *call, in *AccountPath) (*done, error) {
	return &done{}, a.Accounts.Enable(x.Context(), x.Actor, in.Name)
}
