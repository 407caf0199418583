package questionnaires

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// seedStudy is an approved study, as package export writes it.
type seedStudy struct {
	ID        ident.StudyID `gorm:"primaryKey"`
	AccountID ident.AccountID
	State     string
	Title     string
	Protocol  int
	Proposal  string
	CreatedAt time.Time
	UpdatedAt time.Time
	Revision  int
}

func (seedStudy) TableName() string { return "studies" }
func (seedStudy) NotPersonal()      {}

// study approves one and gives an export's Grant.
func (w *world) study() policies.Grant[policies.Export] {
	w.Helper()
	s := seedStudy{ID: ident.New[ident.StudyID](), AccountID: w.okoye.Account, State: "approved", Title: "Sleep", Protocol: 1, Proposal: "{}", Revision: 1}
	w.must(w.d.Do(w.ctx, func(tx *db.Tx) error {
		s.CreatedAt, s.UpdatedAt = tx.Now(), tx.Now()
		return db.Public[seedStudy](tx).Create(&s).Error
	}))
	g, err := policies.Ask[policies.Export](w.ctx, w.authority, policies.Request{
		Actor: w.okoye, Purpose: policies.PurposeResearch, Object: policies.ObjectResponse, Study: &policies.Study{ID: s.ID},
	})
	w.must(err)
	return g
}

// A release reads the newest document of each sent response of those who consent to research; drafts, corrections that
// are open, and people without that consent stay out.
func TestExtract(t *testing.T) {
	each(t, func(w *world) {
		second := ident.New[ident.ParticipantID]()
		w.enrol(second, w.maria, policies.ScopeRegistry, policies.ScopeQuestionnaires, policies.ScopeResearch)
		for _, p := range []ident.ParticipantID{w.lucia, second} { // Lucía does not consent to research
			r, err := w.Start(w.ctx, w.maria, p, w.everything.Questionnaire, "en")
			w.must(err)
			_, err = w.Answer(w.ctx, w.maria, r.ID, change("bool", "false"), Meta{})
			w.must(err)
			_, err = w.Answer(w.ctx, w.maria, r.ID, change("int", "3"), Meta{})
			w.must(err)
			_, _, err = w.Submit(w.ctx, w.maria, r.ID, Meta{})
			w.must(err)
			_, err = w.Start(w.ctx, w.maria, p, w.everything.Questionnaire, "en")
			w.must(err)
			_, err = w.Amend(w.ctx, w.maria, r.ID)
			w.must(err)
			_, err = w.Answer(w.ctx, w.maria, r.ID, change("int", "7"), Meta{})
			w.must(err)
		}
		g := w.study()
		var got []string
		w.must(w.d.Snapshot(w.ctx, func(tx *db.Tx) error {
			return w.Extract(tx, g, []ident.ParticipantID{w.lucia, second}, []ident.VersionID{w.everything.ID}, func(e Extracted) error {
				if !bytes.Contains(e.Body, []byte(`"valueInteger":3`)) {
					t.Errorf("body %s", e.Body)
				}
				got = append(got, fmt.Sprintf("%t %s %s=%s hidden %v", e.Participant == second, e.Status, e.Answers.Items[1].LinkID, e.Answers.Items[1].Answers[0].Value.Text, e.Answers.Hidden))
				return nil
			})
		}))
		if s := strings.Join(got, "; "); s != "true completed int=3 hidden [ifbool far]" {
			t.Errorf("extracted %s", s)
		}
	})
}

// The synthetic population is written in batches, through the same rules.
func TestRecord(t *testing.T) {
	each(t, func(w *world) {
		form := w.mustForm()
		good, bad := form.Start(), form.Start()
		put(form, good, "bool", "true")
		put(form, good, "must", "word")
		list := []Recording{{w.lucia, w.everything.ID, good, true, "en", w.maria.Account}, {w.lucia, w.everything.ID, bad, false, "en", w.maria.Account}}
		w.must(w.d.Do(w.ctx, func(tx *db.Tx) error { return w.Record(w.ctx, tx, policies.Demonstration(), list) }))
		all, err := w.Responses(w.ctx, w.maria, w.lucia)
		w.must(err)
		if len(all) != 2 || all[0].Status != sdc.InProgress || all[1].Status != sdc.Completed {
			t.Errorf("%+v", all)
		}
		list[1].Sent = true
		if err := w.d.Do(w.ctx, func(tx *db.Tx) error { return w.Record(w.ctx, tx, policies.Demonstration(), list[1:]) }); kind(err) != "invalid" {
			t.Errorf("an unfinished response was recorded as sent: %v", err)
		}
		if err := w.d.Do(w.ctx, func(tx *db.Tx) error { return w.Record(w.ctx, tx, w.maria, list[:1]) }); kind(err) != "denied" {
			t.Errorf("a participant records: %v", err)
		}
	})
}
