package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/export/verify"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jobs"
	"kindred/policies"
)

var (
	okoye  = policies.Actor{Account: "01932f00-0000-7000-8000-0000000000c1", Roles: []policies.Role{policies.RoleResearcher}}
	rival  = policies.Actor{Account: "01932f00-0000-7000-8000-0000000000c2", Roles: []policies.Role{policies.RoleResearcher}}
	ingrid = policies.Actor{Account: "01932f00-0000-7000-8000-0000000000c3", Roles: []policies.Role{policies.RoleEthics}}
	both   = policies.Actor{Account: okoye.Account, Roles: []policies.Role{policies.RoleResearcher, policies.RoleEthics}}
	maria  = policies.Actor{Account: "01932f00-0000-7000-8000-0000000000c4", Roles: []policies.Role{policies.RoleCaregiver}}
)

// town is a registry for tests: consents and representations are rows, asked through the Grant; the rest is in memory.
type town struct {
	t      *testing.T
	db     *db.DB
	people map[ident.ParticipantID]*Subject
	during func() // runs once, after the first batch was read
	seq    int
}

func (w *town) Cohort(tx *db.Tx, g policies.Grant[policies.Export], verified bool) ([]ident.ParticipantID, error) {
	var ids []string
	err := db.Extract[factRow](tx, g).Where("scope = ? AND until_seq IS NULL", "research").Distinct("participant_id").Pluck("participant_id", &ids).Error
	var out []ident.ParticipantID
	for _, id := range ids {
		p := w.people[ident.ParticipantID(id)]
		if p != nil && (!verified || slices.ContainsFunc(p.Diagnoses, func(d SubjectDiagnosis) bool { return d.Verified })) {
			out = append(out, p.Participant)
		}
	}
	return out, err
}

func (w *town) Fill(_ *db.Tx, _ policies.Grant[policies.Export], people []*Subject, _ *Plan) error {
	for _, p := range people {
		responses := p.Responses
		*p = *w.people[p.Participant]
		p.Responses = responses
	}
	if f := w.during; f != nil {
		w.during = nil
		f()
	}
	return nil
}

type library struct{ *town }

func (l library) Published(_ *db.Tx, url, version string) (ident.VersionID, []byte, error) {
	for v, raw := range map[string]string{"1": formV1, "2": formV2} {
		if url == formURL && version == v {
			return ident.VersionID(v), []byte(raw), nil
		}
	}
	return "", nil, db.ErrNotFound
}

func (l library) Fill(_ *db.Tx, _ policies.Grant[policies.Export], people []*Subject, _ *Plan) error {
	for _, p := range people {
		p.Responses = l.people[p.Participant].Responses
	}
	return nil
}

func (w *town) exec(query string, args ...any) {
	w.t.Helper()
	if w.db.Engine() == db.Postgres {
		for n := 1; strings.Contains(query, "?"); n++ {
			query = strings.Replace(query, "?", fmt.Sprintf("$%d", n), 1)
		}
	}
	if _, err := w.db.Queue().ExecContext(context.Background(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// consent gives scopes; withdraw takes them all back.
func (w *town) consent(p ident.ParticipantID, scopes ...policies.Scope) {
	for _, s := range scopes {
		w.seq++
		w.exec("INSERT INTO consent_facts (id, participant_id, scope, document, version, signature_id, from_seq, from_at) VALUES (?, ?, ?, 'main', 1, 'x', ?, ?)",
			string(ident.New[ident.SignatureID]()), string(p), string(s), w.seq, w.db.Now())
	}
	w.exec("UPDATE counters SET value = ? WHERE name = 'consent'", w.seq)
}

func (w *town) withdraw(p ident.ParticipantID, scope policies.Scope) {
	w.seq++
	w.exec("UPDATE consent_facts SET until_seq = ?, until_at = ? WHERE participant_id = ? AND scope = ?", w.seq, w.db.Now(), string(p), string(scope))
	w.exec("UPDATE counters SET value = ? WHERE name = 'consent'", w.seq)
}

func (w *town) settle(n int) []*Subject {
	people := village(n)
	people[0] = lucia()
	for _, p := range people {
		w.people[p.Participant] = p
		w.consent(p.Participant, policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeQuestionnaires)
	}
	w.exec("INSERT INTO representations (id, participant_id, account_id, relation, starts_at, created_at) VALUES ('r1', ?, ?, 'parent', ?, ?)",
		string(lucia().Participant), string(maria.Account), w.db.Now().Add(-time.Hour), w.db.Now())
	return people
}

func atTown(t *testing.T, d *db.DB) (*Service, *town) {
	t.Helper()
	w := &town{t: t, db: d, people: map[ident.ParticipantID]*Subject{}}
	dir := t.TempDir()
	s := New(Config{DB: d, Authority: dbtest.Authority(t), Vault: dbtest.Vault(t), People: w, Answers: library{w}, Dir: filepath.Join(dir, "releases"), Spool: filepath.Join(dir, "spool"), Version: "test",
		Actor: func(_ context.Context, id ident.AccountID) (policies.Actor, error) {
			for _, a := range []policies.Actor{okoye, rival} {
				if a.Account == id {
					return a, nil
				}
			}
			return policies.Actor{}, db.ErrNotFound
		}})
	return s, w
}

func proposal() Proposal {
	return Proposal{Title: "Walking in daily life", Purpose: "To learn what helps children walk.", Fields: []Field{FieldSymptoms, FieldSex, FieldBirthYear}, Questionnaires: []string{formURL + "|1", formURL + "|2"}}
}

var ctx = context.Background()

func approved(t *testing.T, s *Service, p Proposal) *Study {
	t.Helper()
	study, err := s.Propose(ctx, okoye, p)
	if err != nil {
		t.Fatal(err)
	}
	if study, err = s.Decide(ctx, ingrid, study.ID, Verdict{Approve: true, Reason: "Useful, and asks for little."}); err != nil {
		t.Fatal(err)
	}
	return study
}

func finished(t *testing.T, s *Service, study ident.StudyID) *Release {
	t.Helper()
	r, err := s.Request(ctx, okoye, study, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Work(ctx, RunRelease{r.ID}); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Release(ctx, okoye, r.ID); err != nil || r.State != Finished {
		t.Fatalf("%+v, %v", r, err)
	}
	return r
}

// unpack downloads every file of a release into a folder.
func unpack(t *testing.T, s *Service, r *Release) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range r.Files {
		info, in, err := s.Download(ctx, okoye, r.ID, f.Name)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		b, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close()); err != nil || int64(len(b)) != info.Bytes {
			t.Fatal(f.Name, len(b), info.Bytes, err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAStudyFromProposalToWithdrawal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(12)
		study := approved(t, s, proposal())
		if c, err := s.Count(ctx, okoye, study.ID); err != nil || !c.Shown || c.N != 12 {
			t.Fatalf("%+v, %v", c, err)
		}
		r := finished(t, s, study.ID)
		if r.Participants != 12 || r.Snapshot != int64(w.seq) || r.Done != 12 {
			t.Fatalf("%+v", r)
		}
		dir := unpack(t, s, r)
		report, err := verify.Dir(dir, s.Vault.VerifierKey())
		if err != nil || !report.OK() || report.Participants != 12 || report.Signature != "valid" {
			t.Fatalf("%+v, %v", report, err)
		}
		noCanary(t, dir)
		entries, _ := os.ReadDir(s.folderOf(r.ID))
		for _, e := range entries {
			b, _ := os.ReadFile(filepath.Join(s.folderOf(r.ID), e.Name()))
			if strings.Contains(string(b), "resourceType") || strings.HasPrefix(string(b), "PK") {
				t.Errorf("%s is readable on disk", e.Name())
			}
		}
		uses, err := s.Uses(ctx, maria, lucia().Participant)
		if err != nil || len(uses) != 1 || uses[0].Reason != "Useful, and asks for little." || len(uses[0].Downloads) != len(r.Files) || uses[0].Title != "Walking in daily life" {
			t.Fatalf("%+v, %v", uses, err)
		}
		if uses, err := s.Uses(ctx, policies.Actor{Account: rival.Account, Roles: maria.Roles}, lucia().Participant); err != nil || len(uses) != 0 {
			t.Fatalf("a stranger sees %+v, %v", uses, err)
		}

		w.withdraw(lucia().Participant, policies.ScopeQuestionnaires)
		if _, _, err := s.Download(ctx, okoye, r.ID, "Patient.ndjson"); !errors.Is(err, ErrGone) {
			t.Fatalf("after a withdrawal: %v", err)
		}
		w.consent(lucia().Participant, policies.ScopeQuestionnaires)
		if _, _, err := s.Download(ctx, okoye, r.ID, "Patient.ndjson"); !errors.Is(err, ErrGone) {
			t.Fatalf("gone is for good: %v", err)
		}
		if _, err := os.Stat(s.folderOf(r.ID)); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("the files stayed: %v", err)
		}
		w.withdraw(lucia().Participant, policies.ScopeResearch)
		next := finished(t, s, study.ID)
		raw, _ := os.ReadFile(filepath.Join(unpack(t, s, next), "Patient.ndjson"))
		if next.Participants != 11 || strings.Contains(string(raw), s.Vault.Pseudonym(study.ID, lucia().Participant)) {
			t.Fatal("she withdrew")
		}
		if c, err := s.Count(ctx, okoye, study.ID); err != nil || c.Shown || c.Why != TooClose {
			t.Fatalf("eleven after twelve tells of one: %+v, %v", c, err)
		}
	})
}

func TestWithdrawalDuringARun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(8)
		study := approved(t, s, proposal())
		w.during = func() { w.withdraw(lucia().Participant, policies.ScopeResearch) }
		r := finished(t, s, study.ID)
		if r.Participants != 7 {
			t.Fatalf("%d people, one of whom withdrew while it ran", r.Participants)
		}
		report, err := verify.Dir(unpack(t, s, r), s.Vault.VerifierKey())
		if err != nil || !report.OK() || report.Participants != 7 {
			t.Fatalf("%+v, %v", report, err)
		}
	})
}

func TestApprovalIsAskedAtEveryStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(8)
		study, err := s.Propose(ctx, okoye, proposal())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Count(ctx, okoye, study.ID); !errors.Is(err, errNotApproved) {
			t.Fatalf("counted before approval: %v", err)
		}
		if _, err := s.Request(ctx, okoye, study.ID, nil); !errors.Is(err, errNotApproved) {
			t.Fatalf("released before approval: %v", err)
		}
		if _, err := s.Decide(ctx, both, study.ID, Verdict{Approve: true, Reason: "Mine."}); !errors.Is(err, errOwnStudy) {
			t.Fatalf("decided on the own study: %v", err)
		}
		if _, err := s.Decide(ctx, okoye, study.ID, Verdict{Approve: true, Reason: "Mine."}); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a researcher approved: %v", err)
		}
		if _, err := s.Decide(ctx, ingrid, study.ID, Verdict{Approve: true}); !errors.Is(err, errReasonMissing) {
			t.Fatalf("no reason: %v", err)
		}
		if _, err := s.Decide(ctx, ingrid, study.ID, Verdict{Approve: true, Reason: "Yes.", Protocol: 2}); !errors.Is(err, errProtocolMoved) {
			t.Fatalf("another protocol: %v", err)
		}
		if _, err := s.Decide(ctx, ingrid, study.ID, Verdict{Approve: true, Reason: "Yes."}); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{
			second(s.Count(ctx, rival, study.ID)), second(s.Request(ctx, rival, study.ID, nil)), second(s.Amend(ctx, rival, study.ID, 0, proposal())),
			second(s.Releases(ctx, rival, study.ID)),
		} {
			if fault.KindOf(err) != fault.Missing {
				t.Fatalf("another researcher: %v", err)
			}
		}
		if _, err := s.Studies(ctx, maria, ""); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a caregiver lists studies: %v", err)
		}
		r := finished(t, s, study.ID)
		p := proposal()
		p.Fields = []Field{FieldSex}
		if study, err = s.Amend(ctx, okoye, study.ID, 0, p); err != nil || study.State != Submitted || study.Protocol != 2 {
			t.Fatalf("%+v, %v", study, err)
		}
		if _, _, err := s.Download(ctx, okoye, r.ID, ManifestName); !errors.Is(err, errNotApproved) {
			t.Fatalf("downloaded while the study waits: %v", err)
		}
		if _, err := s.Decide(ctx, ingrid, study.ID, Verdict{Approve: true, Reason: "Less is better."}); err != nil {
			t.Fatal(err)
		}
		next := finished(t, s, study.ID)
		var m Manifest
		if err := json.Unmarshal([]byte(next.Manifest), &m); err != nil || fmt.Sprint(m.Fields) != "[sex]" || m.Study.Protocol != "2" || fmt.Sprint(m.Consent.Documents) != "[main|1]" {
			t.Fatalf("%+v, %v", m, err)
		}
		if _, decisions, err := s.Study(ctx, ingrid, study.ID); err != nil || len(decisions) != 2 || decisions[0].Proposal.Fields[0] != FieldBirthYear {
			t.Fatalf("%+v, %v", decisions, err)
		}
		if _, err := s.Close(ctx, okoye, study.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Amend(ctx, okoye, study.ID, 0, p); !errors.Is(err, errClosed) {
			t.Fatal(err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestInterruptedRunLeavesNothing: what a run has written before it was killed is not downloadable, and the next run
// begins anew.
func TestInterruptedRunLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(8)
		study := approved(t, s, proposal())
		r, err := s.Request(ctx, okoye, study.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Request(ctx, okoye, study.ID, nil); !errors.Is(err, errRunning) {
			t.Fatalf("two at once: %v", err)
		}
		cut, stop := context.WithCancel(ctx)
		w.during = stop
		if err := s.Work(cut, RunRelease{r.ID}); err == nil {
			t.Fatal("it was cut short")
		}
		if _, _, err := s.Download(ctx, okoye, r.ID, "Patient.ndjson"); !errors.Is(err, errUnfinished) {
			t.Fatalf("half a release: %v", err)
		}
		if err := os.MkdirAll(s.spoolOf(r.ID), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := s.Clean(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(s.Spool); !errors.Is(err, os.ErrNotExist) {
			t.Fatal("the spool is wiped at start")
		}
		if err := s.Work(ctx, RunRelease{r.ID}); err != nil {
			t.Fatal(err)
		}
		if err := s.Work(ctx, RunRelease{r.ID}); err != nil {
			t.Fatalf("a job that runs twice has one effect: %v", err)
		}
		if list, err := s.Releases(ctx, okoye, study.ID); err != nil || len(list) != 1 || list[0].State != Finished {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := s.Clean(ctx); err != nil {
			t.Fatal(err)
		}
		again, err := s.Release(ctx, okoye, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		unpack(t, s, again)
	})
}

func TestABrokenRecordFailsLoudly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(6)
		w.people[lucia().Participant].Responses[0].Raw.Items[0].LinkID = "nowhere"
		study := approved(t, s, proposal())
		r, err := s.Request(ctx, okoye, study.ID, []Format{FHIR})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Work(ctx, RunRelease{r.ID}); err == nil {
			t.Fatal("a record was dropped silently")
		}
		if r, err = s.Release(ctx, okoye, r.ID); err != nil || r.State != Failed || r.Fault != errFailed.Key {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := os.Stat(s.folderOf(r.ID)); !errors.Is(err, os.ErrNotExist) {
			t.Fatal("files of a failed release stayed")
		}
	})
}

func TestRunNowWritesAFolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(6)
		study := approved(t, s, proposal())
		dir := filepath.Join(t.TempDir(), "out")
		r, err := s.RunNow(ctx, study.ID, []Format{Excel, FHIR}, dir)
		if err != nil || r.State != Finished {
			t.Fatalf("%+v, %v", r, err)
		}
		report, err := verify.Dir(dir, s.Vault.VerifierKey())
		if err != nil || !report.OK() || report.Participants != 6 {
			t.Fatalf("%+v, %v", report, err)
		}
		if _, err := s.RunNow(ctx, study.ID, nil, dir); !errors.Is(err, errFolder) {
			t.Fatalf("over another release: %v", err)
		}
		if uses, err := s.Uses(ctx, maria, lucia().Participant); err != nil || len(uses) != 1 {
			t.Fatalf("%+v, %v", uses, err)
		}
		w.withdraw(lucia().Participant, policies.ScopeRegistry)
		if n, err := s.Recall(ctx); err != nil || n != 1 {
			t.Fatalf("%d recalled, %v", n, err)
		}
		other := filepath.Join(t.TempDir(), "out")
		if r, err := s.RunNow(ctx, study.ID, []Format{FHIR}, other); err != nil || r.Participants != 5 {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := s.Close(ctx, okoye, study.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RunNow(ctx, study.ID, nil, filepath.Join(t.TempDir(), "x")); !errors.Is(err, errNotApproved) {
			t.Fatalf("a closed study: %v", err)
		}
	})
}

func TestOnlyVerifiedPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(9)
		p := proposal()
		p.VerifiedOnly = true
		study := approved(t, s, p)
		if c, err := s.Count(ctx, okoye, study.ID); err != nil || c.Shown || c.Why != TooFew {
			t.Fatalf("%+v, %v", c, err)
		}
		if r := finished(t, s, study.ID); r.Participants != 1 {
			t.Fatalf("%d people", r.Participants)
		}
	})
}

// TestTheQueueMakesReleases drives the job as the server does.
func TestTheQueueMakesReleases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(6)
		study := approved(t, s, proposal())
		workers := jobs.NewWorkers()
		s.Register(workers)
		q, err := jobs.New(d, workers, jobs.Config{Node: "test", Poll: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		r, err := s.Request(ctx, okoye, study.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); r.State != Finished && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond) // another goroutine works; the deadline ends the wait
			if r, err = s.Release(ctx, okoye, r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := q.Stop(ctx); err != nil || r.State != Finished {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}

func TestProposalsAreJudgedWhole(t *testing.T) {
	s, _ := atTown(t, dbtest.SQLite(t, dbtest.Options{}))
	from, until := cut, cut.AddDate(0, 0, -1)
	_, err := s.Propose(ctx, okoye, Proposal{Title: "  ", Fields: []Field{FieldAge, FieldBirthYear, "name"}, Scopes: []policies.Scope{"everything"}, From: &from, Until: &until})
	var keys []string
	for _, f := range fault.All(err) {
		keys = append(keys, f.Key)
	}
	want := "[export.title.missing export.purpose.missing export.field.unknown export.fields.birth_twice export.scope.unknown export.period.reversed]"
	if fmt.Sprint(keys) != want {
		t.Fatalf("%v", keys)
	}
	p := proposal()
	p.Questionnaires = []string{"no-version", formURL + "|9"}
	_, err = s.Propose(ctx, okoye, p)
	if l := fault.All(err); len(l) != 2 || !errors.Is(err, errNotPublished) || !errors.Is(err, errCanonical) {
		t.Fatalf("%v", err)
	}
	if _, err := s.Propose(ctx, maria, proposal()); fault.KindOf(err) != fault.Denied {
		t.Fatalf("a caregiver proposed: %v", err)
	}
}
