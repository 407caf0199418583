package sdc

import (
	"strconv"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// ResponseLimits bound a response that comes in.
var ResponseLimits = jsonscan.Limits{Bytes: 4 << 20, Depth: 64, Values: 250_000, Width: 10_000, String: 256 << 10}

// keptLimits bound what we wrote ourselves from a response within ResponseLimits: it also holds the texts of the form.
var keptLimits = jsonscan.Limits{Bytes: 256 << 20, Depth: 64, Values: 1_000_000, Width: 10_000, String: 1 << 20}

// Incoming is a QuestionnaireResponse that was read from JSON.
type Incoming struct {
	Canonical string
	Status    Status
	Language  string
	Subject   string
	State     *State
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

// Read reads a whole QuestionnaireResponse and judges it: structure, order and nesting, types, options, limits; when it
// is completed or amended also what is required and what is disabled. All faults come at once; each Field is a FHIRPath
// location. The state is as far as it could be read, and never nil.
func (f *Form) Read(raw []byte) (Incoming, fault.List) { return f.read(raw, ResponseLimits) }

// Restore reads what Save and Encode wrote, within limits that hold whatever was accepted.
func (f *Form) Restore(raw []byte) (Incoming, fault.List) { return f.read(raw, keptLimits) }

func (f *Form) read(raw []byte, limits jsonscan.Limits) (Incoming, fault.List) {
	r := reader{f: f, s: &State{}, used: map[int]bool{}}
	in := Incoming{State: r.s}
	doc, err := jsonscan.Parse(raw, limits)
	if err != nil {
		r.s.root = f.occurrence(r.s, -1, false)
		return in, fault.All(err)
	}
	root := doc.Root()
	r.s.last, _ = whole(root.Get("id").Text()) // only Save writes a number here
	r.header(root, &in)
	r.s.root = r.blank(-1)
	r.items(root, r.s.root, f.top, "QuestionnaireResponse")
	if r.slots > maxSlots {
		r.add(errTooMuch, "QuestionnaireResponse")
		r.s.root = f.occurrence(r.s, -1, false)
		return in, r.faults
	}
	f.fill(r.s, r.s.root, -1)
	f.evaluate(r.s, f.conditional, nil)
	if in.Status != InProgress {
		r.faults = append(r.faults, f.judgeRead(r.s)...)
	}
	return in, r.faults
}

var responseMembers = kinds("resourceType id implicitRules language questionnaire status authored:string", "meta text subject encounter author source identifier:object",
	"contained extension modifierExtension basedOn partOf item:array")

type reader struct {
	f      *Form
	s      *State
	used   map[int]bool // instance numbers taken over
	slots  int          // places for answers so far, counted with those that are still to be filled
	faults fault.List
}

func (r *reader) add(f *fault.Error, where string) { r.faults.Add(f.At(where)) }

func (r *reader) header(root jsonscan.Value, in *Incoming) {
	const where = "QuestionnaireResponse"
	if root.Get("resourceType").Text() != where {
		r.add(errNotResponse, where)
	}
	r.members(root, responseMembers, where)
	for _, modifier := range []string{"implicitRules", "modifierExtension"} {
		if root.Get(modifier).Exists() {
			r.add(errFeature.With("Feature", modifier), where+"."+modifier)
		}
	}
	in.Canonical, in.Status = root.Get("questionnaire").Text(), Status(root.Get("status").Text())
	in.Language, in.Subject = root.Get("language").Text(), root.Get("subject").Get("reference").Text()
	switch in.Status {
	case InProgress, Completed, Amended:
	case "":
		r.add(errElementMissing.With("Element", "status"), where+".status")
		in.Status = Completed
	default:
		r.add(ErrElementValue.With("Element", "status", "Value", string(in.Status)), where+".status")
		in.Status = Completed
	}
	if want := r.f.Canonical(); in.Canonical != want && want != "" {
		r.add(ErrOtherForm.With("Wanted", want, "Value", in.Canonical), where+".questionnaire")
	}
}

func (r *reader) members(v jsonscan.Value, known map[string]string, where string) {
	for _, m := range v.All() {
		key := m.Key()
		name := strings.TrimPrefix(key, "_")
		switch want := known[name]; {
		case want == "":
			r.add(errElementUnknown.With("Element", key), where)
		case key == name && want != "any" && m.Kind().String() != want:
			r.add(errElementKind.With("Element", key, "Wanted", want), where+"."+key)
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
			o.slots[seat].on = len(r.f.items[child].conditions) == 0
			o.slots[seat].at = -1
		}
	}
	return o
}

var responseItemMembers = kinds("id linkId definition text:string", "extension modifierExtension answer item:array")

// items reads the member "item" of v into an occurrence whose children are given.
func (r *reader) items(v jsonscan.Value, in *occurrence, children []int, where string) {
	if r.slots > maxSlots {
		return // told once all is read
	}
	previous := -1
	for n, e := range v.Get("item").All() {
		at := where + ".item[" + strconv.Itoa(n) + "]"
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
func (r *reader) place(e jsonscan.Value, children []int, at string) *item {
	link := e.Get("linkId").Text()
	index, known := r.f.byLink[link]
	switch {
	case link == "":
		r.add(errElementMissing.With("Element", "linkId"), at)
	case !known:
		r.add(errLinkUnknown.With("Link", link), at)
	case len(children) == 0 || r.f.items[index].parent != r.f.items[children[0]].parent:
		r.add(errMisplaced.With("Link", link), at)
	default:
		return &r.f.items[index]
	}
	return nil
}

func (r *reader) item(e jsonscan.Value, it *item, sl *slot, n int, at string) {
	if sl.at >= 0 && !(it.Type == TypeGroup && it.Repeats) {
		r.add(errItemTwice.With("Link", it.LinkID), at)
		return
	}
	if sl.at < 0 {
		sl.at = n
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
		r.answers(e, it, sl, at)
	}
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

var answerMembers = kinds("id", "extension modifierExtension item:array", "valueBoolean valueDecimal valueInteger valueDate valueDateTime valueTime valueString valueUri valueAttachment valueCoding valueQuantity valueReference:any")

func (r *reader) answers(e jsonscan.Value, it *item, sl *slot, where string) {
	var values []Value
	for n, a := range e.Get("answer").All() {
		at := where + ".answer[" + strconv.Itoa(n) + "]"
		if a.Kind() != jsonscan.Object {
			r.add(errElementKind.With("Element", "answer", "Wanted", "object"), at)
			continue
		}
		r.answerShape(a, at)
		v, f := readValue(a, "value")
		if f == nil {
			f = it.check(v)
		}
		if f != nil {
			r.add(f, at)
			continue
		}
		o := r.blank(it.index)
		o.at, o.value = n, v
		r.number(o, it, a)
		sl.list = append(sl.list, o)
		values = append(values, v)
		r.items(a, o, it.children, at)
	}
	if f := it.together(values); f != nil {
		r.add(f, where)
	}
}

func (r *reader) answerShape(a jsonscan.Value, at string) {
	for _, m := range a.All() {
		if _, ok := answerMembers[strings.TrimPrefix(m.Key(), "_")]; !ok {
			r.add(errElementUnknown.With("Element", m.Key()), at)
		}
	}
	if a.Get("modifierExtension").Exists() {
		r.add(errFeature.With("Feature", "modifierExtension"), at)
	}
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
