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
	if p.Export != nil && p.Questionnaires != nil {
		table = append(table, researcherRoutes(p)...)
		if p.Audit != nil && p.Consent != nil {
			table = append(table, ethicsRoutes(p)...)
		}
	}
	if p.Accounts != nil {
		table = append(table, stewardRoutes(p)...)
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

func researcherRoutes(p *page.Pages) []route.Route {
	const study = "/research/studies/:study"
	read := route.May(policies.PurposeResearch, policies.ObjectStudy, policies.ActRead)
	propose := route.May(policies.PurposeResearch, policies.ObjectStudy, policies.ActPropose)
	release := route.May(policies.PurposeResearch, policies.ObjectRelease, policies.ActRelease)
	return []route.Route{
		{Method: "GET", Path: "/research", Right: read, Handler: p.Show(p.ResearchStudies)},
		{Method: "GET", Path: "/research/new", Right: propose, Handler: p.Show(p.ResearchPropose)},
		{Method: "POST", Path: "/research/new", Right: propose, Handler: p.Show(p.ResearchProposeNow)},
		{Method: "GET", Path: study, Right: read, Handler: p.Show(p.ResearchStudy)},
		{Method: "GET", Path: study + "/change", Right: propose, Handler: p.Show(p.ResearchAmend)},
		{Method: "POST", Path: study + "/change", Right: propose, Handler: p.Show(p.ResearchAmendNow)},
		{Method: "POST", Path: study + "/close", Right: propose, Handler: p.Show(p.ResearchClose)},
		{Method: "POST", Path: study + "/count", Right: release, Handler: p.Show(p.ResearchCount)},
		{Method: "POST", Path: study + "/releases", Right: release, Handler: p.Show(p.ResearchRelease)},
		{Method: "GET", Path: "/research/releases/:release", Right: route.May(policies.PurposeResearch, policies.ObjectRelease, policies.ActRead), Handler: p.Show(p.ResearchReleasePage)},
		{Method: "GET", Path: "/research/releases/:release/files/:file", Right: release, Handler: p.Show(p.ResearchFile), Long: true},
	}
}

func ethicsRoutes(p *page.Pages) []route.Route {
	read := route.May(policies.PurposeOversight, policies.ObjectStudy, policies.ActRead)
	log := route.May(policies.PurposeOversight, policies.ObjectAudit, policies.ActAudit)
	consents := route.May(policies.PurposeOversight, policies.ObjectConsent, policies.ActAudit)
	const texts, title = "/oversight/consents", "page_shell.oversight.consents"
	return []route.Route{
		{Method: "GET", Path: "/oversight", Right: read, Handler: p.Show(p.OversightStudies)},
		{Method: "GET", Path: "/oversight/studies/:study", Right: read, Handler: p.Show(p.OversightStudy)},
		{Method: "POST", Path: "/oversight/studies/:study", Right: route.May(policies.PurposeOversight, policies.ObjectStudy, policies.ActApprove), Handler: p.Show(p.OversightDecide)},
		{Method: "GET", Path: "/oversight/releases/:release", Right: route.May(policies.PurposeOversight, policies.ObjectRelease, policies.ActRead), Handler: p.Show(p.OversightRelease)},
		{Method: "GET", Path: "/oversight/audit", Right: log, Handler: p.Show(p.OversightAudit)},
		{Method: "GET", Path: "/oversight/audit/entries/:entry", Right: log, Handler: p.Show(p.OversightEntry)},
		{Method: "GET", Path: "/oversight/audit/entries/:entry/proof", Right: log, Handler: p.Show(p.OversightProof)},
		{Method: "GET", Path: "/oversight/audit/checkpoint", Right: log, Handler: p.Show(p.OversightCheckpoint)},
		{Method: "GET", Path: texts, Right: consents, Handler: p.Show(p.Editions(texts, title))},
		{Method: "GET", Path: texts + "/:version", Right: consents, Handler: p.Show(p.Edition(texts, title))},
	}
}

// maxTexts is what the texts of a consent document may hold, in every language, as files or in base64, and the form around.
const maxTexts = 4 << 20

func stewardRoutes(p *page.Pages) []route.Route {
	read := route.May(policies.PurposeOperation, policies.ObjectAccount, policies.ActRead)
	write := route.May(policies.PurposeOperation, policies.ObjectAccount, policies.ActWrite)
	consents := route.May(policies.PurposeOperation, policies.ObjectConsent, policies.ActPublish)
	const texts, title = "/operation/consents", "page_steward.consents"
	table := []route.Route{
		{Method: "GET", Path: "/operation", Right: read, Handler: p.Show(p.OperationAccounts)},
		{Method: "POST", Path: "/operation", Right: write, Handler: p.Show(p.OperationChange)},
		{Method: "GET", Path: "/operation/new", Right: write, Handler: p.Show(p.OperationNew)},
		{Method: "POST", Path: "/operation/new", Right: write, Handler: p.Show(p.OperationAdd)},
	}
	if p.Consent != nil {
		table = append(table,
			route.Route{Method: "GET", Path: texts, Right: consents, Handler: p.Show(p.Editions(texts, title))},
			route.Route{Method: "GET", Path: texts + "/new", Right: consents, Handler: p.Show(p.OperationText)},
			route.Route{Method: "POST", Path: texts + "/new", Right: consents, Handler: p.Show(p.OperationTextCheck), Body: maxTexts},
			route.Route{Method: "POST", Path: texts + "/publish", Right: consents, Handler: p.Show(p.OperationTextPublish), Body: maxTexts},
			route.Route{Method: "GET", Path: texts + "/:version/file", Right: consents, Handler: p.Show(p.OperationTextFile)},
			route.Route{Method: "GET", Path: texts + "/:version", Right: consents, Handler: p.Show(p.Edition(texts, title))})
	}
	return table
}
