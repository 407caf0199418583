package redcap

import (
	"fmt"
	"strings"

	"kindred/internal/fhirpath"
)

// kind is what a piece of logic gives, as far as it changes how it is compared. Every kind but boolean and blank may
// also be blank, which FHIRPath calls empty.
type kind uint8

const (
	kindBlank    kind = iota // '' and nothing else
	kindNumber               //
	kindText                 //
	kindCode                 // the code of a choice
	kindFlag                 // yesno and truefalse: 1, 0 or blank in REDCap, true, false or empty here
	kindBoolean              // a condition, a box that may be checked; empty counts as false
	kindDate                 //
	kindDateTime             //
	kindTime                 //
	kindFile                 // there or not
	kindClock                // 'today' or 'now' in quotes: a text, and a moment where one is wanted
)

// How tightly the outermost operator of a FHIRPath expression binds (the grammar of FHIRPath N1).
const (
	tightOr      = 2
	tightAnd     = 3
	tightIn      = 4
	tightEqual   = 5
	tightOrder   = 6
	tightAdd     = 9
	tightMul     = 10
	tightPolar   = 11
	tightPath    = 12
	maxPath      = 60_000 // bytes of one expression
	secondsAYear = "31556952"
	daysAYear    = "365.2425"
	daysAMonth   = "30.44"
)

// piece is a translated part of logic.
type piece struct {
	src   string
	kind  kind
	tight int
	lit   string // the value, where it is written in the logic itself
	isLit bool
	sure  bool   // a condition that is never empty, or a value that is never blank
	whole string // of a code or a field: the path that is empty where it is blank
	field *field
	wall  bool // a moment without an offset
}

func path(src string, k kind) piece          { return piece{src: src, kind: k, tight: tightPath} }
func op(src string, k kind, tight int) piece { return piece{src: src, kind: k, tight: tight} }
func condition(src string, tight int) piece  { return op(src, kindBoolean, tight) }
func (p piece) certain() piece               { p.sure = true; return p }
func (p piece) in(tight int) string          { return bracket(p.src, p.tight < tight) }
func (p piece) call(f string, k kind) piece  { return path(p.in(tightPath)+"."+f, k) }
func literal(src, value string, k kind) piece {
	return piece{src: src, kind: k, tight: tightPath, lit: value, isLit: true, sure: true}
}
func (p piece) numeric() (string, bool)         { n, ok := signedNumber(p.lit); return n, ok && p.isLit }
func iif(c piece, yes, no string, k kind) piece { return path("iif("+c.src+", "+yes+", "+no+")", k) }

// untranslatable is logic that has no FHIRPath, and why.
type untranslatable struct{ why string }

func (u untranslatable) Error() string { return u.why }

func cannot(format string, args ...any) error { return untranslatable{fmt.Sprintf(format, args...)} }

// translator turns the logic of one place into FHIRPath.
type translator struct {
	dict *dictionary
	form *form           // where the logic stands: inside a form that repeats, its fields are those of the same occurrence
	used map[string]bool // fields of this repeating form that are used, and so need a variable
	note func(format string, args ...any)
}

// condition translates logic to an expression that is true where the logic is.
func (t *translator) condition(l logic) (string, error) { return t.whole(l, t.truth) }

// numberOf translates a calculation.
func (t *translator) numberOf(l logic) (string, error) { return t.whole(l, t.number) }

// textOf translates the calculation of a text.
func (t *translator) textOf(l logic) (string, error) { return t.whole(l, t.text) }

func (t *translator) whole(l logic, as func(piece) (piece, error)) (string, error) {
	p, err := t.piece(l)
	if err != nil {
		return "", err
	}
	if p, err = as(p); err != nil {
		return "", err
	}
	return p.src, compiles(p.src)
}

// compiles is the last word on every expression: what FHIRPath itself refuses (a number too large, too deep a nest) is
// untranslatable.
func compiles(src string) error {
	if len(src) > maxPath {
		return cannot("the expression would be longer than %d characters", maxPath)
	}
	if _, err := fhirpath.Compile(src, fhirpath.Options{}); err != nil {
		return cannot("FHIRPath refuses it: %s", err)
	}
	return nil
}

func (t *translator) piece(l logic) (piece, error) {
	p, err := t.raw(l)
	if err == nil && len(p.src) > maxPath {
		err = cannot("the expression would be longer than %d characters", maxPath)
	}
	return p, err
}

func (t *translator) raw(l logic) (piece, error) {
	switch x := l.(type) {
	case numberLit:
		return numberPiece(x.text), nil
	case textLit:
		return textPiece(x.value), nil
	case boolLit:
		if x.value {
			return condition("true", tightPath).certain(), nil
		}
		return condition("false", tightPath).certain(), nil
	case clockLit:
		return clockPiece(x.now), nil
	case ref:
		return t.ref(x)
	case unary:
		p, err := t.piece(x.x)
		if err != nil {
			return p, err
		}
		if x.op == "not" {
			if p, err = t.truth(p); err != nil {
				return p, err
			}
			return p.not(), nil
		}
		if p, err = t.number(p); err != nil {
			return p, err
		}
		return op("-"+p.in(tightPath), kindNumber, tightPolar), nil
	case binary:
		a, err := t.piece(x.x)
		if err != nil {
			return a, err
		}
		b, err := t.piece(x.y)
		if err != nil {
			return b, err
		}
		return t.binary(x.op, a, b)
	case call:
		return t.call(x)
	}
	return piece{}, cannot("it is not understood")
}

func numberPiece(text string) piece {
	p := literal(text, text, kindNumber)
	if !strings.Contains(text, ".") && len(strings.TrimPrefix(text, "-")) > 9 {
		p.src += ".0" // an Integer of FHIRPath has 32 bits
	}
	if text[0] == '-' {
		p.tight = tightPolar
	}
	return p
}

func textPiece(value string) piece {
	switch low := strings.ToLower(value); {
	case value == "":
		return piece{src: "{}", kind: kindBlank, tight: tightPath, isLit: true}
	case low == "today" || low == "now":
		p := clockPiece(low == "now")
		p.kind, p.lit, p.isLit = kindClock, value, true
		return p
	}
	return literal(quotePath(value), value, kindText)
}

func clockPiece(now bool) piece {
	if now {
		return path("now()", kindDateTime).certain()
	}
	return path("today()", kindDate).certain()
}

var pathEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`)

func quotePath(s string) string { return "'" + pathEscapes.Replace(s) + "'" }

// not negates a condition; one that is empty counts as false.
func (p piece) not() piece {
	if path, ok := strings.CutSuffix(p.src, ".empty()"); ok && p.tight == tightPath {
		p.src = path + ".exists()"
		return p
	}
	if p.sure {
		return p.call("not()", kindBoolean).certain()
	}
	return iif(p, "false", "true", kindBoolean).certain()
}

func (t *translator) binary(name string, a, b piece) (piece, error) {
	switch name {
	case "and", "or":
		x, err := t.truth(a)
		if err != nil {
			return x, err
		}
		y, err := t.truth(b)
		if err != nil {
			return y, err
		}
		tight := tightAnd
		if name == "or" {
			tight = tightOr
		}
		// A side that reads as the other word is bracketed even where it need not be: people read these.
		out := condition(x.in(tight)+" "+name+" "+y.in(tight+1), tight)
		out.sure = x.sure && y.sure
		return out, nil
	case "=", "<>":
		p, err := t.equal(a, b)
		if err == nil && name == "<>" {
			p = p.not()
		}
		return p, err
	case "<", "<=", ">", ">=":
		return t.order(name, a, b)
	}
	x, err := t.number(a)
	if err != nil {
		return x, err
	}
	y, err := t.number(b)
	if err != nil {
		return y, err
	}
	switch name {
	case "^":
		return x.call("power("+y.src+")", kindNumber), nil
	case "+", "-":
		return op(x.in(tightAdd)+" "+name+" "+y.in(tightAdd+1), kindNumber, tightAdd), nil
	case "%":
		name = "mod"
	}
	return op(x.in(tightMul)+" "+name+" "+y.in(tightMul+1), kindNumber, tightMul), nil
}

// number reads a piece as a number: text that is none is blank.
func (t *translator) number(p piece) (piece, error) {
	switch p.kind {
	case kindNumber:
		return p, nil
	case kindBlank:
		return path("{}", kindNumber), nil
	case kindText, kindCode:
		if p.isLit {
			if n, ok := p.numeric(); ok {
				return numberPiece(n), nil
			}
			return path("{}", kindNumber), nil
		}
		return p.call("toDecimal()", kindNumber), nil
	case kindFlag:
		return p.call("toInteger()", kindNumber), nil
	case kindBoolean:
		return iif(p, "1", "0", kindNumber).certain(), nil
	}
	return p, cannot("a date, a time or a file is used as a number")
}

// text reads a piece as a text.
func (t *translator) text(p piece) (piece, error) {
	switch p.kind {
	case kindText, kindCode:
		return p, nil
	case kindBlank:
		return path("{}", kindText), nil
	case kindClock:
		return literal(quotePath(p.lit), p.lit, kindText), nil
	case kindNumber:
		if p.isLit {
			return literal(quotePath(p.lit), p.lit, kindText), nil
		}
		return p.call("toString()", kindText), nil
	case kindFlag:
		return p.call("toInteger().toString()", kindText), nil
	case kindBoolean:
		return iif(p, "'1'", "'0'", kindText).certain(), nil
	case kindDate:
		return p.call("toString()", kindText), nil
	case kindDateTime: // 2021-03-04 10:30, as REDCap keeps it
		return p.call("toString().substring(0, 16).replace('T', ' ')", kindText), nil
	case kindTime:
		return p.call("toString().substring(0, 5)", kindText), nil
	}
	return p, cannot("a file is used as a text")
}

// truth reads a piece as a condition: a number that is not 0, a text that is neither blank nor 0.
func (t *translator) truth(p piece) (piece, error) {
	switch p.kind {
	case kindBoolean:
		return p, nil
	case kindFlag:
		p.kind = kindBoolean
		return p, nil
	case kindBlank:
		return condition("false", tightPath).certain(), nil
	case kindNumber:
		return condition(p.in(tightEqual)+" != 0", tightEqual), nil
	case kindText, kindCode:
		if p.isLit {
			n, ok := p.numeric()
			return condition(fmt.Sprint(!ok || strings.Trim(n, "-0.") != ""), tightPath).certain(), nil
		}
		return condition("("+p.src+").where($this != '' and $this != '0').exists()", tightPath).certain(), nil
	case kindClock:
		return condition("true", tightPath).certain(), nil
	}
	return p.exists(), nil
}

// blank is whether a piece is blank. A text that was worked out may be the empty text, which is blank too.
func (p piece) blank() piece {
	switch {
	case p.kind == kindBlank:
		return condition("true", tightPath).certain()
	case p.sure || p.kind == kindBoolean:
		return condition("false", tightPath).certain()
	case p.whole != "":
		return path(p.whole+".empty()", kindBoolean).certain()
	case p.kind == kindText:
		return condition(p.in(tightAdd)+" & '' = ''", tightEqual).certain()
	}
	return p.call("empty()", kindBoolean).certain()
}

func (p piece) exists() piece {
	if p.whole != "" && !p.sure {
		return path(p.whole+".exists()", kindBoolean).certain()
	}
	if p.kind == kindBlank || p.sure || p.kind == kindText || p.kind == kindBoolean {
		return p.blank().not()
	}
	return p.call("exists()", kindBoolean).certain()
}
