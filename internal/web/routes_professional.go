package web

import (
	"kindred/internal/web/page"
	"kindred/internal/web/route"
	"kindred/policies"
)

// professional are the pages of those who work with the registry: reviewers, editors, researchers, the committee and
// stewards. The pages of a service that is not there are left out.
func professional(p *page.Pages) []route.Route {
	var table []route.Route
	if p.Registry != nil {
		table = append(table, reviewerRoutes(p)...)
	}
	if p.Questionnaires != nil {
		table = append(table, editorRoutes(p)...)
	}
	return table
}

func reviewerRoutes(p *page.Pages) []route.Route {
	read := route.May(policies.PurposeReview, policies.ObjectEvidence, policies.ActRead)
	write := route.May(policies.PurposeReview, policies.ObjectEvidence, policies.ActWrite)
	return []route.Route{
		{Method: "GET", Path: "/review", Right: read, Handler: p.Show(p.ReviewQueue)},
		{Method: "GET", Path: "/review/:evidence", Right: read, Handler: p.Show(p.ReviewCase)},
		{Method: "POST", Path: "/review/:evidence", Right: write, Handler: p.Show(p.ReviewDecide)},
		{Method: "GET", Path: "/review/:evidence/file", Right: read, Handler: p.Show(p.ReviewFile), Long: true},
	}
}

// maxQuestionnaire is what an upload may hold: the file, or in the second step its text in base64, and the form around.
const maxQuestionnaire = 6 << 20

func editorRoutes(p *page.Pages) []route.Route {
	read := route.May(policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActRead)
	publish := route.May(policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActPublish)
	return []route.Route{
		{Method: "GET", Path: "/authoring", Right: read, Handler: p.Show(p.EditorList)},
		{Method: "GET", Path: "/authoring/new", Right: publish, Handler: p.Show(p.EditorUpload)},
		{Method: "POST", Path: "/authoring/new", Right: publish, Handler: p.Show(p.EditorCheck), Body: maxQuestionnaire},
		{Method: "POST", Path: "/authoring/publish", Right: publish, Handler: p.Show(p.EditorPublish), Body: maxQuestionnaire},
		{Method: "GET", Path: "/authoring/versions/:version", Right: read, Handler: p.Show(p.EditorVersion)},
		{Method: "GET", Path: "/authoring/versions/:version/file", Right: read, Handler: p.Show(p.EditorFile)},
		{Method: "GET", Path: "/authoring/versions/:version/retire", Right: publish, Handler: p.Show(p.EditorRetire)},
		{Method: "POST", Path: "/authoring/versions/:version/retire", Right: publish, Handler: p.Show(p.EditorRetireNow)},
	}
}
