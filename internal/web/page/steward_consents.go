package page

import (
	"strconv"
	"time"

	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/view"
)

// consentDocument is the document that people of this registry sign.
const consentDocument = "kindred"

// Editions lists what was published of the consent, newest first, below a path.
func (p *Pages) Editions(base, title string) Handler {
	return func(r *Request) error {
		list, err := p.Consent.Editions(r.Request.Context(), consentDocument)
		if err != nil {
			return err
		}
		table := view.Table{Caption: r.Printer.T("page_ethics.editions"), Quiet: true, Columns: []view.Column{
			{Label: r.Printer.T("page_editor.version")}, {Label: r.Printer.T("page_ethics.language")}, {Label: r.Printer.T("page_editor.published_at")},
		}}
		for i := len(list) - 1; i >= 0; i-- {
			e := list[i]
			table.Rows = append(table.Rows, []view.Cell{
				{Text: strconv.Itoa(e.Version), Href: base + "/" + strconv.Itoa(e.Version) + "?language=" + e.Language},
				{Text: locale.For(e.Language).T("view.language.name")}, {Text: r.Printer.Date(e.PublishedAt.In(time.UTC))},
			})
		}
		return r.Show("ethics_consents", view.Page{Title: view.Key(title), Data: table})
	}
}

// Edition shows one text as people read it, with its fingerprint.
func (p *Pages) Edition(base, title string) Handler {
	return func(r *Request) error {
		version, err := strconv.Atoi(r.Param("version"))
		if err != nil {
			return ident.ErrInvalid
		}
		doc, err := p.Consent.Document(r.Request.Context(), consentDocument, version, r.Query("language"))
		if err != nil {
			return err
		}
		return r.Show("ethics_consent", view.Page{Title: view.Plain(doc.Title), Back: &view.Link{Label: view.Key(title), Href: base}, Data: doc})
	}
}
