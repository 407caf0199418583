package app

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"

	"kindred/internal/account"
	"kindred/internal/blob"
	"kindred/internal/demo"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
	"kindred/schemas/instruments"
)

// DemoPassword is the password of every sign-in of a demonstration. It guards synthetic data alone.
const DemoPassword = "calm harbour lantern 27"

// SignIn is one way into a demonstration.
type SignIn struct {
	Role     policies.Role `json:"role"`
	Name     string        `json:"name"`
	Password string        `json:"password"`
}

var demoAccounts = []struct {
	name     string
	language string
	roles    []policies.Role
}{
	{"maria", "es", []policies.Role{policies.RoleParticipant, policies.RoleCaregiver}},
	{"tomas", "es", []policies.Role{policies.RoleReviewer}},
	{"aisha", "en", []policies.Role{policies.RoleEditor}},
	{"okoye", "en", []policies.Role{policies.RoleResearcher}},
	{"ingrid", "en", []policies.Role{policies.RoleEthics}},
	{"stella", "en", []policies.Role{policies.RoleSteward}},
}

// Demonstrate makes sure that a demonstration has its sign-ins, its questionnaires and, the first time, a population of
// n participants from a seed. What is there already stays.
func (a *App) Demonstrate(ctx context.Context, n int, seed uint64, progress func(done int)) ([]SignIn, error) {
	if !a.Folder.IsDemonstration() {
		return nil, errors.New("a synthetic population belongs in a demonstration's data folder alone")
	}
	var ways []SignIn
	fresh := false
	for _, d := range demoAccounts {
		_, err := a.Accounts.Add(ctx, account.Operator(), account.NewAccount{Name: d.name, Password: DemoPassword, Language: d.language, Roles: d.roles})
		if err != nil && !errors.Is(err, account.ErrTaken) {
			return nil, fmt.Errorf("demonstration: %s: %w", d.name, err)
		}
		fresh = fresh || err == nil
		ways = append(ways, SignIn{d.roles[len(d.roles)-1], d.name, DemoPassword})
	}
	if !fresh {
		return ways, nil
	}
	return ways, a.Populate(ctx, n, seed, progress)
}

// Populate writes a synthetic population of n participants.
func (a *App) Populate(ctx context.Context, n int, seed uint64, progress func(done int)) error {
	versions, err := a.publishInstruments(ctx)
	if err != nil {
		return err
	}
	proof, err := a.demoProof()
	if err != nil {
		return err
	}
	w := demo.Writer{
		DB: a.DB, Registry: a.Registry, Consent: a.Consent, Questionnaires: a.Questionnaires, Authority: a.Authority,
		Versions: versions, Proof: proof, Progress: progress,
	}
	_, err = w.Write(ctx, demo.Population{Seed: seed, Now: a.DB.Now()}, n)
	return err
}

// publishInstruments publishes the questionnaires that Kindred brings along, in the order of their names, and gives the
// versions that the population answers.
func (a *App) publishInstruments(ctx context.Context) ([]ident.VersionID, error) {
	files, err := fs.Glob(instruments.Files, "*.json")
	if err != nil {
		return nil, err
	}
	editor := policies.Actor{Account: policies.Demonstration().Account, Roles: []policies.Role{policies.RoleEditor}}
	var versions []ident.VersionID
	for _, name := range files {
		raw, err := instruments.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		v, _, err := a.Questionnaires.Publish(ctx, editor, raw, sdc.Identity{})
		if err != nil {
			return nil, fmt.Errorf("demonstration: %s: %w", name, err)
		}
		versions = append(versions, v.ID)
	}
	return versions, nil
}

// demoProof is the picture that stands for every proof of diagnosis: a blank page.
func (a *App) demoProof() (blob.Info, error) {
	draft, err := a.Files.Create(1 << 20)
	if err != nil {
		return blob.Info{}, err
	}
	defer draft.Discard()
	page := image.NewPaletted(image.Rect(0, 0, 420, 594), color.Palette{color.White, color.Black})
	if err := png.Encode(draft, page); err != nil {
		return blob.Info{}, err
	}
	return draft.Commit()
}
