package page

import (
	"encoding/base64"
	"io"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/web/view"
	"kindred/questionnaires/cases"
	"kindred/questionnaires/sdc"
)

var (
	errNoFile    = fault.New(fault.Invalid, "page_editor.file.missing").At("file")
	errFileLarge = fault.New(fault.TooLarge, "page_editor.file.large").At("file")
)

// checkView is a file that was read: what it asks, what keeps it out, what is worth knowing.
type checkView struct {
	Name     string
	Size     string
	Outline  outlineView
	Refused  int
	Refusals []findingGroup
	Static   staticView
	File     string // the bytes, to be sent back with the decision
	NeedsURL bool   // the file does not say which questionnaire it is
	NeedsNo  bool   // nor which version
}

// EditorUpload asks for a file.
func (p *Pages) EditorUpload(r *Request) error { return r.Show("editor_upload", uploadPage()) }

func uploadPage() view.Page {
	return view.Page{Title: view.Key("page_editor.new"), Back: editorBack()}
}

// EditorCheck reads a file and shows what it asks before anything is published, or every reason why it cannot be.
func (p *Pages) EditorCheck(r *Request) error {
	raw, err := r.bytesOf("file", sdc.FormLimits.Bytes)
	if err != nil {
		return r.Again("editor_upload", uploadPage(), err)
	}
	page := checkPage(r, raw)
	if data := page.Data.(checkView); len(data.Refusals) > 0 {
		return r.render(422, "editor_check", page)
	}
	return r.Show("editor_check", page)
}

func checkPage(r *Request, raw []byte) view.Page {
	form, found := cases.Compile(raw)
	data := checkView{File: base64.StdEncoding.EncodeToString(raw)}
	if form == nil {
		named, _ := sdc.Compile(raw, sdc.Options{Lenient: true}) // for the names of its items, where it has any
		data.Refused, data.Refusals = len(found.Refusals), findings(r, named, found.Refusals)
		data.Static.Findings = findings(r, named, found.Warnings)
	}
	page := view.Page{Title: view.Key("page_editor.refused"), Back: &view.Link{Label: view.Key("page_editor.new"), Href: "/authoring/new"}, Wide: true}
	if form != nil {
		page.Title = view.Key("page_editor.check")
		data.Name, data.Size, data.Outline = form.Title.For(r.Printer.Lang()), formSize(r, form), outlineOf(r, form)
		data.Static = staticOf(r, form, found.Warnings)
		data.NeedsURL, data.NeedsNo = form.URL == "", form.Version == ""
	}
	page.Data = data
	return page
}

// EditorPublish makes a version of the file that was looked at.
func (p *Pages) EditorPublish(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(form.Get("content"))
	if err != nil {
		return errText.Because(err)
	}
	id := sdc.Identity{URL: strings.TrimSpace(form.Get("url")), Version: strings.TrimSpace(form.Get("version"))}
	v, _, err := p.Questionnaires.Publish(r.Request.Context(), r.Actor, raw, id)
	if err != nil {
		var list fault.List
		for _, f := range fault.All(err) {
			list.Add(publishField(f))
		}
		if fault.KindOf(err) != fault.Internal && len(list) > 0 {
			return r.Again("editor_check", checkPage(r, raw), list)
		}
		return err
	}
	r.Said("page_editor.published_now")
	return r.Go(versionPath(v.ID))
}

// publishField puts what is missing beside the box that asks for it. The linkId of an item is no field of this form.
func publishField(f *fault.Error) *fault.Error {
	switch f.Key {
	case "questionnaires.publish.url_missing":
		return f.At("url")
	case "questionnaires.publish.version_missing", "questionnaires.publish.version_taken":
		return f.At("version")
	}
	return f.At("")
}

// bytesOf reads an uploaded file of at most so many bytes. No file is a fault of the form.
func (r *Request) bytesOf(field string, most int) ([]byte, error) {
	part, _, err := r.Request.FormFile(field)
	if err != nil {
		if strings.Contains(err.Error(), "request body too large") {
			return nil, errFileLarge.With("Max", most>>20)
		}
		return nil, errNoFile.Because(err)
	}
	defer part.Close()
	raw, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
	switch {
	case err != nil:
		return nil, err
	case len(raw) > most:
		return nil, errFileLarge.With("Max", most>>20)
	case len(raw) == 0:
		return nil, errNoFile
	}
	return raw, nil
}

// outlineView is everything a form asks, in its order.
type outlineView struct {
	Items []outlineRow
	Other int // items that are left out of a very long form
}

// outlineRow is one item in words.
type outlineRow struct {
	Depth   int // 0 to 4; deeper ones stand where the fourth stands
	LinkID  string
	Label   string
	Group   bool
	Kind    string
	Marks   []string
	Options string
	When    string
}

// outlineMost is how many items a page shows.
const outlineMost = 1500

func outlineOf(r *Request, form *sdc.Form) outlineView {
	items := form.Outline(r.Printer.Lang())
	v := outlineView{Other: max(len(items)-outlineMost, 0)}
	for _, it := range items[:min(len(items), outlineMost)] {
		row := outlineRow{
			Depth: min(it.Depth, 4), LinkID: it.LinkID, Label: strings.TrimSpace(it.Prefix + " " + it.Label), Group: it.Type == sdc.TypeGroup,
			Kind: r.Printer.T("page_editor.type." + string(it.Type)), Options: optionWords(r, it.Options), When: conditionWords(r, it),
		}
		for _, m := range []struct {
			on  bool
			key string
		}{{it.Required, "required"}, {it.Repeats, "repeats"}, {it.Hidden, "hidden"}, {it.ReadOnly, "read_only"}} {
			if m.on {
				row.Marks = append(row.Marks, r.Printer.T("page_editor.mark."+m.key))
			}
		}
		v.Items = append(v.Items, row)
	}
	return v
}

// optionsMost is how many options of an item are written out.
const optionsMost = 12

func optionWords(r *Request, options []string) string {
	if len(options) <= optionsMost {
		return strings.Join(options, " · ")
	}
	return strings.Join(options[:optionsMost], " · ") + " · " + r.Printer.N("page_editor.more", len(options)-optionsMost)
}

func conditionWords(r *Request, it sdc.OutlineItem) string {
	var words []string
	for _, c := range it.Conditions {
		key := "page_editor.when.is"
		switch {
		case c.Operator == "exists" && c.Value == "true":
			key = "page_editor.when.answered"
		case c.Operator == "exists":
			key = "page_editor.when.unanswered"
		case c.Operator == "!=":
			key = "page_editor.when.not"
		case c.Operator != "=":
			key = "page_editor.when.compared"
		}
		words = append(words, r.Printer.T(key, "Question", c.Question, "Value", c.Value, "Operator", c.Operator))
	}
	if len(words) == 0 {
		return ""
	}
	between := r.Printer.T("page_editor.when.all")
	if it.Any {
		between = r.Printer.T("page_editor.when.any")
	}
	return r.Printer.T("page_editor.when", "What", strings.Join(words, " "+between+" "))
}

// formSize says how long a form is.
func formSize(r *Request, form *sdc.Form) string {
	return r.Printer.N("page_editor.items", form.Items()) + " · " + r.Printer.N("page_editor.pages", form.Pages()) + " · " +
		r.Printer.N("page_editor.minutes", max(int(form.Minutes()+0.5), 1))
}
