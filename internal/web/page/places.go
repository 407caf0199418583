package page

import (
	"strings"

	"kindred/internal/web/view"
	"kindred/policies"
)

// area is what one role sees: where it begins and its places. A place is offered only where a page answers its path.
type area struct {
	role   policies.Role
	prefix string // of its paths; the first one that fits a path is its area
	label  view.Phrase
	places []place
}

type place struct {
	key  string
	path string
}

// areasOf lists the areas in the order in which they are offered. A person at home comes last, because no path says so.
var areasOf = []area{
	{policies.RoleReviewer, "/review", view.Key("page_shell.role.reviewer"), []place{{"page_shell.review", "/review"}}},
	{policies.RoleEditor, "/authoring", view.Key("page_shell.role.editor"), []place{{"page_shell.authoring", "/authoring"}, {"page_codesign.title", "/proposals"}}},
	{policies.RoleResearcher, "/research", view.Key("page_shell.role.researcher"), []place{{"page_shell.research", "/research"}}},
	{policies.RoleEthics, "/oversight", view.Key("page_shell.role.ethics"), []place{
		{"page_shell.oversight", "/oversight"}, {"page_shell.oversight.audit", "/oversight/audit"}, {"page_shell.oversight.consents", "/oversight/consents"},
	}},
	{policies.RoleSteward, "/operation", view.Key("page_shell.role.steward"), []place{{"page_shell.operation", "/operation"}, {"page_steward.consents", "/operation/consents"}}},
	{policies.RoleParticipant, "/", view.Key("page_shell.role.participant"), []place{
		{"page_shell.home", "/home"}, {"page_shell.data", "/data"}, {"page_shell.questionnaires", "/questionnaires"},
		{"page_shell.community", "/community"}, {"page_shell.consent", "/consent"},
	}},
}

// personal are the places that are about one person; their page for the person in the path stands below it.
var personal = map[string]string{"/home": "", "/data": "/data", "/questionnaires": "/questionnaires", "/consent": "/consent"}

// area is where the reader is now. A path that belongs to none (settings, help) keeps the first of the reader's own.
func (r *Request) area() area {
	path := r.Request.URL.Path
	var first *area
	for i, a := range areasOf {
		if !r.holds(a.role) {
			continue
		}
		if a.prefix != "/" && within(path, a.prefix) {
			return areasOf[i]
		}
		if first == nil || a.prefix == "/" {
			first = &areasOf[i]
		}
	}
	if first == nil {
		return area{}
	}
	return *first
}

// holds tells whether the account has the role; caring for somebody is the same place as taking part.
func (r *Request) holds(role policies.Role) bool {
	return r.Actor.Has(role) || role == policies.RoleParticipant && r.Actor.Has(policies.RoleCaregiver)
}

func (r *Request) places(a area) []view.Link {
	path := r.Request.URL.Path
	var links []view.Link
	best, length := -1, 0
	for _, pl := range a.places {
		if !r.pages.routed[pl.path] {
			continue
		}
		href, own := pl.path, pl.path
		if below, ok := personal[pl.path]; ok && r.person != "" {
			href = "/people/" + string(r.person) + below
			own = href
		}
		if pl.path == "/questionnaires" && r.person != "" && within(path, "/people/"+string(r.person)+"/responses") {
			own = path // a response is part of the questionnaires
		}
		if within(path, own) && (best < 0 || len(own) > length) {
			best, length = len(links), len(own)
		}
		links = append(links, view.Link{Label: view.Key(pl.key), Href: href})
	}
	if best >= 0 {
		links[best].Here = true
	}
	return links
}

func (r *Request) areas(here area) []view.Link {
	var links []view.Link
	for _, a := range areasOf {
		start := a.prefix
		if start == "/" {
			start = "/home"
		}
		if r.holds(a.role) && r.pages.routed[start] {
			links = append(links, view.Link{Label: a.label, Href: start, Here: a.role == here.role})
		}
	}
	if len(links) < 2 {
		return nil
	}
	return links
}

// start is the first page of an account after it signed in.
func (r *Request) start() string {
	for _, a := range areasOf {
		if a.prefix != "/" && r.holds(a.role) && r.pages.routed[a.prefix] {
			return a.prefix
		}
	}
	return "/home"
}

func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}
