package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
	"kindred/registry"
)

// Writer puts households into a store through the domains' own doors.
type Writer struct {
	DB             *db.DB
	Registry       *registry.Service
	Consent        *consent.Service
	Questionnaires *questionnaires.Service
	Authority      *policies.Authority
	Versions       []ident.VersionID // published; Filled.Form names one by its place
	Proof          blob.Info         // the file that all proofs share
	Progress       func(done int)
}

// batch is how many households a transaction holds.
const batch = 1000

// Write draws and writes the households that hold at least n participants. It answers how many it wrote.
func (w *Writer) Write(ctx context.Context, p Population, n int) (int, error) {
	texts := map[string]*consent.Document{}
	for _, lang := range []string{"en", "es"} {
		d, err := w.Consent.Current(ctx, consent.MainDocument, lang)
		if err != nil {
			return 0, err
		}
		texts[lang] = d
	}
	done, household := 0, 0
	for done < n {
		var some []Household
		people := 0
		for len(some) < batch && done+people < n {
			h := p.Household(household)
			household++
			h.People = h.People[:min(len(h.People), n-done-people)]
			people += len(h.People)
			some = append(some, h)
		}
		if err := w.batch(ctx, p, some, texts); err != nil {
			return done, err
		}
		done += people
		if w.Progress != nil {
			w.Progress(done)
		}
	}
	return done, nil
}

func (w *Writer) batch(ctx context.Context, p Population, some []Household, texts map[string]*consent.Document) error {
	actor := policies.Demonstration()
	var people []registry.Seed
	var acts []consent.Recorded
	var answers []questionnaires.Recording
	for _, h := range some {
		account := accountOf(p, h)
		for _, x := range h.People {
			person, err := seed(h, x, account)
			if err != nil {
				return err
			}
			people = append(people, person)
			acts = append(acts, signings(h, x, person, texts[h.Language])...)
			filled, err := w.answers(ctx, h, x, account)
			if err != nil {
				return err
			}
			answers = append(answers, filled...)
		}
	}
	if _, err := w.Registry.Populate(ctx, people, w.Proof); err != nil {
		return fmt.Errorf("demo: people: %w", err)
	}
	g, err := policies.Ask[policies.Write](ctx, w.Authority, policies.Request{Actor: actor, Purpose: policies.PurposeOperation, Object: policies.ObjectConsent})
	if err != nil {
		return err
	}
	slices.SortStableFunc(acts, func(a, b consent.Recorded) int { return a.At.Compare(b.At) })
	return w.DB.Do(ctx, func(tx *db.Tx) error {
		if err := w.Consent.Record(tx, g, acts); err != nil {
			return fmt.Errorf("demo: consent: %w", err)
		}
		if err := w.Questionnaires.Record(ctx, tx, actor, answers); err != nil {
			return fmt.Errorf("demo: answers: %w", err)
		}
		return nil
	})
}

// accountOf is the id of a household's account, which nobody can sign in to.
func accountOf(p Population, h Household) ident.AccountID {
	return ident.AccountID(id(rand.New(rand.NewPCG(p.Seed^0xacc0, uint64(h.Number))))) //nolint:gosec // synthetic
}

func seed(h Household, x Person, account ident.AccountID) (registry.Seed, error) {
	birth, err := registry.ParseDate(x.Birth.Format(time.DateOnly))
	if err != nil {
		return registry.Seed{}, err
	}
	r := registry.Seed{ID: ident.ParticipantID(x.ID), Account: account, At: h.Joined, Enrolment: registry.Enrolment{
		Who:   registry.Who{Relation: registry.Relation(x.Relation), Name: x.Name},
		About: registry.About{Birth: birth, Sex: registry.Sex(x.Sex), Country: x.Country},
	}}
	d := registry.Diagnosis{Code: x.Diagnosis.Code, Undiagnosed: x.Diagnosis.Code == "", Status: registry.Confirmed}
	if d.Onset, err = onDate(x.Diagnosis.Onset); err != nil {
		return r, err
	}
	if d.Undiagnosed {
		d.Status = ""
	} else if d.Diagnosed, err = onDate(x.Diagnosis.Made); err != nil {
		return r, err
	}
	r.Diagnoses = []registry.Diagnosis{d}
	for _, s := range x.Symptoms {
		onset, err := registry.ParseDate(s.Onset)
		if err != nil {
			return r, err
		}
		r.Symptoms = append(r.Symptoms, registry.Symptom{Term: s.Term, Presence: registry.Presence(s.State), OnsetDate: onset, Course: s.Course})
	}
	r.Elements = []registry.Element{{Key: "status", Value: "alive"}}
	r.Proof = map[string]registry.EvidenceState{"submitted": registry.Submitted, "accepted": registry.EvidenceOK, "again": registry.AskedAgain}[x.Evidence]
	return r, nil
}

func onDate(s string) (registry.Age, error) {
	if s == "" {
		return registry.Age{}, nil
	}
	d, err := registry.ParseDate(s)
	return registry.Age{Kind: registry.AgeOnDate, Date: d}, err
}

func signings(h Household, x Person, r registry.Seed, text *consent.Document) []consent.Recorded {
	sign := consent.Recorded{
		Participant: r.ID, Account: r.Account, Relation: consent.Relation(x.Relation), At: x.Signed, Document: text, Name: x.Name,
		LapsesAt: registry.AuthorityEnds(r.Relation, r.About),
	}
	for _, s := range policies.Scopes {
		sign.Choices = append(sign.Choices, consent.Choice{Scope: s, Yes: slices.Contains(x.Scopes, s)})
	}
	acts := []consent.Recorded{sign}
	for _, wd := range x.Withdrawal {
		back := consent.Recorded{Participant: r.ID, Account: r.Account, Relation: consent.Relation(x.Relation), At: wd.At}
		for _, s := range wd.Scopes {
			back.Choices = append(back.Choices, consent.Choice{Scope: s})
		}
		acts = append(acts, back)
	}
	return acts
}

func (w *Writer) answers(ctx context.Context, h Household, x Person, account ident.AccountID) ([]questionnaires.Recording, error) {
	var all []questionnaires.Recording
	begun := map[string]bool{} // a person has one draft of a questionnaire, whatever its version
	for _, f := range x.Forms {
		if f.Form >= len(w.Versions) {
			continue
		}
		form, err := w.Questionnaires.Form(ctx, w.Versions[f.Form])
		if err != nil {
			return nil, err
		}
		state := form.Start()
		fill(x.Rand(), form, state, f.Complete)
		sent := f.Complete && len(form.Check(state)) == 0
		if !sent && begun[form.URL] {
			continue
		}
		begun[form.URL] = begun[form.URL] || !sent
		all = append(all, questionnaires.Recording{Participant: ident.ParticipantID(x.ID), Version: w.Versions[f.Form], State: state, Sent: sent, Language: h.Language, Account: account})
	}
	return all, nil
}

// fill answers a form as a person might: what is required always, the rest mostly.
func fill(r *rand.Rand, form *sdc.Form, state *sdc.State, complete bool) {
	for n := range form.Pages() {
		if !complete && n > 0 && r.IntN(2) == 0 {
			return
		}
		answered := map[string]bool{}
		for range 3 { // what an answer opens is on the same page
			for _, item := range form.Page(state, n, "en", nil, nil).Items {
				fillItem(r, form, state, item, answered)
			}
		}
	}
}

func fillItem(r *rand.Rand, form *sdc.Form, state *sdc.State, item sdc.ItemView, answered map[string]bool) {
	for _, sub := range item.Items {
		fillItem(r, form, state, sub, answered)
	}
	for _, o := range item.Occurrences {
		for _, sub := range o.Items {
			fillItem(r, form, state, sub, answered)
		}
	}
	for _, a := range item.Answers {
		for _, sub := range a.Items {
			fillItem(r, form, state, sub, answered)
		}
	}
	if answered[item.Path] || item.ReadOnly || item.Hidden {
		return
	}
	answered[item.Path] = true
	path, err := sdc.ParsePath(item.Path)
	if err != nil || !item.Required && r.IntN(10) == 0 {
		return
	}
	if entries := draw(r, item); len(entries) > 0 {
		_, _ = form.Apply(state, sdc.Change{Path: path, Op: sdc.OpAnswer, Entries: entries}) // a fault leaves it unanswered
	}
}

func draw(r *rand.Rand, item sdc.ItemView) []sdc.Entry {
	one := func(s string) []sdc.Entry { return []sdc.Entry{{Text: s}} }
	switch item.Type {
	case "boolean":
		return one(strconv.FormatBool(r.IntN(2) == 0))
	case "integer":
		return one(strconv.Itoa(whole(r, item.Min, item.Max, 30)))
	case "decimal":
		return one(strconv.FormatFloat(float64(whole(r, item.Min, item.Max, 100))+float64(r.IntN(2))/2, 'f', 1, 64))
	case "quantity":
		e := sdc.Entry{Text: strconv.Itoa(10 + r.IntN(120))}
		if len(item.Units) > 0 {
			e.Unit = item.Units[0].Key
		}
		return []sdc.Entry{e}
	case "date":
		return one(fmt.Sprintf("20%02d-%02d-%02d", 23+r.IntN(3), 1+r.IntN(12), 1+r.IntN(28)))
	case "time":
		return one(fmt.Sprintf("%02d:%02d:00", 6+r.IntN(15), 15*r.IntN(4)))
	case "choice", "open-choice":
		if len(item.Options) == 0 {
			return nil
		}
		return one(item.Options[r.IntN(len(item.Options))].Key)
	case "string", "text":
		return one(pick(r, []string{"Better in the mornings", "Mejor por las mañanas", "The stairs are hard", "Le cansan las escaleras"}))
	default:
		return nil
	}
}

// whole draws a number within the bounds that the item has.
func whole(r *rand.Rand, low, high string, above int) int {
	lo, err := strconv.ParseFloat(low, 64)
	if err != nil {
		lo = 0
	}
	hi, err := strconv.ParseFloat(high, 64)
	if err != nil || hi <= lo {
		hi = lo + float64(above)
	}
	return int(lo) + r.IntN(int(hi-lo)+1)
}
