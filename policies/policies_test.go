package policies

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindred/internal/clock"
)

var golden = flag.Bool("golden", false, "write the golden files anew")

func authority(t *testing.T) *Authority {
	t.Helper()
	a, err := New(clock.System())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestMatrixIsTheCommitteesMatrix(t *testing.T) {
	var b strings.Builder
	for _, l := range authority(t).Matrix() {
		fmt.Fprintf(&b, "%-14s %-10s %-14s %-8s <- %s\n", l.Role, l.Purpose, l.Object, l.Act, l.Rule)
	}
	path := filepath.Join("testdata", "matrix.golden")
	if *golden {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Fatalf("the matrix changed; if that is meant, run make golden and let a committee member read the difference:\n%s", b.String())
	}
}

func TestUnknownWordsAreRefused(t *testing.T) {
	for _, line := range []string{
		"p, role:admin, own, participant, read, represented, -",
		"p, participant, own, participant, read, represented, -",
		"p, role:participant, fun, participant, read, represented, -",
		"p, role:participant, own, patient, read, represented, -",
		"p, role:participant, own, participant, look, represented, -",
		"p, role:participant, own, participant, read, all, -",
		"p, role:participant, own, participant, read, represented, reserch",
	} {
		if _, err := Parse(line, clock.System()); err == nil {
			t.Errorf("accepted: %s", line)
		}
	}
}

func TestDeniedByDefault(t *testing.T) {
	a := authority(t)
	maria := Actor{Account: "a", Roles: []Role{RoleParticipant}}
	for _, r := range []Request{
		{Actor: maria, Purpose: PurposeResearch, Object: ObjectParticipant},
		{Actor: maria, Purpose: PurposeReview, Object: ObjectEvidence},
		{Actor: Actor{Account: "a"}, Purpose: PurposeOwn, Object: ObjectParticipant},
		{Actor: Actor{Account: "a", Roles: []Role{"role:participant"}}, Purpose: PurposeOwn, Object: ObjectParticipant},
		{Actor: Actor{Account: "role:participant", Roles: []Role{"steward "}}, Purpose: PurposeOwn, Object: ObjectParticipant},
	} {
		if _, err := Ask[Read](t.Context(), a, r); !errors.Is(err, ErrDenied) {
			t.Errorf("%+v: err = %v", r, err)
		}
	}
	okoye := Actor{Account: "b", Roles: []Role{RoleResearcher}}
	if _, err := Ask[Export](t.Context(), a, Request{Actor: okoye, Purpose: PurposeResearch, Object: ObjectResponse}); !errors.Is(err, ErrDenied) {
		t.Errorf("an export without a study: err = %v", err)
	}
	if err := a.May(t.Context(), okoye, PurposeOversight, ObjectStudy, ActApprove); !errors.Is(err, ErrDenied) {
		t.Errorf("a researcher approves: err = %v", err)
	}
	if _, err := Ask[Read](t.Context(), a, Request{Actor: maria, Purpose: PurposeOwn, Object: ObjectParticipant}); err != nil {
		t.Errorf("Maria reads her own: %v", err)
	}
}

func TestZeroAndOldGrantsReachNothing(t *testing.T) {
	var zero Grant[Read]
	u, err := zero.Use(time.Now())
	if !errors.Is(err, ErrExpired) {
		t.Fatalf("err = %v", err)
	}
	if sql, _ := u.Predicate.SQL("x", time.Now()); sql != "1 = 0" {
		t.Fatalf("sql = %s", sql)
	}
	g, err := Ask[Read](t.Context(), authority(t), Request{Actor: Actor{Account: "a", Roles: []Role{RoleParticipant}}, Purpose: PurposeOwn, Object: ObjectParticipant})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Use(time.Now().Add(time.Hour)); !errors.Is(err, ErrExpired) {
		t.Fatalf("an old grant: %v", err)
	}
	if _, err := json.Marshal(g); err == nil {
		t.Fatal("a grant was serialised")
	}
	if s := fmt.Sprintf("%v %+v %s", g, g, g); strings.Contains(s, "role") {
		t.Fatalf("a grant tells: %s", s)
	}
}

// TestConvertedGrantDoesNotCompile builds programs that try to turn one Grant into another or to make one.
func TestConvertedGrantDoesNotCompile(t *testing.T) {
	for name, body := range map[string]string{
		"converted": `func f(g policies.Grant[policies.Export]) policies.Grant[policies.Read] { return policies.Grant[policies.Read](g) }`,
		"built":     `var g = policies.Grant[policies.Read]{grant: nil}`,
		"own act":   `type all struct{}; var g policies.Grant[all]`,
	} {
		if out, err := compileProgram(t, body); err == nil {
			t.Errorf("%s compiles", name)
		} else if !strings.Contains(out, "cannot") && !strings.Contains(out, "satisfy") && !strings.Contains(out, "unexported") && !strings.Contains(out, "unknown field") {
			t.Errorf("%s: fails for another reason: %s", name, out)
		}
	}
	if out, err := compileProgram(t, `func f(g policies.Grant[policies.Read]) policies.Grant[policies.Read] { return g }`); err != nil {
		t.Fatalf("the honest program must compile: %s", out)
	}
}

func compileProgram(t *testing.T, body string) (string, error) {
	t.Helper()
	dir, err := os.MkdirTemp("testdata", "compile_") //nolint:usetesting // it must lie inside the module to import it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	src := "package x\n\nimport \"kindred/policies\"\n\n" + body + "\n\nvar _ policies.Role\n"
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "vet", "./"+dir).CombinedOutput()
	return string(out), err
}
