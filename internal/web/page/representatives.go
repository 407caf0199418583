package page

import (
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/registry"
)

// accessRow is one account that acts for a person.
type accessRow struct {
	Who, Relation string
	registry.Representative
	Own  bool
	Ends string // posts here to end it; empty where one may not
}

// accessView is who acts for a person.
type accessView struct {
	Base   string
	Rows   []accessRow
	Before []accessRow
	Offers []view.Option // how somebody else could stand to them
}

// Access shows who acts for a person, and asks for somebody else.
func (p *Pages) Access(r *Request) error {
	page, err := p.accessPage(r)
	if err != nil {
		return err
	}
	return r.Show("access", page)
}

func (p *Pages) accessPage(r *Request) (view.Page, error) {
	id, err := r.Person()
	if err != nil {
		return view.Page{}, err
	}
	card, all, err := p.Registry.Representatives(r.Request.Context(), r.Actor, id)
	if err != nil {
		return view.Page{}, err
	}
	r.shows(card)
	base := "/people/" + string(id)
	data := accessView{Base: base + "/access"}
	for _, o := range registry.Relations {
		if o != registry.Self && o.OfMinor() == card.Relation.OfMinor() {
			data.Offers = append(data.Offers, view.Option{Value: string(o), Label: r.Printer.T("page_access.relation." + string(o)), Checked: r.Request.PostFormValue("relation") == string(o)})
		}
	}
	for _, a := range all {
		row := accessRow{Representative: a, Own: a.Account == r.Actor.Account, Relation: r.Printer.T("page_access.relation." + string(a.Relation))}
		row.Who = r.Printer.T("page_data.you")
		if !row.Own {
			row.Who = r.Printer.T("page_access.account", "End", lastOf(string(a.Account)))
		}
		if !a.Acts(p.Clock.Now()) {
			data.Before = append(data.Before, row)
			continue
		}
		if a.MayEnd(r.Actor.Account, card.Relation) {
			row.Ends = data.Base + "/" + string(a.Account) + "/end"
		}
		data.Rows = append(data.Rows, row)
	}
	if len(data.Rows) == 1 {
		data.Rows[0].Ends = "" // somebody remains
	}
	return view.Page{Title: view.Key("page_access.title"), Back: &view.Link{Label: view.Key("page_data.title"), Href: base + "/data"}, Data: data}, nil
}

// lastOf is the end of a number, by which two can be told apart.
func lastOf(id string) string { return id[max(0, len(id)-4):] }

// AccessNow lets another account act for a person.
func (p *Pages) AccessNow(r *Request) error {
	page, err := p.accessPage(r)
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	var faults fault.List
	relation := registry.Relation(form.Get("relation"))
	if relation == "" {
		faults.Add(registry.ErrRelation.At("relation"))
	}
	account, bad := ident.Parse[ident.AccountID](strings.ToLower(strings.TrimSpace(form.Get("account"))))
	if bad != nil {
		faults.Add(registry.ErrAccount.At("account"))
	}
	if err = faults.Err(); err == nil {
		err = p.Registry.AddRepresentative(r.Request.Context(), r.Actor, r.person, account, relation)
	}
	if err != nil {
		return r.Again("access", page, err)
	}
	r.Said("page_access.added")
	return r.Go("/people/" + string(r.person) + "/access")
}

// AccessEnd says what ending somebody's part means, before it is done.
func (p *Pages) AccessEnd(r *Request) error {
	page, err := p.accessPage(r)
	if err != nil {
		return err
	}
	data := page.Data.(accessView)
	for _, row := range data.Rows {
		if string(row.Account) == r.Param("account") && row.Ends != "" {
			return r.Show("access_end", view.Page{
				Title: view.Key("page_access.end"), Back: &view.Link{Label: view.Key("page_access.title"), Href: data.Base}, Data: row,
			})
		}
	}
	return ident.ErrInvalid
}

// AccessEndNow ends it, at once. Who ends their own part is led home.
func (p *Pages) AccessEndNow(r *Request) error {
	person, err := r.Person()
	if err != nil {
		return err
	}
	account, err := ID[ident.AccountID](r, "account")
	if err != nil {
		return err
	}
	if err := p.Registry.EndRepresentation(r.Request.Context(), r.Actor, person, account); err != nil {
		return err
	}
	r.Said("page_access.ended")
	if account == r.Actor.Account {
		return r.Go("/home")
	}
	return r.Go("/people/" + string(person) + "/access")
}
