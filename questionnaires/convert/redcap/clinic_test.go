package redcap

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"kindred/questionnaires/convert"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs: run go test with -update and look at what changed\n%s", path, firstDifference(string(want), got))
	}
}

func told(r convert.Report) string {
	var sb strings.Builder
	for _, n := range r {
		fmt.Fprintf(&sb, "%s | %s | %s | %s\n", n.Place, n.Feature, n.Loss, n.Detail)
	}
	return sb.String()
}

// The clinic's dictionary uses every column, every field type and every action tag that is read.
func TestClinic(t *testing.T) {
	raw, err := os.ReadFile("testdata/clinic.csv")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Repeating: []string{"drugs"}, Title: "Clinic", Language: "en"}
	q, report := sameAgain(t, raw, o)
	golden(t, "clinic.json", pretty(t, q)+"\n")
	golden(t, "clinic.report.txt", told(report))
	back, lost, err := Write(q, o)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "clinic.back.csv", string(back))
	golden(t, "clinic.back.report.txt", told(lost))
	again, _, err := Write(q, o)
	if err != nil || !bytes.Equal(back, again) {
		t.Error("the same questionnaire gave other bytes")
	}
}
