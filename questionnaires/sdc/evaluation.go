package sdc

import (
	"slices"

	"kindred/internal/jsonscan"
)

// Evaluation is a response after enabling and calculation.
type Evaluation struct {
	Incoming
	Enabled  map[string]bool // by linkId: whether the item is enabled anywhere
	Response []byte          // the document with calculated answers in, and disabled items out
}

// Evaluate reads a response, computes it anew and writes it again. A response is somebody's document: ids, extensions,
// narrative, texts, and whatever the form does not know stay as they were, in their order. What a person put in the
// place of a calculated answer stays, where the form lets them (SDC, calculatedExpression).
func (f *Form) Evaluate(raw []byte, context ...Context) Evaluation {
	in := f.read(raw, ResponseLimits, toEvaluate, context)
	e := Evaluation{Incoming: in, Enabled: map[string]bool{}}
	f.states(in.State, in.State.root, f.top, []*occurrence{in.State.root}, true, e.Enabled)
	if in.doc.Kind() != jsonscan.Object {
		return e
	}
	p := patcher{f: f, lang: in.Language}
	p.b = append(p.b, '{')
	written := false
	for _, m := range in.doc.All() {
		if m.Key() == "item" {
			written = true
			p.items(in.doc, in.State.root, f.top)
			continue
		}
		p.member(m)
	}
	if !written {
		p.items(in.doc, in.State.root, f.top)
	}
	e.Response = append(p.b, '}')
	return e
}

// states tells for each item whether it is enabled: itself and all around it. What stands under a question without an
// answer is looked at as if there were one.
func (f *Form) states(s *State, in *occurrence, children []int, way []*occurrence, around bool, into map[string]bool) {
	for _, child := range children {
		it := &f.items[child]
		sl := &in.slots[it.seat]
		on := around && sl.on
		into[it.LinkID] = into[it.LinkID] || on
		if len(it.children) == 0 {
			continue
		}
		list := sl.list
		if len(list) == 0 {
			list = []*occurrence{f.supposed(s, it, way)}
		}
		for _, o := range list {
			f.states(s, o, it.children, append(way[:len(way):len(way)], o), on, into)
		}
	}
}

// supposed is an answer that nobody gave, with what would be enabled under it.
func (f *Form) supposed(s *State, it *item, way []*occurrence) *occurrence {
	o := f.occurrence(&State{}, it.index, false)
	way = append(way[:len(way):len(way)], o)
	for n := range f.nodes {
		nd := &f.nodes[n]
		inner := &f.items[nd.item]
		if nd.kind != nodeEnable || inner.parent != it.index {
			continue
		}
		if nd.x == nil {
			o.slots[inner.seat].on = f.holds(inner, way)
		} else if got, err := f.value(s, nd.x, way, nil); err == nil {
			o.slots[inner.seat].on, _ = got.Bool()
		}
	}
	return o
}

// patcher writes a document again with what changed in it.
type patcher struct {
	f    *Form
	lang string
	b    []byte
}

// member copies a member as it stands.
func (p *patcher) member(m jsonscan.Value) {
	p.comma()
	p.b = append(quoted(p.b, m.Key()), ':')
	p.b = append(p.b, m.Raw()...)
}

func (p *patcher) comma() {
	if last := p.b[len(p.b)-1]; last != '{' && last != '[' {
		p.b = append(p.b, ',')
	}
}

// piece is one item of the new list.
type piece struct {
	seat int
	text []byte
}

// items writes the member "item" of v, as an occurrence has it now; nothing where no item is left.
func (p *patcher) items(v jsonscan.Value, in *occurrence, children []int) {
	var list []piece
	seat := -1
	for n, e := range v.Get("item").All() {
		it, sl, o := p.known(e, n, in, children)
		if it == nil {
			list = append(list, piece{seat, e.Raw()}) // nothing of ours: it stays where it is
			continue
		}
		seat = max(seat, it.seat)
		if text := p.item(e, it, sl, o); text != nil {
			list = append(list, piece{it.seat, text})
		}
	}
	for _, child := range children {
		it := &p.f.items[child]
		for _, text := range p.fresh(it, &in.slots[it.seat]) {
			at := len(list)
			for at > 0 && list[at-1].seat > it.seat {
				at--
			}
			list = slices.Insert(list, at, piece{it.seat, text})
		}
	}
	if len(list) == 0 {
		return
	}
	p.comma()
	p.b = append(p.b, `"item":[`...)
	for _, one := range list {
		p.comma()
		p.b = append(p.b, one.text...)
	}
	p.b = append(p.b, ']')
}

// known finds what the n-th item of a list was read as.
func (p *patcher) known(e jsonscan.Value, n int, in *occurrence, children []int) (*item, *slot, *occurrence) {
	link := e.Get("linkId").Text()
	for _, child := range children {
		it := &p.f.items[child]
		if it.LinkID != link {
			continue
		}
		sl := &in.slots[it.seat]
		if it.Type == TypeGroup {
			for _, o := range sl.list {
				if o.at == n {
					return it, sl, o
				}
			}
		} else if sl.at == n {
			return it, sl, nil
		}
	}
	return nil, nil, nil
}

// item writes one item again; nil where it is disabled, or holds nothing any more.
func (p *patcher) item(e jsonscan.Value, it *item, sl *slot, o *occurrence) []byte {
	if !sl.on {
		return nil
	}
	q := patcher{f: p.f, lang: p.lang, b: []byte{'{'}}
	held, holds := false, false
	for _, m := range e.All() {
		switch key := m.Key(); {
		case key == "item" && o != nil:
			held = m.Len() > 0
			before := len(q.b)
			q.items(e, o, it.children)
			holds = len(q.b) > before
		case key == "answer" && it.question():
			held = m.Len() > 0
			before := len(q.b)
			q.answers(e, it, sl)
			holds = len(q.b) > before
		default:
			q.member(m)
		}
	}
	switch {
	case o != nil && !e.Get("item").Exists():
		q.items(e, o, it.children)
	case it.question() && !e.Get("answer").Exists():
		q.answers(e, it, sl)
	case held && !holds && !e.Get("extension").Exists():
		return nil
	}
	return append(q.b, '}')
}

// answers writes the answers of a question: those that are as they were, as they stand; those that could not be read,
// too, unless the answer is calculated.
func (p *patcher) answers(e jsonscan.Value, it *item, sl *slot) {
	var list [][]byte
	read := map[int]*occurrence{}
	for _, o := range sl.list {
		if o.at >= 0 {
			read[o.at] = o
		}
	}
	computed := it.calculate != nil && sl.mark != markOverridden
	for n, a := range e.Get("answer").All() {
		o := read[n]
		if o == nil {
			if !computed {
				list = append(list, a.Raw())
			}
			continue
		}
		list = append(list, p.answer(a, it, o))
	}
	for _, o := range sl.list {
		if o.at < 0 {
			list = append(list, p.answer(jsonscan.Value{}, it, o))
		}
	}
	if len(list) == 0 {
		return
	}
	p.comma()
	p.b = append(p.b, `"answer":[`...)
	for _, one := range list {
		p.comma()
		p.b = append(p.b, one...)
	}
	p.b = append(p.b, ']')
}

func (p *patcher) answer(a jsonscan.Value, it *item, o *occurrence) []byte {
	q := patcher{f: p.f, lang: p.lang, b: []byte{'{'}}
	was, problem := readValue(a, "value")
	same := o.value.Type == Absent || problem == nil && was.Equal(o.value) && was.Text == o.value.Text
	if !same {
		q.b = appendValue(q.b, o.value)
	}
	for _, m := range a.All() {
		key := m.Key()
		if key == "item" || !same && (valueKey(key) || key[0] == '_') {
			continue
		}
		q.member(m)
	}
	if len(o.slots) > 0 {
		q.items(a, o, it.children)
	} else if inner := a.Get("item"); inner.Exists() {
		q.member(inner)
	}
	return append(q.b, '}')
}

func valueKey(key string) bool { return len(key) > 5 && key[:5] == "value" }

// fresh are the items that the document does not have yet.
func (p *patcher) fresh(it *item, sl *slot) [][]byte {
	if !sl.on || it.Type == TypeDisplay {
		return nil
	}
	var list [][]byte
	w := writer{f: p.f, lang: p.lang}
	if it.question() {
		if sl.at < 0 && len(sl.list) > 0 {
			w.question(it, sl, true)
			list = append(list, w.b)
		}
		return list
	}
	for _, o := range sl.list {
		if w.b = nil; o.at < 0 && p.f.holding(o, it) {
			w.group(it, o, true)
			list = append(list, w.b)
		}
	}
	return list
}
