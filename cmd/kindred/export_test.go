package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/app"
	"kindred/policies"
)

// config is that of the program's registry.
func (p *program) config() app.Config {
	config := app.Config{Existing: true}
	for _, e := range p.environ {
		name, value, _ := strings.Cut(e, "=")
		switch name {
		case "KINDRED_DATA":
			config.Data = value
		case "KINDRED_DB":
			config.Database = value
		}
	}
	return config
}

// approvedStudy makes a study that the committee approved, in the program's demonstration.
func (p *program) approvedStudy() string {
	p.Helper()
	ctx := p.Context()
	config := p.config()
	config.Demo = true
	a, err := app.Open(ctx, config)
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // a test's
	people, err := a.Accounts.Accounts(ctx, account.Operator(), "", 50)
	if err != nil {
		p.Fatal(err)
	}
	actor := func(name string) (found policies.Actor) {
		for _, x := range people {
			if x.Name == name {
				found, err = a.Accounts.Actor(ctx, x.Account, "")
			}
		}
		if err != nil {
			p.Fatal(err)
		}
		return found
	}
	s, err := a.Studies.Propose(ctx, actor("okoye"), export.Proposal{Title: "Sex", Purpose: "To see that it can leave.", Fields: []export.Field{export.FieldSex}})
	if err == nil {
		_, err = a.Studies.Decide(ctx, actor("ingrid"), s.ID, export.Verdict{Approve: true, Reason: "Synthetic people only."})
	}
	if err != nil {
		p.Fatal(err)
	}
	return string(s.ID)
}

// TestReleasesAreCheckedApart: yes for what was released, no for what was changed or lost its signature, unusable for
// what cannot be checked or cannot be checked with.
func TestReleasesAreCheckedApart(t *testing.T) {
	onBoth(t, func(p *program) {
		p.want(yes, "demo", "--participants", "30", "--seed", "3")
		dir := filepath.Join(p.TempDir(), "out")
		p.want(yes, "export", "run", "--study", p.approvedStudy(), "--out", dir)
		key := p.write(p.want(yes, "audit", "key"))

		var report struct {
			OK        bool
			Signature string
			Files     int
		}
		if err := json.Unmarshal([]byte(p.want(yes, "export", "verify", dir, "--key", key, "--json")), &report); err != nil || !report.OK || report.Signature != "valid" || report.Files != 6 {
			p.Fatalf("%+v, %v", report, err)
		}
		if out := p.want(yes, "export", "verify", dir); !strings.Contains(out, "signature not checked") {
			p.Fatal(out)
		}
		p.want(unusable, "export", "verify", dir, "--key", p.write("kindred+broken"))
		p.want(unusable, "export", "verify", dir, "--key", "/nowhere")
		p.want(unusable, "export", "verify", filepath.Dir(dir))
		p.want(unusable, "export", "verify", "/nowhere")

		other := newProgram(p.T)
		other.want(yes, "migrate", "up")
		p.want(no, "export", "verify", dir, "--key", other.write(other.want(yes, "audit", "key")))

		sig := filepath.Join(dir, export.SignatureName)
		signed, err := os.ReadFile(sig)
		if err != nil {
			p.Fatal(err)
		}
		for name, change := range map[string]func() error{
			"taken away": func() error { return os.Remove(sig) },
			"empty":      func() error { return os.WriteFile(sig, nil, 0o600) },
			"of another": func() error {
				return os.WriteFile(sig, []byte(strings.Replace(string(signed), "manifest\n", "manifest\n0", 1)), 0o600)
			},
		} {
			if err := change(); err != nil {
				p.Fatal(err)
			}
			if out := p.want(no, "export", "verify", dir); !strings.Contains(out, "sign") {
				p.Fatalf("a signature %s: %s", name, out)
			}
			p.want(no, "export", "verify", dir, "--key", key)
		}
		if err := os.WriteFile(sig, signed, 0o600); err != nil {
			p.Fatal(err)
		}
		p.want(yes, "export", "verify", dir, "--key", key)
	})
}
