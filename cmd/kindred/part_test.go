package main

import (
	"testing"

	"kindred/internal/account"
	"kindred/internal/app"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/registry"
)

// TestParting: a court decided, and whoever runs the program ends one parent's part.
func TestParting(t *testing.T) {
	onBoth(t, func(p *program) {
		p.want(yes, "user", "add", "maria", "--role", "caregiver")
		p.want(yes, "user", "add", "pavel", "--role", "caregiver")
		var lucia ident.ParticipantID
		p.inside(func(a *app.App, actor func(string) policies.Actor) error {
			var err error
			lucia, err = a.Registry.Enrol(p.Context(), actor("maria"), registry.Enrolment{
				Who: registry.Who{Relation: registry.Parent, Name: "Lucía"}, About: registry.About{Birth: registry.DateOf(2019, 2, 11), Sex: registry.Female, Country: "ES"},
				Diagnoses: []registry.Diagnosis{{Undiagnosed: true}},
			})
			if err != nil {
				return err
			}
			return a.Registry.AddRepresentative(p.Context(), actor("maria"), lucia, actor("pavel").Account, registry.Parent)
		})
		if out := p.want(yes, "user", "part", "pavel", "--from", "maria"); out != "1 people\n" {
			p.Fatal(out)
		}
		p.want(no, "user", "part", "pavel", "--from", "maria")
		p.inside(func(a *app.App, actor func(string) policies.Actor) error {
			if _, err := a.Registry.Card(p.Context(), actor("pavel"), lucia); err == nil {
				p.Error("he still acts for her")
			}
			uses, err := a.Audit.Own(p.Context(), actor("maria"), lucia, "", 50)
			if err != nil {
				return err
			}
			for _, e := range uses.Entries {
				if e.Event == "representation.parted" && e.Role == policies.RoleSteward && e.Account == "" {
					return nil
				}
			}
			p.Errorf("the log does not say so: %+v", uses.Entries)
			return nil
		})
	})
}

// inside does something in the program's registry, with the actor of an account by its name.
func (p *program) inside(f func(a *app.App, actor func(name string) policies.Actor) error) {
	p.Helper()
	a, err := app.Open(p.Context(), p.config())
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // a test's
	actor := func(name string) policies.Actor {
		id, err := a.Accounts.Find(p.Context(), account.Operator(), name)
		if err != nil {
			p.Fatal(err)
		}
		found, err := a.Accounts.Actor(p.Context(), id, "")
		if err != nil {
			p.Fatal(err)
		}
		return found
	}
	if err := f(a, actor); err != nil {
		p.Fatal(err)
	}
}
