package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/internal/account"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/internal/web"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/registry"
)

// trail is a whole registry that is asked over HTTP, and whose audit log is read beside it.
type trail struct {
	*testing.T
	*App
	engine *web.Engine
	tokens map[policies.Role]string
	ids    map[policies.Role]ident.AccountID
}

const trailPassword = "a long walk with four oranges"

func eachTrail(t *testing.T, f func(w *trail)) {
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return dbtest.URL(t) }} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			a, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "data"), Database: url(), Demo: true})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close() //nolint:errcheck // a test's
			w := &trail{T: t, App: a, tokens: map[policies.Role]string{}, ids: map[policies.Role]ident.AccountID{}}
			if w.engine, err = a.Engine(Front{}); err != nil {
				t.Fatal(err)
			}
			for _, r := range policies.Roles {
				if r == policies.RoleParticipant {
					continue // the same rights as a caregiver
				}
				name := "the-" + string(r) + "-here"
				id, err := a.Accounts.Add(t.Context(), account.Operator(), account.NewAccount{Name: name, Password: trailPassword, Roles: []policies.Role{r}})
				if err != nil {
					t.Fatal(err)
				}
				token, err := a.Accounts.CreateTokenFor(t.Context(), account.Operator(), name, "trail", time.Hour)
				if err != nil {
					t.Fatal(err)
				}
				w.tokens[r], w.ids[r] = token.Secret, id
			}
			f(w)
		})
	}
}

type trailRow struct {
	Event, Outcome, Role, Purpose, Act, Object, Detail string
	AccountID, Subject                                 *string
	Subjects                                           int
	RequestID                                          *string
}

func (trailRow) TableName() string { return "audit_entries" }
func (trailRow) NotPersonal()      {}

// ask sends a request, and gives the entries that it left.
func (w *trail) ask(role policies.Role, method, path string, body any, headers ...string) (*httptest.ResponseRecorder, []trailRow) {
	w.Helper()
	var raw []byte
	if body != nil {
		raw, _ = json.Marshal(body)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if w.tokens[role] != "" {
		r.Header.Set("Authorization", "Bearer "+w.tokens[role])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.engine.ServeHTTP(answer, r)
	var rows []trailRow
	if err := w.DB.Snapshot(w.Context(), func(tx *db.Tx) error {
		return db.Public[trailRow](tx).Where("request_id = ?", answer.Header().Get("X-Request-Id")).Order("id").Find(&rows).Error
	}); err != nil {
		w.Fatal(err)
	}
	return answer, rows
}

const nowhereID = "01890000-0000-7000-8000-000000000000"

// filled puts something into the places of a route's template.
func filled(path string, known map[string]string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			if parts[i] = known[name]; parts[i] == "" {
				parts[i] = nowhereID
			}
		}
	}
	return strings.Join(parts, "/")
}

// TestEveryRefusalLeavesOneEntry goes through the route table: whoever is refused by the right of a route is noted once,
// with who, role, purpose, act, object and request.
func TestEveryRefusalLeavesOneEntry(t *testing.T) {
	eachTrail(t, func(w *trail) {
		refused := 0
		for _, r := range w.engine.Routes() {
			for role := range w.tokens {
				actor := policies.Actor{Account: w.ids[role], Roles: []policies.Role{role}}
				if r.Right.Check(w.Context(), w.Authority, actor) == nil {
					continue
				}
				refused++
				answer, rows := w.ask(role, r.Method, filled(r.Path, map[string]string{"name": "nobody-here", "role": "editor"}), nil)
				if answer.Code != 403 || len(rows) != 1 {
					w.Errorf("%s %s as %s: %d and %d entries", r.Method, r.Path, role, answer.Code, len(rows))
					continue
				}
				e := rows[0]
				if e.Event != "access.denied" || e.Outcome != "denied" || e.AccountID == nil || *e.AccountID != string(w.ids[role]) || e.Role != string(role) ||
					e.Purpose != string(r.Right.Purpose) || e.Object != string(r.Right.Object) || e.Act != string(r.Right.Act) || !strings.Contains(e.Detail, r.Path) {
					w.Errorf("%s %s as %s: %+v", r.Method, r.Path, role, e)
				}
			}
		}
		if refused < 200 {
			w.Errorf("only %d refusals", refused)
		}
	})
}

// TestWhatIsShownLeavesAnEntry asks every route that shows something about a person, by its template: each answer leaves
// an entry that names who, for which purpose and about whom; an API answer leaves exactly one.
func TestWhatIsShownLeavesAnEntry(t *testing.T) {
	eachTrail(t, func(w *trail) {
		maria := policies.Actor{Account: w.ids[policies.RoleCaregiver], Roles: []policies.Role{policies.RoleCaregiver}}
		known := w.settle(maria)
		seen := 0
		for _, r := range w.engine.Routes() {
			if r.Method != "GET" || r.Right.Purpose != policies.PurposeOwn || !personal(r) {
				continue
			}
			path := filled(r.Path, known)
			if strings.Contains(path, nowhereID) {
				continue
			}
			answer, rows := w.ask(policies.RoleCaregiver, "GET", path+known[r.Path], nil)
			if answer.Code == 303 { // leads elsewhere
				continue
			}
			seen++
			if answer.Code != 200 || len(rows) == 0 {
				w.Errorf("%s: %d and %d entries: %.200s", path, answer.Code, len(rows), answer.Body)
			}
			if len(rows) != 1 && strings.HasPrefix(r.Path, "/api/") {
				w.Errorf("%s: %d entries: %+v", r.Path, len(rows), rows)
			}
			for _, e := range rows {
				if e.AccountID == nil || *e.AccountID != string(maria.Account) || e.Purpose != "own" || e.Outcome != "ok" || e.Act != "read" || e.Object == "" {
					w.Errorf("%s: %+v", path, e)
				}
			}
		}
		if seen < 20 {
			w.Errorf("only %d routes were asked", seen)
		}
	})
}

// personal tells whether a route shows rows of people.
func personal(r route.Route) bool {
	switch r.Right.Object {
	case policies.ObjectQuestionnaire, policies.ObjectProposal, policies.ObjectStudy:
		return false
	}
	return !strings.HasSuffix(r.Path, "/new") && r.Path != "/enrol"
}

// settle enrols Lucía, signs for her, and gives the ids that templates need.
func (w *trail) settle(maria policies.Actor) map[string]string {
	w.Helper()
	ctx := w.Context()
	must := func(err error) {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
	}
	person, err := w.Registry.Enrol(ctx, maria, registry.Enrolment{
		Who: registry.Who{Relation: registry.Parent, Name: "Lucía"}, About: registry.About{Birth: registry.DateOf(2019, 2, 11), Sex: registry.Female, Country: "ES"},
		Diagnoses: []registry.Diagnosis{{Code: "ORPHA:83330", Status: registry.Confirmed}},
	})
	must(err)
	doc, err := w.Consent.Current(ctx, consent.MainDocument, "en")
	must(err)
	signing := consent.Signing{Participant: person, Version: doc.Version, Language: doc.Language, Hash: doc.Hash, Name: "Maria", Password: trailPassword}
	for _, s := range doc.Scopes {
		signing.Choices = append(signing.Choices, consent.Choice{Scope: s, Yes: true})
	}
	signed, err := w.Consent.Sign(ctx, maria, signing)
	must(err)
	sum, err := w.Registry.Summary(ctx, maria, person)
	must(err)
	return map[string]string{
		"person": string(person), "participant": string(person), "diagnosis": string(sum.Diagnoses[0].ID), "signature": string(signed.ID), "term": "HP:0001250",
		"/fhir/AuditEvent": "?patient=" + string(person), "/fhir/Consent": "?patient=" + string(person), "/fhir/QuestionnaireResponse": "?subject=Patient/" + string(person),
	}
}

// TestEveryChangeOfWhoMayLeavesOneEntry: signing in, roles, accounts, guardians, consent; and an answer given twice.
func TestEveryChangeOfWhoMayLeavesOneEntry(t *testing.T) {
	eachTrail(t, func(w *trail) {
		maria := policies.Actor{Account: w.ids[policies.RoleCaregiver], Roles: []policies.Role{policies.RoleCaregiver}}
		known := w.settle(maria)
		person := "/api/v1/participants/" + known["person"]
		steward, caregiver := policies.RoleSteward, policies.RoleCaregiver
		once := []string{"Idempotency-Key", "once"}
		doc, err := w.Consent.Current(context.Background(), consent.MainDocument, "en")
		if err != nil {
			w.Fatal(err)
		}
		pavel, err := w.Accounts.Add(w.Context(), account.Operator(), account.NewAccount{Name: "pavel", Password: trailPassword, Roles: []policies.Role{policies.RoleCaregiver}})
		if err != nil {
			w.Fatal(err)
		}
		for _, k := range []struct {
			role         policies.Role
			method, path string
			body         any
			headers      []string
			status       int
			want         string // of the entries, "event outcome purpose" each
		}{
			{"", "POST", "/api/v1/accounts/register", map[string]any{"name": "zoe-here", "password": trailPassword}, nil, 202, "account.registered ok own"},
			{"", "POST", "/api/v1/accounts/register", map[string]any{"name": "zoe-here", "password": trailPassword}, nil, 202, "account.registered failed own"},
			{"", "POST", "/api/v1/tokens", map[string]any{"name": "zoe-here", "password": "not her password, is it"}, nil, 401, "account.signed_in failed own"},
			{"", "POST", "/api/v1/accounts/reset", map[string]any{"code": "kdp_x", "password": trailPassword}, nil, 422, "account.password_reset failed own"},
			{steward, "POST", "/api/v1/accounts", map[string]any{"name": "yan-here", "password": trailPassword, "roles": []string{"editor"}}, nil, 201, "account.added ok operation"},
			{steward, "PUT", "/api/v1/accounts/yan-here/roles/reviewer", nil, nil, 200, "account.role_granted ok operation"},
			{steward, "DELETE", "/api/v1/accounts/yan-here/roles/reviewer", nil, nil, 200, "account.role_revoked ok operation"},
			{steward, "POST", "/api/v1/accounts/yan-here/disable", nil, nil, 204, "account.disabled ok operation"},
			{steward, "POST", "/api/v1/accounts/yan-here/enable", nil, nil, 204, "account.enabled ok operation"},
			{steward, "GET", "/api/v1/accounts", nil, nil, 200, "account.listed ok operation"},
			{caregiver, "POST", person + "/representatives", map[string]any{"account": string(pavel), "relation": "parent"}, nil, 204, "representation.added ok own"},
			{caregiver, "DELETE", person + "/representatives/" + string(pavel), nil, nil, 204, "representation.ended ok own"},
			{caregiver, "POST", person + "/consent/withdraw", map[string]any{"scopes": []string{"community"}}, nil, 200, "consent.withdrawn ok own"},
			{caregiver, "POST", person + "/consent/signatures", map[string]any{"version": doc.Version, "language": "en", "sha256": doc.Hash, "choices": map[string]bool{"community": true}, "name": "Maria", "password": "not my password, is it"}, nil, 422, "account.confirmed failed own"},
			{caregiver, "POST", person + "/consent/signatures", map[string]any{"version": doc.Version, "language": "en", "sha256": doc.Hash, "choices": map[string]bool{"community": true}, "name": "Maria", "password": trailPassword}, once, 201, "account.confirmed ok own, consent.signed ok own"},
			{caregiver, "POST", person + "/consent/signatures", map[string]any{"version": doc.Version, "language": "en", "sha256": doc.Hash, "choices": map[string]bool{"community": true}, "name": "Maria", "password": trailPassword}, once, 201, "participant.seen ok own"},
			{caregiver, "POST", "/api/v1/me/password", map[string]any{"current": trailPassword, "password": "quiet olive harbour seven kites"}, nil, 204, "account.password_changed ok own"},
		} {
			answer, rows := w.ask(k.role, k.method, k.path, k.body, k.headers...)
			var got []string
			for _, e := range rows {
				got = append(got, fmt.Sprintf("%s %s %s", e.Event, e.Outcome, e.Purpose))
			}
			slices.Sort(got)
			if answer.Code != k.status || strings.Join(got, ", ") != k.want {
				w.Errorf("%s %s as %q: %d and %q, not %d and %q\n%.300s", k.method, k.path, k.role, answer.Code, got, k.status, k.want, answer.Body)
			}
		}
	})
}
