package sdc

import (
	"strings"
	"sync"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
)

// compiler builds one Form. It goes on after a refusal, so that all are told at once, and leaves out or works around what
// it refused, so that a lenient compilation has a form in the end.
type compiler struct {
	root        jsonscan.Value
	form        *Form
	found       Findings
	lenient     bool
	library     *terminology.Library
	sources     []jsonscan.Value // the JSON of each item, by its index
	sets        map[string]offered
	roots       []int // variables of the form itself
	expressions []*expression
	details     []detail
}

func (c *compiler) refuse(f *fault.Error, link string) { c.found.Refusals.Add(f.At(link)) }
func (c *compiler) warn(f *fault.Error, link string)   { c.found.Warnings.Add(f.At(link)) }

// run compiles all there is; false for what no lenience makes a form of.
func (c *compiler) run() bool {
	if c.root.Kind() != jsonscan.Object || c.root.Get("resourceType").Text() != "Questionnaire" {
		c.refuse(errNotQuestionnaire, "")
		return false
	}
	c.contained()
	c.header()
	for i, v := range c.array(c.root, "item", "") {
		c.item(v, -1, "item["+itoa(i)+"]")
	}
	if len(c.form.items) == 0 {
		c.refuse(errNoItems, "")
	}
	for i := range c.form.items {
		c.settle(i)
	}
	c.size()
	for i := range c.form.items {
		c.enableWhen(i)
	}
	c.resolve()
	c.scores()
	if len(c.found.Refusals) > 0 && !c.lenient {
		return true
	}
	c.order()
	if len(c.found.Refusals) == 0 || c.lenient {
		c.form.layout()
		c.review()
	}
	return true
}

// rootMembers are the elements of an R4 Questionnaire, with the JSON kind each must have.
var rootMembers = kinds("resourceType id implicitRules language url version name title status date publisher description purpose copyright approvalDate lastReviewDate:string",
	"meta text effectivePeriod:object", "experimental:boolean",
	"contained extension modifierExtension identifier derivedFrom subjectType contact useContext jurisdiction code item:array")

var itemMembers = kinds("id linkId definition prefix text type enableBehavior answerValueSet:string", "required repeats readOnly:boolean", "maxLength:number",
	"extension modifierExtension code enableWhen answerOption initial item:array")

// kinds reads "name name:kind" lists.
func kinds(lists ...string) map[string]string {
	m := map[string]string{}
	for _, l := range lists {
		names, kind, _ := strings.Cut(l, ":")
		for _, n := range strings.Fields(names) {
			m[n] = kind
		}
	}
	return m
}

// members refuses elements that R4 does not have, and those of the wrong JSON kind.
func (c *compiler) members(v jsonscan.Value, known map[string]string, link string) {
	for _, m := range v.All() {
		key := m.Key()
		if name, ok := strings.CutPrefix(key, "_"); ok && known[name] != "" {
			c.primitive(m, link, name)
			continue
		}
		switch want := known[key]; {
		case want == "":
			c.refuse(errElementUnknown.With("Element", key), link)
		case m.Kind().String() != want:
			c.refuse(errElementKind.With("Element", key, "Wanted", want), link)
		case want == "string" && m.Text() == "", want == "array" && m.Len() == 0:
			c.warn(errElementEmpty.With("Element", key), link)
		}
	}
}

// primitive looks at the extensions of a primitive ("_text"). Expressions on elements of an item are read with the item.
func (c *compiler) primitive(m jsonscan.Value, link, name string) {
	if m.Get("modifierExtension").Exists() {
		c.refuse(errFeature.With("Feature", "modifierExtension ("+name+")"), link)
	}
}

// array gives the elements of an array member; anything else was refused by members.
func (c *compiler) array(v jsonscan.Value, key, link string) []jsonscan.Value {
	m := v.Get(key)
	if m.Kind() != jsonscan.Array {
		return nil
	}
	list := make([]jsonscan.Value, 0, m.Len())
	for _, e := range m.All() {
		if e.Kind() != jsonscan.Object {
			c.refuse(errElementKind.With("Element", key, "Wanted", "object"), link)
			continue
		}
		list = append(list, e)
	}
	return list
}

func (c *compiler) header() {
	f, r := c.form, c.root
	c.members(r, rootMembers, "")
	f.ID = r.Get("id").Text()
	f.URL, f.Version, f.Name = r.Get("url").Text(), r.Get("version").Text(), r.Get("name").Text()
	f.Title, f.Description = readText(r, "title"), readText(r, "description")
	f.Status, f.Language = r.Get("status").Text(), r.Get("language").Text()
	if f.Title.Empty() {
		f.Title = Text{Plain: firstOf(f.Name, f.URL, r.Get("id").Text())}
	}
	switch f.Status {
	case "draft", "active", "retired", "unknown":
	case "":
		c.warn(errStatusMissing, "")
	default:
		c.refuse(ErrElementValue.With("Element", "status", "Value", f.Status), "")
	}
	if strings.ContainsAny(f.URL+f.Version, "| \t\n") || strings.Contains(f.URL, "#") {
		c.refuse(ErrElementValue.With("Element", "url, version", "Value", f.Canonical()), "")
	}
	if r.Get("derivedFrom").Exists() {
		c.warn(errIgnored.With("Feature", "derivedFrom"), "")
	}
	period := r.Get("effectivePeriod")
	f.effective = [2]string{period.Get("start").Text(), period.Get("end").Text()}
	critical := c.modifiers(r, "")
	if r.Get("implicitRules").Exists() && !critical {
		c.refuse(errFeature.With("Feature", "implicitRules"), "")
	}
	list := c.array(r, "extension", "")
	for _, ext := range list { // names first: any expression may use them
		if feature(ext.Get("url").Text()) == "launchContext" {
			c.context(ext)
		}
	}
	for _, ext := range list {
		c.rootExtension(ext)
	}
}

// modifiers refuses modifier extensions, save those that ask for extensions we know (SDC, rendering-criticalExtension).
// It tells whether there was such.
func (c *compiler) modifiers(v jsonscan.Value, link string) bool {
	critical := false
	for _, ext := range c.array(v, "modifierExtension", link) {
		name := feature(ext.Get("url").Text())
		if !strings.HasSuffix(name, "rendering-criticalExtension") {
			c.refuse(errFeature.With("Feature", "modifierExtension "+name), link)
			continue
		}
		critical = true
		asked := feature(firstText(ext, "valueCanonical", "valueUri", "valueUrl"))
		if !understood[asked] {
			c.refuse(errFeature.With("Feature", asked), link)
		}
	}
	return critical
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// item compiles one item and those inside it. Depth is bounded by the limits of the scan.
func (c *compiler) item(v jsonscan.Value, parent int, where string) {
	link := v.Get("linkId").Text()
	if link == "" {
		c.refuse(errLinkMissing, where)
		link = where
	}
	index := len(c.form.items)
	if _, twice := c.found.places[link]; !twice {
		if c.found.places == nil {
			c.found.places = map[string]string{}
		}
		c.found.places[link] = "Questionnaire." + where
	}
	c.name(v, link, index)
	c.members(v, itemMembers, link)
	it := item{
		LinkID: link, Type: ItemType(v.Get("type").Text()), Definition: v.Get("definition").Text(),
		Text: readText(v, "text"), Prefix: readText(v, "prefix"),
		Required: v.Get("required").Bool(), Repeats: v.Get("repeats").Bool(), ReadOnly: v.Get("readOnly").Bool(),
		MaxLength: -1, MinLength: -1, MaxDecimals: -1, MinOccurs: -1, MaxOccurs: -1,
		index: index, parent: parent, any: v.Get("enableBehavior").Text() == "any",
	}
	it.answer = answerTypes[it.Type]
	for _, code := range c.array(v, "code", link) {
		it.Code = append(it.Code, readCoding(code))
	}
	siblings := &c.form.top
	if parent >= 0 {
		p := &c.form.items[parent]
		siblings = &p.children
		it.chain = append(p.chain[:len(p.chain):len(p.chain)], parent)
	}
	it.seat = len(*siblings)
	*siblings = append(*siblings, index)
	c.form.items = append(c.form.items, it)
	c.sources = append(c.sources, v)
	c.typed(v, index)
	c.limits(v, index)
	c.extensions(v, index)
	for _, m := range v.All() {
		if key, ok := strings.CutPrefix(m.Key(), "_"); ok {
			c.computed(m, index, key)
		}
	}
	c.options(v, index)
	for i, child := range c.array(v, "item", link) {
		c.item(child, index, where+".item["+itoa(i)+"]")
	}
	c.form.items[index].last = len(c.form.items) - 1
}

// name registers a linkId: que-2. A display that shares the linkId of another item is told and let pass: it is never
// answered and never in a response, so nothing can be mistaken for it; forms in use have such.
func (c *compiler) name(v jsonscan.Value, link string, index int) {
	other, twice := c.form.byLink[link]
	display := v.Get("type").Text() == string(TypeDisplay)
	switch {
	case !twice:
		c.form.byLink[link] = index
	case display:
		c.warn(errRules[2].With("Link", link), link)
	case c.form.items[other].Type == TypeDisplay:
		c.warn(errRules[2].With("Link", link), link)
		c.form.byLink[link] = index
	default:
		c.refuse(errRules[2].With("Link", link), link)
	}
}

// typed judges what the type allows: the R4 invariants que-3, -6, -9, and types that are not supported.
func (c *compiler) typed(v jsonscan.Value, index int) {
	it := &c.form.items[index]
	switch {
	case it.Type == "":
		c.refuse(errElementMissing.With("Element", "type"), it.LinkID)
	case it.Type == "question":
		c.refuse(errFeature.With("Feature", "type question"), it.LinkID)
	case it.Type == "coding": // R5
		c.refuse(ErrElementValue.With("Element", "type", "Value", "coding"), it.LinkID)
		if it.Type = TypeChoice; strings.HasPrefix(v.Get("answerConstraint").Text(), "optionsOr") {
			it.Type = TypeOpenChoice
		}
		it.answer = CodingType
	case it.answer == "" && it.Type != TypeGroup && it.Type != TypeDisplay:
		c.refuse(ErrElementValue.With("Element", "type", "Value", string(it.Type)), it.LinkID)
	}
	if it.answer == "" && it.Type != TypeGroup && it.Type != TypeDisplay {
		if it.Type = TypeString; v.Get("item").Exists() && !v.Get("answerOption").Exists() && !v.Get("answerValueSet").Exists() {
			it.Type = TypeGroup
		} else {
			it.answer, it.loose = String, true
		}
	}
	if it.Type != TypeDisplay {
		return
	}
	if v.Get("code").Exists() {
		c.refuse(errRules[3], it.LinkID)
	}
	if v.Get("required").Exists() || v.Get("repeats").Exists() {
		c.refuse(errRules[6], it.LinkID)
	}
	if v.Get("readOnly").Exists() {
		c.refuse(errRules[9], it.LinkID)
	}
}

// limits reads maxLength (que-10) and refuses modifier extensions.
func (c *compiler) limits(v jsonscan.Value, index int) {
	it := &c.form.items[index]
	if m := v.Get("maxLength"); m.Kind() == jsonscan.Number {
		n, ok := whole(m.Text())
		switch it.Type {
		case TypeBoolean, TypeDecimal, TypeInteger, TypeString, TypeText, TypeURL, TypeOpenChoice:
			if it.MaxLength = n; !ok || n < 1 {
				it.MaxLength = -1
				c.refuse(ErrElementValue.With("Element", "maxLength", "Value", m.Text()), it.LinkID)
			}
		default:
			c.refuse(errRules[10], it.LinkID)
		}
	}
	c.modifiers(v, it.LinkID)
	switch b := v.Get("enableBehavior").Text(); b {
	case "", "all", "any":
	default:
		c.refuse(ErrElementValue.With("Element", "enableBehavior", "Value", b), it.LinkID)
	}
}

// maxDepth is how deep items may nest. A response nests twice as deep as its form, and must stay within its limits.
const maxDepth = 14

// maxSlots is how many places for answers one response may hold.
const maxSlots = 200_000

// size judges that an empty response to the form is not too large already, and that no full one is too deep.
func (c *compiler) size() {
	total := 0
	times := make([]int, len(c.form.items))
	for i := range c.form.items {
		it := &c.form.items[i]
		if len(it.chain) == maxDepth {
			c.refuse(errDeep.With("Limit", maxDepth), it.LinkID)
		}
		times[i] = 1
		if it.parent >= 0 {
			times[i] = times[it.parent]
		}
		if it.Type == TypeGroup && it.Repeats {
			times[i] = min(times[i]*min(max(1, it.MinOccurs), maxSlots), maxSlots)
		}
		total += times[i]
		if it.MinOccurs > maxRepeats || total > maxSlots {
			c.refuse(errWide, it.LinkID)
			for k := range c.form.items {
				c.form.items[k].MinOccurs = min(c.form.items[k].MinOccurs, 1)
			}
			return
		}
	}
}

// settle judges an item once all items inside it are known: que-1, que-8, que-11, que-13, and its initial values.
func (c *compiler) settle(index int) {
	it := &c.form.items[index]
	v := c.sources[index]
	switch {
	case it.Type == TypeGroup && len(it.children) == 0:
		c.refuse(errRules[1], it.LinkID)
	case it.Type == TypeDisplay && len(it.children) > 0:
		// Renderers in wide use write instructions as displays under a display: nothing can be answered there, so
		// nothing can be lost.
		c.warn(errRules[1], it.LinkID)
		for _, child := range it.children {
			if c.form.items[child].Type != TypeDisplay {
				c.refuse(errRules[1], it.LinkID)
				break
			}
		}
	}
	c.bounds(it)
	c.fillable(it)
	initial := c.array(v, "initial", it.LinkID)
	if len(initial) == 0 {
		for _, o := range it.Options {
			if o.Initial {
				it.initial = append(it.initial, o.Value)
			}
		}
	} else if !it.question() {
		c.refuse(errRules[8], it.LinkID)
		return
	} else if it.initialize != nil {
		c.refuse(errBothInitials, it.LinkID)
	} else if v.Get("answerOption").Exists() {
		c.refuse(errRules[11], it.LinkID)
	}
	for _, one := range initial {
		value, f := readValue(one, "value")
		if f != nil && it.answer == Quantity && !one.Get("valueQuantity").Get("value").Exists() {
			continue // a default unit alone is no answer
		}
		if f == nil {
			f = it.check(value)
		}
		if f != nil {
			c.refuse(f.With("In", "initial"), it.LinkID)
			continue
		}
		it.initial = append(it.initial, value)
	}
	if len(it.initial) > 1 && !it.Repeats {
		c.refuse(errRules[13], it.LinkID)
		it.initial = it.initial[:1]
	}
	if it.expressive() {
		link := it.LinkID
		it.detached = sync.OnceValue(func() fhirpath.Node {
			n, _ := fhirpath.ParseAs(append(quoted([]byte(`{"linkId":`), link), '}'), "QuestionnaireResponse.item")
			return n
		})
	}
}

// bounds judges that the limits of one item can be met at all.
func (c *compiler) bounds(it *item) {
	if it.Min != nil && it.Max != nil {
		if order, known := it.Min.Compare(*it.Max); known && order > 0 {
			c.refuse(errBoundsCrossed.With("Min", it.Min.Text, "Max", it.Max.Text), it.LinkID)
		}
	}
	if it.MinLength >= 0 && it.MaxLength >= 0 && it.MinLength > it.MaxLength {
		c.refuse(errBoundsCrossed.With("Min", it.MinLength, "Max", it.MaxLength), it.LinkID)
	}
	if it.MinOccurs >= 0 && it.MaxOccurs >= 0 && it.MinOccurs > it.MaxOccurs {
		c.refuse(errBoundsCrossed.With("Min", it.MinOccurs, "Max", it.MaxOccurs), it.LinkID)
	}
	for _, b := range []*Value{it.Min, it.Max} {
		if it.loose {
			break
		}
		if b != nil && b.Type != it.answer && (it.answer != Decimal || b.Type != Integer) && (it.answer != DateTime || b.Type != Date) &&
			(it.answer != Quantity || (b.Type != Decimal && b.Type != Integer)) && (it.answer != Integer || b.Type != Decimal) {
			c.refuse(errBoundType.With("Type", string(b.Type)), it.LinkID)
			it.Min, it.Max = nil, nil
			return
		}
	}
}
