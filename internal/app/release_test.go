package app

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kindred/export"
	"kindred/export/verify"
	"kindred/internal/account"
	"kindred/internal/db/dbtest"
	"kindred/internal/fhir"
	"kindred/internal/ident"
	"kindred/policies"
)

// approveEverything proposes a study that asks for all there is, as Dr. Okoye, and approves it, as Ingrid.
func approveEverything(tb testing.TB, a *App, change ...func(*export.Proposal)) ident.StudyID {
	tb.Helper()
	ctx := tb.Context()
	people, err := a.Accounts.Accounts(ctx, account.Operator(), "", 50)
	if err != nil {
		tb.Fatal(err)
	}
	actor := map[string]policies.Actor{}
	for _, p := range people {
		if actor[p.Name], err = a.Accounts.Actor(ctx, p.Account, ""); err != nil {
			tb.Fatal(err)
		}
	}
	versions, err := a.Questionnaires.Versions(ctx, actor["okoye"])
	if err != nil {
		tb.Fatal(err)
	}
	p := export.Proposal{Title: "Everything", Purpose: "To see that all of it can leave.", Fields: []export.Field{
		export.FieldBirthYear, export.FieldSex, export.FieldCountry, export.FieldRelation, export.FieldDiagnoses, export.FieldSymptoms, export.FieldElements}}
	for _, v := range versions {
		p.Questionnaires = append(p.Questionnaires, v.URL+"|"+v.Version)
	}
	for _, f := range change {
		f(&p)
	}
	study, err := a.Studies.Propose(ctx, actor["okoye"], p)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := a.Studies.Decide(ctx, actor["ingrid"], study.ID, export.Verdict{Approve: true, Reason: "Synthetic people only."}); err != nil {
		tb.Fatal(err)
	}
	return study.ID
}

// TestEveryReleasedLineIsFHIR releases a synthetic population on both engines and asks the oracle about every line.
func TestEveryReleasedLineIsFHIR(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": dbtest.URL} {
		t.Run(name, func(t *testing.T) {
			address := url(t) // before the folder for temporary files is one that a server may not enter
			t.Setenv("TMPDIR", t.TempDir())
			a := openDemo(t, address)
			if _, err := a.Demonstrate(t.Context(), 120, 7, nil); err != nil {
				t.Fatal(err)
			}
			everyLine(t, a, approveEverything(t, a))
			everyLine(t, a, approveEverything(t, a, func(p *export.Proposal) { p.MinimumClass = 5 }))
			everyLine(t, a, approveEverything(t, a, func(p *export.Proposal) { p.MinimumClass, p.Fields[0] = 5, export.FieldAge }))
		})
	}
}

// everyLine releases a study and asks the oracle about each line.
func everyLine(t *testing.T, a *App, study ident.StudyID) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	r, err := a.Studies.RunNow(t.Context(), study, nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	report, err := verify.Dir(dir, a.Vault.VerifierKey())
	if err != nil || !report.OK() || report.Participants != r.Participants || r.Participants == 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	for _, f := range []string{"Patient", "Condition", "Observation", "QuestionnaireResponse", "Questionnaire"} {
		in, err := os.Open(filepath.Join(dir, f+".ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		n, err := fhir.CheckLines(in)
		if err := errors.Join(err, in.Close()); err != nil || n != report.Rows[f] || n == 0 {
			t.Errorf("%s: %d of %d lines: %v", f, n, report.Rows[f], err)
		}
	}
}
