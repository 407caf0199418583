package xlsform

import (
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/sdc"
)

// What is converted can be published: the engine compiles it, logic and all.
func TestTheEngineTakesWhatWasRead(t *testing.T) {
	compile := func(name string, raw []byte) {
		q, _, err := Read(raw, base)
		if err != nil {
			t.Fatal(name, err)
		}
		form, found := sdc.Compile(q.Marshal())
		for _, f := range found.Refusals {
			if f.Key == "questionnaires.publish.file_kinds" {
				continue // the registry keeps no sound and no film; the converter is not to know
			}
			t.Errorf("%s: %s %s %v", name, f.Field, f.Key, f.Args)
		}
		for _, f := range found.Warnings {
			t.Logf("%s: %s %s %v", name, f.Field, f.Key, f.Args)
		}
		if form != nil {
			t.Logf("%s: %d items", name, form.Items())
		}
	}
	compile("household", xlsx(t, household))
	compile("clinic", xlsx(t, clinic))
	for _, name := range []string{"choice_filter_test", "group", "specify_other"} {
		compile(name, sample.Read(t, "samples", "xlsform", name+".xlsx"))
	}
}
