package page

import (
	"kindred/internal/locale"
	"kindred/internal/web/view"
)

// Landing is the front page: what this is, for somebody who has never been here. Whoever is signed in goes home.
func (p *Pages) Landing(r *Request) error {
	if r.SignedIn() {
		return r.Go(r.start())
	}
	return r.Show("landing", view.Page{Title: view.Key("page_landing.title")})
}

// Help says where help is now, for everybody.
func (p *Pages) Help(r *Request) error {
	return r.Show("help", view.Page{Title: view.Key("page_help.title"), Back: &view.Link{Href: "/"}})
}

// Privacy says what happens to data, for everybody.
func (p *Pages) Privacy(r *Request) error {
	return r.Show("privacy", view.Page{Title: view.Key("page_privacy.title"), Back: &view.Link{Href: "/"}})
}

// Styleguide shows every component, in demonstration mode.
func (p *Pages) Styleguide(r *Request) error {
	shell := view.StyleguideShell(r.Printer, r.Theme)
	shell.Demo = p.Demo
	return p.View.Render(r.Writer, shell, 200, "styleguide", view.Styleguide(r.Printer))
}

// Language sets the reader's language, in the browser and, when signed in, in the account.
func (p *Pages) Language(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	language := form.Get("language")
	if err := p.Sessions.SetLanguage(r.Context, language, p.Clock.Now()); err != nil {
		return err
	}
	if r.SignedIn() {
		if err := p.keepLanguage(r, language); err != nil {
			return err
		}
	}
	r.Printer = locale.For(language)
	return r.Go(local(form.Get("next")))
}

// Theme sets light, dark, or what the device says.
func (p *Pages) Theme(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	p.Sessions.SetTheme(r.Context, view.ParseTheme(form.Get("theme")), p.Clock.Now())
	return r.Go(local(form.Get("next")))
}
