package registry

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// extraction asks for everybody's consented rows. Consents and the study are written straight into their tables: their
// packages do not stand under this one.
func (w *world) extraction(researcher policies.Actor, study ident.StudyID) Extraction {
	w.Helper()
	grant := func(o policies.Object) *policies.Grant[policies.Export] {
		g, err := policies.Ask[policies.Export](w.Context(), w.authority, policies.Request{
			Actor: researcher, Purpose: policies.PurposeResearch, Object: o, Study: &policies.Study{ID: study},
		})
		w.ok(err)
		return &g
	}
	return Extraction{grant(policies.ObjectParticipant), grant(policies.ObjectDiagnosis), grant(policies.ObjectSymptom), grant(policies.ObjectElement), grant(policies.ObjectEvidence)}
}

func (w *world) seeds(n int) []Seed {
	var people []Seed
	for i := range n {
		e := lucia()
		e.Name = fmt.Sprintf("CANARY-%d", i)
		people = append(people, Seed{Account: ident.New[ident.AccountID](), At: today.Add(time.Duration(-i) * time.Hour), Enrolment: e, Proof: EvidenceOK, Reviewer: w.tomas.Account})
	}
	return people
}

func TestPopulateAndExtract(t *testing.T) {
	each(t, func(w *world) {
		info, err := w.Service.files.Put(w.Context(), bytes.NewReader(pngOf(3, 3)), 1<<20)
		w.ok(err)
		ids, err := w.Populate(w.Context(), w.seeds(700), info)
		w.ok(err)
		more, err := w.Populate(w.Context(), w.seeds(1), info)
		w.ok(err)
		if len(ids) != 700 || len(more) != 1 {
			w.Fatal(len(ids))
		}
		var count int
		w.ok(w.d.Queue().QueryRow("SELECT COUNT(*) FROM evidence WHERE state = 'accepted'").Scan(&count))
		if count != 701 {
			w.Fatalf("%d proofs", count)
		}
		okoye := policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{policies.RoleResearcher}}
		study := w.approvedStudy()
		consented := ids[:600]
		w.consent(consented, "registry", "research")
		var got []Profile
		w.ok(w.d.Snapshot(w.Context(), func(tx *db.Tx) error {
			x := w.extraction(okoye, study)
			for after := ident.ParticipantID(""); ; {
				some, err := w.Extract(tx, x, after, 250)
				if err != nil || len(some) == 0 {
					return err
				}
				got = append(got, some...)
				after = some[len(some)-1].Participant
			}
		}))
		if len(got) != len(consented) {
			w.Fatalf("%d people, %d consented", len(got), len(consented))
		}
		p := got[17]
		if p.YearOfBirth != 2019 || p.Sex != Female || p.Country != "ES" || p.Relation != Parent || len(p.Diagnoses) != 1 || len(p.Symptoms) != 2 || len(p.Elements) != 2 || !p.Proven {
			w.Fatalf("%+v", p)
		}
		if !p.Has(w.Vocabulary(), "ORPHA:70") || p.Has(w.Vocabulary(), "ORPHA:98896") || p.Has(w.Vocabulary(), "") {
			w.Fatal("type 1 is a spinal muscular atrophy, and no Duchenne")
		}
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "CANARY") || strings.Contains(text, "Vidal") || strings.Contains(text, "2019-02-11") {
			w.Fatal("something identifying came out")
		}
		w.ok(w.d.Snapshot(w.Context(), func(tx *db.Tx) error {
			x := w.extraction(okoye, study)
			some, err := w.Extract(tx, Extraction{Participant: x.Participant}, "", 5)
			if err == nil && (len(some) != 5 || some[0].Diagnoses != nil || some[0].Symptoms != nil || some[0].Elements != nil || some[0].Proven) {
				w.Errorf("more than was asked for: %+v", some[0])
			}
			return err
		}))
	})
}

// consent says that people gave scopes; it writes the projection that package consent keeps.
func (w *world) consent(people []ident.ParticipantID, scopes ...string) {
	w.Helper()
	for _, p := range people {
		for _, scope := range scopes {
			_, err := w.d.Queue().Exec(fmt.Sprintf("INSERT INTO consent_facts (id, participant_id, scope, document, version, signature_id, from_seq, from_at)"+
				" VALUES ('%s', '%s', '%s', 'kindred', 1, 's', 1, '2026-01-01T00:00:00Z')", ident.New[ident.SignatureID](), p, scope))
			w.ok(err)
		}
	}
}

// approvedStudy makes a study that the predicate finds; its table belongs to package export.
func (w *world) approvedStudy() ident.StudyID {
	w.Helper()
	id := ident.New[ident.StudyID]()
	_, err := w.d.Queue().Exec("INSERT INTO studies (id, account_id, state, title, protocol, proposal, created_at, updated_at, revision)" +
		" VALUES ('" + string(id) + "', 'a', 'approved', 't', 1, '{}', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1)")
	w.ok(err)
	return id
}
