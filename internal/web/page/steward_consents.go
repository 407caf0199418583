package page

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/policies/consent"
)

// editionsView is what was published of the consent; New leads a steward to a new version.
type editionsView struct {
	Table view.Table
	New   string
}

// Editions lists what was published of the consent, newest first, below a path.
func (p *Pages) Editions(base, title string) Handler {
	return func(r *Request) error {
		list, err := p.Consent.Editions(r.Request.Context(), consent.MainDocument)
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
				{Text: locale.For(e.Language).T("view.language.name")}, {Text: r.Printer.Date(e.PublishedAt)},
			})
		}
		data := editionsView{Table: table}
		if r.May(policies.PurposeOperation, policies.ObjectConsent, policies.ActPublish) {
			data.New = textsPath + "/new"
		}
		return r.Show("ethics_consents", view.Page{Title: view.Key(title), Data: data})
	}
}

// Edition shows one text as people read it, with its fingerprint.
func (p *Pages) Edition(base, title string) Handler {
	return func(r *Request) error {
		version, err := strconv.Atoi(r.Param("version"))
		if err != nil {
			return ident.ErrInvalid
		}
		doc, err := p.Consent.Document(r.Request.Context(), consent.MainDocument, version, r.Query("language"))
		if err != nil {
			return err
		}
		return r.Show("ethics_consent", view.Page{Title: view.Plain(doc.Title), Back: &view.Link{Label: view.Key(title), Href: base}, Data: doc})
	}
}

const textsPath = "/operation/consents"

// draftView asks for the texts of a new version.
type draftView struct {
	Texts []draftText
	Begin []view.Link // the texts that are current, to begin with
}

// draftText is one language of a new version.
type draftText struct {
	Language string
	Name     string // of the language, in itself
	File     string // names of the fields
	Text     string
}

func draftTexts() []draftText {
	var list []draftText
	for _, language := range locale.Languages {
		list = append(list, draftText{language, locale.For(language).T("view.language.name"), "file-" + language, "text-" + language})
	}
	return list
}

// OperationText asks for the texts of a new version of the consent.
func (p *Pages) OperationText(r *Request) error {
	page, err := p.draftPage(r)
	if err != nil {
		return err
	}
	return r.Show("steward_consent_new", page)
}

func (p *Pages) draftPage(r *Request) (view.Page, error) {
	data := draftView{Texts: draftTexts()}
	for _, d := range data.Texts {
		current, err := p.Consent.Current(r.Request.Context(), consent.MainDocument, d.Language)
		if errors.Is(err, consent.ErrNoDocument) {
			break
		}
		if err != nil {
			return view.Page{}, err
		}
		data.Begin = append(data.Begin, view.Link{
			Label: view.Key("page_steward.text.begin", "Language", d.Name, "Version", current.Version), Href: textsPath + "/" + strconv.Itoa(current.Version) + "/file?language=" + d.Language,
		})
	}
	return view.Page{Title: view.Key("page_steward.text.new"), Back: textsBack(), Data: data}, nil
}

func textsBack() *view.Link {
	return &view.Link{Label: view.Key("page_steward.consents"), Href: textsPath}
}

// OperationTextFile gives one text exactly as it was published.
func (p *Pages) OperationTextFile(r *Request) error {
	version, err := strconv.Atoi(r.Param("version"))
	if err != nil {
		return ident.ErrInvalid
	}
	doc, err := p.Consent.Document(r.Request.Context(), consent.MainDocument, version, r.Query("language"))
	if err != nil {
		return err
	}
	r.attach(doc.Name+"-"+strconv.Itoa(doc.Version)+"."+doc.Language+".md", "text/markdown; charset=utf-8", int64(len(doc.Text)))
	_, err = io.WriteString(r.Writer, doc.Text)
	return err
}

var (
	errNoText  = fault.New(fault.Invalid, "page_steward.text.missing")
	errConfirm = fault.New(fault.Invalid, "page_steward.text.confirm.missing").At("confirm")
)

// maxText is how large a text may be; it is more than package consent takes, which says so itself.
const maxText = 1 << 20

// texts reads what was given for each language: a file, or else what was pasted. Every text that cannot be read is a
// fault at its own field.
func (r *Request) texts() ([][]byte, error) {
	var faults fault.List
	var texts [][]byte
	for _, d := range draftTexts() {
		raw, err := r.bytesOf(d.File, maxText)
		if errors.Is(err, errNoFile) {
			raw, err = []byte(r.Request.PostFormValue(d.Text)), nil
		}
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")) // as browsers send the lines of a box
		r.Request.Form.Set(d.Text, string(raw))                   // what came as a file can be put right in the box
		switch {
		case err != nil:
			faults.Add(fault.All(err)[0].At(d.File))
		case len(raw) == 0:
			faults.Add(errNoText.With("Language", d.Name).At(d.Text))
		default:
			if _, err := consent.ParseDocument(raw); err != nil {
				faults.Add(r.unreadable(err).At(d.Text))
			}
			texts = append(texts, raw)
		}
	}
	return texts, faults.Err()
}

// unreadable says in words why a text, or the texts together, cannot be taken.
func (r *Request) unreadable(err error) *fault.Error {
	f := fault.All(err)[0]
	if reason, ok := f.Args["Reason"].(string); ok {
		if key := "page_steward.text.reason." + reason; locale.Has(key) {
			return f.With("Reason", r.Printer.T(key))
		}
	}
	return f
}

// OperationTextCheck shows a new version as people will read it, and what it changes, before anything is published.
func (p *Pages) OperationTextCheck(r *Request) error {
	if err := r.Request.ParseMultipartForm(4 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return bodyFault(err)
	}
	if _, err := r.values(r.Request.Form); err != nil {
		return err
	}
	texts, err := r.texts()
	var page view.Page
	if err == nil {
		page, err = p.previewPage(r, texts)
	}
	if err != nil {
		again, failed := p.draftPage(r)
		if failed != nil {
			return failed
		}
		return r.Again("steward_consent_new", again, p.textFaults(r, err))
	}
	return r.Show("steward_consent_check", page)
}

// textFaults puts what concerns the texts together at the first of them.
func (p *Pages) textFaults(r *Request, err error) error {
	var list fault.List
	for _, f := range fault.All(err) {
		if f.Field == "" || f.Field == "document" {
			f = r.unreadable(f).At(draftTexts()[0].Text)
		}
		list.Add(f)
	}
	return list
}

// previewView is a version that could be published.
type previewView struct {
	Version  int
	Before   int
	Fates    []fateRow
	Texts    []previewText
	Contents []string // the texts, to be sent back with the decision
}

// fateRow is what becomes of one choice.
type fateRow struct {
	Choice string
	Tag    view.Tag
	Says   string
}

type previewText struct {
	*consent.Document
	Name    string
	Differs bool
	Lines   []consent.Line // that are new or gone, and what stands around them
}

func (p *Pages) previewPage(r *Request, texts [][]byte) (view.Page, error) {
	draft, err := p.Consent.Preview(r.Request.Context(), r.Actor, texts...)
	if err != nil {
		return view.Page{}, err
	}
	data := previewView{Version: draft.Documents[0].Version, Before: draft.Before}
	for i, d := range draft.Documents {
		c := draft.Comparisons[i]
		data.Texts = append(data.Texts, previewText{Document: d, Name: locale.For(d.Language).T("view.language.name"), Differs: len(c.Lines) > 0, Lines: around(c.Lines)})
		data.Contents = append(data.Contents, base64.StdEncoding.EncodeToString([]byte(d.Text)))
	}
	data.Fates = fates(r, draft.Comparisons)
	return view.Page{
		Title: view.Key("page_steward.text.check"), Back: &view.Link{Label: view.Key("page_steward.text.new"), Href: textsPath + "/new"}, Data: data, Wide: true,
	}, nil
}

// fates says of each choice what becomes of it; words that differ in one language differ.
func fates(r *Request, languages []consent.Comparison) []fateRow {
	tags := map[consent.Fate]string{consent.FateNew: "now", consent.FateReworded: "waiting", consent.FateDropped: "off", consent.FateSame: "done"}
	var rows []fateRow
	for i, s := range languages[0].Scopes {
		fate := s.Fate
		for _, other := range languages[1:] {
			if i < len(other.Scopes) && other.Scopes[i].Fate == consent.FateReworded {
				fate = consent.FateReworded
			}
		}
		key := "page_steward.fate." + string(fate)
		rows = append(rows, fateRow{r.Printer.T("consent.scope." + string(s.Scope)), view.Tag{Kind: tags[fate], Text: r.Printer.T(key)}, r.Printer.T(key + ".says")})
	}
	return rows
}

// around leaves of the lines that are the same only one before and one after what differs.
func around(lines []consent.Line) []consent.Line {
	var out []consent.Line
	for i, l := range lines {
		near := l.Fate != consent.FateSame || i > 0 && lines[i-1].Fate != consent.FateSame || i+1 < len(lines) && lines[i+1].Fate != consent.FateSame
		if near {
			out = append(out, l)
		}
	}
	return out
}

// OperationTextPublish publishes the texts that were looked at.
func (p *Pages) OperationTextPublish(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	var texts [][]byte
	for _, content := range form["content"] {
		raw, err := base64.StdEncoding.DecodeString(content)
		if err != nil {
			return errText.Because(err)
		}
		texts = append(texts, raw)
	}
	wrong := error(errConfirm)
	if form.Has("confirm", "yes") {
		_, wrong = p.Consent.Publish(r.Request.Context(), r.Actor, texts...)
	}
	if wrong == nil {
		r.Said("page_steward.text.published")
		return r.Go(textsPath)
	}
	page, err := p.previewPage(r, texts)
	if err != nil { // published in the meantime, or never what was looked at
		return wrong
	}
	return r.Again("steward_consent_check", page, wrong)
}
