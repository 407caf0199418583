package redcap

import "strings"

// logic is a node of branching logic or of a calculation.
type logic interface{ logic() }

type (
	// numberLit keeps its digits, in the form that FHIRPath reads: 0.5, not .5.
	numberLit struct{ text string }
	textLit   struct{ value string }
	boolLit   struct{ value bool }
	// clockLit is today or now, where it stands without quotes.
	clockLit struct{ now bool }
	// ref is a variable in square brackets, with all that may stand around it: [event][name(code):modifier][instance].
	// Smart variables are refs too; only the dictionary tells them from fields.
	ref struct {
		event, name, code, modifier, instance string
	}
	unary struct {
		op string // - or not
		x  logic
	}
	binary struct {
		op   string // = <> < > <= >= + - * / ^ % and or
		x, y logic
	}
	call struct {
		name string
		args []logic
	}
)

func (numberLit) logic() {}
func (textLit) logic()   {}
func (boolLit) logic()   {}
func (clockLit) logic()  {}
func (ref) logic()       {}
func (unary) logic()     {}
func (binary) logic()    {}
func (call) logic()      {}

// level is how tightly an operator binds.
func level(op string) int {
	switch op {
	case "or":
		return 1
	case "and":
		return 2
	case "=", "<>", "<", ">", "<=", ">=":
		return 4
	case "+":
		return 5
	case "-":
		return 5
	case "*", "/", "%":
		return 6
	case "^":
		return 8
	}
	return 9
}

// printLogic writes logic as REDCap reads it, with single quotes, which spreadsheets leave alone.
func printLogic(l logic) string { return printAt(l, 0) }

func printAt(l logic, outer int) string {
	switch x := l.(type) {
	case numberLit:
		return x.text
	case textLit:
		return quoteLogic(x.value)
	case boolLit:
		if x.value {
			return "true"
		}
		return "false"
	case clockLit:
		if x.now {
			return "'now'"
		}
		return "'today'"
	case ref:
		return x.String()
	case unary:
		if x.op == "not" {
			return bracket("not("+printAt(x.x, 0)+")", outer > 3)
		}
		return bracket("-"+printAt(x.x, 7), outer > 7)
	case call:
		parts := make([]string, len(x.args))
		for i, a := range x.args {
			parts[i] = printAt(a, 0)
		}
		return x.name + "(" + strings.Join(parts, ", ") + ")"
	case binary:
		own := level(x.op)
		if x.op == "^" { // REDCap wants both sides in brackets
			return bracket("("+printAt(x.x, 0)+")^("+printAt(x.y, 0)+")", outer > own)
		}
		return bracket(printAt(x.x, own)+" "+x.op+" "+printAt(x.y, own+1), outer > own)
	}
	return ""
}

func bracket(s string, need bool) string {
	if need {
		return "(" + s + ")"
	}
	return s
}

// quoteLogic puts a text in quotes. REDCap knows a backslash before a quote, and no other escape.
func quoteLogic(s string) string {
	switch {
	case strings.Contains(s, `\`):
		return "'" + strings.NewReplacer("'", `\'`, `"`, `\"`).Replace(s) + "'"
	case strings.Contains(s, "'") && !strings.Contains(s, `"`):
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
}

// quotable tells whether a text can stand in quotes at all: at its end a backslash would keep the quote open.
func quotable(s string) bool { return !strings.HasSuffix(s, `\`) }

func (r ref) String() string {
	var sb strings.Builder
	if r.event != "" {
		sb.WriteString("[" + r.event + "]")
	}
	sb.WriteString("[" + r.name)
	if r.code != "" {
		sb.WriteString("(" + r.code + ")")
	}
	if r.modifier != "" {
		sb.WriteString(":" + r.modifier)
	}
	sb.WriteString("]")
	if r.instance != "" {
		sb.WriteString("[" + r.instance + "]")
	}
	return sb.String()
}
