package questionnaires

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/sample"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// seedRep and seedFact write what consent and enrolment would, so that this package is tested on its own.
type seedRep struct {
	ID            string              `gorm:"primaryKey"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	AccountID     ident.AccountID
	Relation      string
	StartsAt      time.Time
	EndsAt        *time.Time
	CreatedAt     time.Time
}

func (seedRep) TableName() string     { return "representations" }
func (seedRep) SubjectColumn() string { return "participant_id" }

type seedFact struct {
	ID            string              `gorm:"primaryKey"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	Scope         policies.Scope
	Document      string
	Version       int
	SignatureID   string
	FromSeq       int
	FromAt        time.Time
	UntilSeq      *int
	UntilAt       *time.Time
	LapsesAt      *time.Time
}

func (seedFact) TableName() string     { return "consent_facts" }
func (seedFact) SubjectColumn() string { return "participant_id" }

// world is Maria, who cares for Lucía and consented; Pablo, a stranger; Aisha, the editor; Dr. Okoye, a researcher.
type world struct {
	*testing.T
	*Service
	ctx                        context.Context
	d                          *db.DB
	maria, pablo, aisha, okoye policies.Actor
	lucia                      ident.ParticipantID
	everything                 Version
	files                      *blob.Folder
	dir                        string
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func person(roles ...policies.Role) policies.Actor {
	return policies.Actor{Account: ident.New[ident.AccountID](), Roles: roles, Request: ident.New[ident.RequestID]()}
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, d: d, ctx: context.Background(), lucia: ident.New[ident.ParticipantID]()}
		w.dir = t.TempDir()
		var err error
		w.files, err = blob.Open(w.dir, dbtest.Vault(t))
		w.must(err)
		w.Service = New(Config{DB: d, Vault: dbtest.Vault(t), Authority: dbtest.Authority(t), Files: w.files})
		w.maria, w.pablo = person(policies.RoleParticipant), person(policies.RoleParticipant)
		w.aisha, w.okoye = person(policies.RoleEditor), person(policies.RoleResearcher)
		w.enrol(w.lucia, w.maria, policies.ScopeRegistry, policies.ScopeQuestionnaires)
		w.everything, _, err = w.Publish(w.ctx, w.aisha, everything, sdc.Identity{})
		w.must(err)
		f(w)
	})
}

// enrol makes an account act for a person, who consents to some scopes.
func (w *world) enrol(p ident.ParticipantID, actor policies.Actor, scopes ...policies.Scope) {
	w.Helper()
	demo := policies.Demonstration()
	grant := func(o policies.Object) policies.Grant[policies.Write] {
		g, err := policies.Ask[policies.Write](w.ctx, w.authority, policies.Request{Actor: demo, Purpose: policies.PurposeOperation, Object: o})
		w.must(err)
		return g
	}
	w.must(w.d.Do(w.ctx, func(tx *db.Tx) error {
		rep := seedRep{ID: string(ident.New[ident.RequestID]()), ParticipantID: p, AccountID: actor.Account, Relation: "parent", StartsAt: tx.Now().Add(-time.Hour), CreatedAt: tx.Now()}
		if err := db.Change[seedRep](tx, grant(policies.ObjectRepresentation)).Create(&rep).Error; err != nil {
			return err
		}
		for _, s := range scopes {
			fact := seedFact{ID: string(ident.New[ident.RequestID]()), ParticipantID: p, Scope: s, Document: "kindred", Version: 1, SignatureID: "s", FromSeq: 1, FromAt: tx.Now().Add(-time.Hour)}
			if err := db.Change[seedFact](tx, grant(policies.ObjectConsent)).Create(&fact).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

// withdraw ends a person's consent to questionnaires.
func (w *world) withdraw(p ident.ParticipantID) {
	w.Helper()
	g, err := policies.Ask[policies.Write](w.ctx, w.authority, policies.Request{Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: policies.ObjectConsent})
	w.must(err)
	w.must(w.d.Do(w.ctx, func(tx *db.Tx) error {
		return db.Change[seedFact](tx, g).Where("participant_id = ? AND scope = ?", p, policies.ScopeQuestionnaires).Updates(map[string]any{"until_seq": 2, "until_at": tx.Now()}).Error
	}))
}

func (w *world) start() Response {
	w.Helper()
	r, err := w.Start(w.ctx, w.maria, w.lucia, w.everything.Questionnaire, "es")
	w.must(err)
	return r
}

func change(path string, texts ...string) sdc.Change {
	p, _ := sdc.ParsePath(path)
	c := sdc.Change{Path: p, Entries: []sdc.Entry{}}
	for _, t := range texts {
		c.Entries = append(c.Entries, sdc.Entry{Text: t})
	}
	return c
}

func kind(err error) string {
	if err == nil {
		return "ok"
	}
	return fault.KindOf(err).String()
}

func TestPublish(t *testing.T) {
	each(t, func(w *world) {
		if _, _, err := w.Publish(w.ctx, w.maria, everything, sdc.Identity{}); kind(err) != "denied" {
			t.Errorf("a participant publishes: %v", err)
		}
		again, _, err := w.Publish(w.ctx, w.aisha, everything, sdc.Identity{})
		if err != nil || again.ID != w.everything.ID {
			t.Errorf("the same bytes: %v, %v", again.ID, err)
		}
		if _, _, err := w.Publish(w.ctx, w.aisha, append([]byte(" "), everything...), sdc.Identity{}); kind(err) != "conflict" {
			t.Errorf("other bytes under the same version: %v", err)
		}
		second := bytes.Replace(everything, []byte(`"version": "1"`), []byte(`"version": "2"`), 1)
		v2, _, err := w.Publish(w.ctx, w.aisha, second, sdc.Identity{})
		if err != nil || v2.Number != 2 || v2.Questionnaire != w.everything.Questionnaire {
			t.Errorf("a second version: %+v, %v", v2, err)
		}
		got, err := w.Version(w.ctx, w.okoye, w.everything.ID)
		if err != nil || !bytes.Equal(got.Raw, everything) {
			t.Errorf("the bytes changed, or %v", err)
		}
		exact, err := w.Resolve(w.ctx, w.okoye, w.everything.Canonical())
		if err != nil || exact.ID != w.everything.ID {
			t.Errorf("url|1 resolved to %s, %v", exact.Canonical(), err)
		}
		if _, err := w.Resolve(w.ctx, w.okoye, w.everything.URL+"|3"); kind(err) != "missing" {
			t.Errorf("a version that does not exist: %v", err)
		}
		_, _, err = w.Publish(w.ctx, w.aisha, form(`{"linkId":"r","type":"string","modifierExtension":[{"url":"http://x"}]},{"linkId":"g","type":"group"}`), sdc.Identity{})
		if told(fault.All(err)) != "publish.feature@r publish.que_1@g" {
			t.Errorf("refusals: %v", err)
		}
		raw := sample.Read(t, "samples", "questionnaires", "paginated.json")
		if _, _, err := w.Publish(w.ctx, w.aisha, raw, sdc.Identity{}); told(fault.All(err)) != "publish.url_missing@ publish.version_missing@" {
			t.Errorf("without identity: %v", err)
		}
		v, _, err := w.Publish(w.ctx, w.aisha, raw, sdc.DerivedIdentity(raw))
		if err != nil || v.Version != "1" {
			t.Fatalf("with a derived identity: %v", err)
		}
		w.must(w.d.Snapshot(w.ctx, func(tx *db.Tx) error {
			served, err := w.Published(tx, v.URL, "1")
			if f, _ := sdc.Compile(served); err != nil || f == nil || f.Canonical() != v.Canonical() || f.Status != "active" {
				t.Errorf("served %.100s, %v", served, err)
			}
			same, err := w.Published(tx, w.everything.URL, "1")
			if err != nil || !bytes.Equal(same, everything) {
				t.Errorf("served other bytes, %v", err)
			}
			return nil
		}))
		w.must(w.Retire(w.ctx, w.aisha, v.ID))
		if _, err := w.Start(w.ctx, w.maria, w.lucia, v.Questionnaire, "en"); kind(err) != "missing" {
			t.Errorf("started a retired questionnaire: %v", err)
		}
	})
}

func TestAnswerJourney(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		if again := w.start(); again.ID != r.ID {
			t.Error("a second draft of the same questionnaire")
		}
		for _, err := range []error{
			func() error { _, err := w.Response(w.ctx, w.pablo, r.ID); return err }(),
			func() error { _, err := w.Answer(w.ctx, w.pablo, r.ID, change("int", "3"), Meta{}); return err }(),
			func() error { _, err := w.Response(w.ctx, w.maria, ident.New[ident.ResponseID]()); return err }(),
		} {
			if kind(err) != "missing" {
				t.Errorf("somebody else's response, or none: %v", err)
			}
		}
		if _, err := w.Response(w.ctx, w.okoye, r.ID); kind(err) != "denied" {
			t.Errorf("a researcher reads: %v", err)
		}
		saved, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "3"), Meta{Key: "k1", Language: "es", Device: "phone"})
		if err != nil || saved.Seq != 1 || saved.Revision != 2 || saved.At.IsZero() {
			t.Fatalf("%+v, %v", saved, err)
		}
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "300"), Meta{}); told(fault.All(err)) != "answer.too_large@int" {
			t.Errorf("out of range: %v", err)
		}
		if _, _, err := w.Submit(w.ctx, w.maria, r.ID, Meta{}); told(fault.All(err)) != "answer.required@bool" {
			t.Errorf("submit with required missing: %v", err)
		}
		_, err = w.Answer(w.ctx, w.maria, r.ID, change("bool", "true"), Meta{})
		w.must(err)
		_, err = w.Answer(w.ctx, w.maria, r.ID, change("must", "secret words"), Meta{})
		w.must(err)
		doc, sent, err := w.Submit(w.ctx, w.maria, r.ID, Meta{Language: "es"})
		w.must(err)
		if sent.Status != sdc.Completed || doc.Number != 1 || sent.Open() {
			t.Errorf("%+v", sent)
		}
		twice, _, err := w.Submit(w.ctx, w.maria, r.ID, Meta{})
		if err != nil || twice.SHA256 != doc.SHA256 || twice.Number != 1 {
			t.Errorf("sent twice: %+v, %v", twice, err)
		}
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "4"), Meta{}); kind(err) != "conflict" {
			t.Errorf("a sent response was changed: %v", err)
		}
		if _, faults := w.mustForm().Read(doc.Body); len(faults) > 0 {
			t.Errorf("the document: %s", told(faults))
		}
		w.amend(r.ID, doc)
	})
}

func (w *world) mustForm() *sdc.Form {
	f, err := w.Form(w.ctx, w.everything.ID)
	w.must(err)
	return f
}

// amend corrects a sent response, drops one correction, and looks at the history and the typed rows.
func (w *world) amend(id ident.ResponseID, first Document) {
	_, err := w.Amend(w.ctx, w.maria, id)
	w.must(err)
	_, err = w.Answer(w.ctx, w.maria, id, change("int", "4"), Meta{})
	w.must(err)
	w.must(w.Discard(w.ctx, w.maria, id))
	raw, r, err := w.JSON(w.ctx, w.maria, id)
	if err != nil || !bytes.Equal(raw, first.Body) || r.Open() {
		w.Errorf("after dropping a correction: %s, %v", raw, err)
	}
	if put(r.Form, r.State, "int") != "" || strings.Contains(string(r.Form.Save(r.State)), `"linkId":"int","answer":[{"value`) {
		w.Error("the state of a dropped correction stayed")
	}
	_, err = w.Amend(w.ctx, w.maria, id)
	w.must(err)
	_, err = w.Answer(w.ctx, w.maria, id, change("int", "5"), Meta{})
	w.must(err)
	_, amended, err := w.Submit(w.ctx, w.maria, id, Meta{})
	w.must(err)
	history, err := w.History(w.ctx, w.maria, id)
	w.must(err)
	if amended.Status != sdc.Amended || len(history) != 2 || !bytes.Equal(history[0].Body, first.Body) || history[1].Status != sdc.Amended {
		w.Errorf("history of %d, status %s", len(history), amended.Status)
	}
	var rows []answerRow
	g, err := ask[policies.Read](w.ctx, w.Service, w.maria, w.lucia)
	w.must(err)
	w.must(w.d.Snapshot(w.ctx, func(tx *db.Tx) error { return db.Read[answerRow](tx, g).Order("seq").Find(&rows).Error }))
	var got []string
	for _, r := range rows {
		text := "-"
		if r.ValueText != nil {
			text = *r.ValueText
		}
		got = append(got, r.LinkID+"="+text)
	}
	if s := strings.Join(got, " "); s != "bool=true int=5 must=- calc=1.50 hid=-" {
		w.Errorf("typed rows %s", s)
	}
}

// The same key has one effect; with another body it is a Conflict; and what was set aside can be found.
func TestIdempotencyAndDevices(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		first, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "3"), Meta{Key: "k"})
		w.must(err)
		again, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "3"), Meta{Key: "k"})
		if err != nil || !again.Repeated || again.Seq != first.Seq || again.Revision != first.Revision {
			t.Errorf("%+v, %v", again, err)
		}
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "4"), Meta{Key: "k"}); kind(err) != "conflict" {
			t.Errorf("other body, same key: %v", err)
		}
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("dec", "4"), Meta{Revision: 1, Device: "tablet"}); err != nil {
			t.Errorf("another item from an older revision: %v", err)
		}
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "9"), Meta{Revision: 1, Device: "tablet"}); !errors.Is(err, ErrStale) {
			t.Errorf("the same item from an older revision: %v", err)
		}
		journal, err := w.Journal(w.ctx, w.maria, r.ID)
		w.must(err)
		var got []string
		for _, e := range journal {
			got = append(got, fmt.Sprintf("%d %s=%s %t", e.Seq, e.Path, e.Values[0].Text, e.Accepted))
		}
		if s := strings.Join(got, ", "); s != "1 int=3 true, 2 dec=4 true, 3 int=9 false" {
			t.Errorf("journal %s", s)
		}
	})
}

// Two devices answer at the same time: no answer is lost, and the numbers of the journal have no gap.
func TestTwoDevicesAtOnce(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		var wg sync.WaitGroup
		errs := make(chan error, 40)
		for device, link := range []string{"int", "dec"} {
			wg.Go(func() {
				for i := range 20 {
					_, err := w.Answer(w.ctx, w.maria, r.ID, change(link, fmt.Sprint(i)), Meta{Key: fmt.Sprintf("%s-%d", link, i), Device: fmt.Sprint(device)})
					errs <- err
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			w.must(err)
		}
		journal, err := w.Journal(w.ctx, w.maria, r.ID)
		w.must(err)
		for i, e := range journal {
			if e.Seq != i+1 {
				t.Fatalf("a gap at %d", i)
			}
		}
		now, err := w.Response(w.ctx, w.maria, r.ID)
		w.must(err)
		a := now.Form.Answers(now.State)
		if len(journal) != 40 || now.Revision != 41 || a.Items[0].Answers[0].Value.Text != "19" || a.Items[1].Answers[0].Value.Text != "19" {
			t.Errorf("%d entries, revision %d, answers %+v", len(journal), now.Revision, a.Items)
		}
	})
}

// Two devices start at the same time: one draft.
func TestStartAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ids := make(chan ident.ResponseID, 8)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				r, err := w.Start(w.ctx, w.maria, w.lucia, w.everything.Questionnaire, "en")
				if err != nil {
					t.Error(err)
				}
				ids <- r.ID
			})
		}
		wg.Wait()
		close(ids)
		seen := map[ident.ResponseID]bool{}
		for id := range ids {
			seen[id] = true
		}
		if len(seen) != 1 {
			t.Errorf("%d drafts", len(seen))
		}
	})
}

// Without consent nothing can be answered, and what was answered can still be read.
func TestConsentIsNeeded(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		w.withdraw(w.lucia)
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("int", "3"), Meta{}); kind(err) != "missing" {
			t.Errorf("answered without consent: %v", err)
		}
		if _, err := w.Start(w.ctx, w.maria, w.lucia, w.everything.Questionnaire, "en"); kind(err) != "missing" {
			t.Errorf("started without consent: %v", err)
		}
		if _, err := w.Response(w.ctx, w.maria, r.ID); err != nil {
			t.Errorf("own answers: %v", err)
		}
	})
}

// A page without JavaScript: what is valid is kept, every fault is told, what was entered is shown again.
func TestAnswerPage(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		post := sdc.Fields{
			"_asked": {"bool", "int", "dec", "date", "text", "sym", "q", "dt", "ghost"},
			"bool":   {"true"}, "int": {"many"}, "dec": {"1,5"}, "date~year": {"2021"}, "date~month": {"2"}, "date~day": {""},
			"text": {"one", ""}, "sym": {"urn:s|pain"}, "sym~other": {"Itching"}, "q": {"3"}, "q~unit": {"m"},
			"dt": {"2021-03-04"}, "dt~time": {"10:30"}, "dt~zone": {"+02:00"},
		}
		view, saved, err := w.AnswerPage(w.ctx, w.maria, r.ID, 0, post, Meta{Language: "en"})
		w.must(err)
		if told(view.Faults) != "answer.not_integer@int" || view.Items[1].Entered[0].Text != "many" {
			t.Errorf("faults %s, entered %+v", told(view.Faults), view.Items[1].Entered)
		}
		out := string(saved.Response.Form.Encode(saved.Response.State, sdc.Header{Status: sdc.InProgress}))
		for _, want := range []string{`"valueBoolean":true`, `"valueDecimal":1.5`, `"valueDate":"2021-02"`, `"valueString":"one"`, `"valueString":"Itching"`, `"code":"pain"`, `{"value":3,"unit":"metres"`, `"2021-03-04T10:30:00+02:00"`} {
			if !strings.Contains(out, want) {
				t.Errorf("no %s in %s", want, out)
			}
		}
		_, again, err := w.AnswerPage(w.ctx, w.maria, r.ID, 0, post, Meta{Language: "en"})
		if err != nil || again.Revision != saved.Revision || again.Seq != saved.Seq {
			t.Errorf("the same page again changed revision %d to %d, %v", saved.Revision, again.Revision, err)
		}
		_, more, err := w.AnswerPage(w.ctx, w.maria, r.ID, 0, sdc.Fields{"_add": {"visit"}, "_asked": {"sym"}}, Meta{})
		w.must(err)
		if n := strings.Count(string(more.Response.Form.Save(more.Response.State)), `"linkId":"visit"`); n != 2 {
			t.Errorf("%d visits", n)
		}
		if o := string(more.Response.Form.Encode(more.Response.State, sdc.Header{})); strings.Contains(o, "pain") {
			t.Error("boxes that were all unticked are still ticked")
		}
	})
}

func TestCreateAndReplace(t *testing.T) {
	each(t, func(w *world) {
		body := func(status string, n int) []byte {
			return fmt.Appendf(nil, `{"resourceType":"QuestionnaireResponse","questionnaire":%q,"status":%q,"item":[{"linkId":"bool","answer":[{"valueBoolean":false}]},{"linkId":"int","answer":[{"valueInteger":%d}]}]}`, w.everything.Canonical(), status, n)
		}
		made, err := w.Create(w.ctx, w.maria, w.lucia, body("completed", 3), Meta{Key: "c"})
		w.must(err)
		again, err := w.Create(w.ctx, w.maria, w.lucia, body("completed", 3), Meta{Key: "c"})
		if err != nil || again.ID != made.ID || made.Status != sdc.Completed {
			t.Errorf("%v, %v", again.ID, err)
		}
		if _, err := w.Create(w.ctx, w.maria, w.lucia, body("completed", 4), Meta{Key: "c"}); kind(err) != "conflict" {
			t.Errorf("other body: %v", err)
		}
		if _, err := w.Create(w.ctx, w.maria, w.lucia, body("completed", 400), Meta{}); told(fault.All(err)) != "answer.too_large@QuestionnaireResponse.item[1].answer[0]" {
			t.Errorf("judged: %v", err)
		}
		if _, err := w.Create(w.ctx, w.pablo, w.lucia, body("completed", 3), Meta{}); kind(err) != "missing" {
			t.Errorf("for somebody else's child: %v", err)
		}
		amended, err := w.Replace(w.ctx, w.maria, made.ID, body("completed", 5), Meta{Revision: made.Revision})
		if err != nil || amended.Status != sdc.Amended || amended.Documents != 2 {
			t.Errorf("%+v, %v", amended, err)
		}
		if _, err := w.Replace(w.ctx, w.maria, made.ID, body("completed", 6), Meta{Revision: made.Revision}); kind(err) != "stale" {
			t.Errorf("an old revision: %v", err)
		}
		draft, err := w.Create(w.ctx, w.maria, w.lucia, body("in-progress", 3), Meta{})
		w.must(err)
		if _, err := w.Create(w.ctx, w.maria, w.lucia, body("in-progress", 3), Meta{}); kind(err) != "conflict" {
			t.Errorf("a second draft: %v", err)
		}
		list, err := w.Assignments(w.ctx, w.maria, w.lucia)
		w.must(err)
		if len(list) != 1 || list[0].Draft == nil || list[0].Draft.ID != draft.ID || len(list[0].Sent) != 1 {
			t.Errorf("%+v", list)
		}
		w.must(w.Discard(w.ctx, w.maria, draft.ID))
		if _, err := w.Response(w.ctx, w.maria, draft.ID); kind(err) != "missing" {
			t.Errorf("a discarded draft: %v", err)
		}
	})
}

// A draft goes on under its version; the new version is for new drafts.
func TestVersionsStayApart(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		second := bytes.Replace(everything, []byte(`"version": "1"`), []byte(`"version": "2"`), 1)
		second = bytes.Replace(second, []byte(`{"linkId":"time","type":"time"},`), nil, 1)
		v2, _, err := w.Publish(w.ctx, w.aisha, second, sdc.Identity{})
		w.must(err)
		if _, err := w.Answer(w.ctx, w.maria, r.ID, change("time", "10:00"), Meta{}); err != nil {
			t.Errorf("the pinned version: %v", err)
		}
		list, err := w.Assignments(w.ctx, w.maria, w.lucia)
		w.must(err)
		if !list[0].Outdated || list[0].Version.ID != v2.ID || list[0].Draft.Version != w.everything.ID {
			t.Errorf("%+v", list[0])
		}
		fresh := New(Config{DB: w.d, Vault: w.vault, Authority: w.authority}) // as after a restart
		back, err := fresh.Response(w.ctx, w.maria, r.ID)
		w.must(err)
		if len(back.Form.Answers(back.State).Items) == 0 {
			t.Error("the draft was lost")
		}
	})
}

// A failure after the answer was applied leaves nothing behind: saved is said only of what is committed.
func TestNothingHalf(t *testing.T) {
	each(t, func(w *world) {
		r := w.start()
		ctx, cancel := context.WithCancel(w.ctx)
		cancel()
		if _, err := w.Answer(ctx, w.maria, r.ID, change("int", "3"), Meta{}); err == nil {
			t.Fatal("saved in a cancelled request")
		}
		now, err := w.Response(w.ctx, w.maria, r.ID)
		w.must(err)
		journal, err := w.Journal(w.ctx, w.maria, r.ID)
		w.must(err)
		if now.Revision != 1 || len(journal) != 0 {
			t.Errorf("revision %d, %d entries", now.Revision, len(journal))
		}
	})
}
