package app

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"kindred/internal/web/route"
	"kindred/policies"
)

// byProgram says for each page which operations of the API do the same. What begins with "-" is a reason why none does.
var byProgram = map[string]string{
	"GET /":                 "- words",
	"GET /help":             "- words",
	"GET /privacy":          "- words",
	"GET /styleguide":       "- the design system's own page",
	"GET /assets/*file":     "- parts of pages",
	"GET /healthz":          "- for programs",
	"GET /readyz":           "- for programs",
	"GET /metrics":          "- for programs",
	"POST /settings/theme":  "- a cookie of the browser",
	"GET /sign-in":          "- a form",
	"GET /register":         "- a form",
	"GET /reset":            "- a form",
	"GET /account/password": "- a form",
	"GET /enrol":            "- a form",
	"GET /authoring/new":    "- a form",
	"GET /research/new":     "- a form",
	"GET /operation/new":    "- a form",
	"GET /people/:person/access/:account/end": "- a form",

	"POST /settings/language": "changeMe",
	"POST /sign-in":           "createToken",
	"POST /sign-out":          "revokeToken",
	"POST /register":          "register",
	"POST /reset":             "resetPassword",
	"GET /account":            "me",
	"POST /account/password":  "changePassword",
	"GET /account/mail":       "me",
	"POST /account/mail":      "changeMe",

	"GET /home":                                                 "listParticipants",
	"GET /people":                                               "listParticipants",
	"GET /data":                                                 "listParticipants",
	"GET /consent":                                              "listParticipants",
	"GET /questionnaires":                                       "listParticipants",
	"GET /people/:person":                                       "getParticipant consentState listAssignments",
	"POST /enrol":                                               "beginEnrolment enrol",
	"GET /people/:person/name":                                  "getParticipant",
	"POST /people/:person/name":                                 "changeParticipant",
	"GET /people/:person/about":                                 "getParticipant",
	"POST /people/:person/about":                                "changeParticipant",
	"GET /people/:person/diagnosis":                             "getParticipant searchDiagnoses",
	"POST /people/:person/diagnosis":                            "addDiagnosis finishStep",
	"GET /people/:person/diagnosis/new":                         "searchDiagnoses",
	"POST /people/:person/diagnosis/new":                        "addDiagnosis",
	"GET /people/:person/diagnosis/:diagnosis":                  "getParticipant",
	"POST /people/:person/diagnosis/:diagnosis":                 "changeDiagnosis",
	"POST /people/:person/diagnosis/:diagnosis/remove":          "removeDiagnosis",
	"GET /people/:person/symptoms":                              "getParticipant searchSymptoms",
	"POST /people/:person/symptoms":                             "finishStep",
	"GET /people/:person/symptoms/term/:term":                   "getParticipant",
	"POST /people/:person/symptoms/term/:term":                  "saveSymptom",
	"POST /people/:person/symptoms/:symptom/remove":             "removeSymptom",
	"GET /people/:person/more":                                  "listElements getParticipant",
	"POST /people/:person/more":                                 "saveElements",
	"GET /people/:person/evidence":                              "listEvidence",
	"POST /people/:person/evidence/:diagnosis":                  "submitEvidence",
	"GET /people/:person/evidence/file/:evidence":               "evidenceFile",
	"GET /people/:person/data":                                  "getParticipant",
	"GET /people/:person/history":                               "participantHistory",
	"GET /people/:person/uses":                                  "ownAudit listUses",
	"GET /people/:person/access":                                "listRepresentatives",
	"POST /people/:person/access":                               "addRepresentative",
	"POST /people/:person/access/:account/end":                  "endRepresentative",
	"GET /people/:person/consent":                               "consentState consentHistory",
	"GET /people/:person/consent/sign":                          "currentConsentDocument consentState",
	"POST /people/:person/consent/sign":                         "signConsent",
	"GET /people/:person/consent/withdraw":                      "consentState",
	"POST /people/:person/consent/withdraw":                     "withdrawConsent",
	"GET /people/:person/consent/proof/:signature":              "consentProof",
	"GET /people/:person/questionnaires":                        "listAssignments",
	"POST /people/:person/questionnaires/:questionnaire":        "startResponse",
	"GET /people/:person/responses/:response":                   "getResponse",
	"GET /people/:person/responses/:response/history":           "responseDocuments",
	"GET /people/:person/responses/:response/pages/:page":       "getResponse getVersion",
	"POST /people/:person/responses/:response/pages/:page":      "answer",
	"POST /people/:person/responses/:response/pages/:page/save": "answer",
	"POST /people/:person/responses/:response/submit":           "submitResponse",
	"POST /people/:person/responses/:response/amend":            "amendResponse",
	"POST /people/:person/responses/:response/discard":          "discardResponse",

	"GET /review":                "reviewQueue",
	"GET /review/:evidence":      "reviewCase",
	"POST /review/:evidence":     "decideEvidence",
	"GET /review/:evidence/file": "evidenceFile",

	"GET /authoring":                           "listQuestionnaires",
	"POST /authoring/new":                      "checkQuestionnaire",
	"POST /authoring/publish":                  "publishQuestionnaire",
	"GET /authoring/versions/:version":         "getVersion listVersions",
	"GET /authoring/versions/:version/file":    "getVersion",
	"GET /authoring/versions/:version/retire":  "getVersion",
	"POST /authoring/versions/:version/retire": "retireVersion",

	"GET /research":                               "listStudies",
	"POST /research/new":                          "proposeStudy",
	"GET /research/studies/:study":                "getStudy listReleases",
	"GET /research/studies/:study/change":         "getStudy",
	"POST /research/studies/:study/change":        "amendStudy",
	"POST /research/studies/:study/close":         "closeStudy",
	"POST /research/studies/:study/count":         "countStudy",
	"POST /research/studies/:study/releases":      "requestRelease",
	"GET /research/releases/:release":             "getRelease",
	"GET /research/releases/:release/files/:file": "downloadFile",

	"GET /oversight":                   "listStudies",
	"GET /oversight/studies/:study":    "getStudy listReleases",
	"POST /oversight/studies/:study":   "decideStudy",
	"GET /oversight/releases/:release": "getRelease getManifest",
	"GET /oversight/audit":             "listAudit",
	"GET /oversight/audit/checkpoint":  "auditCheckpoint",
	"GET /oversight/consents":          "listConsentDocuments",
	"GET /oversight/consents/:version": "consentDocument",

	"GET /people/:person/responses/:response/move":               "previewMove",
	"POST /people/:person/responses/:response/move":              "moveResponse",
	"GET /operation/consents/new":                                "- a form",
	"POST /operation/consents/new":                               "- shows the texts once more; publishing judges them the same",
	"POST /operation/consents/publish":                           "publishConsentDocument",
	"GET /operation/consents/:version/file":                      "consentDocument",
	"POST /people/:person/responses/:response/pages/:page/files": "uploadFile",
	"GET /people/:person/responses/:response/files/:file":        "getFile",
	"GET /oversight/audit/entries/:entry":                        "listAudit auditProof",
	"GET /oversight/audit/entries/:entry/proof":                  "auditProof",

	"GET /proposals":                                   "listProposals",
	"GET /proposals/new":                               "- a form",
	"POST /proposals":                                  "makeProposal",
	"GET /proposals/:proposal":                         "getProposal",
	"POST /proposals/:proposal/support":                "supportProposal unsupportProposal",
	"POST /proposals/:proposal/comments":               "discussProposal",
	"POST /proposals/:proposal/comments/:comment/hide": "hideComment",
	"POST /proposals/:proposal/decision":               "decideProposal",
	"GET /proposals/drafts/:questionnaire":             "draftQuestionnaire",

	"GET /operation":                   "listAccounts",
	"POST /operation":                  "grantRole revokeRole disableAccount enableAccount",
	"POST /operation/new":              "addAccount",
	"GET /operation/consents":          "listConsentDocuments",
	"GET /operation/consents/:version": "consentDocument",
}

// TestWhatAPageCanDoATokenCan: each page names the operations that do the same, and whoever may come to the page may
// call them. A new page without a line fails.
func TestWhatAPageCanDoATokenCan(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "data"), Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // a test's
	engine, err := a.Engine(Front{})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	engine.ServeHTTP(answer, httptest.NewRequest("GET", "/api/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	byPath, rights := map[string]string{}, map[string]route.Right{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			byPath[strings.ToUpper(method)+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = op.OperationID
		}
	}
	var pages []route.Route
	for _, r := range engine.Routes() {
		if id := byPath[r.Method+" "+r.Path]; id != "" {
			rights[id] = r.Right
		} else if !strings.HasPrefix(r.Path, "/api/") && !strings.HasPrefix(r.Path, "/fhir/") {
			pages = append(pages, r)
		}
	}
	seen := map[string]bool{}
	for _, p := range pages {
		name := p.Method + " " + p.Path
		seen[name] = true
		same, ok := byProgram[name]
		if !ok {
			t.Errorf("%s: no operation of the API is named that does the same, and no reason", name)
		}
		if !ok || strings.HasPrefix(same, "- ") {
			continue
		}
		for _, id := range strings.Fields(same) {
			right, ok := rights[id]
			if !ok {
				t.Errorf("%s: there is no operation %s", name, id)
				continue
			}
			for _, role := range policies.Roles {
				actor := policies.Actor{Account: "a", Roles: []policies.Role{role}}
				if p.Right.Check(t.Context(), a.Authority, actor) == nil && right.Check(t.Context(), a.Authority, actor) != nil {
					t.Errorf("%s: a %s comes to the page (%s), and not to %s (%s)", name, role, p.Right, id, right)
				}
			}
		}
	}
	for name := range byProgram {
		if !seen[name] {
			t.Errorf("%s is in the table and no page", name)
		}
	}
}
