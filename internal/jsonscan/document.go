package jsonscan

import (
	"iter"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the sort of a JSON value.
type Kind uint8

// The sorts. The zero Kind belongs to the zero Value, which stands for "not there".
const (
	Absent Kind = iota
	Null
	True
	False
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"nothing", "null", "boolean", "boolean", "number", "string", "array", "object"}[k]
}

// node is one value: where it stands, where the value after it (and after all inside it) starts, and its key.
type node struct {
	from, to       uint32
	keyFrom, keyTo uint32
	next           uint32
	count          uint32
	kind           Kind
	escaped        bool
	keyEscaped     bool
}

// Document is parsed JSON.
type Document struct {
	src   []byte
	text  string // src again, from which keys and strings are cut without a copy of each
	nodes []node
}

// Root is the outermost value.
func (d *Document) Root() Value { return Value{d, 0} }

// Value is one value of a Document, cheap to copy. The zero Value is absent: every method answers emptily.
type Value struct {
	d *Document
	i uint32
}

func (v Value) node() node {
	if v.d == nil {
		return node{}
	}
	return v.d.nodes[v.i]
}

// Kind is the sort of the value.
func (v Value) Kind() Kind {
	if v.d == nil {
		return Absent
	}
	return v.d.nodes[v.i].kind
}

// Exists tells whether there is a value at all; null exists.
func (v Value) Exists() bool { return v.d != nil }

// Len is the number of members or elements.
func (v Value) Len() int { return int(v.node().count) }

// Raw is the value as written.
func (v Value) Raw() []byte {
	if v.d == nil {
		return nil
	}
	n := v.d.nodes[v.i]
	return v.d.src[n.from:n.to]
}

// Text is a string's text unescaped, a number's or boolean's text as written, and "" for anything else.
func (v Value) Text() string {
	switch n := v.node(); n.kind {
	case String:
		if !n.escaped {
			return v.d.text[n.from+1 : n.to-1]
		}
		return unescape(v.d.src[n.from+1 : n.to-1])
	case Number, True, False:
		return v.d.text[n.from:n.to]
	default:
		return ""
	}
}

// Bool is true for true alone.
func (v Value) Bool() bool { return v.Kind() == True }

// Key is the member name under which the value stands in its object, "" in arrays.
func (v Value) Key() string {
	n := v.node()
	if n.keyFrom == 0 {
		return ""
	}
	if n.keyEscaped {
		return unescape(v.d.src[n.keyFrom:n.keyTo])
	}
	return v.d.text[n.keyFrom:n.keyTo]
}

// Get is the member of that name, or the zero Value.
func (v Value) Get(key string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	end := v.d.nodes[v.i].next
	for i := v.i + 1; i < end; i = v.d.nodes[i].next {
		n := &v.d.nodes[i]
		if !n.keyEscaped {
			if v.d.text[n.keyFrom:n.keyTo] == key {
				return Value{v.d, i}
			}
		} else if (Value{v.d, i}).Key() == key {
			return Value{v.d, i}
		}
	}
	return Value{}
}

// All goes over elements or members with their position, in order.
func (v Value) All() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if k := v.Kind(); k != Array && k != Object {
			return
		}
		end, n := v.d.nodes[v.i].next, 0
		for i := v.i + 1; i < end; i = v.d.nodes[i].next {
			if !yield(n, Value{v.d, i}) {
				return
			}
			n++
		}
	}
}

// unescape undoes the escapes of a string that the scanner accepted.
func unescape(raw []byte) string {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			b.WriteByte(c)
			i++
			continue
		}
		switch c = raw[i+1]; c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, _ := hex4(raw[i:])
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw[i+6:])
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			b.Write(utf8.AppendRune(nil, r))
			i += 4
		default:
			b.WriteByte(c)
		}
		i += 2
	}
	return b.String()
}
