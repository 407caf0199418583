package sheet

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guarded is the rule that the README gives to researchers.
var guarded = regexp.MustCompile(`^'('*[=+@\t\r\n＝＋－＠-])`)

func unguard(s string) string { return guarded.ReplaceAllString(s, "$1") }

var plainNumber = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// runs tells whether a spreadsheet might run a text that it reads from a CSV file.
func runs(s string) bool {
	return s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) && !plainNumber.MatchString(s)
}

var formulas = []string{"=1+1", "=HYPERLINK(\"https://kindred.example/\",\"x\")", "+34 600 000 000", "-2+3", "@SUM(A1)", "-", "=", "'=1+1", "''=1+1", "'", "''", "'tis", "it's",
	"-99", "+5", "-1.50", "'-99", "\t=1+1", "=1\n=2", "a=b", "＝1+1", "", "007", "-2021-03", "- no idea", "--", "+-0"}

func TestGuard(t *testing.T) {
	for _, s := range formulas {
		if runs(guard(s)) || unguard(guard(s)) != s {
			t.Errorf("%q is written %q, which is read as %q", s, guard(s), unguard(guard(s)))
		}
	}
	for s, want := range map[string]string{"=1": "'=1", "-99": "-99", "+5": "+5", "-1.50": "-1.50", "'=1": "''=1", "'tis": "'tis", "-": "'-", "'-99": "''-99"} {
		if got := guard(s); got != want {
			t.Errorf("%q is written %q, not %q", s, got, want)
		}
	}
}

// FuzzGuard: no text runs, each comes back, and what needs no guard is not touched.
func FuzzGuard(f *testing.F) {
	for _, s := range formulas {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g := guard(s)
		if runs(g) || unguard(g) != s || g != s && !strings.ContainsRune(triggers+"'", []rune(s)[0]) {
			t.Errorf("%q is written %q, which is read as %q", s, g, unguard(g))
		}
	})
}

// TestSavedAsCSV lets LibreOffice save a workbook as CSV, and open that: nothing begins like a formula, nothing was
// computed, and the texts can be had as they were.
func TestSavedAsCSV(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("SKIPPED: no LibreOffice to save the workbook with")
	}
	var rows [][]Cell
	for _, s := range formulas {
		rows = append(rows, []Cell{Text(s), Text("end")})
	}
	rows = append(rows, []Cell{Prose("=1+1"), Text("end")}, []Cell{Heading("=1+1"), Text("end")}, []Cell{Int(-5), Text("end")})
	_, raw := write(t, []string{"=A1", "end"}, rows, nil)
	dir := t.TempDir()
	book := filepath.Join(dir, "book.xlsx")
	if err := os.WriteFile(book, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	convert := func(to, from string) {
		t.Helper()
		out, err := exec.Command(office, "--headless", "-env:UserInstallation=file://"+dir+"/profile", "--convert-to", to, "--outdir", dir, from).CombinedOutput()
		if err != nil {
			t.Fatalf("LibreOffice: %v: %s", err, out)
		}
	}
	convert("csv:Text - txt - csv (StarCalc):44,34,76,1", book)
	saved, err := os.ReadFile(filepath.Join(dir, "book.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(saved))).ReadAll()
	if err != nil || len(lines) != len(rows)+1 {
		t.Fatalf("%d lines: %v\n%s", len(lines), err, saved)
	}
	for i, line := range lines {
		if runs(line[0]) {
			t.Errorf("line %d begins like a formula: %q", i+1, line[0])
		}
		if i > 0 && i <= len(formulas) && unguard(line[0]) != formulas[i-1] {
			t.Errorf("%q came back as %q", formulas[i-1], line[0])
		}
	}
	convert("fods", filepath.Join(dir, "book.csv"))
	opened, err := os.ReadFile(filepath.Join(dir, "book.fods"))
	if err != nil || strings.Contains(string(opened), "table:formula") {
		t.Fatalf("a formula was made of a text: %v", err)
	}
}
