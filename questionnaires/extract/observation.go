package extract

import "kindred/internal/fhirpath"

const (
	observationExtract  = sdc + "sdc-questionnaire-observationExtract"
	observationCategory = sdc + "sdc-questionnaire-observation-extract-category"
)

// observing notes what an element says about observation-based extraction; it holds for what is below too.
func (x *extraction) observing(s *scope, def fhirpath.Node) {
	if ext := extension(def, observationExtract); !ext.IsZero() {
		value := ext.Child("value")
		s.observe, s.relation = value.Text() != "false", ""
		if value.Type() == "code" { // SDC 4: how it hangs on the observation above
			s.relation = value.Text()
		}
	}
	var categories []any
	for _, ext := range def.Children("extension") {
		if ext.Child("url").Text() == observationCategory {
			categories = append(categories, plain(ext.Child("value")))
		}
	}
	if categories != nil {
		s.category = categories
	}
}

// codesOf are the codes of an item that go into its observation: those that are marked, or all.
func (x *extraction) codesOf(def fhirpath.Node) []any {
	var all, marked []any
	for _, c := range def.Children("code") {
		coding, _ := plain(c).(map[string]any)
		delete(coding, "extension")
		all = append(all, coding)
		if extension(c, observationExtract).Child("value").Text() == "true" {
			marked = append(marked, coding)
		}
	}
	if marked != nil {
		return marked
	}
	return all
}

// header is an observation without its value.
func (x *extraction) header(s scope, codes []any) map[string]any {
	body := map[string]any{"resourceType": "Observation", "status": "final", "code": map[string]any{"coding": codes}}
	if s.category != nil {
		body["category"] = s.category
	}
	for _, name := range []string{"subject", "encounter"} {
		if n := x.r.Child(name); !n.IsZero() {
			body[name] = plain(n)
		}
	}
	for _, name := range []string{"basedOn", "partOf"} {
		var all []any
		for _, n := range x.r.Children(name) {
			all = append(all, plain(n))
		}
		if all != nil {
			body[name] = all
		}
	}
	if authored := x.r.Child("authored").Text(); authored != "" {
		body["effectiveDateTime"] = authored
		if len(authored) > 18 {
			body["issued"] = authored
		}
	}
	if author := x.r.Child("author"); !author.IsZero() {
		body["performer"] = []any{plain(author)}
	}
	if x.o.Reference != "" {
		body["derivedFrom"] = []any{map[string]any{"reference": x.o.Reference}}
	}
	return body
}

// panel makes the observation of a group that has a code: what is below hangs on it.
func (x *extraction) panel(s *scope, def fhirpath.Node) {
	codes := x.codesOf(def)
	if len(codes) == 0 {
		return
	}
	res := x.add("Observation", x.header(*s, codes))
	if res == nil {
		return
	}
	res.panel = true
	x.hang(*s, res)
	s.parent, s.relation = res, ""
}

// observation makes one of an answer: SDC, "Observation-based extraction".
func (x *extraction) observation(s *scope, def, value fhirpath.Node) {
	codes := x.codesOf(def)
	if len(codes) == 0 {
		if extension(def, observationExtract).Child("value").Text() == "true" {
			x.note(errCode, link(def))
		}
		return
	}
	types := []string{"Quantity", "CodeableConcept", "string", "boolean", "integer", "Range", "Ratio", "SampledData", "time", "dateTime", "Period"}
	given, as, ok := convert(value.Value(), types, unitOf(def))
	if !ok {
		x.note(errConvert.With("Type", value.Type(), "Path", "Observation.value"), link(def))
		return
	}
	key := "value" + upper(as)
	if s.relation == "component" && s.parent != nil {
		all, _ := s.parent.body["component"].([]any)
		s.parent.body["component"] = append(all, map[string]any{"code": map[string]any{"coding": codes}, key: given})
		s.parent.used = true
		return
	}
	body := x.header(*s, codes)
	body[key] = given
	res := x.add("Observation", body)
	if res == nil {
		return
	}
	res.used = true
	x.hang(*s, res)
	s.parent, s.relation = res, ""
}

func upper(t string) string {
	if t[0] >= 'a' && t[0] <= 'z' {
		return string(t[0]-'a'+'A') + t[1:]
	}
	return t
}

// hang makes an observation a member of the one above it, or says that it comes from it.
func (x *extraction) hang(s scope, res *resource) {
	if s.parent == nil || s.relation == "independent" {
		return
	}
	if s.relation == "derived" {
		all, _ := res.body["derivedFrom"].([]any)
		res.body["derivedFrom"] = append(all, map[string]any{"reference": s.parent.fullURL})
		return
	}
	res.above = s.parent
}
