package page

import (
	"cmp"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/codesign"
	"kindred/questionnaires/sdc"
)

// formRow is one questionnaire of the list, with what was proposed for it.
type formRow struct {
	Title string
	New   string // address of the form that proposes, up to the kind
	Draft string // editors: the file with what was taken; empty where nothing was
	Tasks []view.Task
}

// Proposals lists what was proposed for each questionnaire, and what became of it.
func (p *Pages) Proposals(r *Request) error {
	ctx := r.Request.Context()
	versions, err := p.Questionnaires.Versions(ctx, r.Actor)
	if err != nil {
		return err
	}
	list, err := p.Codesign.List(ctx, r.Actor, "")
	if err != nil {
		return err
	}
	editor := r.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActApprove)
	var rows []formRow
	for _, v := range questionnaires.Newest(versions) {
		row := formRow{Title: cmp.Or(titleOf(r, v), v.URL), New: "/proposals/new?questionnaire=" + string(v.Questionnaire) + "&kind="}
		for _, one := range list {
			if one.Questionnaire != v.Questionnaire {
				continue
			}
			row.Tasks = append(row.Tasks, proposalTask(r, one))
			if one.State == codesign.Taken && editor {
				row.Draft = "/proposals/drafts/" + string(v.Questionnaire)
			}
		}
		rows = append(rows, row)
	}
	return r.Show("proposals", view.Page{Title: view.Key("page_codesign.title"), Data: rows})
}

// proposalTask is a proposal as a line of a list, with its state in an icon and a word.
func proposalTask(r *Request, p codesign.Proposal) view.Task {
	state := map[codesign.State]string{codesign.Open: "waiting", codesign.Taken: "now", codesign.Published: "done", codesign.Declined: "later"}[p.State]
	says := []string{r.Printer.T("page_codesign.about." + string(p.Kind)), r.Printer.N("page_codesign.votes", p.Votes), r.Printer.N("page_codesign.comments", p.Comments)}
	return view.Task{Title: p.Text, Href: "/proposals/" + string(p.ID), State: state, Says: stateOf(r, p), Hint: strings.Join(says, " · ")}
}

func stateOf(r *Request, p codesign.Proposal) string {
	return r.Printer.T("page_codesign.state."+string(p.State), "Version", p.Version)
}

// codesignView is one proposal with its discussion.
type codesignView struct {
	codesign.Proposal
	Path     string
	Tag      view.Task
	Facts    view.Summary
	Messages []proposalMessage
	CanVote  bool
	Editor   bool
}

type proposalMessage struct {
	view.Message
	Hidden bool
	Hide   string // editors: posts here to hide it
}

// Proposal shows one.
func (p *Pages) Proposal(r *Request) error {
	page, err := p.proposalShown(r)
	if err != nil {
		return err
	}
	return r.Show("proposal", page)
}

func (p *Pages) proposalShown(r *Request) (view.Page, error) {
	id, err := ID[ident.ProposalID](r, "proposal")
	if err != nil {
		return view.Page{}, err
	}
	one, comments, err := p.Codesign.Proposal(r.Request.Context(), r.Actor, id)
	if err != nil {
		return view.Page{}, err
	}
	form, title, err := p.proposedFor(r, one.Questionnaire)
	if err != nil {
		return view.Page{}, err
	}
	data := codesignView{Proposal: one, Path: "/proposals/" + string(id), Tag: proposalTask(r, one)}
	data.Editor = r.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActApprove)
	data.CanVote = one.State == codesign.Open && !one.Mine
	data.Facts = proposalFacts(r, one, form, title)
	for _, c := range comments {
		m := proposalMessage{Message: view.Message{From: commentFrom(r, c), When: c.At, Text: c.Text, Own: c.Mine}, Hidden: c.Hidden}
		if data.Editor && !c.Hidden {
			m.Hide = data.Path + "/comments/" + string(c.ID) + "/hide"
		}
		data.Messages = append(data.Messages, m)
	}
	return view.Page{Title: view.Key("page_codesign.one"), Back: &view.Link{Label: view.Key("page_codesign.title"), Href: "/proposals"}, Data: data}, nil
}

func commentFrom(r *Request, c codesign.Comment) string {
	switch {
	case c.Mine:
		return r.Printer.T("page_codesign.you")
	case c.Editor:
		return r.Printer.T("page_codesign.editor")
	default:
		return r.Printer.T("page_codesign.member")
	}
}

func proposalFacts(r *Request, p codesign.Proposal, form *sdc.Form, title string) view.Summary {
	t := r.Printer.T
	rows := []view.Row{{Label: t("page_codesign.questionnaire"), Value: title}}
	if p.Kind == codesign.Wording {
		rows = append(rows, view.Row{Label: t("page_codesign.now"), Value: itemText(form, p.LinkID, p.Language)})
		rows = append(rows, view.Row{Label: t("page_codesign.wording"), Value: p.Text, Lang: p.Language})
	} else {
		rows = append(rows, view.Row{Label: t("page_codesign.question"), Value: p.Text, Lang: p.Language})
		rows = append(rows, view.Row{Label: t("page_codesign.answered"), Value: t("page_codesign.answer." + string(p.Answer)), Note: strings.Join(p.Options, " · ")})
	}
	by := p.Credit
	if by == "" {
		by = t("page_codesign.member")
	}
	rows = append(rows, view.Row{Label: t("page_codesign.reason"), Value: p.Reason}, view.Row{Label: t("page_codesign.by"), Value: by, Note: r.Printer.Date(p.CreatedAt)})
	if p.State != codesign.Open {
		rows = append(rows, view.Row{Label: t("page_codesign.became"), Value: stateOf(r, p), Note: p.Verdict})
	}
	return view.Summary{Rows: rows}
}

// itemText is what an item says in a language.
func itemText(form *sdc.Form, link, lang string) string {
	for _, o := range form.Outline(lang) {
		if o.LinkID == link {
			return o.Label
		}
	}
	return ""
}

// proposedFor is the newest version of the questionnaire that a proposal is about.
func (p *Pages) proposedFor(r *Request, q ident.QuestionnaireID) (*sdc.Form, string, error) {
	versions, err := p.Questionnaires.Versions(r.Request.Context(), r.Actor)
	if err != nil {
		return nil, "", err
	}
	for _, v := range questionnaires.Newest(versions) {
		if v.Questionnaire == q {
			form, err := p.Questionnaires.Form(r.Request.Context(), v.ID)
			return form, cmp.Or(titleOf(r, v), v.URL), err
		}
	}
	return nil, "", questionnaires.ErrNoVersion
}

// codesignForm is the form that proposes.
type codesignForm struct {
	Questionnaire ident.QuestionnaireID
	Wording       bool // of a question that is there; else a new question
	Title         string
	Items         []view.Option
	Answers       []view.Option
	Languages     []view.Option
}

// ProposalNew asks what somebody would change.
func (p *Pages) ProposalNew(r *Request) error {
	page, err := p.proposalAsked(r, ident.QuestionnaireID(r.Query("questionnaire")), codesign.Kind(r.Query("kind")), view.Values{})
	if err != nil {
		return err
	}
	return r.Show("proposal_new", page)
}

func (p *Pages) proposalAsked(r *Request, q ident.QuestionnaireID, kind codesign.Kind, typed view.Values) (view.Page, error) {
	form, title, err := p.proposedFor(r, q)
	if err != nil {
		return view.Page{}, err
	}
	data := codesignForm{Questionnaire: q, Wording: kind == codesign.Wording, Title: title}
	for _, o := range form.Outline(r.Printer.Lang()) {
		if o.Label != "" {
			data.Items = append(data.Items, view.Option{Value: o.LinkID, Label: o.Label, Checked: typed.Get("link_id") == o.LinkID})
		}
	}
	for _, a := range []codesign.AnswerType{codesign.YesNo, codesign.Choice, codesign.Number, codesign.Date, codesign.Words} {
		data.Answers = append(data.Answers, view.Option{Value: string(a), Label: r.Printer.T("page_codesign.answer." + string(a)), Checked: typed.Get("answer") == string(a)})
	}
	chosen := cmp.Or(typed.Get("language"), r.Printer.Lang())
	for _, lang := range locale.Languages {
		data.Languages = append(data.Languages, view.Option{Value: lang, Label: r.Printer.T("page_codesign.language." + lang), Checked: chosen == lang})
	}
	heading := "page_codesign.kind.question"
	if data.Wording {
		heading = "page_codesign.kind.wording"
	}
	return view.Page{Title: view.Key(heading), Back: &view.Link{Label: view.Key("page_codesign.title"), Href: "/proposals"}, Data: data}, nil
}

// ProposalMake puts a proposal forward.
func (p *Pages) ProposalMake(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d := codesign.Draft{
		Questionnaire: ident.QuestionnaireID(form.Get("questionnaire")), Kind: codesign.Kind(form.Get("kind")), LinkID: form.Get("link_id"), Language: form.Get("language"),
		Text: form.Get("text"), Answer: codesign.AnswerType(form.Get("answer")), Options: strings.Split(form.Get("options"), "\n"), Reason: form.Get("reason"), Credit: form.Get("credit"),
	}
	id, err := p.Codesign.Propose(r.Request.Context(), r.Actor, d)
	if err != nil {
		page, bad := p.proposalAsked(r, d.Questionnaire, d.Kind, form)
		if bad != nil {
			return bad
		}
		return r.Again("proposal_new", page, err)
	}
	r.Said("page_codesign.made")
	return r.Go("/proposals/" + string(id))
}

// ProposalAct takes what is done to one proposal: support, a comment, a decision, a comment hidden.
func (p *Pages) ProposalAct(r *Request, said string, do func(ident.ProposalID, view.Values) error) error {
	id, err := ID[ident.ProposalID](r, "proposal")
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	if err := do(id, form); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		page, bad := p.proposalShown(r)
		if bad != nil {
			return bad
		}
		return r.Again("proposal", page, err)
	}
	r.Said(said)
	return r.Go("/proposals/" + string(id))
}

// ProposalSupport gives the reader's support, or takes it back.
func (p *Pages) ProposalSupport(r *Request) error {
	return p.ProposalAct(r, "page_codesign.voted", func(id ident.ProposalID, form view.Values) error {
		return p.Codesign.Support(r.Request.Context(), r.Actor, id, form.Get("support") == "yes")
	})
}

// ProposalComment adds to the discussion.
func (p *Pages) ProposalComment(r *Request) error {
	return p.ProposalAct(r, "page_codesign.commented", func(id ident.ProposalID, form view.Values) error {
		return p.Codesign.Comment(r.Request.Context(), r.Actor, id, form.Get("comment"))
	})
}

// ProposalDecide is an editor's decision.
func (p *Pages) ProposalDecide(r *Request) error {
	return p.ProposalAct(r, "page_codesign.decided", func(id ident.ProposalID, form view.Values) error {
		if d := form.Get("decision"); d != "take" && d != "decline" {
			return fault.List{errDecision}
		}
		return p.Codesign.Decide(r.Request.Context(), r.Actor, id, form.Get("decision") == "take", form.Get("reason"))
	})
}

var errDecision = fault.New(fault.Invalid, "page_codesign.choose").At("decision")

// ProposalHide hides a comment.
func (p *Pages) ProposalHide(r *Request) error {
	comment, err := ID[ident.CommentID](r, "comment")
	if err != nil {
		return err
	}
	return p.ProposalAct(r, "page_codesign.hidden_now", func(id ident.ProposalID, _ view.Values) error {
		return p.Codesign.Hide(r.Request.Context(), r.Actor, id, comment)
	})
}

// ProposalDraft gives an editor the file to go on from.
func (p *Pages) ProposalDraft(r *Request) error {
	id, err := ID[ident.QuestionnaireID](r, "questionnaire")
	if err != nil {
		return err
	}
	raw, err := p.Codesign.Draft(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	r.attach("questionnaire-draft.json", "application/fhir+json", int64(len(raw)))
	_, err = r.Writer.Write(raw)
	return err
}
