package registry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

func TestEnrolGivesBackWhatWasTold(t *testing.T) {
	each(t, func(w *world) {
		p := w.enrol(w.maria, lucia())
		s := w.summary(w.maria, p)
		if s.Name != "Lucía" || s.Relation != Parent || s.Age != 7 || s.Step != StepConsent || s.EnrolledAt.IsZero() || s.About != lucia().About {
			w.Fatalf("%+v", s)
		}
		if len(s.Diagnoses) != 1 || s.Diagnoses[0].Code != "ORPHA:83330" || s.Diagnoses[0].Onset.Date.String() != "2019-06" || s.Diagnoses[0].Source != SourceCarer {
			w.Fatalf("%+v", s.Diagnoses)
		}
		if len(s.Symptoms) != 2 || len(s.Elements) != 3 || s.Element("genetic_text").Value != "Deletion in SMN1, says Dr. Vidal" {
			w.Fatalf("%+v %+v", s.Symptoms, s.Elements)
		}
		if want := time.Date(2037, 2, 10, 23, 0, 0, 0, time.UTC); !s.Until.Equal(want) {
			w.Fatalf("authority ends at %v, midnight in Madrid is %v", s.Until, want)
		}
		cards, err := w.Cards(w.Context(), w.maria)
		if err != nil || len(cards) != 1 || cards[0].ID != p {
			w.Fatalf("%+v %v", cards, err)
		}
	})
}

func TestOthersSeeNothing(t *testing.T) {
	each(t, func(w *world) {
		p := w.enrol(w.maria, lucia())
		researcher := policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{policies.RoleResearcher}}
		acts := map[string]func(a policies.Actor) error{
			"summary": func(a policies.Actor) error { _, err := w.Summary(w.Context(), a, p); return err },
			"card":    func(a policies.Actor) error { _, err := w.Card(w.Context(), a, p); return err },
			"history": func(a policies.Actor) error { _, err := w.History(w.Context(), a, p, time.Time{}, 10); return err },
			"rename":  func(a policies.Actor) error { return w.ChangeWho(w.Context(), a, p, "X") },
			"about":   func(a policies.Actor) error { return w.About(w.Context(), a, p, lucia().About) },
			"diagnosis": func(a policies.Actor) error {
				_, err := w.AddDiagnosis(w.Context(), a, p, Diagnosis{Undiagnosed: true})
				return err
			},
			"symptom": func(a policies.Actor) error {
				_, err := w.SaveSymptom(w.Context(), a, p, Symptom{Term: "HP:0001252", Presence: Absent})
				return err
			},
			"elements": func(a policies.Actor) error {
				return w.SaveElements(w.Context(), a, p, []Element{{Key: "status", Value: "dead"}})
			},
			"step": func(a policies.Actor) error { return w.FinishStep(w.Context(), a, p, StepSymptoms) },
			"represent": func(a policies.Actor) error {
				return w.AddRepresentative(w.Context(), a, p, a.Account, Parent)
			},
		}
		before := fmt.Sprint(w.summary(w.maria, p))
		for name, act := range acts {
			if err := act(w.pavel); fault.KindOf(err) != fault.Missing {
				w.Errorf("%s by somebody else: %v", name, err)
			}
			if err := act(researcher); fault.KindOf(err) != fault.Denied {
				w.Errorf("%s by a researcher: %v", name, err)
			}
		}
		if after := fmt.Sprint(w.summary(w.maria, p)); after != before {
			w.Fatalf("something changed:\n%s\n%s", before, after)
		}
		if _, err := w.Enrol(w.Context(), researcher, lucia()); fault.KindOf(err) != fault.Denied {
			w.Errorf("a researcher enrolled somebody: %v", err)
		}
		if cards, err := w.Cards(w.Context(), w.pavel); err != nil || len(cards) != 0 {
			w.Errorf("%v %v", cards, err)
		}
	})
}

func TestGuidedEnrolmentIsTakenUpAgain(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p, err := w.Begin(ctx, w.maria, Who{Parent, "  Lucía   G. "})
		w.ok(err)
		step := func(want Step) {
			w.Helper()
			c, err := w.Card(ctx, w.maria, p)
			if err != nil || c.Step != want || c.Name != "Lucía G." || c.Age >= 0 != (want != StepAbout) {
				w.Fatalf("%+v %v", c, err)
			}
		}
		step(StepAbout)
		w.refused(w.FinishStep(ctx, w.maria, p, StepSymptoms), ErrStep)
		_, err = w.AddDiagnosis(ctx, w.maria, p, Diagnosis{Undiagnosed: true})
		w.refused(err, ErrStep)
		w.ok(w.About(ctx, w.maria, p, lucia().About))
		step(StepDiagnosis)
		w.refused(w.FinishStep(ctx, w.maria, p, StepDiagnosis), ErrDiagnosisNeeded)
		_, err = w.AddDiagnosis(ctx, w.maria, p, Diagnosis{Undiagnosed: true, Onset: Age{Kind: AgeAtBirth}})
		w.ok(err)
		step(StepSymptoms)
		_, err = w.SaveSymptom(ctx, w.maria, p, Symptom{Term: "HP:0001252", Presence: Unknown})
		w.ok(err)
		step(StepSymptoms)
		w.ok(w.FinishStep(ctx, w.maria, p, StepSymptoms))
		step(StepConsent)
		w.ok(w.About(ctx, w.maria, p, About{DateOf(2018, 2, 11), Female, "DE"})) // a correction goes back no step
		step(StepConsent)
		if s := w.summary(w.maria, p); s.EnrolledAt.IsZero() || s.Until.Year() != 2036 {
			w.Fatalf("%+v", s)
		}
	})
}

func TestEveryFaultAtOnce(t *testing.T) {
	each(t, func(w *world) {
		_, err := w.Enrol(w.Context(), w.maria, Enrolment{
			Who: Who{"aunt", " "}, About: About{DateOf(2027, 1, 1), "x", "Spain"},
			Diagnoses: []Diagnosis{{Code: "ORPHA:1"}, {Undiagnosed: true, Onset: Age{Kind: "soon"}}},
			Symptoms:  []Symptom{{Term: "HP:0012828", Presence: "maybe", Severity: "HP:0001250"}},
			Elements:  []Element{{Key: "death_date", Value: "2020"}, {Key: "contact_agreed", Value: "yes"}, {Key: "status", Value: "lost"}},
		})
		got := fmt.Sprint(fields(err))
		const want = "[relation registry.relation.unknown name registry.name.needed sex registry.sex.unknown country registry.country.unknown" +
			" birth_date registry.birth_date.future diagnoses[0].code registry.diagnosis.code diagnoses[1].onset registry.onset.unknown" +
			" symptoms[0].term registry.symptom.term symptoms[0].presence registry.symptom.presence symptoms[0].presence registry.symptom.only_present" +
			" symptoms[0].severity registry.symptom.severity elements.death_date registry.date.before_birth elements.contact_agreed registry.element.consent elements.status registry.element.value" +
			" elements.death_date registry.element.needs]"
		if got != want {
			w.Fatalf("got  %s\nwant %s", got, want)
		}
		_, err = w.Enrol(w.Context(), w.maria, Enrolment{Who: Who{Parent, "X"}, About: lucia().About})
		w.refused(err, ErrDiagnosisNeeded)
	})
}

func TestOneAccountOneSelfAndSeveralOthers(t *testing.T) {
	each(t, func(w *world) {
		me := Enrolment{Who: Who{Self, "Maria"}, About: About{Year(1985), Female, "ES"}, Diagnoses: []Diagnosis{{Undiagnosed: true}}}
		w.enrol(w.maria, me)
		_, err := w.Enrol(w.Context(), w.maria, me)
		w.refused(err, ErrSelfTwice)
		w.enrol(w.maria, lucia())
		son := lucia()
		son.Name = "Mateo"
		w.enrol(w.maria, son)
		me.Who = Who{Carer, "Abuelo"}
		w.enrol(w.maria, me)
		cards, err := w.Cards(w.Context(), w.maria)
		if err != nil || len(cards) != 4 {
			w.Fatalf("%+v %v", cards, err)
		}
		for i, c := range cards {
			if c.Dot != i {
				w.Errorf("%s has dot %d", c.Name, c.Dot)
			}
		}
		w.enrol(w.pavel, Enrolment{Who: Who{Self, "Pavel"}, About: me.About, Diagnoses: me.Diagnoses})
	})
}

func TestMajorityEndsTheParentsAuthority(t *testing.T) {
	each(t, func(w *world) {
		e := lucia()
		e.Birth = DateOf(2020, 2, 29)
		e.Diagnoses[0].Onset, e.Diagnoses[0].Diagnosed, e.Elements = Age{}, Age{}, nil
		p := w.enrol(w.maria, e)
		majority := time.Date(2038, 2, 28, 23, 0, 0, 0, time.UTC) // 1 March 2038 in Madrid
		w.moving.Set(majority.Add(-time.Microsecond))
		w.summary(w.maria, p)
		w.moving.Set(majority)
		_, err := w.Summary(w.Context(), w.maria, p)
		w.refused(err, ErrNotFound)
		w.refused(w.ChangeWho(w.Context(), w.maria, p, "X"), ErrNotFound)
		if cards, err := w.Cards(w.Context(), w.maria); err != nil || len(cards) != 0 {
			w.Fatalf("%v %v", cards, err)
		}
	})
}

// No identifying value stands in any column in the clear.
func TestNothingIdentifyingInTheClear(t *testing.T) {
	each(t, func(w *world) {
		e := lucia()
		e.Name = "CANARY-NAME"
		e.Elements = append(e.Elements, Element{Key: "biobank", Value: "yes"}, Element{Key: "biobank_link", Value: "CANARY-BIOBANK"})
		e.Elements[2].Value = "CANARY-TEXT"
		p := w.enrol(w.maria, e)
		w.ok(w.ChangeWho(w.Context(), w.maria, p, "CANARY-AGAIN"))
		for _, table := range []string{"participants", "data_elements", "registry_changes", "representations", "diagnoses", "symptoms"} {
			rows, err := w.d.Queue().Query("SELECT * FROM " + table)
			w.ok(err)
			columns, err := rows.Columns()
			w.ok(err)
			for rows.Next() {
				cells := make([]any, len(columns))
				for i := range cells {
					cells[i] = new(any)
				}
				w.ok(rows.Scan(cells...))
				for i, c := range cells {
					text := fmt.Sprintf("%s", *c.(*any))
					if strings.Contains(text, "CANARY") || strings.Contains(text, "2019-02-11") {
						w.Errorf("%s.%s holds %q", table, columns[i], text)
					}
				}
			}
			w.ok(rows.Err())
			_ = rows.Close()
		}
	})
}

func TestOneEntryForOneAct(t *testing.T) {
	each(t, func(w *world) {
		count := func() (n int) {
			w.ok(w.d.Queue().QueryRow("SELECT COUNT(*) FROM audit_entries").Scan(&n))
			return n
		}
		p := w.enrol(w.maria, lucia())
		if n := count(); n != 1 {
			w.Errorf("enrolling left %d entries", n)
		}
		w.summary(w.maria, p)
		w.ok(w.ChangeWho(w.Context(), w.maria, p, "L"))
		if n := count(); n != 3 {
			w.Errorf("three acts left %d entries", n)
		}
		var event, subject string
		w.ok(w.d.Queue().QueryRow("SELECT event, subject FROM audit_entries ORDER BY id LIMIT 1").Scan(&event, &subject))
		if event != "participant.enrolled" || subject != w.vault.SubjectAlias(p) {
			w.Errorf("%s about %s", event, subject)
		}
	})
}
