package page

import (
	"strings"

	"kindred/internal/account"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/policies"
)

// accountsLength is how many accounts a page shows.
const accountsLength = 50

// accountsView is a page of accounts, with the form that changes one.
type accountsView struct {
	Table view.Table
	Pages view.Pages
	Roles []view.Option
}

// OperationAccounts lists accounts and what they may be here as.
func (p *Pages) OperationAccounts(r *Request) error {
	page, err := p.accountsPage(r)
	if err != nil {
		return err
	}
	return r.Show("steward_accounts", page)
}

func (p *Pages) accountsPage(r *Request) (view.Page, error) {
	list, err := p.Accounts.Accounts(r.Request.Context(), r.Actor, ident.AccountID(r.Query("after")), accountsLength+1)
	if err != nil {
		return view.Page{}, err
	}
	t := r.Printer.T
	data := accountsView{Roles: roleOptions(r, view.Values(r.Request.Form)), Table: view.Table{
		Caption: t("page_steward.title"), Quiet: true,
		Columns: []view.Column{{Label: t("page_steward.name")}, {Label: t("page_steward.roles")}, {Label: t("page_steward.since")}, {Label: t("page_steward.state")}},
	}}
	if len(list) > accountsLength {
		list = list[:accountsLength]
		data.Pages.Next = "/operation?after=" + string(list[accountsLength-1].Account)
	}
	for _, a := range list {
		var roles []string
		for _, role := range a.Roles {
			roles = append(roles, roleWords(r, role))
		}
		state := view.Cell{Tag: "done", Text: t("page_steward.open")}
		if a.Disabled {
			state = view.Cell{Tag: "off", Text: t("page_steward.closed")}
		}
		data.Table.Rows = append(data.Table.Rows, []view.Cell{{Text: a.Name}, {Text: strings.Join(roles, ", ")}, {Text: r.Printer.Date(a.CreatedAt)}, state})
	}
	return view.Page{Title: view.Key("page_steward.title"), Data: data, Wide: true}, nil
}

func roleOptions(r *Request, typed view.Values) []view.Option {
	var list []view.Option
	for _, role := range policies.Roles {
		list = append(list, option(typed, "role", string(role), roleWords(r, role)))
	}
	return list
}

// OperationChange gives or takes a role, or closes or opens an account.
func (p *Pages) OperationChange(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	ctx, name, role, act := r.Request.Context(), form.Get("name"), policies.Role(form.Get("role")), form.Get("act")
	switch act {
	case "grant":
		_, err = p.Accounts.GrantRole(ctx, r.Actor, name, role)
	case "revoke":
		_, err = p.Accounts.RevokeRole(ctx, r.Actor, name, role)
	case "close":
		err = p.Accounts.Disable(ctx, r.Actor, name)
	case "open":
		err = p.Accounts.Enable(ctx, r.Actor, name)
	default:
		err = errChoose.At("act")
	}
	if err != nil {
		page, bad := p.accountsPage(r)
		if bad != nil {
			return bad
		}
		return r.Again("steward_accounts", page, ofForm(err))
	}
	r.Said("page_steward.changed")
	return r.Go("/operation")
}

// OperationNew asks for a new account.
func (p *Pages) OperationNew(r *Request) error { return r.Show("steward_new", p.newAccountPage(r)) }

func (p *Pages) newAccountPage(r *Request) view.Page {
	return view.Page{
		Title: view.Key("page_steward.new"), Back: &view.Link{Label: view.Key("page_steward.title"), Href: "/operation"}, Data: roleOptions(r, view.Values(r.Request.Form)),
	}
}

// OperationAdd makes it.
func (p *Pages) OperationAdd(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	n := account.NewAccount{Name: form.Get("name"), Password: form.Get("password"), Mail: form.Get("mail"), Language: r.Printer.Lang()}
	for _, role := range form["role"] {
		n.Roles = append(n.Roles, policies.Role(role))
	}
	if _, err := p.Accounts.Add(r.Request.Context(), r.Actor, n); err != nil {
		return r.Again("steward_new", p.newAccountPage(r), err)
	}
	r.Said("page_steward.added")
	return r.Go("/operation")
}
