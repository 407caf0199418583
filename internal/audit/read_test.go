package audit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/audit"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

func TestListForTheCommittee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.act(120, "study.proposed", "")
		w.act(3, "study.refused", audit.OutcomeDenied)
		if _, err := w.s.List(t.Context(), w.maria, audit.Filter{}); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a caregiver reads the whole log: %v", err)
		}
		if _, err := w.s.List(t.Context(), w.okoye, audit.Filter{}); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a researcher reads the whole log: %v", err)
		}
		seen := map[ident.EntryID]bool{}
		f := audit.Filter{Event: "study.proposed", Limit: 50, Role: policies.RoleResearcher, Purpose: policies.PurposeResearch, Account: w.okoye.Account}
		for pages := 1; ; pages++ {
			p, err := w.s.List(t.Context(), w.ingrid, f)
			w.must(err)
			for i, e := range p.Entries {
				if e.Event != "study.proposed" || seen[e.ID] || i > 0 && e.At.After(p.Entries[i-1].At) {
					t.Fatalf("page %d, entry %d: %+v", pages, i, e)
				}
				seen[e.ID] = true
			}
			if f.After = p.Next; p.Next == "" {
				if pages != 3 || len(seen) != 120 {
					t.Fatalf("%d entries on %d pages", len(seen), pages)
				}
				break
			}
		}
		p, err := w.s.List(t.Context(), w.ingrid, audit.Filter{Outcome: audit.OutcomeDenied})
		w.must(err)
		if len(p.Entries) != 3 {
			t.Fatalf("%d denied", len(p.Entries))
		}
		p, err = w.s.List(t.Context(), w.ingrid, audit.Filter{To: p.Entries[0].At.Add(-time.Hour)})
		w.must(err)
		if len(p.Entries) != 0 {
			t.Fatal("an hour ago there was nothing")
		}
		p, err = w.s.List(t.Context(), w.ingrid, audit.Filter{Event: "audit.read"})
		w.must(err)
		if len(p.Entries) != 5 || p.Entries[0].Account != w.ingrid.Account || p.Entries[0].Detail["to"] == "" {
			t.Fatalf("reading the log is logged: %d entries", len(p.Entries))
		}
		if _, err := w.s.List(t.Context(), w.ingrid, audit.Filter{After: "?", Role: "king"}); fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		if _, err := w.s.List(t.Context(), w.ingrid, audit.Filter{After: "AAAA"}); !errors.Is(err, audit.ErrCursor) {
			t.Fatal(err)
		}
	})
}

func TestOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.look(w.maria)
		w.look(w.pavel)
		second := ident.New[ident.ParticipantID]()
		w.found(w.maria, second)
		w.look(w.maria) // about both children
		w.must(d.Do(t.Context(), func(tx *db.Tx) error {
			tx.Log(db.Entry{Event: "evidence.accepted", Actor: policies.Actor{Account: ident.New[ident.AccountID]()}, Role: policies.RoleReviewer, Subject: w.lucia})
			return nil
		}))
		p, err := w.s.Own(t.Context(), w.maria, w.lucia, "", 10)
		w.must(err)
		if len(p.Entries) != 4 {
			t.Fatalf("%d entries about Lucía, not 4: enrolled, looked at twice, evidence", len(p.Entries))
		}
		if e := p.Entries[0]; e.Event != "evidence.accepted" || e.Account != "" || e.Role != policies.RoleReviewer {
			t.Fatalf("another's act is told by role alone: %+v", e)
		}
		if p.Entries[1].Account != w.maria.Account || p.Entries[1].Subjects != 2 {
			t.Fatalf("%+v", p.Entries[1])
		}
		again, err := w.s.Own(t.Context(), w.maria, w.lucia, "", 1)
		w.must(err)
		if again.Entries[0].Event != "audit.read" {
			t.Fatalf("reading one's log is logged: %+v", again.Entries[0])
		}
		if _, err := w.s.Own(t.Context(), w.pavel, w.lucia, "", 10); fault.KindOf(err) != fault.Missing {
			t.Fatalf("Pavel reads about Lucía: %v", err)
		}
		if _, err := w.s.Own(t.Context(), w.okoye, w.lucia, "", 10); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a researcher reads about Lucía: %v", err)
		}
		seen := 0
		for after := ""; ; {
			p, err := w.s.Own(t.Context(), w.maria, second, after, 1)
			w.must(err)
			seen += len(p.Entries)
			if after = p.Next; after == "" {
				break
			}
		}
		if seen != 2 { // enrolled, looked at; the readings of these pages are newer than where they began
			t.Fatalf("%d entries about the second child", seen)
		}
	})
}

func TestLookingAtOnesOwnDataIsFolded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range 30 {
			w.look(w.maria)
			if i%3 == 0 {
				w.look(w.pavel)
			}
			if i%10 == 0 {
				w.act(1, "release.downloaded", "")
			}
		}
		w.act(1, "evidence.opened", "denied")
		p, err := w.s.List(t.Context(), w.ingrid, audit.Filter{Fold: true})
		w.must(err)
		times, lines := map[ident.AccountID]int{}, map[string]int{}
		for _, e := range p.Entries {
			lines[e.Event]++
			if e.Times > 0 {
				times[e.Account] += e.Times
				if e.Since.After(e.At) {
					t.Errorf("%+v", e)
				}
			}
		}
		if times[w.maria.Account] != 30 || times[w.pavel.Account] != 10 || lines["release.downloaded"] != 3 || lines["evidence.opened"] != 1 || len(p.Entries) > 12 || p.Next != "" {
			t.Fatalf("%v %v, %d lines", times, lines, len(p.Entries))
		}
		seen, pages := 0, 0
		for f := (audit.Filter{Fold: true, Limit: 2, Event: "release.downloaded"}); ; pages++ {
			p, err := w.s.List(t.Context(), w.ingrid, f)
			w.must(err)
			seen += len(p.Entries)
			if f.After = p.Next; f.After == "" {
				break
			}
		}
		if seen != 3 || pages != 1 {
			t.Errorf("%d lines on %d pages", seen, pages+1)
		}
		own, err := w.s.OwnFolded(t.Context(), w.maria, w.lucia, "", 10)
		w.must(err)
		if len(own.Entries) > 3 || own.Entries[0].Times < 30 {
			t.Errorf("%d lines: %+v", len(own.Entries), own.Entries[0])
		}
	})
}

func TestProve(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.act(300, "release.downloaded", "")
		page, err := w.s.List(t.Context(), w.ingrid, audit.Filter{Event: "release.downloaded", Limit: 1})
		w.must(err)
		if _, err := w.s.Prove(t.Context(), w.okoye, page.Entries[0].ID); fault.KindOf(err) != fault.Denied {
			t.Fatal(err)
		}
		if _, err := w.s.Prove(t.Context(), w.ingrid, ident.New[ident.EntryID]()); fault.KindOf(err) != fault.Missing {
			t.Fatal(err)
		}
		p, err := w.s.Prove(t.Context(), w.ingrid, page.Entries[0].ID)
		w.must(err)
		key := dbtest.Vault(t).VerifierKey()
		w.must(p.Check(key))
		file, err := json.Marshal(p)
		w.must(err)
		given, err := audit.OpenProof(file)
		w.must(err)
		w.must(given.Check(key))
		if given.Entry.String() != p.Entry.String() || given.Entry.Detail["n"] != p.Entry.Detail["n"] || given.Entry.Role != policies.RoleResearcher {
			t.Fatalf("%s was given away as %s", p.Entry, given.Entry)
		}
		for name, bad := range map[string]string{
			"another place":  strings.Replace(string(file), fmt.Sprintf(`"seq":%d`, p.Entry.Seq), fmt.Sprintf(`"seq":%d`, p.Entry.Seq-1), 1),
			"no place":       strings.Replace(string(file), fmt.Sprintf(`"seq":%d`, p.Entry.Seq), `"seq":0`, 1),
			"a shorter path": strings.Replace(string(file), `"`+p.Path[0].String()+`",`, "", 1),
		} {
			if q, err := audit.OpenProof([]byte(bad)); err != nil || q.Check(key) == nil {
				t.Errorf("%s proves: %v", name, err)
			}
		}
		lied, err := audit.OpenProof([]byte(strings.Replace(string(file), `"event":"release.downloaded"`, `"event":"nothing.happened"`, 1)))
		if err != nil || lied.Entry.Event != "release.downloaded" {
			t.Error("words beside the leaf are believed:", lied.Entry, err)
		}
		for _, bad := range []string{"", "{}", `{"leaf":"aGVsbG8="}`, strings.Repeat(" ", 2<<20)} {
			if _, err := audit.OpenProof([]byte(bad)); !errors.Is(err, audit.ErrProof) {
				t.Errorf("%.20q: %v", bad, err)
			}
		}
		p.Leaf[len(p.Leaf)-3] ^= 1
		if p.Check(key) == nil {
			t.Fatal("a changed leaf proves")
		}
		c, err := w.s.Head(t.Context(), w.ingrid)
		w.must(err)
		if _, err := w.s.Head(t.Context(), w.maria); fault.KindOf(err) != fault.Denied {
			t.Fatal(err)
		}
		if r := w.verify([]byte(c.Note), []byte(p.Checkpoint)); !r.OK() {
			t.Fatalf("%+v", r)
		}
	})
}

func TestAuditEvent(t *testing.T) {
	e := audit.Entry{
		ID: "01990000-0000-7000-8000-000000000001", At: time.Date(2026, 3, 4, 10, 42, 0, 0, time.UTC), Event: "release.made", Account: "01990000-0000-7000-8000-000000000002",
		Role: policies.RoleResearcher, Purpose: policies.PurposeResearch, Act: policies.ActExport, Object: policies.ObjectRelease, Rule: "role:researcher, research, release",
		Study: "01990000-0000-7000-8000-000000000003", Subject: "alias", Subjects: 12, Outcome: audit.OutcomeOK, Detail: map[string]string{"rows": "12"},
	}
	b, err := json.Marshal(e.FHIR())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"resourceType":"AuditEvent","id":"01990000-0000-7000-8000-000000000001",` +
		`"type":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110106","display":"Export"},` +
		`"subtype":[{"system":"urn:kindred:audit-event","code":"release.made"}],"action":"R","recorded":"2026-03-04T10:42:00Z","outcome":"0",` +
		`"purposeOfEvent":[{"coding":[{"system":"urn:kindred:purpose","code":"research"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH","display":"healthcare research"}]}],` +
		`"agent":[{"role":[{"coding":[{"system":"urn:kindred:role","code":"researcher"}]}],"who":{"identifier":{"system":"urn:kindred:account","value":"01990000-0000-7000-8000-000000000002"}},` +
		`"requestor":true,"policy":["urn:kindred:policy:role:researcher%2C%20research%2C%20release"]}],"source":{"observer":{"display":"Kindred"}},` +
		`"entity":[{"what":{"reference":"ResearchStudy/01990000-0000-7000-8000-000000000003"}},{"what":{"display":"release"},"detail":[{"type":"rows","valueString":"12"}]}]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}
