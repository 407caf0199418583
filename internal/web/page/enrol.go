package page

import (
	"sort"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/registry"
)

// Enrol asks whom it is about: the first of five steps.
func (p *Pages) Enrol(r *Request) error { return r.Show("enrol_who", p.enrolPage()) }

func (p *Pages) enrolPage() view.Page {
	return view.Page{Title: view.Key("page_enrol.who"), Back: &view.Link{Href: "/home"}, Data: registry.Relations}
}

// EnrolNow begins. From here the person is one of the account's people and nothing told is lost.
func (p *Pages) EnrolNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id, err := p.Registry.Begin(r.Request.Context(), r.Actor, registry.Who{Relation: registry.Relation(form.Get("relation")), Name: form.Get("name")})
	if err != nil {
		return r.Again("enrol_who", p.enrolPage(), err)
	}
	return r.Go("/people/" + string(id) + "/about")
}

// aboutView is the second step.
type aboutView struct {
	Step      int
	About     registry.About
	Child     bool
	Countries []view.Option
	Sexes     []registry.Sex
}

// About asks for birth date, sex and country.
func (p *Pages) About(r *Request) error {
	page, err := p.aboutPage(r)
	if err != nil {
		return err
	}
	return r.Show("about", page)
}

func (p *Pages) aboutPage(r *Request) (view.Page, error) {
	id, err := r.Person()
	if err != nil {
		return view.Page{}, err
	}
	sum, err := p.Registry.Summary(r.Request.Context(), r.Actor, id)
	if err != nil {
		return view.Page{}, err
	}
	r.shows(sum.Card)
	data := aboutView{Step: stepNumber(sum.Card, registry.StepAbout), About: sum.About, Child: sum.Relation.OfMinor(), Sexes: registry.Sexes}
	data.Countries = countries(r.Printer.Lang(), sum.About.Country)
	return view.Page{Title: view.Key("page_enrol.about"), Back: &view.Link{Href: "/people/" + string(id)}, Data: data}, nil
}

// AboutNow saves them.
func (p *Pages) AboutNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	page, err := p.aboutPage(r)
	if err != nil {
		return err
	}
	data := page.Data.(aboutView)
	data.Countries = countries(r.Printer.Lang(), form.Get("country"))
	data.About.Sex = registry.Sex(form.Get("sex"))
	page.Data = data
	about := registry.About{Sex: registry.Sex(form.Get("sex")), Country: form.Get("country")}
	var faults fault.List
	about.Birth = date(form, "birth_date", &faults)
	err = faults.Err()
	if err == nil {
		err = p.Registry.About(r.Request.Context(), r.Actor, r.person, about)
	}
	if err != nil {
		return r.Again("about", page, err)
	}
	return r.Go(after(r.person, data.Step, "/diagnosis"))
}

// after leads to the next step while enrolling, and back to the data afterwards.
func after(p ident.ParticipantID, step int, below string) string {
	if step == 0 {
		below = "/data"
	}
	return "/people/" + string(p) + below
}

// date reads three boxes as a date that may be partial; what is wrong is added to the faults.
func date(form view.Values, name string, faults *fault.List) registry.Date {
	text, wrong := view.JoinDate(form, name, true)
	faults.Add(wrong)
	d, err := registry.ParseDate(text)
	if err != nil {
		for _, f := range fault.All(err) {
			faults.Add(f.At(name))
		}
	}
	return d
}

// regions are the countries of ISO 3166-1 that the display names know.
var regions = func() []language.Region {
	var list []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			if err == nil && r.IsCountry() && r.Canonicalize() == r && r.String() != "ZZ" && len(r.String()) == 2 {
				list = append(list, r)
			}
		}
	}
	return list
}()

// countries lists the countries in a language, in its own order.
func countries(lang, chosen string) []view.Option {
	tag := language.Make(lang)
	namer := display.Regions(tag)
	var list []view.Option
	for _, r := range regions {
		if name := namer.Name(r); name != "" {
			list = append(list, view.Option{Value: r.String(), Label: name, Checked: r.String() == chosen})
		}
	}
	c := collate.New(tag)
	sort.Slice(list, func(i, j int) bool { return c.CompareString(list[i].Label, list[j].Label) < 0 })
	return list
}

// Name asks under which name the account sees the person.
func (p *Pages) Name(r *Request) error {
	sum, err := p.summaryOf(r)
	if err != nil {
		return err
	}
	page := namePage(sum.ID)
	page.Values = view.Values{"name": {sum.Name}}
	return r.Show("name", page)
}

func namePage(id ident.ParticipantID) view.Page {
	return view.Page{Title: view.Key("page_enrol.name"), Back: &view.Link{Label: view.Key("page_data.title"), Href: "/people/" + string(id) + "/data"}}
}

// NameNow changes it.
func (p *Pages) NameNow(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	if err := p.Registry.ChangeWho(r.Request.Context(), r.Actor, person, form.Get("name")); err != nil {
		return r.Again("name", namePage(person), err)
	}
	return r.Go("/people/" + string(person) + "/data")
}
