package web

import (
	"github.com/gin-gonic/gin"

	"kindred/internal/web/page"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/registry"
)

// Table is every route with the right it needs. What the API offers is added by its own packages.
func Table(p *page.Pages, e *Engine, api []route.Route) []route.Route {
	api = append(professional(p), api...)
	table := []route.Route{
		{Method: "GET", Path: "/healthz", Right: route.Anyone, Handler: e.healthz},
		{Method: "GET", Path: "/readyz", Right: route.Anyone, Handler: e.readyz},
		{Method: "GET", Path: "/metrics", Right: route.Anyone, Handler: e.metricsPage},
		{Method: "GET", Path: "/assets/*file", Right: route.Anyone, Handler: assets(p)},

		{Method: "GET", Path: "/", Right: route.Anyone, Handler: p.Show(p.Landing)},
		{Method: "GET", Path: "/help", Right: route.Anyone, Handler: p.Show(p.Help)},
		{Method: "GET", Path: "/privacy", Right: route.Anyone, Handler: p.Show(p.Privacy)},
		{Method: "GET", Path: "/styleguide", Right: route.Anyone, Handler: p.Show(p.Styleguide), Demo: true},
		{Method: "POST", Path: "/settings/language", Right: route.Anyone, Handler: p.Show(p.Language)},
		{Method: "POST", Path: "/settings/theme", Right: route.Anyone, Handler: p.Show(p.Theme)},

		{Method: "GET", Path: "/sign-in", Right: route.Anyone, Handler: p.Show(p.SignIn)},
		{Method: "POST", Path: "/sign-in", Right: route.Anyone, Handler: p.Show(p.SignInNow)},
		{Method: "POST", Path: "/sign-out", Right: route.Anyone, Handler: p.Show(p.SignOut)},
		{Method: "GET", Path: "/register", Right: route.Anyone, Handler: p.Show(p.Register)},
		{Method: "POST", Path: "/register", Right: route.Anyone, Handler: p.Show(p.RegisterNow)},
		{Method: "GET", Path: "/reset", Right: route.Anyone, Handler: p.Show(p.Reset)},
		{Method: "POST", Path: "/reset", Right: route.Anyone, Handler: p.Show(p.ResetNow)},
		{Method: "GET", Path: "/account", Right: route.SignedIn, Handler: p.Show(p.Account)},
		{Method: "GET", Path: "/account/password", Right: route.SignedIn, Handler: p.Show(p.Password)},
		{Method: "POST", Path: "/account/password", Right: route.SignedIn, Handler: p.Show(p.PasswordNow)},
		{Method: "GET", Path: "/account/mail", Right: route.SignedIn, Handler: p.Show(p.Mail)},
		{Method: "POST", Path: "/account/mail", Right: route.SignedIn, Handler: p.Show(p.MailNow)},
	}
	if p.Registry != nil {
		table = append(table, ownRoutes(p)...)
	}
	if p.Questionnaires != nil {
		table = append(table, answerRoutes(p)...)
	}
	if p.Codesign != nil {
		table = append(table, codesignRoutes(p)...)
	}
	return append(table, api...)
}

// ownRoutes are the pages of a person about their own data, or that of those they care for.
func ownRoutes(p *page.Pages) []route.Route {
	const (
		own   = policies.PurposeOwn
		read  = policies.ActRead
		write = policies.ActWrite
	)
	people, representation, diagnosis := policies.ObjectParticipant, policies.ObjectRepresentation, policies.ObjectDiagnosis
	symptom, element, consent, log := policies.ObjectSymptom, policies.ObjectElement, policies.ObjectConsent, policies.ObjectAudit
	evidence := policies.ObjectEvidence
	return []route.Route{
		{Method: "GET", Path: "/home", Right: route.May(own, representation, read), Handler: p.Show(p.Home)},
		{Method: "GET", Path: "/people", Right: route.May(own, representation, read), Handler: p.Show(p.People)},
		{Method: "GET", Path: "/data", Right: route.May(own, representation, read), Handler: p.Show(p.Place("/data"))},
		{Method: "GET", Path: "/consent", Right: route.May(own, representation, read), Handler: p.Show(p.Place("/consent"))},
		{Method: "GET", Path: "/people/:person", Right: route.May(own, people, read), Handler: p.Show(p.PersonHome)},

		{Method: "GET", Path: "/enrol", Right: route.May(own, people, write), Handler: p.Show(p.Enrol)},
		{Method: "POST", Path: "/enrol", Right: route.May(own, people, write), Handler: p.Show(p.EnrolNow)},
		{Method: "GET", Path: "/people/:person/name", Right: route.May(own, people, read), Handler: p.Show(p.Name)},
		{Method: "POST", Path: "/people/:person/name", Right: route.May(own, people, write), Handler: p.Show(p.NameNow)},
		{Method: "GET", Path: "/people/:person/about", Right: route.May(own, people, read), Handler: p.Show(p.About)},
		{Method: "POST", Path: "/people/:person/about", Right: route.May(own, people, write), Handler: p.Show(p.AboutNow)},
		{Method: "GET", Path: "/people/:person/diagnosis", Right: route.May(own, diagnosis, read), Handler: p.Show(p.Diagnoses)},
		{Method: "POST", Path: "/people/:person/diagnosis", Right: route.May(own, diagnosis, write), Handler: p.Show(p.DiagnosesNow)},
		{Method: "GET", Path: "/people/:person/diagnosis/new", Right: route.May(own, diagnosis, read), Handler: p.Show(p.Diagnosis)},
		{Method: "POST", Path: "/people/:person/diagnosis/new", Right: route.May(own, diagnosis, write), Handler: p.Show(p.DiagnosisNow)},
		{Method: "GET", Path: "/people/:person/diagnosis/:diagnosis", Right: route.May(own, diagnosis, read), Handler: p.Show(p.Diagnosis)},
		{Method: "POST", Path: "/people/:person/diagnosis/:diagnosis", Right: route.May(own, diagnosis, write), Handler: p.Show(p.DiagnosisNow)},
		{Method: "POST", Path: "/people/:person/diagnosis/:diagnosis/remove", Right: route.May(own, diagnosis, write), Handler: p.Show(p.DiagnosisRemove)},
		{Method: "GET", Path: "/people/:person/symptoms", Right: route.May(own, symptom, read), Handler: p.Show(p.Symptoms)},
		{Method: "POST", Path: "/people/:person/symptoms", Right: route.May(own, symptom, write), Handler: p.Show(p.SymptomsNow)},
		{Method: "GET", Path: "/people/:person/symptoms/term/:term", Right: route.May(own, symptom, read), Handler: p.Show(p.Symptom)},
		{Method: "POST", Path: "/people/:person/symptoms/term/:term", Right: route.May(own, symptom, write), Handler: p.Show(p.SymptomNow)},
		{Method: "POST", Path: "/people/:person/symptoms/:symptom/remove", Right: route.May(own, symptom, write), Handler: p.Show(p.SymptomRemove)},
		{Method: "GET", Path: "/people/:person/more", Right: route.May(own, element, read), Handler: p.Show(p.Elements)},
		{Method: "POST", Path: "/people/:person/more", Right: route.May(own, element, write), Handler: p.Show(p.ElementsNow)},

		{Method: "GET", Path: "/people/:person/evidence", Right: route.May(own, evidence, read), Handler: p.Show(p.Evidence)},
		{Method: "POST", Path: "/people/:person/evidence/:diagnosis", Right: route.May(own, evidence, write), Handler: p.Show(p.EvidenceNow), Body: registry.MaxEvidence + 64<<10, Long: true},
		{Method: "GET", Path: "/people/:person/evidence/file/:evidence", Right: route.May(own, evidence, read), Handler: p.Show(p.EvidenceFile), Long: true},

		{Method: "GET", Path: "/people/:person/data", Right: route.May(own, people, read), Handler: p.Show(p.Data)},
		{Method: "GET", Path: "/people/:person/history", Right: route.May(own, people, read), Handler: p.Show(p.History)},
		{Method: "GET", Path: "/people/:person/uses", Right: route.May(own, log, read), Handler: p.Show(p.Uses)},

		{Method: "GET", Path: "/people/:person/access", Right: route.May(own, representation, read), Handler: p.Show(p.Access)},
		{Method: "POST", Path: "/people/:person/access", Right: route.May(own, representation, write), Handler: p.Show(p.AccessNow)},
		{Method: "GET", Path: "/people/:person/access/:account/end", Right: route.May(own, representation, write), Handler: p.Show(p.AccessEnd)},
		{Method: "POST", Path: "/people/:person/access/:account/end", Right: route.May(own, representation, write), Handler: p.Show(p.AccessEndNow)},

		{Method: "GET", Path: "/people/:person/consent", Right: route.May(own, consent, read), Handler: p.Show(p.ConsentOf)},
		{Method: "GET", Path: "/people/:person/consent/sign", Right: route.May(own, consent, read), Handler: p.Show(p.Sign)},
		{Method: "POST", Path: "/people/:person/consent/sign", Right: route.May(own, consent, write), Handler: p.Show(p.SignNow)},
		{Method: "GET", Path: "/people/:person/consent/withdraw", Right: route.May(own, consent, read), Handler: p.Show(p.Withdraw)},
		{Method: "POST", Path: "/people/:person/consent/withdraw", Right: route.May(own, consent, write), Handler: p.Show(p.WithdrawNow)},
		{Method: "GET", Path: "/people/:person/consent/proof/:signature", Right: route.May(own, consent, read), Handler: p.Show(p.ConsentProof)},
	}
}

// answerRoutes are the pages on which questionnaires are answered.
func answerRoutes(p *page.Pages) []route.Route {
	const base = "/people/:person/responses/:response"
	read := route.May(policies.PurposeOwn, policies.ObjectResponse, policies.ActRead)
	write := route.May(policies.PurposeOwn, policies.ObjectResponse, policies.ActWrite)
	return []route.Route{
		{Method: "GET", Path: "/questionnaires", Right: read, Handler: p.Show(p.Place("/questionnaires"))},
		{Method: "GET", Path: "/people/:person/questionnaires", Right: read, Handler: p.Show(p.QuestionnairesOf)},
		{Method: "POST", Path: "/people/:person/questionnaires/:questionnaire", Right: write, Handler: p.Show(p.QuestionnaireStart)},
		{Method: "GET", Path: base, Right: read, Handler: p.Show(p.Answers)},
		{Method: "GET", Path: base + "/history", Right: read, Handler: p.Show(p.AnswersHistory)},
		{Method: "GET", Path: base + "/pages/:page", Right: read, Handler: p.Show(p.Fill)},
		{Method: "POST", Path: base + "/pages/:page", Right: write, Handler: p.Show(p.FillNow), Body: 2 << 20},
		{Method: "POST", Path: base + "/pages/:page/files", Right: write, Handler: p.Show(p.FillNow), Body: page.MaxUploads, Long: true},
		{Method: "GET", Path: base + "/files/:file", Right: read, Handler: p.Show(p.AnswerFile), Long: true},
		{Method: "POST", Path: base + "/pages/:page/save", Right: write, Handler: p.Show(p.FillSave), Body: 2 << 20},
		{Method: "GET", Path: base + "/move", Right: read, Handler: p.Show(p.Move)},
		{Method: "POST", Path: base + "/move", Right: write, Handler: p.Show(p.MoveNow)},
		{Method: "POST", Path: base + "/submit", Right: write, Handler: p.Show(p.Send)},
		{Method: "POST", Path: base + "/amend", Right: write, Handler: p.Show(p.Amend)},
		{Method: "POST", Path: base + "/discard", Right: write, Handler: p.Show(p.Discard)},
	}
}

// codesignRoutes are the pages on which members and editors shape the next version of a questionnaire.
func codesignRoutes(p *page.Pages) []route.Route {
	const one = "/proposals/:proposal"
	read := route.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActRead)
	propose := route.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActPropose)
	decide := route.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActApprove)
	return []route.Route{
		{Method: "GET", Path: "/proposals", Right: read, Handler: p.Show(p.Proposals)},
		{Method: "POST", Path: "/proposals", Right: propose, Handler: p.Show(p.ProposalMake)},
		{Method: "GET", Path: "/proposals/new", Right: propose, Handler: p.Show(p.ProposalNew)},
		{Method: "GET", Path: "/proposals/drafts/:questionnaire", Right: decide, Handler: p.Show(p.ProposalDraft)},
		{Method: "GET", Path: one, Right: read, Handler: p.Show(p.Proposal)},
		{Method: "POST", Path: one + "/support", Right: propose, Handler: p.Show(p.ProposalSupport)},
		{Method: "POST", Path: one + "/comments", Right: propose, Handler: p.Show(p.ProposalComment)},
		{Method: "POST", Path: one + "/comments/:comment/hide", Right: decide, Handler: p.Show(p.ProposalHide)},
		{Method: "POST", Path: one + "/decision", Right: decide, Handler: p.Show(p.ProposalDecide)},
	}
}

func assets(p *page.Pages) route.Handler {
	return func(c *gin.Context) error {
		p.View.Assets().ServeHTTP(c.Writer, c.Request)
		return nil
	}
}
