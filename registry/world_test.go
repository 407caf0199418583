package registry

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"
	"time"

	"kindred/internal/blob"
	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// today is when the tests take place.
var today = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// world has Maria, who cares for her daughter Lucía; Pavel, who has nothing to do with them; Tomás, who reviews.
type world struct {
	*testing.T
	*Service
	d                   *db.DB
	moving              *dbtest.Moving
	files               string
	maria, pavel, tomas policies.Actor
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	moving := dbtest.NewMoving(today)
	dbtest.EachWith(t, dbtest.Options{Clock: moving.Clock()}, func(t *testing.T, d *db.DB) {
		moving.Set(today)
		dir := t.TempDir()
		files, err := blob.Open(dir, dbtest.Vault(t))
		if err != nil {
			t.Fatal(err)
		}
		words, err := StarterVocabulary()
		if err != nil {
			t.Fatal(err)
		}
		actor := func(r policies.Role) policies.Actor {
			return policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{r}}
		}
		w := &world{
			T: t, d: d, moving: moving, files: dir, Service: New(d, dbtest.AuthorityAt(t, clock.Func(d.Now)), dbtest.Vault(t), files, words),
			maria: actor(policies.RoleCaregiver), pavel: actor(policies.RoleParticipant), tomas: actor(policies.RoleReviewer),
		}
		w.KnowAccounts(func(_ context.Context, id ident.AccountID) (policies.Actor, error) {
			for _, a := range []policies.Actor{w.maria, w.pavel, w.tomas} {
				if a.Account == id {
					return a, nil
				}
			}
			return policies.Actor{}, fault.New(fault.Unauthenticated, "account.signed_out")
		})
		f(w)
	})
}

// lucia is Maria's daughter, seven years old.
func lucia() Enrolment {
	return Enrolment{
		Who:       Who{Parent, "Lucía"},
		About:     About{DateOf(2019, 2, 11), Female, "ES"},
		Diagnoses: []Diagnosis{{Code: "ORPHA:83330", Status: Confirmed, Onset: Age{AgeOnDate, mustDate("2019-06")}, Diagnosed: Age{AgeOnDate, Year(2019)}}},
		Symptoms: []Symptom{
			{Term: "HP:0001252", Presence: Present, OnsetClass: "HP:0003593", Severity: "HP:0012828", Course: "HP:0003676"},
			{Term: "HP:0001250", Presence: Absent},
		},
		Elements: []Element{{Key: "status", Value: "alive"}, {Key: "first_contact", Value: "2019"}, {Key: "genetic_text", Value: "Deletion in SMN1, says Dr. Vidal"}},
	}
}

func mustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func (w *world) enrol(a policies.Actor, e Enrolment) ident.ParticipantID {
	w.Helper()
	p, err := w.Enrol(w.Context(), a, e)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *world) summary(a policies.Actor, p ident.ParticipantID) Summary {
	w.Helper()
	s, err := w.Summary(w.Context(), a, p)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// refused checks that an act is refused for this reason.
func (w *world) refused(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// fields lists the fields that have a fault.
func fields(err error) (list []string) {
	for _, f := range fault.All(err) {
		list = append(list, f.Field+" "+f.Key)
	}
	return list
}

func pngOf(width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 99, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}
