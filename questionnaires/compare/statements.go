package compare

import "kindred/internal/jsonscan"

// The extensions by which an author states what no program can know.
const (
	// SameMeaningURL, on an item or an answerOption: valueString is an earlier wording that the present one means the
	// same as. It counts against exactly that wording, so it does not cover later changes.
	SameMeaningURL = "https://kindred.example/fhir/StructureDefinition/same-meaning-as"
	// ReplacesURL, on a new item: valueString is the linkId of the item that it replaces.
	ReplacesURL = "https://kindred.example/fhir/StructureDefinition/replaces"
	// MissingSinceURL, on an item: valueString is the version of the form from which on a missing answer means something
	// else, since other people are asked. It counts in that version alone.
	MissingSinceURL = "https://kindred.example/fhir/StructureDefinition/missing-since"
)

func stated(v jsonscan.Value, url string) []string {
	var out []string
	for _, e := range v.Get("extension").All() {
		if e.Get("url").Text() == url {
			out = append(out, e.Get("valueString").Text())
		}
	}
	return out
}

// sameMeaning tells whether an item or option states that it means the same as an earlier wording.
func sameMeaning(v jsonscan.Value, old string) bool {
	for _, s := range stated(v, SameMeaningURL) {
		if s != "" && plain(s) == plain(old) {
			return true
		}
	}
	return false
}
