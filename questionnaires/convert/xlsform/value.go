package xlsform

import (
	"strconv"
	"strings"

	"kindred/questionnaires/convert"
)

// vkind is the type of what an expression gives. XPath knows text, numbers and booleans; dates are text there, with
// functions that take them for numbers of days.
type vkind uint8

const (
	vText vkind = iota
	vNumber
	vBool
	vDate
	vDateTime
	vTime
	vFile  // an attachment: only whether there is one can be asked
	vGroup // occurrences of a group: they can only be counted
)

// How strongly FHIRPath binds, weakest first (FHIRPath N1, section 8).
const (
	bindOr = iota + 1
	bindAnd
	bindIn
	bindEqual
	bindOrder
	bindUnion
	bindType
	bindAdd
	bindTimes
	bindMinus
	bindTerm
)

// value is a translated expression: FHIRPath text and what is known of its result. An empty collection stands for what
// XPath says with an empty text, NaN or, among booleans, false.
type value struct {
	src   string
	kind  vkind
	bind  int
	whole bool    // a number without decimals
	sure  bool    // never empty
	isRef bool    // the answers to a question as they are
	lists bool    // several answers to one question: a select_multiple
	nodes bool    // answers from several repeats
	known *string // the constant it always is, for folding
	node  *node   // the question, for a reference
	joint []value // of texts that were put together: they
	of    *value  // of the text of answers: they
	inner *value  // of a text that was made sure with "& ''": the text
}

func textOf(s string) value {
	return value{src: quote(s), kind: vText, bind: bindTerm, sure: true, known: &s}
}

func numberOf(s string) value {
	s = strings.TrimPrefix(s, "+")
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	s = strings.TrimSuffix(s, ".")
	bind := bindTerm
	if strings.HasPrefix(s, "-") {
		bind = bindMinus
	}
	v := value{src: s, kind: vNumber, bind: bind, whole: !strings.Contains(s, "."), sure: true, known: &s}
	if v.whole && len(s) > 9 { // an Integer holds 32 bits
		v.src += ".0"
	}
	return v
}

func boolOf(b bool) value {
	s := strconv.FormatBool(b)
	return value{src: s, kind: vBool, bind: bindTerm, sure: true, known: &s}
}

// as is the text, in brackets where it binds weaker than its place asks for.
func (v value) as(bind int) string {
	if v.bind < bind {
		return "(" + v.src + ")"
	}
	return v.src
}

// call is v.name(args).
func (v value) call(name string, kind vkind, args ...string) value {
	return value{src: v.as(bindTerm) + "." + name + "(" + strings.Join(args, ", ") + ")", kind: kind, bind: bindTerm}
}

func function(name string, kind vkind, args ...string) value {
	return value{src: name + "(" + strings.Join(args, ", ") + ")", kind: kind, bind: bindTerm}
}

func infix(op string, bind int, a, b value, kind vkind) value {
	return value{src: a.as(bind) + " " + op + " " + b.as(bind+1), kind: kind, bind: bind}
}

func (v value) is(b bool) bool {
	return v.kind == vBool && v.known != nil && *v.known == strconv.FormatBool(b)
}

// notANumber is NaN.
var notANumber = value{src: "{}", kind: vNumber, bind: bindTerm}

func (v value) nan() bool { return v.kind == vNumber && v.src == "{}" }

func (v value) blank() bool { return v.kind == vText && v.known != nil && *v.known == "" }

// quote writes a FHIRPath string.
func quote(s string) string {
	var sb strings.Builder
	sb.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			sb.WriteByte('\\')
			sb.WriteRune(r)
		case r == '\n':
			sb.WriteString(`\n`)
		case r == '\r':
			sb.WriteString(`\r`)
		case r == '\t':
			sb.WriteString(`\t`)
		case r < ' ':
			sb.WriteString(`\u00` + string("0123456789abcdef"[r>>4]) + string("0123456789abcdef"[r&15]))
		default:
			sb.WriteRune(r)
		}
	}
	sb.WriteByte('\'')
	return sb.String()
}

// expression wraps FHIRPath in the FHIR data type.
func expression(src string) convert.Value {
	return convert.Value{Expr: &convert.Expression{Language: "text/fhirpath", Expression: src}}
}

// jsonText writes a constant number as JSON does: no plus, no needless zeros in front.
func jsonText(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign = "-"
	}
	s = strings.TrimLeft(strings.TrimLeft(s, "+-"), "0")
	if s == "" || s[0] == '.' {
		s = "0" + s
	}
	if s = strings.TrimSuffix(s, "."); strings.Trim(s, "0.") == "" {
		sign = ""
	}
	return sign + s
}
