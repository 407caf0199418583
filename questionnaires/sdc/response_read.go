package sdc

import (
	"strconv"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// ResponseLimits bound a response that comes in.
var ResponseLimits = jsonscan.Limits{Bytes: 4 << 20, Depth: 64, Values: 250_000, Width: 10_000, String: 1 << 20}

// keptLimits bound what we wrote ourselves from a response within ResponseLimits: it also holds the texts of the form.
var keptLimits = jsonscan.Limits{Bytes: 256 << 20, Depth: 64, Values: 1_000_000, Width: 10_000, String: 2 << 20}

// Incoming is a QuestionnaireResponse that was read from JSON.
type Incoming struct {
	Canonical string
	Status    Status
	Language  string
	Subject   string
	State     *State
	Issues    Issues     // everything that was found, errors and others
	Foreign   fault.List // attachments that are not files of ours

	doc jsonscan.Value
}

// recalculate computes a response anew that was only compared with its calculations until now. What differs from its
// calculation was changed by somebody, where the form lets them, and stays (SDC, "Using Expressions", calculatedExpression).
func (f *Form) recalculate(s *State) {
	for at, problem := range s.troubles {
		it := &f.items[at.item]
		if sl := &at.in.slots[it.seat]; problem.Key == errCalculated.Key && !it.at(sl).ReadOnly && !it.Hidden {
			sl.mark = markOverridden
		}
	}
	s.troubles, s.kept = nil, nil
	f.evaluateAll(s)
}

// CanonicalOf reads only which form a response is for, url|version, after judging its bytes against the limits.
func CanonicalOf(raw []byte) (string, error) {
	doc, err := jsonscan.Parse(raw, ResponseLimits)
	if err != nil {
		return "", err
	}
	if doc.Root().Get("resourceType").Text() != "QuestionnaireResponse" {
		return "", errNotResponse
	}
	return doc.Root().Get("questionnaire").Text(), nil
}

// Contained gives the Questionnaire that a response carries and names (questionnaire: "#id"), nil where there is none.
func Contained(raw []byte) []byte {
	doc, err := jsonscan.Parse(raw, ResponseLimits)
	if err != nil {
		return nil
	}
	id, local := strings.CutPrefix(doc.Root().Get("questionnaire").Text(), "#")
	for _, r := range doc.Root().Get("contained").All() {
		if local && r.Get("resourceType").Text() == "Questionnaire" && r.Get("id").Text() == id {
			return r.Raw()
		}
	}
	return nil
}

// purpose says why a response is read.
type purpose uint8

const (
	toJudge    purpose = iota // as the document is
	toRestore                 // what Save wrote
	toEvaluate                // to compute it anew
)

// Read reads a whole QuestionnaireResponse and judges it: structure, order and nesting, types, options, limits, what is
// required, what is disabled, the constraints of the form and its calculations. All findings come at once in the
// Issues; the list that is returned has the errors among them. Each Field is a FHIRPath location. The state is as far as
// it could be read, and never nil.
//
// A response that is completed or amended has to be whole. In any other one, what is missing is only told, and what is
// answered although it is disabled, or breaks a constraint, is a warning: it may still be put right (FHIR,
// QuestionnaireResponse, status; SDC, "Form Behavior", required and constraint).
func (f *Form) Read(raw []byte, context ...Context) (Incoming, fault.List) {
	in := f.read(raw, ResponseLimits, toJudge, context)
	return in, in.Issues.Errors()
}

// Restore reads what Save and Encode wrote, within limits that hold whatever was accepted.
func (f *Form) Restore(raw []byte, context ...Context) (Incoming, fault.List) {
	in := f.read(raw, keptLimits, toRestore, context)
	return in, in.Issues.Errors()
}

func (f *Form) read(raw []byte, limits jsonscan.Limits, why purpose, context []Context) Incoming {
	r := reader{f: f, s: &State{}, why: why, used: map[int]bool{}}
	r.s.set(context)
	in := Incoming{State: r.s}
	doc, err := jsonscan.Parse(raw, limits)
	if err != nil {
		for _, one := range fault.All(err) {
			r.add(one, nil)
		}
		r.s.root = f.occurrence(r.s, -1, false)
		in.Issues = r.issues
		return in
	}
	root := doc.Root()
	in.doc = root
	r.s.last, _ = whole(root.Get("id").Text()) // only Save writes a number here
	r.header(root, &in)
	r.s.root = r.blank(-1)
	r.items(root, r.s.root, f.top, rootPlace)
	in.Foreign = r.foreign
	if r.slots > maxSlots {
		r.add(errTooMuch, rootPlace)
		r.s.root = f.occurrence(r.s, -1, false)
		in.Issues = r.issues
		return in
	}
	f.fill(r.s, r.s.root, -1)
	r.s.judging = why != toRestore || in.Status != InProgress
	f.evaluateAll(r.s)
	if r.s.judging = false; why == toEvaluate {
		f.recalculate(r.s)
	}
	if why == toJudge || in.Status != InProgress {
		r.issues = append(r.issues, f.judge(r.s, in.Status)...)
	}
	in.Issues = r.issues
	return in
}

var responseMembers = kinds("resourceType id implicitRules language questionnaire status authored:string", "meta text subject encounter author source identifier:object",
	"contained extension modifierExtension basedOn partOf item:array")

type reader struct {
	f       *Form
	s       *State
	why     purpose
	used    map[int]bool // instance numbers taken over
	slots   int          // places for answers so far, counted with those that are still to be filled
	issues  Issues
	foreign fault.List
}

// place is where something stands in the document, written out only when there is something to tell.
type place struct {
	around  *place
	element string
	n       int // -1 where the element is no list
}

func (p *place) String() string {
	if p == nil {
		return ""
	}
	s := p.element
	if p.around != nil {
		s = p.around.String() + "." + s
	}
	if p.n >= 0 {
		s += "[" + strconv.Itoa(p.n) + "]"
	}
	return s
}

var rootPlace = &place{element: "QuestionnaireResponse", n: -1}

func (r *reader) add(f *fault.Error, where *place) {
	r.issues = append(r.issues, NewIssue(SeverityError, f.At(where.String())))
}

func (r *reader) warn(f *fault.Error, where *place) {
	r.issues = append(r.issues, NewIssue(SeverityWarning, f.At(where.String())))
}

func (r *reader) header(root jsonscan.Value, in *Incoming) {
	where := rootPlace
	if root.Get("resourceType").Text() != where.element {
		r.add(errNotResponse, where)
	}
	r.members(root, responseMembers, where)
	for _, modifier := range []string{"implicitRules", "modifierExtension"} {
		if root.Get(modifier).Exists() {
			r.add(errFeature.With("Feature", modifier), &place{where, modifier, -1})
		}
	}
	in.Canonical, in.Status = root.Get("questionnaire").Text(), Status(root.Get("status").Text())
	in.Language, in.Subject = root.Get("language").Text(), root.Get("subject").Get("reference").Text()
	switch in.Status {
	case InProgress, Completed, Amended, "stopped", "entered-in-error":
	case "":
		r.add(errElementMissing.With("Element", "status"), where)
		in.Status = Completed
	default:
		r.add(ErrElementValue.With("Element", "status", "Value", string(in.Status)), &place{where, "status", -1})
		in.Status = Completed
	}
	r.canonical(root, in.Canonical)
	if authored := root.Get("authored"); authored.Exists() {
		v, f := parsePrimitive(DateTime, authored.Text())
		if f != nil {
			r.add(f, &place{where, "authored", -1})
		} else {
			r.period(v)
		}
	}
	if r.f.signature && (in.Status == Completed || in.Status == Amended) && !signed(root) {
		r.warn(errUnsigned, where)
	}
	if len(r.f.nodes) > 0 || len(r.f.constraints) > 0 || len(r.f.variables) > 0 {
		r.s.header = headerOf(root, r.why == toRestore)
	}
}

// canonical compares the form that a response names with ours. It may leave the version out; it may not name another.
func (r *reader) canonical(root jsonscan.Value, named string) {
	where := &place{rootPlace, "questionnaire", -1}
	want := r.f.Canonical()
	switch {
	case strings.HasPrefix(named, "#") || named == want && want != "":
		return
	case named == "":
		if !root.Get("_questionnaire").Exists() || r.f.URL != "" {
			r.warn(errElementMissing.With("Element", "questionnaire"), rootPlace)
		}
		return
	case r.f.URL == "":
		return
	}
	url, version, _ := strings.Cut(named, "|")
	switch {
	case url != r.f.URL && !(r.f.ID != "" && (url == "Questionnaire/"+r.f.ID || strings.HasSuffix(url, "/Questionnaire/"+r.f.ID))):
		r.add(ErrOtherForm.With("Wanted", want, "Value", named), where)
	case version == "" && r.f.Version != "":
		r.warn(errVersionUnsaid.With("Wanted", want), where)
	case version != "" && r.f.Version != "" && version != r.f.Version:
		r.add(ErrOtherForm.With("Wanted", want, "Value", named), where)
	}
}

// period tells a response that was written before or after the questionnaire was in use.
func (r *reader) period(authored Value) {
	for n, end := range r.f.effective {
		v, f := parsePrimitive(DateTime, end)
		if end == "" || f != nil {
			continue
		}
		if order, known := compareTimes(authored.Text, v.Text); known && (n == 0 && order < 0 || n == 1 && order > 0) {
			r.warn(errOutOfPeriod.With("Limit", end), &place{rootPlace, "authored", -1})
		}
	}
}

// signed tells whether there is a signature on an element.
func signed(v jsonscan.Value) bool {
	for _, ext := range v.Get("extension").All() {
		if strings.HasSuffix(ext.Get("url").Text(), "questionnaireresponse-signature") {
			return true
		}
	}
	return false
}

// headerOf is the response without its items, and without its end. The id of a draft is a number of ours.
func headerOf(root jsonscan.Value, draft bool) []byte {
	b := []byte(`{"resourceType":"QuestionnaireResponse"`)
	for _, m := range root.All() {
		if key := m.Key(); key != "resourceType" && key != "item" && key != "contained" && key != "text" && !(draft && key == "id") {
			b = quoted(append(b, ','), key)
			b = append(append(b, ':'), m.Raw()...)
		}
	}
	return b
}

func (r *reader) members(v jsonscan.Value, known map[string]string, where *place) {
	if v.Len() == 0 {
		r.add(errElementEmpty.With("Element", where.element), where)
	}
	for _, m := range v.All() {
		key := m.Key()
		name := strings.TrimPrefix(key, "_")
		want := known[name]
		switch {
		case want == "":
			r.add(errElementUnknown.With("Element", key), where)
			continue
		case key == name && want != "any" && m.Kind().String() != want:
			r.add(errElementKind.With("Element", key, "Wanted", want), &place{where, key, -1})
			continue
		}
		switch m.Kind() {
		case jsonscan.String:
			if m.Text() == "" && want != "any" { // values are judged for what they are
				r.add(errElementEmpty.With("Element", key), &place{where, key, -1})
			}
		case jsonscan.Array, jsonscan.Object:
			if m.Len() == 0 {
				r.add(errElementEmpty.With("Element", key), &place{where, key, -1})
			} else if name != "item" && name != "answer" && key != "contained" && key != "text" {
				r.sound(m, where, key)
			}
		case jsonscan.Null:
			r.add(errElementKind.With("Element", key, "Wanted", want), &place{where, key, -1})
		}
	}
}

// sound tells what is empty inside an element that is not looked at otherwise.
func (r *reader) sound(v jsonscan.Value, where *place, key string) {
	for _, m := range v.All() {
		switch m.Kind() {
		case jsonscan.Array, jsonscan.Object:
			if m.Len() == 0 {
				r.add(errElementEmpty.With("Element", firstOf(m.Key(), key)), &place{where, key, -1})
				continue
			}
			r.sound(m, where, key)
		case jsonscan.String:
			if len(m.Raw()) == 2 {
				r.add(errElementEmpty.With("Element", firstOf(m.Key(), key)), &place{where, key, -1})
			}
		}
	}
}

// blank makes an occurrence with empty slots.
func (r *reader) blank(index int) *occurrence {
	o := &occurrence{}
	if children := r.f.childrenOf(index); len(children) > 0 && r.slots <= maxSlots {
		size := len(r.f.items)
		if index >= 0 {
			size = r.f.items[index].last - index
		}
		r.slots += size // of all that fill adds, too
		o.slots = make([]slot, len(children))
		for seat, child := range children {
			o.slots[seat].on = !r.f.items[child].conditional()
			o.slots[seat].at = -1
		}
	}
	return o
}

var responseItemMembers = kinds("id linkId definition text:string", "extension modifierExtension answer item:array")

// items reads the member "item" of v into an occurrence whose children are given.
func (r *reader) items(v jsonscan.Value, in *occurrence, children []int, where *place) {
	if r.slots > maxSlots {
		return // told once all is read
	}
	previous := -1
	for n, e := range v.Get("item").All() {
		at := &place{where, "item", n}
		if e.Kind() != jsonscan.Object {
			r.add(errElementKind.With("Element", "item", "Wanted", "object"), at)
			continue
		}
		r.members(e, responseItemMembers, at)
		if e.Get("modifierExtension").Exists() {
			r.add(errFeature.With("Feature", "modifierExtension"), at)
		}
		it := r.place(e, children, at)
		if it == nil {
			continue
		}
		if it.seat < previous {
			r.add(errOrder.With("Link", it.LinkID), at)
		}
		previous = max(previous, it.seat)
		r.item(e, it, &in.slots[it.seat], n, at)
	}
}

// place finds the item of a linkId among the children that may stand here.
func (r *reader) place(e jsonscan.Value, children []int, at *place) *item {
	link := e.Get("linkId").Text()
	index, known := r.f.byLink[link]
	switch {
	case link == "":
		r.add(errElementMissing.With("Element", "linkId"), at)
		return nil
	case !known:
		r.add(errLinkUnknown.With("Link", link), at)
		return nil
	case len(children) > 0 && r.f.items[index].parent == r.f.items[children[0]].parent:
		return &r.f.items[index]
	}
	for _, child := range children { // a form with one linkId twice
		if r.f.items[child].LinkID == link {
			return &r.f.items[child]
		}
	}
	r.add(errMisplaced.With("Link", link), at)
	return nil
}

func (r *reader) item(e jsonscan.Value, it *item, sl *slot, n int, at *place) {
	if sl.at >= 0 && !(it.Type == TypeGroup && it.Repeats) {
		r.add(errItemTwice.With("Link", it.LinkID), at)
		if it.Type == TypeGroup || !it.Repeats {
			return
		}
	}
	if sl.at < 0 {
		sl.at = n
	}
	r.text(e, it, at)
	if it.Signature && !signed(e) {
		r.warn(errUnsigned, at)
	}
	switch it.Type {
	case TypeGroup:
		if e.Get("answer").Exists() {
			r.add(errNoAnswerHere, at)
		}
		if len(sl.list) >= maxRepeats && it.Repeats {
			r.add(errTooMany.With("Limit", maxRepeats), at)
			return
		}
		o := r.blank(it.index)
		o.at = n
		r.number(o, it, e)
		sl.list = append(sl.list, o)
		r.items(e, o, it.children, at)
	case TypeDisplay:
		if e.Get("answer").Exists() || e.Get("item").Exists() {
			r.add(errNoAnswerHere, at)
		}
	default:
		if e.Get("item").Exists() {
			r.add(errUnderAnswer.With("Link", it.LinkID), at)
		}
		sl.mark = r.marked(e)
		r.answers(e, it, sl, at)
	}
}

// text compares the words of an item with those of the form, in any of its languages.
func (r *reader) text(e jsonscan.Value, it *item, at *place) {
	given := e.Get("text")
	if !given.Exists() || r.why != toJudge || len(it.dynamics) > 0 {
		return
	}
	if text := given.Text(); !it.Text.says(text) && !it.Short.says(text) {
		r.warn(errTextOther.With("Link", it.LinkID), &place{at, "text", -1})
	}
}

// says tells whether these are the words of a text, in any language. Space does not matter.
func (t Text) says(s string) bool {
	if s == t.Plain || strings.Join(strings.Fields(s), " ") == strings.Join(strings.Fields(t.Plain), " ") {
		return true
	}
	for _, o := range t.other {
		if s == o.text {
			return true
		}
	}
	return false
}

// number takes over an instance number that Save wrote, or gives a new one.
func (r *reader) number(o *occurrence, it *item, e jsonscan.Value) {
	if !it.numbered() {
		return
	}
	if id, ok := whole(e.Get("id").Text()); ok && id > 0 && id <= r.s.last && !r.used[id] {
		r.used[id], o.id = true, id
		return
	}
	r.s.last++
	o.id = r.s.last
}

// fill adds the groups that a response left out because they are empty, so that the state is whole.
func (f *Form) fill(s *State, in *occurrence, index int) {
	for seat, child := range f.childrenOf(index) {
		it, sl := &f.items[child], &in.slots[seat]
		if it.Type == TypeGroup && len(sl.list) == 0 {
			o := f.occurrence(s, child, false)
			o.at = -1
			sl.list = append(sl.list, o)
			continue
		}
		for _, o := range sl.list {
			if len(o.slots) > 0 {
				f.fill(s, o, child)
			}
		}
	}
}
