package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"kindred/internal/account"
	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/demo"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires"
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
	proof, err := a.demoProof(ctx)
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
		v, _, err := a.Questionnaires.Publish(ctx, editor, raw, questionnaires.Identity{})
		if err != nil {
			return nil, fmt.Errorf("demonstration: %s: %w", name, err)
		}
		versions = append(versions, v.ID)
	}
	return versions, nil
}

// demoProof keeps the one page that stands for every proof of diagnosis.
func (a *App) demoProof(ctx context.Context) (blob.Info, error) {
	draft, err := a.Files.Create(1 << 20)
	if err != nil {
		return blob.Info{}, err
	}
	defer draft.Discard()
	if _, err := draft.Write([]byte(proofPage("Synthetic letter for the demonstration"))); err != nil {
		return blob.Info{}, err
	}
	info, err := draft.Commit()
	if err != nil {
		return blob.Info{}, err
	}
	return info, a.DB.Do(ctx, func(tx *db.Tx) error { return blob.Keep(tx, info) })
}

// proofPage is a PDF of one page with one line.
func proofPage(line string) string {
	content := "BT /F1 18 Tf 60 760 Td (" + line + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.String()
}
