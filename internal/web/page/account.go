package page

import (
	"strings"

	"kindred/internal/account"
	"kindred/internal/fault"
	"kindred/internal/web/view"
)

var (
	signInPage   = view.Page{Title: view.Key("page_account.sign_in"), Back: &view.Link{Href: "/"}}
	registerPage = view.Page{Title: view.Key("page_account.register"), Back: &view.Link{Href: "/"}}
	resetPage    = view.Page{Title: view.Key("page_account.reset"), Back: &view.Link{Label: view.Key("page_account.sign_in"), Href: "/sign-in"}}
	passwordPage = view.Page{Title: view.Key("page_account.password"), Back: &view.Link{Label: view.Key("page_account.title"), Href: "/account"}}
)

// SignIn asks for name and password.
func (p *Pages) SignIn(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	if r.SignedIn() {
		return r.Go(r.start())
	}
	page := signInPage
	page.Values = form
	return r.Show("sign_in", page)
}

// SignInNow begins a session.
func (p *Pages) SignInNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	s, err := p.Accounts.SignIn(r.Request.Context(), account.Credentials{Name: form.Get("name"), Password: form.Get("password"), Caller: r.Caller()})
	if err != nil {
		return r.Again("sign_in", signInPage, err)
	}
	p.Sessions.Remember(r.Context, s)
	r.Actor = s.Actor(r.Actor.Request)
	if next := form.Get("next"); next != "" && local(next) != "/" {
		return r.Go(local(next))
	}
	return r.Go(r.start())
}

// SignOut ends the session.
func (p *Pages) SignOut(r *Request) error {
	if err := p.Accounts.SignOut(r.Request.Context(), r.Token, r.Actor.Request); err != nil {
		return err
	}
	p.Sessions.Forget(r.Context)
	r.Said("page_account.signed_out")
	return r.Go("/")
}

// Register asks for a name, a password and, if one likes, a mail address.
func (p *Pages) Register(r *Request) error { return r.Show("register", registerPage) }

// RegisterNow makes the account. Whether the name was free is not said; who chose it signs in.
func (p *Pages) RegisterNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	err = p.Accounts.Register(r.Request.Context(), account.Registration{
		Name: form.Get("name"), Password: form.Get("password"), Mail: form.Get("mail"), Language: r.Printer.Lang(), Caller: r.Caller(),
	})
	if err != nil {
		return r.Again("register", registerPage, err)
	}
	r.Said("page_account.registered")
	return r.Go("/sign-in")
}

// Reset asks for a reset code and a new password.
func (p *Pages) Reset(r *Request) error { return r.Show("reset", resetPage) }

// ResetNow sets the password. Why a code is not good is not said.
func (p *Pages) ResetNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	err = p.Accounts.Redeem(r.Request.Context(), account.Redemption{Code: strings.TrimSpace(form.Get("code")), Password: form.Get("password"), Caller: r.Caller()})
	if err != nil {
		return r.Again("reset", resetPage, err)
	}
	p.Sessions.Forget(r.Context)
	r.Said("page_account.reset.done")
	return r.Go("/sign-in")
}

// Account shows the account's own settings.
func (p *Pages) Account(r *Request) error {
	profile, err := p.Accounts.Profile(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	return r.Show("account", view.Page{Title: view.Key("page_account.title"), Back: &view.Link{Href: r.start()}, Data: profile})
}

// Password asks for the old and the new password.
func (p *Pages) Password(r *Request) error { return r.Show("password", passwordPage) }

// PasswordNow changes it, which ends every other session.
func (p *Pages) PasswordNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	s, err := p.Accounts.ChangePassword(r.Request.Context(), account.PasswordChange{
		Token: r.Token, Current: form.Get("current"), New: form.Get("password"), Caller: r.Caller(),
	})
	if err != nil {
		return r.Again("password", passwordPage, err)
	}
	p.Sessions.Remember(r.Context, s)
	r.Said("page_account.password.changed")
	return r.Go("/account")
}

// Mail asks for the mail address.
func (p *Pages) Mail(r *Request) error {
	profile, err := p.Accounts.Profile(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	page := mailPage()
	page.Values = view.Values{"mail": {profile.Mail}}
	return r.Show("mail", page)
}

// MailNow writes it.
func (p *Pages) MailNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	profile, err := p.Accounts.Profile(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	err = p.Accounts.ChangeSettings(r.Request.Context(), r.Actor, account.Settings{Mail: form.Get("mail"), Language: profile.Language})
	if err != nil {
		return r.Again("mail", mailPage(), err)
	}
	r.Said("page_account.mail.changed")
	return r.Go("/account")
}

func mailPage() view.Page {
	return view.Page{Title: view.Key("page_account.mail"), Back: &view.Link{Label: view.Key("page_account.title"), Href: "/account"}}
}

// keepLanguage writes the language into the account, so that mail and other devices speak it.
func (p *Pages) keepLanguage(r *Request, language string) error {
	profile, err := p.Accounts.Profile(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	err = p.Accounts.ChangeSettings(r.Request.Context(), r.Actor, account.Settings{Mail: profile.Mail, Language: language})
	if fault.KindOf(err) == fault.Invalid {
		return nil // an old address that is no longer accepted must not hold up a change of language
	}
	return err
}
