package app

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/internal/account"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/registry"
)

// somebody adds a person who takes part, with a token under a role's name of their own.
func (w *trail) somebody(name string) policies.Actor {
	w.Helper()
	id, err := w.Accounts.Add(w.Context(), account.Operator(), account.NewAccount{Name: name, Password: trailPassword, Mail: name + "@example.org", Roles: []policies.Role{policies.RoleCaregiver}})
	if err != nil {
		w.Fatal(err)
	}
	token, err := w.Accounts.CreateTokenFor(w.Context(), account.Operator(), name, "trail", time.Hour)
	if err != nil {
		w.Fatal(err)
	}
	w.tokens[policies.Role(name)], w.ids[policies.Role(name)] = token.Secret, id
	return policies.Actor{Account: id, Roles: []policies.Role{policies.RoleCaregiver}}
}

// TestAnEstrangedParent (threat T9): what he could do until his part ended he cannot do at the next request, by any route
// of the table, nor by asking again for an answer that he had; and while it lasted no answer told him who the mother is.
func TestAnEstrangedParent(t *testing.T) {
	eachTrail(t, func(w *trail) {
		maria, pavel := w.somebody("maria-canary"), w.somebody("pavel-canary")
		known := w.settle(maria)
		lucia := ident.ParticipantID(known["person"])
		if err := w.Registry.AddRepresentative(w.Context(), maria, lucia, pavel.Account, registry.Parent); err != nil {
			w.Fatal(err)
		}
		sweep := func(see func(path string, answer *httptest.ResponseRecorder)) {
			for _, r := range w.engine.Routes() {
				path := filled(r.Path, known)
				if path == r.Path || strings.Contains(r.Path, "representatives/") || strings.Contains(r.Path, "/access/") || strings.Contains(r.Path, "withdraw") && r.Method != "GET" {
					continue
				}
				answer, _ := w.ask("pavel-canary", r.Method, path+known[r.Path], nil)
				see(r.Method+" "+r.Path, answer)
			}
		}
		seen := 0
		sweep(func(path string, answer *httptest.ResponseRecorder) {
			if answer.Code == 200 {
				seen++
			}
			if bytes.Contains(answer.Body.Bytes(), []byte("maria-canary")) {
				w.Errorf("%s tells him the mother's name or address", path)
			}
		})
		if seen < 15 {
			w.Errorf("only %d routes showed him something", seen)
		}
		begin := func() (*httptest.ResponseRecorder, []trailRow) {
			return w.ask("pavel-canary", "POST", "/api/v1/participants/"+known["person"]+"/diagnoses", map[string]any{"undiagnosed": true}, "Idempotency-Key", "again")
		}
		if answer, _ := begin(); answer.Code != 201 {
			w.Fatal(answer.Code, answer.Body)
		}
		if answer, _ := begin(); answer.Code != 201 || answer.Header().Get("Idempotency-Replayed") != "true" {
			w.Error("the same request again does not get the same answer:", answer.Code)
		}
		if err := w.Registry.EndRepresentation(w.Context(), maria, lucia, pavel.Account); err != nil {
			w.Fatal(err)
		}
		if answer, _ := begin(); answer.Code != 404 {
			w.Error("an answer that he had is given again:", answer.Code, answer.Body)
		}
		sweep(func(path string, answer *httptest.ResponseRecorder) {
			body := answer.Body.String()
			if strings.Contains(body, "Lucía") {
				w.Errorf("%s: %d, and shows her still", path, answer.Code)
			}
			if answer.Code >= 500 {
				w.Errorf("%s: %d", path, answer.Code)
			}
		})
	})
}

// TestMembershipIsNotToldByAnswers (threat T16): a relative who tries a name, a number or an address gets the same words,
// status and headers whether somebody is here or not.
func TestMembershipIsNotToldByAnswers(t *testing.T) {
	eachTrail(t, func(w *trail) {
		maria := w.somebody("maria-here")
		known := w.settle(maria)
		w.somebody("curious-here")
		form := func(path, body string) *http.Request {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		}
		asJSON := func(path, body string) *http.Request {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			return r
		}
		get := func(path string) *http.Request {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Authorization", "Bearer "+w.tokens["curious-here"])
			return r
		}
		wrong := "password=a+wrong+password+indeed"
		for name, pair := range map[string][2]*http.Request{
			"signing in":              {form("/sign-in", "name=maria-here&"+wrong), form("/sign-in", "name=maria-gone&"+wrong)},
			"a token":                 {asJSON("/api/v1/tokens", `{"name":"maria-here","password":"a wrong password indeed"}`), asJSON("/api/v1/tokens", `{"name":"maria-gone","password":"a wrong password indeed"}`)},
			"registering":             {form("/register", "name=maria-here&password=quiet+olive+harbour+seven"), form("/register", "name=maria-gone&password=quiet+olive+harbour+seven")},
			"registering by program":  {asJSON("/api/v1/accounts/register", `{"name":"maria-here","password":"quiet olive harbour seven"}`), asJSON("/api/v1/accounts/register", `{"name":"maria-more","password":"quiet olive harbour seven"}`)},
			"registering an address":  {asJSON("/api/v1/accounts/register", `{"name":"zoe-one","password":"quiet olive harbour seven","mail":"maria-here@example.org"}`), asJSON("/api/v1/accounts/register", `{"name":"zoe-two","password":"quiet olive harbour seven","mail":"maria-gone@example.org"}`)},
			"a person's page":         {get("/people/" + known["person"]), get("/people/" + nowhereID)},
			"a person by program":     {get("/api/v1/participants/" + known["person"]), get("/api/v1/participants/" + nowhereID)},
			"a signature":             {get("/api/v1/consent/signatures/" + known["signature"]), get("/api/v1/consent/signatures/" + nowhereID)},
			"who acts for a person":   {get("/api/v1/participants/" + known["person"] + "/representatives"), get("/api/v1/participants/" + nowhereID + "/representatives")},
			"consents by FHIR":        {get("/fhir/Consent?patient=" + known["person"]), get("/fhir/Consent?patient=" + nowhereID)},
			"answers by FHIR":         {get("/fhir/QuestionnaireResponse?subject=Patient/" + known["person"]), get("/fhir/QuestionnaireResponse?subject=Patient/" + nowhereID)},
			"the trail of a person":   {get("/api/v1/participants/" + known["person"] + "/audit"), get("/api/v1/participants/" + nowhereID + "/audit")},
			"what studies received":   {get("/api/v1/participants/" + known["person"] + "/uses"), get("/api/v1/participants/" + nowhereID + "/uses")},
			"the answers of a person": {get("/api/v1/participants/" + known["person"] + "/responses"), get("/api/v1/participants/" + nowhereID + "/responses")},
		} {
			var told [2]string
			for i, r := range pair {
				answer := httptest.NewRecorder()
				w.engine.ServeHTTP(answer, r)
				header := answer.Header().Clone()
				header.Del("X-Request-Id")
				header.Del("Content-Length")
				text := answer.Result().Status + "\n" + answer.Body.String()
				for _, typed := range []string{"maria-here", "maria-gone", known["person"], nowhereID} { // what was typed is shown again
					text = strings.ReplaceAll(text, typed, "…")
				}
				text = anyID.ReplaceAllString(text, "…")
				told[i] = text
				for k, v := range header {
					told[i] += "\n" + k + ": " + strings.Join(v, ",")
				}
				told[i] = anyTime.ReplaceAllString(told[i], "…")
			}
			if len(told[0]) != len(told[1]) || lines(told[0]) != lines(told[1]) {
				w.Errorf("%s: two answers\n%.1500s\n---\n%.1500s", name, told[0], told[1])
			}
		}
	})
}

var (
	anyID   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [0-9:]{8} GMT`)
)

// lines sorts what was told, so that the order of headers says nothing.
func lines(s string) string {
	all := strings.Split(s, "\n")
	slices.Sort(all)
	return strings.Join(all, "\n")
}
