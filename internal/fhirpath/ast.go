package fhirpath

import (
	"strconv"
	"strings"
)

type exprKind uint8

const (
	exEmpty    exprKind = iota // {}
	exLiteral                  // value
	exVariable                 // %name
	exMember                   // name
	exSpecial                  // $name
	exCall                     // name(args)
	exPath                     // left.right
	exIndex                    // left[right]
	exUnary                    // name left
	exBinary                   // left name right
	exType                     // left is|as spec: name is the operator, spec the type
	exInstance                 // spec { name: arg, … }
)

// expr is a node of the syntax tree; it never changes after parsing.
type expr struct {
	kind        exprKind
	pos         int
	name        string
	spec        string // type specifier
	value       Value
	left, right *expr
	args        []*expr
	names       []string // element names of an instance selector
	desc        []bool   // sort keys that descend
	depth       int
}

// String prints the tree so that parsing it again gives the same tree.
func (e *expr) String() string {
	var sb strings.Builder
	e.print(&sb)
	return sb.String()
}

func (e *expr) print(sb *strings.Builder) {
	switch e.kind {
	case exEmpty:
		sb.WriteString("{}")
	case exLiteral:
		sb.WriteString(e.value.literal())
	case exVariable:
		sb.WriteByte('%')
		printName(sb, e.name)
	case exMember:
		printName(sb, e.name)
	case exSpecial:
		sb.WriteByte('$')
		sb.WriteString(e.name)
	case exCall:
		printName(sb, e.name)
		e.printArgs(sb)
	case exPath:
		e.left.printOperand(sb)
		sb.WriteByte('.')
		e.right.print(sb)
	case exIndex:
		e.left.printOperand(sb)
		sb.WriteByte('[')
		e.right.print(sb)
		sb.WriteByte(']')
	case exUnary:
		sb.WriteString(e.name)
		e.left.printOperand(sb)
	case exBinary:
		e.left.printOperand(sb)
		sb.WriteString(" " + e.name + " ")
		e.right.printOperand(sb)
	case exType:
		e.left.printOperand(sb)
		sb.WriteString(" " + e.name + " ")
		printSpec(sb, e.spec)
	case exInstance:
		e.printInstance(sb)
	}
}

func (e *expr) printArgs(sb *strings.Builder) {
	sb.WriteByte('(')
	if e.spec != "" {
		printSpec(sb, e.spec)
	}
	for i, a := range e.args {
		if i > 0 {
			sb.WriteString(", ")
		}
		a.print(sb)
		if e.desc != nil && e.desc[i] {
			sb.WriteString(" desc")
		}
	}
	sb.WriteByte(')')
}

func (e *expr) printInstance(sb *strings.Builder) {
	printSpec(sb, e.spec)
	sb.WriteString(" { ")
	if len(e.args) == 0 {
		sb.WriteByte(':')
	}
	for i, a := range e.args {
		if i > 0 {
			sb.WriteString(", ")
		}
		printName(sb, e.names[i])
		sb.WriteString(": ")
		a.print(sb)
	}
	sb.WriteString(" }")
}

// printOperand puts brackets round everything that could read differently beside an operator or a dot.
func (e *expr) printOperand(sb *strings.Builder) {
	switch e.kind {
	case exEmpty, exVariable, exMember, exSpecial, exCall, exPath, exIndex:
		e.print(sb)
		return
	case exLiteral:
		if e.value.kind == KindBoolean || e.value.kind == KindString {
			e.print(sb)
			return
		}
	}
	sb.WriteByte('(')
	e.print(sb)
	sb.WriteByte(')')
}

// keywords cannot stand as a bare identifier.
var keywords = map[string]bool{"and": true, "or": true, "xor": true, "implies": true, "div": true, "mod": true, "true": true, "false": true,
	"year": true, "years": true, "month": true, "months": true, "week": true, "weeks": true, "day": true, "days": true, "hour": true, "hours": true,
	"minute": true, "minutes": true, "second": true, "seconds": true, "millisecond": true, "milliseconds": true, "is": true, "as": true, "in": true, "contains": true,
	"asc": true, "desc": true}

func printName(sb *strings.Builder, name string) {
	plain := name != "" && isNameStart(name[0]) && !keywords[name]
	for i := 0; plain && i < len(name); i++ {
		plain = isNamePart(name[i])
	}
	if plain {
		sb.WriteString(name)
		return
	}
	sb.WriteString(quote(name, '`'))
}

// printSpec prints a type specifier, whose parts are joined by a dot and hold none themselves.
func printSpec(sb *strings.Builder, spec string) {
	for i, part := range strings.Split(spec, ".") {
		if i > 0 {
			sb.WriteByte('.')
		}
		printName(sb, part)
	}
}

func quote(s string, q byte) string {
	var sb strings.Builder
	sb.WriteByte(q)
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			sb.WriteByte('\\')
			sb.WriteRune(r)
		case r == '\n':
			sb.WriteString(`\n`)
		case r == '\r':
			sb.WriteString(`\r`)
		case r == '\t':
			sb.WriteString(`\t`)
		case r < ' ':
			sb.WriteString(`\u00`)
			sb.WriteString(strconv.FormatInt(int64(r)+0x100, 16)[1:])
		default:
			sb.WriteRune(r)
		}
	}
	sb.WriteByte(q)
	return sb.String()
}
