package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kindred/export/verify"
	"kindred/internal/account"
	"kindred/internal/blob"
	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/internal/sample"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
	"kindred/registry"
)

// parts are the real ones: registry, consent, questionnaires and export over one database.
type parts struct {
	*testing.T
	export   *Service
	registry *registry.Service
	consent  *consent.Service
	forms    *questionnaires.Service
}

func (p parts) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func assemble(t *testing.T, d *db.DB) parts {
	t.Helper()
	dir := t.TempDir()
	files, err := blob.Open(filepath.Join(dir, "files"), dbtest.Vault(t))
	if err != nil {
		t.Fatal(err)
	}
	words, err := registry.StarterVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	rights := dbtest.AuthorityAt(t, clock.Func(d.Now))
	p := parts{T: t, registry: registry.New(d, rights, dbtest.Vault(t), files, words),
		consent: consent.New(consent.Config{DB: d, Vault: dbtest.Vault(t), Authority: rights,
			Confirm: func(context.Context, ident.AccountID, string, account.Caller) error { return nil }}),
		forms: questionnaires.New(questionnaires.Config{DB: d, Vault: dbtest.Vault(t), Authority: rights})}
	p.must(p.consent.Install(ctx))
	p.export = New(Config{DB: d, Authority: rights, Vault: dbtest.Vault(t), People: Baseline{Vocabulary: words}, Answers: Sent{p.forms},
		Dir: filepath.Join(dir, "releases"), Spool: filepath.Join(dir, "spool"), Version: "test",
		Actor: func(context.Context, ident.AccountID) (policies.Actor, error) { return okoye, nil }})
	return p
}

// enrol makes somebody a participant who consents to the scopes.
func (p parts) enrol(a policies.Actor, e registry.Enrolment, scopes ...policies.Scope) ident.ParticipantID {
	p.Helper()
	id, err := p.registry.Enrol(ctx, a, e)
	p.must(err)
	p.sign(a, id, scopes...)
	return id
}

func (p parts) sign(a policies.Actor, id ident.ParticipantID, scopes ...policies.Scope) {
	p.Helper()
	doc, err := p.consent.Current(ctx, consent.MainDocument, "en")
	p.must(err)
	n := consent.Signing{Participant: id, Version: doc.Version, Language: "en", Hash: doc.Hash, Name: "Maria Canary", Password: "x"}
	for _, s := range scopes {
		n.Choices = append(n.Choices, consent.Choice{Scope: s, Yes: true})
	}
	_, err = p.consent.Sign(ctx, a, n)
	p.must(err)
}

func (p parts) publish(raw string) {
	p.Helper()
	aisha := policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{policies.RoleEditor}}
	_, _, err := p.forms.Publish(ctx, aisha, []byte(raw), sdc.Identity{})
	p.must(err)
}

func (p parts) answer(a policies.Actor, id ident.ParticipantID, version, items string) {
	p.Helper()
	_, err := p.forms.Create(ctx, a, id, []byte(`{"resourceType":"QuestionnaireResponse","questionnaire":"`+formURL+`|`+version+`","status":"completed","language":"es","item":`+items+`}`), questionnaires.Meta{})
	p.must(err)
}

func person(r policies.Role) policies.Actor {
	return policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{r}}
}

// TestTheJourneyOfOneAnswer runs on real parts: Maria enrols Lucía, consents and answers; Dr. Okoye's study is approved;
// a release is made; Maria withdraws, and the next release does not hold her child.
func TestTheJourneyOfOneAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := assemble(t, d)
		p.publish(strings.Replace(formV1, `"status":"active"`, `"status":"active","subjectType":["Patient"]`, 1))
		date, err := registry.ParseDate("2019-06")
		p.must(err)
		all := []policies.Scope{policies.ScopeRegistry, policies.ScopeQuestionnaires, policies.ScopeResearch}
		child := p.enrol(maria, registry.Enrolment{
			Who: registry.Who{Relation: registry.Parent, Name: "Lucía Canary"}, About: registry.About{Birth: registry.DateOf(2019, 2, 11), Sex: registry.Female, Country: "ES"},
			Diagnoses: []registry.Diagnosis{{Code: "ORPHA:83330", Status: registry.Confirmed, Onset: registry.Age{Kind: registry.AgeOnDate, Date: date}}},
			Symptoms:  []registry.Symptom{{Term: "HP:0001252", Presence: registry.Present, OnsetClass: "HP:0003593", Severity: "HP:0012828", Course: "HP:0003676"}, {Term: "HP:0001250", Presence: registry.Absent}},
			Elements:  []registry.Element{{Key: "status", Value: "alive"}, {Key: "first_contact", Value: "2019-07-01"}, {Key: "genetic_text", Value: "Canary words"}},
		}, all...)
		p.answer(maria, child, "1", `[{"linkId":"walk","answer":[{"valueCoding":{"system":"urn:w","code":"01","display":"Alone"}}]},{"linkId":"aids","answer":[{"valueCoding":{"system":"urn:a","code":"b","display":"Chair"}}]},{"linkId":"story","answer":[{"valueString":"Canary: her name is Lucía"}]}]`)
		for range 4 {
			pavel := person(policies.RoleParticipant)
			p.enrol(pavel, registry.Enrolment{Who: registry.Who{Relation: registry.Self, Name: "Pavel Canary"}, About: registry.About{Birth: registry.Year(1980), Sex: registry.Male, Country: "CZ"}, Diagnoses: undiagnosed}, all...)
		}
		p.enrol(person(policies.RoleParticipant), registry.Enrolment{Who: registry.Who{Relation: registry.Self, Name: "Nora Canary"}, About: registry.About{Birth: registry.Year(1990), Sex: registry.Female, Country: "NO"}, Diagnoses: undiagnosed}, policies.ScopeRegistry)

		wish := Proposal{Title: "Walking", Purpose: "To learn.", Fields: everything, Questionnaires: []string{formURL + "|1"}}
		study := approved(t, p.export, wish)
		if c, err := p.export.Count(ctx, okoye, study.ID); err != nil || c.N != 5 {
			t.Fatalf("%+v, %v", c, err)
		}
		r := finished(t, p.export, study.ID)
		dir := unpack(t, p.export, r)
		report, err := verify.Dir(dir, p.export.Vault.VerifierKey())
		if err != nil || !report.OK() || report.Participants != 5 {
			t.Fatalf("%+v, %v", report, err)
		}
		noCanary(t, dir)
		p.look(dir, p.export.Vault.Pseudonym(study.ID, child))

		_, err = p.consent.Withdraw(ctx, maria, child)
		p.must(err)
		if _, _, err := p.export.Download(ctx, okoye, r.ID, workbookName); !errors.Is(err, ErrGone) {
			t.Fatalf("after the withdrawal: %v", err)
		}
		if next := finished(t, p.export, study.ID); next.Participants != 4 || next.Snapshot <= r.Snapshot {
			t.Fatalf("%+v", next)
		}
		uses, err := p.export.Uses(ctx, maria, child)
		if err != nil || len(uses) != 1 || uses[0].State != Withdrawn || fmt.Sprint(uses[0].Scopes) != "[registry research questionnaires]" {
			t.Fatalf("%+v, %v", uses, err)
		}
	})
}

// look reads what the workbook says of Lucía.
func (p parts) look(dir, who string) {
	p.Helper()
	f, err := excelize.OpenFile(filepath.Join(dir, workbookName))
	p.must(err)
	want(p.T, rowWhere(p.T, f, "Participants", "pseudonym", who), map[string]string{"birth_year": "2019", "sex": "female", "country": "ES", "relation": "parent"})
	want(p.T, rowWhere(p.T, f, "Diagnoses", "orpha_code", "83330"), map[string]string{"pseudonym": who, "status": "confirmed", "proof_accepted": "0", "onset_kind": "date"})
	want(p.T, rowWhere(p.T, f, "Symptoms", "hpo_code", "HP:0001252"), map[string]string{"presence": "present", "onset_term": "Infantile onset", "severity_term": "Severe", "course_term": "Progressive"})
	want(p.T, rowWhere(p.T, f, "Symptoms", "presence", "absent"), map[string]string{"hpo_code": "HP:0001250", "symptom": "Seizure"})
	want(p.T, rowWhere(p.T, f, "Elements", "element", "status"), map[string]string{"value": "438949009", "meaning": "Alive", "number": "3.1"})
	want(p.T, rowWhere(p.T, f, "Elements", "element", "genetic_text"), map[string]string{"value": MarkWithheld})
	want(p.T, rowWhere(p.T, f, "Q1 Daily life", "pseudonym", who), map[string]string{"walk": "01", "aids": "b", "help": MarkHidden, "story": MarkWithheld, "language": "es", "status": "completed"})
}

// TestOnlyWithProof: a study that asks for it gets nobody whose proof was not accepted.
func TestOnlyWithProof(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := assemble(t, d)
		for range 3 {
			p.enrol(person(policies.RoleParticipant), registry.Enrolment{Who: registry.Who{Relation: registry.Self, Name: "Pavel"}, About: registry.About{Birth: registry.Year(1980), Sex: registry.Male, Country: "CZ"},
				Diagnoses: []registry.Diagnosis{{Code: "ORPHA:83330", Status: registry.Suspected}}}, policies.ScopeRegistry, policies.ScopeResearch)
		}
		study := approved(t, p.export, Proposal{Title: "Proof", Purpose: "To learn.", Fields: []Field{FieldDiagnoses}, VerifiedOnly: true})
		if r := finished(t, p.export, study.ID); r.Participants != 0 {
			t.Fatalf("%d people", r.Participants)
		}
	})
}

var undiagnosed = []registry.Diagnosis{{Undiagnosed: true}}

// TestAFileWithoutAnIdentity: a questionnaire whose file names neither itself nor its version, and in which a display
// repeats the linkId of a question, is released under the identity that it was published with.
func TestAFileWithoutAnIdentity(t *testing.T) {
	raw := sample.Read(t, "samples", "questionnaires", "paginated.json")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := assemble(t, d)
		id := sdc.DerivedIdentity(raw)
		_, _, err := p.forms.Publish(ctx, person(policies.RoleEditor), raw, id)
		p.must(err)
		canonical := id.URL + "|" + id.Version
		for i := range 5 {
			pavel := person(policies.RoleParticipant)
			who := p.enrol(pavel, registry.Enrolment{Who: registry.Who{Relation: registry.Self, Name: "Pavel Canary"}, About: registry.About{Birth: registry.Year(1980), Sex: registry.Male, Country: "CZ"}, Diagnoses: undiagnosed},
				policies.ScopeRegistry, policies.ScopeQuestionnaires, policies.ScopeResearch)
			if i > 0 {
				continue
			}
			_, err := p.forms.Create(ctx, pavel, who, []byte(`{"resourceType":"QuestionnaireResponse","questionnaire":"`+canonical+`","status":"completed","item":[
			 {"linkId":"1","item":[{"linkId":"1.2","answer":[{"valueString":"Pavel Canary"}]}]},
			 {"linkId":"2","item":[{"linkId":"2.1","answer":[{"valueDate":"1980-01-02"}]}]},
			 {"linkId":"3","item":[{"linkId":"3.6","answer":[{"valueString":"Canary 1"}]}]},
			 {"linkId":"4","item":[{"linkId":"4.2","answer":[{"valueString":"Canary 2"}]},{"linkId":"4.3","answer":[{"valueCoding":{"code":"mother","display":"Mother"}}]}]},
			 {"linkId":"9","item":[{"linkId":"9.1","answer":[{"valueInteger":2}]}]},
			 {"linkId":"10","item":[{"linkId":"10.1","answer":[{"valueDateTime":"2026-10-02T10:00:00Z"}]}]}]}`), questionnaires.Meta{})
			p.must(err)
		}
		study := approved(t, p.export, Proposal{Title: "Pages", Purpose: "To learn.", Fields: everything, Questionnaires: []string{canonical}})
		dir := unpack(t, p.export, finished(t, p.export, study.ID))
		if report, err := verify.Dir(dir, p.export.Vault.VerifierKey()); err != nil || !report.OK() || report.Participants != 5 {
			t.Fatalf("%+v, %v", report, err)
		}
		noCanary(t, dir)
		released, err := os.ReadFile(filepath.Join(dir, "Questionnaire.ndjson"))
		p.must(err)
		if !strings.Contains(string(released), `"url":"`+id.URL+`","version":"1","status":"active"`) {
			t.Errorf("released as %.200s", released)
		}
		f, err := excelize.OpenFile(filepath.Join(dir, workbookName))
		p.must(err)
		for _, sheet := range f.GetSheetList() {
			if strings.HasPrefix(sheet, "Q1") {
				row := rowWhere(t, f, sheet, "9.1", "2")
				if row["10.1"] == "" {
					t.Errorf("the question lost to the display: %v", row)
				}
				return
			}
		}
		t.Fatal("no sheet of the questionnaire")
	})
}
