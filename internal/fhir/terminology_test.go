package fhir

import (
	"slices"
	"strings"
	"testing"

	annotations "github.com/google/fhir/go/proto/google/fhir/proto/annotations_go_proto"
	codes "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/codes_go_proto"
	"google.golang.org/protobuf/proto"

	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
)

// TestBuiltInCodes holds the code systems that are built into package terminology to the lists of FHIR R4 that
// google/fhir was generated from: no code is missing and none is invented.
func TestBuiltInCodes(t *testing.T) {
	l, compared := terminology.NewLibrary(), 0
	messages := codes.File_proto_google_fhir_proto_r4_core_codes_proto.Messages()
	for i := range messages.Len() {
		enums := messages.Get(i).Enums()
		for j := range enums.Len() {
			system, _ := proto.GetExtension(enums.Get(j).Options(), annotations.E_FhirCodeSystemUrl).(string)
			var want, got []string
			values := enums.Get(j).Values()
			for k := 1; k < values.Len(); k++ { // 0 is protobuf's own
				code, _ := proto.GetExtension(values.Get(k).Options(), annotations.E_FhirOriginalCode).(string)
				if code == "" {
					code = string(values.Get(k).Name())
					if code == strings.ToUpper(code) && !strings.HasPrefix(system, "http://terminology.hl7.org/CodeSystem/v") {
						code = strings.ToLower(strings.ReplaceAll(code, "_", "-"))
					}
				}
				want = append(want, code)
			}
			d, err := jsonscan.Parse([]byte(`{"resourceType":"ValueSet","id":"all","compose":{"include":[{"system":"`+system+`"}]}}`), jsonscan.Default)
			if err != nil {
				t.Fatal(err)
			}
			all, err := l.With(d.Root())
			if err != nil {
				t.Fatal(err)
			}
			e, err := all.Expand("#all")
			if err != nil {
				continue // not built in
			}
			compared++
			for _, c := range e.Concepts {
				got = append(got, c.Code)
				if c.Display == "" || c.In("es") == c.Code {
					t.Errorf("%s|%s has no name in English or Spanish", system, c.Code)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s:\ngot  %v\nwant %v", system, got, want)
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d systems compared", compared)
	}
}
