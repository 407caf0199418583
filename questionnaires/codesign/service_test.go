package codesign

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

const sleep = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/sleep","version":"1","status":"active","language":"en","title":"Sleep",
"item":[{"linkId":"g","type":"group","text":"Nights","item":[{"linkId":"wake","type":"integer","text":"How often did you wake up?"}]}]}`

// world is a registry with one questionnaire, two members and an editor.
type world struct {
	*testing.T
	*Service
	ctx                 context.Context
	maria, tomas, aisha policies.Actor
	q                   ident.QuestionnaireID
}

func person(roles ...policies.Role) policies.Actor {
	return policies.Actor{Account: ident.New[ident.AccountID](), Roles: roles, Request: ident.New[ident.RequestID]()}
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		authority, vault := dbtest.Authority(t), dbtest.Vault(t)
		q := questionnaires.New(questionnaires.Config{DB: d, Vault: vault, Authority: authority})
		w := &world{
			T: t, Service: New(Config{DB: d, Vault: vault, Authority: authority, Questionnaires: q}), ctx: context.Background(),
			maria: person(policies.RoleParticipant), tomas: person(policies.RoleCaregiver), aisha: person(policies.RoleEditor),
		}
		v, _, err := q.Publish(w.ctx, w.aisha, []byte(sleep), sdc.Identity{})
		w.must(err)
		w.q = v.Questionnaire
		f(w)
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) wording() Draft {
	return Draft{Questionnaire: w.q, Kind: Wording, LinkID: "wake", Language: "es", Text: "¿Cuántas veces se despertó?", Reason: "Mi hija no habla en primera persona.", Credit: "María, madre"}
}

// told lists faults as "key@field".
func told(err error) string {
	var s []string
	for _, f := range fault.All(err) {
		s = append(s, strings.TrimPrefix(f.Key, "codesign.")+"@"+f.Field)
	}
	return strings.Join(s, " ")
}

// What a member proposes is discussed, supported, taken, worked into a draft with credit, and found in the version that
// was published.
func TestFromProposalToVersion(t *testing.T) {
	each(t, func(w *world) {
		wording, err := w.Propose(w.ctx, w.maria, w.wording())
		w.must(err)
		question, err := w.Propose(w.ctx, w.tomas, Draft{
			Questionnaire: w.q, Kind: NewQuestion, Language: "en", Text: "Who gets up at night?", Answer: Choice, Options: []string{"Mother", " Father ", "", "Father"}, Reason: "It matters for carers.",
		})
		w.must(err)
		w.must(w.Support(w.ctx, w.tomas, wording, true))
		w.must(w.Support(w.ctx, w.tomas, wording, true)) // once is enough
		w.must(w.Comment(w.ctx, w.aisha, wording, "Yes: the carer answers."))
		p, comments, err := w.Proposal(w.ctx, w.tomas, wording)
		w.must(err)
		if p.Votes != 1 || !p.Voted || p.Mine || p.State != Open || p.Comments != 1 || len(comments) != 1 || !comments[0].Editor || p.Text != "¿Cuántas veces se despertó?" {
			w.Errorf("seen by Tomás: %+v, %+v", p, comments)
		}
		w.must(w.Support(w.ctx, w.tomas, wording, false))
		w.must(w.Decide(w.ctx, w.aisha, wording, true, ""))
		w.must(w.Decide(w.ctx, w.aisha, question, true, "With the answers of the fatigue form."))
		raw, err := w.Draft(w.ctx, w.aisha, w.q)
		w.must(err)
		form, found := sdc.Compile(raw)
		if form == nil {
			w.Fatalf("the draft is refused: %v\n%s", found.Refusals, raw)
		}
		for _, want := range []string{"María, madre", "¿Cuántas veces se despertó?", `"How often did you wake up?"`, string(question), "Who gets up at night?", `"valueString": "Father"`} {
			if !bytes.Contains(raw, []byte(want)) {
				w.Errorf("no %s in the draft\n%s", want, raw)
			}
		}
		next := bytes.Replace(raw, []byte(`"status": "draft"`), []byte(`"status": "active", "version": "2"`), 1)
		_, _, err = w.Questionnaires.Publish(w.ctx, w.aisha, next, sdc.Identity{})
		w.must(err)
		list, err := w.List(w.ctx, w.maria, w.q)
		w.must(err)
		if len(list) != 2 || list[0].State != Published || list[0].Version != "2" || list[1].State != Published || !list[1].Mine {
			w.Errorf("after publishing: %+v", list)
		}
		if _, err := w.Draft(w.ctx, w.aisha, w.q); !errors.Is(err, errNothingTaken) {
			w.Errorf("a draft of nothing: %v", err)
		}
	})
}

func TestRules(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			name   string
			change func(*Draft)
			want   string
		}{
			{"no such item", func(d *Draft) { d.LinkID = "gone" }, "item@link_id"},
			{"nothing said", func(d *Draft) { d.Text, d.Reason = " ", "" }, "text@text reason@reason"},
			{"too long", func(d *Draft) { d.Text = strings.Repeat("ñ", maxText+1) }, "too_long@text"},
			{"no kind", func(d *Draft) { d.Kind = "" }, "kind@kind"},
			{"a choice of one", func(d *Draft) { d.Kind, d.Answer, d.Options = NewQuestion, Choice, []string{"a"} }, "answers@options"},
			{"no answer type", func(d *Draft) { d.Kind = NewQuestion }, "answers@answer"},
			{"no language", func(d *Draft) { d.Language = "" }, "language@language"},
		} {
			d := w.wording()
			c.change(&d)
			if _, err := w.Propose(w.ctx, w.maria, d); told(err) != c.want {
				w.Errorf("%s: %s, want %s", c.name, told(err), c.want)
			}
		}
		id, err := w.Propose(w.ctx, w.maria, w.wording())
		w.must(err)
		if err := w.Support(w.ctx, w.maria, id, true); !errors.Is(err, errOwnVote) {
			w.Errorf("a vote for one's own: %v", err)
		}
		if err := w.Decide(w.ctx, w.aisha, id, false, " "); told(err) != "reason@reason" {
			w.Errorf("declined without a reason: %v", err)
		}
		w.must(w.Decide(w.ctx, w.aisha, id, false, "Asked elsewhere."))
		for name, err := range map[string]error{
			"vote": w.Support(w.ctx, w.tomas, id, true), "comment": w.Comment(w.ctx, w.tomas, id, "but"), "decision": w.Decide(w.ctx, w.aisha, id, true, ""),
		} {
			if !errors.Is(err, errDecided) {
				w.Errorf("a %s after the decision: %v", name, err)
			}
		}
		p, _, err := w.Proposal(w.ctx, w.maria, id)
		w.must(err)
		if p.State != Declined || p.Verdict != "Asked elsewhere." || p.DecidedAt.IsZero() {
			w.Errorf("declined: %+v", p)
		}
		for range maxOpen {
			_, err = w.Propose(w.ctx, w.maria, w.wording())
			w.must(err)
		}
		if _, err := w.Propose(w.ctx, w.maria, w.wording()); fault.KindOf(err) != fault.Busy {
			w.Errorf("one too many: %v", err)
		}
	})
}

func TestWhoMay(t *testing.T) {
	each(t, func(w *world) {
		okoye := person(policies.RoleResearcher)
		id, err := w.Propose(w.ctx, w.maria, w.wording())
		w.must(err)
		_, _, read := w.Proposal(w.ctx, okoye, id)
		_, propose := w.Propose(w.ctx, okoye, w.wording())
		_, draft := w.Draft(w.ctx, w.maria, w.q)
		for name, err := range map[string]error{
			"a researcher reads": read, "a researcher proposes": propose, "a member decides": w.Decide(w.ctx, w.tomas, id, true, ""), "a member drafts": draft,
			"a member hides": w.Hide(w.ctx, w.tomas, id, ident.New[ident.CommentID]()),
		} {
			if fault.KindOf(err) != fault.Denied {
				w.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := w.Proposal(w.ctx, w.maria, ident.New[ident.ProposalID]()); !errors.Is(err, ErrNoProposal) {
			w.Errorf("no such proposal: %v", err)
		}
	})
}

// A hidden comment is gone for others, and stays for its author.
func TestHide(t *testing.T) {
	each(t, func(w *world) {
		id, err := w.Propose(w.ctx, w.maria, w.wording())
		w.must(err)
		w.must(w.Comment(w.ctx, w.tomas, id, "Call me on 555 0100"))
		_, comments, err := w.Proposal(w.ctx, w.aisha, id)
		w.must(err)
		w.must(w.Hide(w.ctx, w.aisha, id, comments[0].ID))
		for _, c := range []struct {
			who  policies.Actor
			want int
		}{{w.maria, 0}, {w.tomas, 1}, {w.aisha, 1}} {
			p, comments, err := w.Proposal(w.ctx, c.who, id)
			if err != nil || len(comments) != c.want || p.Comments != 0 {
				w.Errorf("%d comments, %d counted, %v", len(comments), p.Comments, err)
			}
		}
	})
}

func TestMessagesExist(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`"(codesign\.[a-z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(keys) < 10 {
		t.Fatalf("found %d keys", len(keys))
	}
	for _, k := range keys {
		if !locale.Has(k[1]) {
			t.Errorf("no message %s", k[1])
		}
	}
}
