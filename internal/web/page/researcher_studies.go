package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kindred/export"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/questionnaires"
)

// ResearchStudies lists the researcher's own studies and where each stands.
func (p *Pages) ResearchStudies(r *Request) error {
	studies, err := p.Export.Studies(r.Request.Context(), r.Actor, "")
	if err != nil {
		return err
	}
	var tasks []view.Task
	for _, s := range studies {
		if s.Proposer == r.Actor.Account { // who sits on the committee too sees all: this page is about one's own
			tasks = append(tasks, studyTask(r, s, "/research/studies/"+string(s.ID)))
		}
	}
	return r.Show("researcher_studies", view.Page{Title: view.Key("page_researcher.title"), Data: tasks})
}

// studyTask is a study as a line of a list, with its state in an icon and a word.
func studyTask(r *Request, s *export.Study, href string) view.Task {
	state := map[export.StudyState]string{export.Submitted: "waiting", export.Approved: "done", export.Refused: "again", export.Closed: "later"}[s.State]
	says := "page_researcher.state." + string(s.State)
	if s.State == export.Approved && !s.ApprovedAt(r.pages.Clock.Now()) {
		state, says = "later", "page_researcher.state.lapsed"
	}
	return view.Task{
		Title: s.Proposal.Title, Href: href, State: state, Says: r.Printer.T(says),
		Hint: r.Printer.T("page_researcher.proposed", "Date", r.Printer.Date(s.CreatedAt), "Protocol", s.Protocol),
	}
}

// proposalView is the form of a proposal.
type proposalView struct {
	Action         string
	Fields         []view.Option
	Questionnaires []view.Option
	Scopes         []view.Option
	Extra          []view.Option
	From, Until    view.DateBoxes
	MinimumClass   string
	Revision       int
	Amends         bool
}

// ResearchPropose asks what a study wants.
func (p *Pages) ResearchPropose(r *Request) error {
	page, err := p.proposalPage(r, view.Values{}, nil)
	if err != nil {
		return err
	}
	return r.Show("researcher_propose", page)
}

// ResearchProposeNow hands the proposal to the committee.
func (p *Pages) ResearchProposeNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	proposal, err := readProposal(form)
	var study *export.Study
	if err == nil {
		study, err = p.Export.Propose(r.Request.Context(), r.Actor, proposal)
	}
	if err != nil {
		page, bad := p.proposalPage(r, form, nil)
		if bad != nil {
			return bad
		}
		return r.Again("researcher_propose", page, err)
	}
	r.Said("page_researcher.proposed_now")
	return r.Go("/research/studies/" + string(study.ID))
}

// ResearchAmend shows the proposal to be changed.
func (p *Pages) ResearchAmend(r *Request) error {
	study, _, err := p.study(r)
	if err != nil {
		return err
	}
	page, err := p.proposalPage(r, proposalValues(study), study)
	if err != nil {
		return err
	}
	return r.Show("researcher_propose", page)
}

// ResearchAmendNow changes it; the committee decides anew.
func (p *Pages) ResearchAmendNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	study, _, err := p.study(r)
	if err != nil {
		return err
	}
	proposal, err := readProposal(form)
	if err == nil {
		revision, _ := strconv.Atoi(form.Get("revision"))
		_, err = p.Export.Amend(r.Request.Context(), r.Actor, study.ID, revision, proposal)
	}
	if err != nil {
		page, bad := p.proposalPage(r, form, study)
		if bad != nil {
			return bad
		}
		return r.Again("researcher_propose", page, err)
	}
	r.Said("page_researcher.amended_now")
	return r.Go("/research/studies/" + string(study.ID))
}

// study loads the study of the path.
func (p *Pages) study(r *Request) (*export.Study, []export.Decision, error) {
	id, err := ID[ident.StudyID](r, "study")
	if err != nil {
		return nil, nil, err
	}
	return p.Export.Study(r.Request.Context(), r.Actor, id)
}

// proposalPage draws the form with what was typed; study is the one that is changed, if any.
func (p *Pages) proposalPage(r *Request, typed view.Values, study *export.Study) (view.Page, error) {
	versions, err := p.Questionnaires.Versions(r.Request.Context(), r.Actor)
	if err != nil {
		return view.Page{}, err
	}
	t := r.Printer.T
	data := proposalView{
		Action: "/research/new",
		From:   view.DateBoxes{Name: "from", Legend: t("page_researcher.from"), Optional: true}.Typed(typed),
		Until:  view.DateBoxes{Name: "until", Legend: t("page_researcher.until"), Optional: true}.Typed(typed),

		MinimumClass: typed.Get("minimum_class"),
	}
	if len(typed) == 0 {
		data.MinimumClass = strconv.Itoa(export.Floor)
	}
	page := view.Page{Title: view.Key("page_researcher.propose"), Back: &view.Link{Label: view.Key("page_researcher.title"), Href: "/research"}, Values: typed}
	if study != nil {
		here := "/research/studies/" + string(study.ID)
		data.Action, data.Revision, data.Amends = here+"/change", study.Revision, true
		page.Title, page.Back = view.Key("page_researcher.amend"), &view.Link{Label: view.Plain(study.Proposal.Title), Href: here}
	}
	for _, f := range export.Fields() {
		data.Fields = append(data.Fields, option(typed, "fields", string(f), t("page_researcher.field."+string(f))))
	}
	slices.SortStableFunc(versions, func(a, b questionnaires.Version) int { return b.PublishedAt.Compare(a.PublishedAt) })
	for _, v := range versions {
		o := option(typed, "questionnaires", v.Canonical(), nameOf(v))
		o.Hint = t("page_researcher.version", "Version", v.Version, "Date", r.Printer.Date(v.PublishedAt))
		data.Questionnaires = append(data.Questionnaires, o)
	}
	for _, s := range policies.Scopes {
		if s != policies.ScopeRegistry && s != policies.ScopeResearch && s != policies.ScopeQuestionnaires {
			data.Scopes = append(data.Scopes, option(typed, "scopes", string(s), t("page_researcher.scope."+string(s))))
		}
	}
	for _, name := range []string{"verified", "free_text"} {
		o := option(typed, "extra", name, t("page_researcher.extra."+name))
		o.Hint = t("page_researcher.extra." + name + ".hint")
		data.Extra = append(data.Extra, o)
	}
	page.Data = data
	return page, nil
}

func option(typed view.Values, name, value, label string) view.Option {
	return view.Option{Value: value, Label: label, Checked: typed.Has(name, value)}
}

// readProposal makes a proposal of the form; only the dates can be wrong here, the rest is told by the service.
func readProposal(form view.Values) (export.Proposal, error) {
	p := export.Proposal{
		Title: form.Get("title"), Purpose: form.Get("purpose"), Questionnaires: form["questionnaires"],
		VerifiedOnly: form.Has("extra", "verified"), FreeText: form.Has("extra", "free_text"),
	}
	if text := strings.TrimSpace(form.Get("minimum_class")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1 // the service says what is wrong with it
		}
		p.MinimumClass = n
	}
	for _, f := range form["fields"] {
		p.Fields = append(p.Fields, export.Field(f))
	}
	for _, s := range form["scopes"] {
		p.Scopes = append(p.Scopes, policies.Scope(s))
	}
	var faults fault.List
	var bad *fault.Error
	p.From, bad = readDay(form, "from")
	faults.Add(bad)
	p.Until, bad = readDay(form, "until")
	faults.Add(bad)
	if p.Until != nil {
		end := p.Until.AddDate(0, 0, 1) // the day that was named is within
		p.Until = &end
	}
	if len(faults) > 0 {
		faults = append(faults, p.Clean().Validate()...)
	}
	return p, faults.Err()
}

// readDay reads a whole day from three boxes; none typed is none.
func readDay(form view.Values, name string) (*time.Time, *fault.Error) {
	text, bad := view.JoinDate(form, name, false)
	if bad != nil || text == "" {
		return nil, bad
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, errText.At(name)
	}
	return &t, nil
}

// proposalValues are the fields of the form as the proposal stands.
func proposalValues(s *export.Study) view.Values {
	v := view.Values{"title": {s.Proposal.Title}, "purpose": {s.Proposal.Purpose}, "questionnaires": s.Proposal.Questionnaires,
		"minimum_class": {strconv.Itoa(s.Proposal.MinimumClass)}}
	for _, f := range s.Proposal.Fields {
		v["fields"] = append(v["fields"], string(f))
	}
	for _, scope := range s.Proposal.Scopes {
		v["scopes"] = append(v["scopes"], string(scope))
	}
	if s.Proposal.VerifiedOnly {
		v["extra"] = append(v["extra"], "verified")
	}
	if s.Proposal.FreeText {
		v["extra"] = append(v["extra"], "free_text")
	}
	boxes := func(name string, t time.Time) {
		v[name+"-day"], v[name+"-month"], v[name+"-year"] = []string{t.Format("2")}, []string{t.Format("1")}, []string{t.Format("2006")}
	}
	if s.Proposal.From != nil {
		boxes("from", *s.Proposal.From)
	}
	if s.Proposal.Until != nil {
		boxes("until", s.Proposal.Until.AddDate(0, 0, -1))
	}
	return v
}
