package xlsform

import (
	"testing"

	"kindred/internal/sample"
)

func TestSamples(t *testing.T) {
	for _, name := range []string{"choice_filter_test", "group", "specify_other"} {
		q, report, err := Read(sample.Read(t, "samples", "xlsform", name+".xlsx"), base)
		if err != nil {
			t.Fatal(name, err)
		}
		t.Logf("%s\n%s", q.Marshal(), name)
		for _, n := range report {
			t.Logf("%+v", n)
		}
	}
}
