// Package page holds the pages for people, one file a page (or a few that are one step each of the same thing).
//
// How a page is written. A handler is a method of Pages that takes a *Request and returns an error:
//
//	func (p *Pages) Password(r *Request) error {
//		form, err := r.Form()                       // bind: what was sent, bounded and valid UTF-8
//		if err != nil {
//			return err
//		}
//		s, err := p.Accounts.ChangePassword(...)    // one call of a service, which asks for the right itself
//		if err != nil {
//			return r.Again("account_password", view.Page{...}, err)   // a fault of the form: the form again, all faults
//		}
//		p.Sessions.Remember(r.Context, s)
//		r.Said("page_account.password.changed")     // told once, on the next page
//		return r.Go("/account")                     // after a change always somewhere else
//	}
//
// Its line stands in internal/web/routes.go with the right it needs, its template in view/templates/pages/<name>.html,
// its words in locale/messages/<language>/page_<room>.json. Pages of one role share a prefix (reviewer_, editor_,
// researcher_, committee_). A page about one person has that person in its path (/people/:person/...) and calls
// r.About to say whose data is shown, in the header of every one.
//
// What a handler never does: open a transaction, decide who may, translate, or show a plain error's text.
package page
