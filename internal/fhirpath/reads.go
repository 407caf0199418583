package fhirpath

import (
	"slices"
	"strings"
)

// Reads is what the result of an expression may depend on, for a dependency graph. It may name more than is used, never
// less.
type Reads struct {
	Items    []string // linkIds of items whose content is read, with all that is beneath them
	Through  []string // linkIds of items that a path passes on its way; only whether they are there matters
	Vars     []string // variables, without the %
	Context  bool     // the context itself is read, not only items found in it by linkId
	Resource bool     // the whole resource is read
	Clock    bool     // now(), today() or timeOfDay()
}

// Reads tells what the expression depends on.
func (e *Expr) Reads() Reads {
	w := reader{}
	w.commit(w.walk(e.tree, origin{context: true}))
	for _, list := range []*[]string{&w.out.Items, &w.out.Through, &w.out.Vars} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return w.out
}

// origin is where a collection comes from, as long as nothing narrower is known.
type origin struct {
	context  bool
	resource bool
	items    []string
}

type reader struct {
	out   Reads
	local []string
}

// commit says that all of a collection is read.
func (w *reader) commit(o origin) {
	w.out.Context = w.out.Context || o.context
	w.out.Resource = w.out.Resource || o.resource
	w.out.Items = append(w.out.Items, o.items...)
}

// pass says that a collection was only the way to items within it.
func (w *reader) pass(o origin) { w.out.Through = append(w.out.Through, o.items...) }

func (o origin) with(p origin) origin {
	return origin{o.context || p.context, o.resource || p.resource, append(slices.Clone(o.items), p.items...)}
}

func (w *reader) walk(e *expr, this origin) origin {
	switch e.kind {
	case exVariable:
		switch {
		case e.name == "context":
			return origin{context: true}
		case e.name == "resource" || e.name == "rootResource":
			return origin{resource: true}
		case !slices.Contains(w.local, e.name):
			if _, known := wellKnown(e.name); !known {
				w.out.Vars = append(w.out.Vars, e.name)
			}
		}
		return origin{}
	case exSpecial:
		if e.name == "this" {
			return this
		}
		return origin{}
	case exMember:
		return this
	case exCall:
		return w.call(e, this, this)
	case exPath:
		left := w.walk(e.left, this)
		if e.right.kind == exCall {
			return w.call(e.right, left, this)
		}
		return left
	case exIndex:
		w.commit(w.walk(e.right, this))
		return w.walk(e.left, this)
	case exInstance:
		for _, a := range e.args {
			w.commit(w.walk(a, this))
		}
		return origin{}
	case exBinary:
		l, r := w.walk(e.left, this), w.walk(e.right, this)
		if e.name == "|" {
			return l.with(r)
		}
		w.commit(l)
		w.commit(r)
		return origin{}
	case exUnary, exType:
		return w.walk(e.left, this)
	}
	return origin{}
}

func (w *reader) call(e *expr, in, this origin) origin {
	switch e.name {
	case "now", "today", "timeOfDay":
		w.out.Clock = true
		return origin{}
	case "weight", "ordinal":
		w.out.Vars = append(w.out.Vars, "questionnaire")
	case "resolve":
		w.out.Resource = true
	case "where":
		if links := linksOf(e.args[0]); links != nil {
			w.pass(in)
			found := origin{items: links}
			w.narrowed(e.args[0], found)
			return found
		}
	case "defineVariable":
		if e.args[0].kind == exLiteral {
			w.local = append(w.local, e.args[0].value.str)
		}
		w.commit(in) // what the variable is used for is not followed
	}
	if scoped[e.name] {
		this = in
	}
	if e.name == "iif" || e.name == "coalesce" { // one of the arguments, not the input
		var out origin
		for i, a := range e.args {
			got := w.walk(a, this)
			if i == 0 && e.name == "iif" {
				w.commit(got)
			} else {
				out = out.with(got)
			}
		}
		return out
	}
	for _, a := range e.args {
		got := w.walk(a, this)
		if e.name == "select" || e.name == "repeat" || e.name == "repeatAll" {
			in = in.with(got)
			if e.name == "select" {
				in = got
			}
			continue
		}
		w.commit(got)
	}
	return in
}

// narrowed walks a condition that names linkIds: reading the linkId itself reads nothing of the item.
func (w *reader) narrowed(e *expr, found origin) {
	switch {
	case e.kind == exBinary && (e.name == "and" || e.name == "or"):
		w.narrowed(e.left, found)
		w.narrowed(e.right, found)
	case e.kind == exBinary && (e.name == "=" || e.name == "in") && (isLink(e.left) || isLink(e.right)):
	default:
		w.commit(w.walk(e, found))
	}
}

func isLink(e *expr) bool {
	return e.kind == exMember && e.name == "linkId" || e.kind == exPath && e.left.kind == exSpecial && e.left.name == "this" && e.right.name == "linkId"
}

// linksOf are the linkIds that a condition lets through, nil when it lets others through too.
func linksOf(e *expr) []string {
	if e.kind != exBinary {
		return nil
	}
	switch e.name {
	case "=", "in":
		if isLink(e.left) {
			return literals(e.right)
		}
		if isLink(e.right) && e.name == "=" {
			return literals(e.left)
		}
	case "and":
		if l := linksOf(e.left); l != nil {
			return l
		}
		return linksOf(e.right)
	case "or":
		l, r := linksOf(e.left), linksOf(e.right)
		if l != nil && r != nil {
			return append(l, r...)
		}
	}
	return nil
}

// literals are the strings of 'a' or ('a' | 'b').
func literals(e *expr) []string {
	switch {
	case e.kind == exLiteral && e.value.kind == KindString:
		return []string{e.value.str}
	case e.kind == exBinary && e.name == "|":
		l, r := literals(e.left), literals(e.right)
		if l != nil && r != nil {
			return append(l, r...)
		}
	}
	return nil
}

// Paths are the element paths the expression names, for a reader: name.given, item.answer.value.
func (e *Expr) Paths() []string {
	seen := map[string]bool{}
	collectPaths(e.tree, seen)
	out := make([]string, 0, len(seen))
	for p := range seen {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func collectPaths(e *expr, into map[string]bool) string {
	if e == nil {
		return ""
	}
	switch e.kind {
	case exMember:
		into[e.name] = true
		return e.name
	case exVariable:
		return "%" + e.name
	case exPath:
		left := collectPaths(e.left, into)
		if e.right.kind != exMember {
			collectPaths(e.right, into)
			return left
		}
		delete(into, left)
		p := strings.TrimPrefix(left+"."+e.right.name, ".")
		into[p] = true
		return p
	}
	left := collectPaths(e.left, into)
	collectPaths(e.right, into)
	for _, a := range e.args {
		collectPaths(a, into)
	}
	if e.kind == exIndex || e.kind == exType {
		return left
	}
	return ""
}
