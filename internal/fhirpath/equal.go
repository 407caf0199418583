package fhirpath

import (
	"hash/maphash"
	"strings"
	"unicode"

	"github.com/cockroachdb/apd/v3"
)

// truth is a value of three-valued logic.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// equal is the = of two items.
func (r *run) equal(a, b Value) (truth, error) {
	if err := r.step(1); err != nil {
		return unknown, err
	}
	if a.kind == KindNode && a.n == b.n && b.kind == KindNode {
		return yes, nil
	}
	a, b = meet(a, b)
	switch {
	case a.kind == KindNode && b.kind == KindNode:
		return r.equalNodes(a.n, b.n)
	case a.kind == KindQuantity && b.kind == KindQuantity:
		order, known := compareQuantities(a, b)
		if !known {
			return unknown, nil
		}
		return truthOf(order == 0), nil
	case a.isNumber() && b.isNumber():
		return truthOf(a.decimal().cmp(b.decimal()) == 0), nil
	case a.isTemporal() && b.isTemporal():
		if (a.kind == KindTime) != (b.kind == KindTime) {
			return no, nil
		}
		order, known := a.x.time.compare(b.x.time)
		if !known {
			return unknown, nil
		}
		return truthOf(order == 0), nil
	case a.kind != b.kind:
		return no, nil
	case a.kind == KindType:
		return truthOf(a.str == b.str && a.x.name == b.x.name), nil
	}
	return truthOf(a.num == b.num && a.str == b.str), nil
}

// meet brings two items to kinds that can be compared: numbers become quantities beside one, and text of unknown type
// becomes a date beside one.
func meet(a, b Value) (Value, Value) {
	untypedA, untypedB := a.untyped(), b.untyped()
	a, b = a.unboxed(), b.unboxed()
	switch {
	case a.kind == KindQuantity && b.isNumber():
		b = Quantity(b, "1")
	case b.kind == KindQuantity && a.isNumber():
		a = Quantity(a, "1")
	case untypedA && a.kind == KindString && b.isTemporal():
		a = a.asTemporal(b.kind)
	case untypedB && b.kind == KindString && a.isTemporal():
		b = b.asTemporal(a.kind)
	}
	return a, b
}

func (v Value) untyped() bool { return v.kind == KindNode && v.n.typ == nil }

func (v Value) asTemporal(kind Kind) Value {
	if kind == KindDate && len(v.str) > 10 {
		kind = KindDateTime
	}
	if t, ok := parseTemporal(v.str, kind); ok {
		return t.value()
	}
	return v
}

func (r *run) equalNodes(a, b *node) (truth, error) {
	if err := r.step(1); err != nil {
		return unknown, err
	}
	if a == b {
		return yes, nil
	}
	if a.kind != objectNode || b.kind != objectNode {
		x, y := nodeValue(a).unboxed(), nodeValue(b).unboxed()
		if x.kind != KindNode || y.kind != KindNode {
			if t, err := r.equal(x, y); t != yes || err != nil {
				return t, err
			}
		} else if a.kind != b.kind || a.text != b.text {
			return no, nil
		}
	} else if a.typ != b.typ && a.typ.isResource() && b.typ.isResource() {
		return no, nil
	}
	return r.equalKids(a, b)
}

func (r *run) equalKids(a, b *node) (truth, error) {
	if len(a.kids) != len(b.kids) {
		return no, nil
	}
	out := yes
	for i := range a.kids {
		f := &a.kids[i]
		other := b.children(f.name)
		if len(other) != len(f.nodes) {
			return no, nil
		}
		for j, k := range f.nodes {
			t, err := r.equalNodes(k, other[j])
			if t == no || err != nil {
				return no, err
			}
			out = min(out, t)
		}
	}
	return out, nil
}

// equalAll is the = of two collections.
func (r *run) equalAll(a, b []Value) (truth, error) {
	if len(a) == 0 || len(b) == 0 {
		return unknown, nil
	}
	if len(a) != len(b) {
		return no, nil
	}
	out := yes
	for i := range a {
		t, err := r.equal(a[i], b[i])
		if t == no || err != nil {
			return no, err
		}
		out = min(out, t)
	}
	return out, nil
}

// equivalent is the ~ of two items.
func (r *run) equivalent(a, b Value) (bool, error) {
	if err := r.step(1); err != nil {
		return false, err
	}
	a, b = meet(a, b)
	switch {
	case a.kind == KindNode && b.kind == KindNode:
		return r.equivalentNodes(a.n, b.n)
	case a.kind == KindQuantity && b.kind == KindQuantity:
		return equivalentQuantities(a, b), nil
	case a.isNumber() && b.isNumber():
		return equivalentDecimals(a.decimal(), b.decimal()), nil
	case a.isTemporal() && b.isTemporal():
		order, known := a.x.time.compare(b.x.time)
		return known && order == 0 && (a.kind == KindTime) == (b.kind == KindTime), nil
	case a.kind != b.kind:
		return false, nil
	case a.kind == KindString:
		return fold(a.str) == fold(b.str), nil
	}
	t, err := r.equal(a, b)
	return t == yes, err
}

// fold ignores case and treats every white space alike.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, s)
}

func equivalentDecimals(a, b decimal) bool {
	a, b = a.reduced(), b.reduced()
	places := min(a.places(), b.places())
	x, ok1 := a.round(places, apd.RoundHalfUp)
	y, ok2 := b.round(places, apd.RoundHalfUp)
	return ok1 && ok2 && x.cmp(y) == 0
}

func (r *run) equivalentNodes(a, b *node) (bool, error) {
	if a == b {
		return true, nil
	}
	if len(a.kids) != len(b.kids) || a.kind != b.kind {
		return false, nil
	}
	for i := range a.kids {
		f := &a.kids[i]
		ok, err := r.equivalentAll(valuesOf(f.nodes), valuesOf(b.children(f.name)))
		if !ok || err != nil {
			return false, err
		}
	}
	return a.text == b.text, nil
}

func valuesOf(nodes []*node) []Value {
	out := make([]Value, len(nodes))
	for i, n := range nodes {
		out[i] = nodeValue(n)
	}
	return out
}

// equivalentAll is the ~ of two collections, whatever their order.
func (r *run) equivalentAll(a, b []Value) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	used := make([]bool, len(b))
	for i, x := range a {
		found := false
		for k := range b {
			j := (i + k) % len(b) // most often they stand in the same order
			if used[j] {
				continue
			}
			ok, err := r.equivalent(x, b[j])
			if err != nil {
				return false, err
			}
			if ok {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

var seed = maphash.MakeSeed()

// bucket is a hash that is the same for items that may be equal. Kinds that convert into each other share one.
func (r *run) bucket(v Value) (uint64, error) {
	if err := r.step(1); err != nil {
		return 0, err
	}
	if v.kind == KindNode {
		n := v.n
		if n.kind == objectNode && !n.typ.is("Quantity") {
			if link := n.child("linkId"); link != nil { // items are told apart by their linkId
				return maphash.String(seed, link.text), nil
			}
			return r.bucketNode(n)
		}
	}
	v = v.unboxed()
	switch v.kind {
	case KindString:
		if len(v.str) >= 4 && isDigit(v.str[0]) && isDigit(v.str[1]) { // could be a date of unknown type
			return 1, nil
		}
		return maphash.String(seed, v.str), nil
	case KindInteger, KindLong, KindDecimal:
		return maphash.String(seed, v.decimal().key()), nil
	case KindQuantity:
		if v.str == "1" {
			return maphash.String(seed, v.decimal().key()), nil
		}
		return 2, nil
	case KindDate, KindDateTime, KindTime:
		return 1, nil
	case KindBoolean:
		return 3 + uint64(v.num), nil
	}
	return 5, nil
}

func (r *run) bucketNode(n *node) (uint64, error) {
	var sum uint64
	for i := range n.kids {
		f := &n.kids[i]
		name := maphash.String(seed, f.name)
		for j, k := range f.nodes {
			h, err := r.bucket(nodeValue(k))
			if err != nil {
				return 0, err
			}
			sum += (name + uint64(j)*0x9e3779b97f4a7c15) * (h | 1) // fields may stand in any order
		}
	}
	return sum, nil
}

// set is a collection without duplicates, in the order of arrival.
type set struct {
	r       *run
	items   []Value
	buckets map[uint64][]int32
}

const smallSet = 8 // below this, comparing each with each is cheaper than hashing

// has tells whether an equal item is in the set.
func (s *set) has(v Value) (bool, error) {
	if s.buckets == nil {
		for i := range s.items {
			if t, err := s.r.equal(s.items[i], v); t == yes || err != nil {
				return true, err
			}
		}
		return false, nil
	}
	h, err := s.r.bucket(v)
	if err != nil {
		return false, err
	}
	for _, i := range s.buckets[h] {
		if t, err := s.r.equal(s.items[i], v); t == yes || err != nil {
			return true, err
		}
	}
	return false, nil
}

// add puts v in unless an equal item is there already, and tells whether it did.
func (s *set) add(v Value) (bool, error) {
	has, err := s.has(v)
	if has || err != nil {
		return false, err
	}
	return true, s.push(v)
}

func (s *set) push(v Value) error {
	if err := s.r.grow(1); err != nil {
		return err
	}
	s.items = append(s.items, v)
	switch {
	case s.buckets != nil:
		return s.hash(len(s.items) - 1)
	case len(s.items) > smallSet:
		s.buckets = make(map[uint64][]int32, 4*smallSet)
		for i := range s.items {
			if err := s.hash(i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *set) hash(i int) error {
	h, err := s.r.bucket(s.items[i])
	if err == nil {
		s.buckets[h] = append(s.buckets[h], int32(i))
	}
	return err
}

func (r *run) distinct(items ...[]Value) ([]Value, error) {
	s := set{r: r}
	for _, part := range items {
		for _, v := range part {
			if _, err := s.add(v); err != nil {
				return nil, err
			}
		}
	}
	return s.items, nil
}
