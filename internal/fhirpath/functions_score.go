package fhirpath

// Extensions that give a coded answer its score; SDC 4 uses the first, earlier forms the second.
const (
	itemWeight   = "http://hl7.org/fhir/StructureDefinition/itemWeight"
	ordinalValue = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
	codeSystemOV = "http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue"
	valueSetOV   = "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue"
)

// scoring holds the functions that Structured Data Capture adds.
var scoring = map[string]function{
	"ordinal": {0, 0, fnWeight},
	"weight":  {0, 0, fnWeight},
	"answers": {0, 0, fnAnswers},
}

// fnAnswers gives the values of all answers beneath the input, at any depth.
func fnAnswers(f *call) ([]Value, error) {
	var out []Value
	queue := make([]*node, 0, len(f.in))
	for _, v := range f.in {
		if v.kind == KindNode {
			queue = append(queue, v.n)
		}
	}
	// Depth first, so that answers come in the order of the form.
	for len(queue) > 0 {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if err := f.r.step(1); err != nil {
			return nil, err
		}
		if n.name == "answer" {
			for _, v := range n.children("value") {
				out = append(out, nodeValue(v))
			}
		}
		for _, name := range [2]string{"item", "answer"} { // taken from the end: answers first
			kids := n.children(name)
			for i := len(kids) - 1; i >= 0; i-- {
				queue = append(queue, kids[i])
			}
		}
	}
	return out, f.r.grow(len(out))
}

// fnWeight is the score of each coded item: its own extension, the answer option of the questionnaire's item, the
// item's contained value set or a contained code system, and last the terminology. Items without one give nothing.
func fnWeight(f *call) ([]Value, error) {
	var out []Value
	for _, v := range f.in {
		if err := f.r.step(1); err != nil {
			return nil, err
		}
		w, err := f.r.weight(v)
		if err != nil {
			return nil, err
		}
		if w.kind != 0 {
			out = append(out, w)
		}
	}
	return out, f.r.grow(len(out))
}

func (r *run) weight(v Value) (Value, error) {
	if v.kind == KindNode {
		if w, ok := weightOn(v.n); ok {
			return w, nil
		}
		if c := v.n.child("code"); c != nil {
			if w, ok := weightOn(c); ok {
				return w, nil
			}
		}
	}
	given := codes(v)
	for _, c := range given {
		if v.kind == KindNode {
			if w, ok, err := r.formWeight(v.n, c[0], c[1]); ok || err != nil {
				return w, err
			}
		}
		if t := r.env.Terminology; t != nil {
			if d, ok := t.Weight(c[0], c[1]); ok {
				return Decimal(d), nil
			}
		}
	}
	return Value{}, nil
}

// weightOn reads the extension on a node.
func weightOn(n *node) (Value, bool) {
	for _, e := range n.children("extension") {
		switch e.childText("url") {
		case itemWeight, ordinalValue, codeSystemOV, valueSetOV:
			if w := e.child("value"); w != nil {
				u := nodeValue(w).unboxed()
				return u, u.isNumber()
			}
		}
	}
	return Value{}, false
}

// formWeight looks in %questionnaire for the item that n answers, or for n's own item when n stands in the form.
func (r *run) formWeight(n *node, system, code string) (Value, bool, error) {
	form, err := r.questionnaire()
	if form == nil || form.doc == nil || err != nil {
		return Value{}, false, err
	}
	link := ""
	for up := n.parent; up != nil && link == ""; up = up.parent {
		link = up.childText("linkId")
	}
	for _, item := range form.doc.linked(link) {
		for _, o := range item.children("answerOption") {
			if err := r.step(1); err != nil {
				return Value{}, false, err
			}
			c := o.child("value")
			if c == nil || !sameCode(c, system, code) {
				continue
			}
			if w, ok := weightOn(c); ok {
				return w, true, nil
			}
			if w, ok := weightOn(o); ok {
				return w, true, nil
			}
		}
		if set := item.childText("answerValueSet"); set != "" {
			if s, err := r.follow(set, form); err != nil {
				return Value{}, false, err
			} else if s != nil {
				if w, ok, err := r.setWeight(s, system, code); ok || err != nil {
					return w, ok, err
				}
			}
		}
	}
	return r.systemWeight(form, system, code)
}

func sameCode(n *node, system, code string) bool {
	if n.kind != objectNode {
		return n.text == code
	}
	own := n.childText("system")
	return n.childText("code") == code && (system == "" || own == "" || own == system)
}

func (r *run) questionnaire() (*node, error) {
	v, ok := r.env.Vars["questionnaire"]
	if !ok && r.env.Lookup != nil {
		var err error
		if v, _, err = r.env.Lookup("questionnaire"); err != nil {
			return nil, err
		}
	}
	if len(v) == 1 && v[0].kind == KindNode {
		return v[0].n, nil
	}
	return nil, nil
}

// setWeight looks through the concepts of a value set and its expansion.
func (r *run) setWeight(set *node, system, code string) (Value, bool, error) {
	var queue []*node
	if exp := set.child("expansion"); exp != nil {
		queue = append(queue, exp.children("contains")...)
	}
	if compose := set.child("compose"); compose != nil {
		for _, inc := range compose.children("include") {
			if own := inc.childText("system"); system == "" || own == "" || own == system {
				queue = append(queue, inc.children("concept")...)
			}
		}
	}
	return r.conceptWeight(queue, system, code)
}

func (r *run) systemWeight(form *node, system, code string) (Value, bool, error) {
	for _, c := range form.children("contained") {
		if c.typ != nil && c.typ.name == "CodeSystem" && (system == "" || c.childText("url") == system) {
			if w, ok, err := r.conceptWeight(append([]*node{}, c.children("concept")...), system, code); ok || err != nil {
				return w, ok, err
			}
		}
	}
	return Value{}, false, nil
}

func (r *run) conceptWeight(queue []*node, system, code string) (Value, bool, error) {
	for i := 0; i < len(queue); i++ {
		if err := r.step(1); err != nil {
			return Value{}, false, err
		}
		c := queue[i]
		if sameCode(c, system, code) {
			if w, ok := weightOn(c); ok {
				return w, true, nil
			}
			for _, p := range c.children("property") { // a CodeSystem may hold it as a property
				if name := p.childText("code"); name == "itemWeight" || name == "ordinalValue" {
					if w := p.child("value"); w != nil {
						return nodeValue(w).unboxed(), true, nil
					}
				}
			}
		}
		queue = append(queue, c.children("contains")...)
		queue = append(queue, c.children("concept")...)
	}
	return Value{}, false, nil
}
