package page

import (
	"kindred/internal/ident"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/registry"
)

// personCookie remembers whom the reader looked at last. It chooses what is shown first, nothing else.
const personCookie = "kindred_person"

// about reads the person from the path and says, above everything on the page, whose data this is.
func (p *Pages) about(r *Request) (ident.ParticipantID, error) {
	id, err := r.Person()
	if err != nil {
		return "", err
	}
	card, err := p.Registry.Card(r.Request.Context(), r.Actor, id)
	if err != nil {
		return "", err
	}
	r.shows(card)
	return id, nil
}

// shows puts a person above the page.
func (r *Request) shows(c registry.Card) {
	r.person = c.ID
	r.subject = &view.Subject{Name: c.Name, Relation: view.Key("page_people.relation." + string(c.Relation)), Dot: dot(c.Dot), Switch: "/people"}
	if session.Value(r.Context, personCookie) != string(c.ID) {
		r.pages.Sessions.Keep(r.Context, personCookie, string(c.ID), r.pages.Clock.Now())
	}
}

// dot is the colour of a card: the style sheet counts from 1.
func dot(n int) int { return n%6 + 1 }

// People lists whom the account acts for. It is where another person is chosen, and a page of its own, so that it
// cannot be hit by accident.
func (p *Pages) People(r *Request) error {
	cards, err := p.Registry.Cards(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	return r.Show("people", view.Page{Title: view.Key("page_people.title"), Data: personCards(r, cards)})
}

func personCards(r *Request, cards []registry.Card) []view.PersonCard {
	var list []view.PersonCard
	for _, c := range cards {
		card := view.PersonCard{
			Name: c.Name, Relation: r.Printer.T("page_people.relation." + string(c.Relation)), Dot: dot(c.Dot), Href: "/people/" + string(c.ID),
			Here: session.Value(r.Context, personCookie) == string(c.ID),
		}
		if c.EnrolledAt.IsZero() {
			card.Says = r.Printer.T("page_people.unfinished")
		}
		list = append(list, card)
	}
	return list
}

// Home leads to the one person, shows all where there are several, and begins where there is none.
func (p *Pages) Home(r *Request) error {
	cards, err := p.Registry.Cards(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	switch len(cards) {
	case 0:
		return r.Show("home_new", view.Page{Title: view.Key("page_home.title")})
	case 1:
		return r.Go("/people/" + string(cards[0].ID))
	default:
		return r.Show("people", view.Page{Title: view.Key("page_people.title"), Data: personCards(r, cards)})
	}
}

// Place leads from a place without a person ("My data") to that of the person looked at last, of the only one, or to
// the choice.
func (p *Pages) Place(below string) Handler {
	return func(r *Request) error {
		cards, err := p.Registry.Cards(r.Request.Context(), r.Actor)
		if err != nil {
			return err
		}
		last := session.Value(r.Context, personCookie)
		for _, c := range cards {
			if len(cards) == 1 || string(c.ID) == last {
				return r.Go("/people/" + string(c.ID) + below)
			}
		}
		return r.Go("/home")
	}
}

// homeView is a person's home: one next thing, and the rest below.
type homeView struct {
	Person   registry.Summary
	Next     next
	Tasks    []view.Task
	Forms    []view.Task
	Standing consent.Standing
}

// next is the one thing to do next.
type next struct {
	Title, Text, Action, Href string
}

// PersonHome shows one next thing.
func (p *Pages) PersonHome(r *Request) error {
	id, err := r.Person()
	if err != nil {
		return err
	}
	sum, err := p.Registry.Summary(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	standing, err := p.Consent.Standing(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	r.shows(sum.Card)
	h := homeView{Person: sum, Standing: standing}
	h.Tasks = homeTasks(r, sum, standing)
	if h.Forms, err = p.homeForms(r, id, standing); err != nil {
		return err
	}
	h.Next = nextOf(r, h)
	return r.Show("home", view.Page{Title: view.Key("page_home.title"), Data: h})
}

// homeTasks lists the parts of taking part with where each stands.
func homeTasks(r *Request, s registry.Summary, standing consent.Standing) []view.Task {
	base := "/people/" + string(s.ID)
	task := func(key, href, state string) view.Task {
		t := view.Task{Title: r.Printer.T("page_home.task." + key), Href: href, State: state, Says: r.Printer.T("page_home.state." + state)}
		if state == "later" {
			t.Href = ""
		}
		return t
	}
	at := func(step registry.Step) string {
		switch {
		case s.Step == step:
			return "now"
		case step.Before(s.Step):
			return "done"
		}
		return "later"
	}
	list := []view.Task{
		task("about", base+"/about", at(registry.StepAbout)),
		task("diagnosis", base+"/diagnosis", at(registry.StepDiagnosis)),
		task("symptoms", base+"/symptoms", at(registry.StepSymptoms)),
	}
	signing := "now"
	switch {
	case !standing.Pending:
		signing = "done"
	case s.Step.Before(registry.StepConsent):
		signing = "later"
	}
	list = append(list, task("consent", base+"/consent", signing))
	return append(list, proofTasks(s, task, base)...)
}

// proofTasks says where the proof of each named diagnosis stands.
func proofTasks(s registry.Summary, task func(key, href, state string) view.Task, base string) []view.Task {
	var list []view.Task
	for _, d := range s.Diagnoses {
		if d.Undiagnosed {
			continue
		}
		state := map[registry.Proof]string{registry.ProofAccepted: "done", registry.ProofWaiting: "waiting", registry.ProofAsked: "again"}[s.Proof(d.ID)]
		if state == "" {
			state = "open"
		}
		list = append(list, task("proof", base+"/evidence", state))
	}
	return list
}

// nextOf chooses the one thing: what holds up everything else first.
func nextOf(r *Request, h homeView) next {
	base := "/people/" + string(h.Person.ID)
	make := func(key, href string) next {
		t := r.Printer.T
		return next{t("page_home.next." + key), t("page_home.next." + key + ".text"), t("page_home.next." + key + ".action"), href}
	}
	switch {
	case h.Person.Step.Before(registry.StepConsent):
		return make("enrol", stepPath(h.Person.ID, h.Person.Step))
	case h.Standing.Pending:
		return make("consent", base+"/consent/sign")
	}
	for _, t := range h.Tasks {
		if t.State == "again" {
			return make("proof_again", t.Href)
		}
	}
	for _, t := range h.Forms {
		if t.State == "now" || t.State == "open" {
			n := make("form", t.Href)
			n.Text = t.Title + ". " + n.Text
			return n
		}
	}
	return next{}
}

// homeForms lists the questionnaires that wait: those begun first.
func (p *Pages) homeForms(r *Request, id ident.ParticipantID, standing consent.Standing) ([]view.Task, error) {
	if p.Questionnaires == nil || !standing.InForce(policies.ScopeQuestionnaires) {
		return nil, nil
	}
	list, err := p.Questionnaires.Assignments(r.Request.Context(), r.Actor, id)
	if err != nil {
		return nil, err
	}
	var begun, open []view.Task
	for _, row := range assignmentRows(r, id, list) {
		switch {
		case row.Draft != nil:
			begun = append(begun, *row.Draft)
		case !row.Again:
			open = append(open, view.Task{Title: row.Title, Hint: row.Hint, Href: "/people/" + string(id) + "/questionnaires", State: "open", Says: r.Printer.T("page_home.state.new")})
		}
	}
	return append(begun, open...), nil
}

// stepPath is the page of a step of enrolment.
func stepPath(p ident.ParticipantID, s registry.Step) string {
	base := "/people/" + string(p)
	switch s {
	case registry.StepAbout:
		return base + "/about"
	case registry.StepDiagnosis:
		return base + "/diagnosis"
	case registry.StepSymptoms:
		return base + "/symptoms"
	default:
		return base + "/consent/sign"
	}
}

// stepNumber counts a step from 1, for the steps above a page; 0 once enrolment is over.
func stepNumber(c registry.Card, here registry.Step) int {
	if !c.EnrolledAt.IsZero() {
		return 0
	}
	for i, s := range registry.Steps {
		if s == here {
			return i + 1
		}
	}
	return 0
}
