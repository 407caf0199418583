package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// submit gives a picture as proof of Lucía's first diagnosis.
func (w *world) submit(a policies.Actor, p ident.ParticipantID) Evidence {
	w.Helper()
	e, err := w.SubmitEvidence(w.Context(), a, p, w.summary(a, p).Diagnoses[0].ID, bytes.NewReader(pngOf(30, 20)))
	w.ok(err)
	return e
}

func (w *world) proof(p ident.ParticipantID) Proof {
	s := w.summary(w.maria, p)
	return s.Proof(s.Diagnoses[0].ID)
}

func TestTheStoryOfAProof(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p := w.enrol(w.maria, lucia())
		if got := w.proof(p); got != ProofNone {
			w.Fatal(got)
		}
		first := w.submit(w.maria, p)
		if got := w.proof(p); got != ProofWaiting {
			w.Fatal(got)
		}
		queue, err := w.Queue(ctx, w.tomas, "", 10)
		w.ok(err)
		if len(queue) != 1 || queue[0].Evidence.ID != first.ID || queue[0].Diagnosis.Code != "ORPHA:83330" || queue[0].Who != "" {
			w.Fatalf("%+v", queue)
		}
		c, err := w.Case(ctx, w.tomas, first.ID)
		w.ok(err)
		if c.Who != "Lucía" || c.About != lucia().About {
			w.Fatalf("%+v", c)
		}
		_, err = w.Decide(ctx, w.tomas, first.ID, 0, Decision{})
		w.refused(err, ErrReasonNeeded)
		_, err = w.Decide(ctx, w.tomas, first.ID, 9, Decision{Accept: true})
		w.refused(err, ErrStale)
		asked, err := w.Decide(ctx, w.tomas, first.ID, c.Evidence.Revision, Decision{Reason: "The name cannot be read."})
		w.ok(err)
		if asked.State != AskedAgain || w.proof(p) != ProofAsked {
			w.Fatalf("%+v", asked)
		}
		_, err = w.Decide(ctx, w.tomas, first.ID, 0, Decision{Accept: true})
		w.refused(err, ErrNotFound) // nothing of this person waits any more

		second := w.submit(w.maria, p)
		list, err := w.Evidence(ctx, w.maria, p)
		w.ok(err)
		if len(list) != 2 || list[0].State != Replaced || list[0].Reason != "The name cannot be read." || list[1].Replaces != first.ID {
			w.Fatalf("%+v", list)
		}
		if c, err = w.Case(ctx, w.tomas, second.ID); err != nil || len(c.Earlier) != 1 {
			w.Fatalf("%+v %v", c, err)
		}
		_, err = w.Decide(ctx, w.tomas, second.ID, 0, Decision{Accept: true})
		w.ok(err)
		if got := w.proof(p); got != ProofAccepted {
			w.Fatal(got)
		}
		w.refused(w.RemoveDiagnosis(ctx, w.maria, p, second.Diagnosis), ErrDiagnosisProven)
		history, err := w.History(ctx, w.maria, p, time.Time{}, 100)
		w.ok(err)
		if history[0].Kind != ChangedEvidence || history[0].Act != Accepted || history[0].Account != w.tomas.Account || *history[0].Was.Evidence != "submitted" {
			w.Fatalf("%+v", history[0])
		}
	})
}

// A reviewer who acts for the person, or did, does not see the case at all.
func TestNobodyReviewsTheirOwn(t *testing.T) {
	each(t, func(w *world) {
		both := w.maria
		both.Roles = append([]policies.Role{policies.RoleReviewer}, both.Roles...)
		w.KnowAccounts(func(_ context.Context, id ident.AccountID) (policies.Actor, error) { // each of them takes part, too
			return policies.Actor{Account: id, Roles: []policies.Role{policies.RoleCaregiver}}, nil
		})
		p := w.enrol(both, lucia())
		w.ok(w.AddRepresentative(w.Context(), both, p, w.tomas.Account, Guardian))
		w.ok(w.AddRepresentative(w.Context(), both, p, w.pavel.Account, Guardian))
		w.ok(w.EndRepresentation(w.Context(), both, p, w.tomas.Account))
		e := w.submit(both, p)
		for _, a := range []policies.Actor{both, w.tomas} {
			queue, err := w.Queue(w.Context(), a, "", 10)
			if err != nil || len(queue) != 0 {
				w.Fatalf("%v %v", queue, err)
			}
			_, err = w.Case(w.Context(), a, e.ID)
			w.refused(err, ErrNotFound)
			_, _, err = w.OpenCase(w.Context(), a, e.ID)
			w.refused(err, ErrNotFound)
			_, err = w.Decide(w.Context(), a, e.ID, 0, Decision{Accept: true})
			w.refused(err, ErrNotFound)
		}
		other := policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{policies.RoleReviewer}}
		_, err := w.Decide(w.Context(), other, e.ID, 0, Decision{Accept: true})
		w.ok(err)
	})
}

func TestWhoMayOpenTheFile(t *testing.T) {
	each(t, func(w *world) {
		p := w.enrol(w.maria, lucia())
		e := w.submit(w.maria, p)
		read := func(open func(context.Context, policies.Actor, ident.EvidenceID) (Evidence, io.ReadCloser, error), a policies.Actor) ([]byte, error) {
			_, r, err := open(w.Context(), a, e.ID)
			if err != nil {
				return nil, err
			}
			defer r.Close()
			return io.ReadAll(r)
		}
		mine, err := read(w.OpenEvidence, w.maria)
		w.ok(err)
		theirs, err := read(w.OpenCase, w.tomas)
		w.ok(err)
		if len(mine) == 0 || !bytes.Equal(mine, theirs) || !bytes.HasPrefix(mine, []byte("\x89PNG")) {
			w.Fatal("another file came back")
		}
		_, err = read(w.OpenEvidence, w.pavel)
		w.refused(err, ErrNotFound)
		if _, err = read(w.OpenEvidence, w.tomas); fault.KindOf(err) != fault.Denied {
			w.Fatal(err)
		}
		if _, err = read(w.OpenCase, w.maria); fault.KindOf(err) != fault.Denied {
			w.Fatal(err)
		}
		var n int
		w.ok(w.d.Queue().QueryRow("SELECT COUNT(*) FROM audit_entries WHERE event = 'evidence.opened' AND subject = $1", w.vault.SubjectAlias(p)).Scan(&n))
		if n != 2 {
			w.Fatalf("%d of 2 openings are in the audit", n)
		}
		if !strings.HasSuffix(e.FileName(), ".png") || strings.Contains(e.FileName(), "Lucía") {
			w.Fatal(e.FileName())
		}
	})
}

func TestFilesThatAreNotTaken(t *testing.T) {
	each(t, func(w *world) {
		p := w.enrol(w.maria, lucia())
		d := w.summary(w.maria, p).Diagnoses[0].ID
		for name, c := range map[string]struct {
			b    []byte
			want error
		}{
			"a page":          {[]byte("<html><script>alert(1)</script>"), ErrEvidenceKind},
			"nothing":         {nil, ErrEvidenceKind},
			"a cut picture":   {pngOf(50, 50)[:60], ErrEvidenceBroken},
			"too many bytes":  {make([]byte, MaxEvidence+1), ErrEvidenceLarge},
			"a script in PDF": {[]byte("%PDF-1.4\n1 0 obj\n<</OpenAction<</S/JavaScript>>>>\nendobj\ntrailer<</Root 1 0 R>>"), ErrEvidenceActive},
			"a locked PDF":    {[]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<</Root 1 0 R/Encrypt 2 0 R>>"), ErrEvidenceLocked},
		} {
			_, err := w.SubmitEvidence(w.Context(), w.maria, p, d, bytes.NewReader(c.b))
			if !errors.Is(err, c.want) {
				w.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		_, err := w.SubmitEvidence(w.Context(), w.maria, p, ident.New[ident.DiagnosisID](), bytes.NewReader(pngOf(2, 2)))
		w.refused(err, ErrEvidenceTarget)
		_, err = w.SubmitEvidence(w.Context(), w.pavel, p, d, bytes.NewReader(pngOf(2, 2)))
		w.refused(err, ErrNotFound)
		for range MaxEvidenceFiles {
			w.submit(w.maria, p)
		}
		_, err = w.SubmitEvidence(w.Context(), w.maria, p, d, bytes.NewReader(pngOf(2, 2)))
		w.refused(err, ErrEvidenceQuota)
		files := 0
		w.ok(filepath.WalkDir(w.files, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				files++
				if b, err := os.ReadFile(path); err != nil || bytes.Contains(b, []byte("PNG")) {
					w.Errorf("%s can be read: %v", path, err)
				}
			}
			return err
		}))
		if files != MaxEvidenceFiles {
			w.Fatalf("%d files for %d proofs", files, MaxEvidenceFiles)
		}
	})
}
