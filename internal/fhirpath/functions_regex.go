package fhirpath

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// pattern is a regular expression with what it costs per character.
type pattern struct {
	re    *regexp.Regexp
	ahead []ahead
	cost  int
}

// ahead is what must, or must not, match at the start.
type ahead struct {
	re   *regexp.Regexp
	want bool
}

const maxPattern = 2000

// compilePattern reads a regular expression: RE2, so time is linear; a dot matches line ends too.
func compilePattern(src, flags string, full bool) (*pattern, error) {
	if len(src) > maxPattern {
		return nil, fmt.Errorf("a pattern is at most %d characters long", maxPattern)
	}
	mode := "s"
	for _, c := range flags {
		if c != 'i' && c != 'm' {
			return nil, fmt.Errorf("the flag %q is not known; i and m are", c)
		}
		if !strings.ContainsRune(mode, c) {
			mode += string(c)
		}
	}
	p := &pattern{}
	src, err := p.takeAhead(src, mode, full)
	if err != nil {
		return nil, err
	}
	expr := "(?" + mode + ")" + src
	if full {
		expr = "(?" + mode + `)\A(?:` + src + `)\z`
	}
	p.re, err = p.compile(expr)
	return p, err
}

// compile adds to the cost.
func (p *pattern) compile(expr string) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, errors.New("the pattern cannot be used: " + err.Error())
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, errors.New("the pattern cannot be used: " + err.Error())
	}
	p.cost += len(prog.Inst)
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, errors.New("the pattern cannot be used: " + err.Error())
	}
	return re, nil
}

// takeAhead takes looks ahead off the start of an anchored pattern: ^(?!x)y matches what y matches and ^x does not. RE2
// has no other way to look ahead, and elsewhere in a pattern they are refused.
func (p *pattern) takeAhead(src, mode string, full bool) (string, error) {
	rest, anchored := strings.CutPrefix(src, "^")
	if !anchored && !full || strings.Contains(mode, "m") {
		return src, nil
	}
	for strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?=") {
		end := closing(rest)
		if end < 0 {
			break
		}
		re, err := p.compile("(?" + mode + `)\A(?:` + rest[3:end] + ")")
		if err != nil {
			return "", err
		}
		p.ahead = append(p.ahead, ahead{re, rest[2] == '='})
		rest = rest[end+1:]
	}
	if anchored {
		rest = "^" + rest
	}
	return rest, nil
}

// closing is where the bracket that opens s closes, -1 where it does not.
func closing(s string) int {
	depth, class := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (p *pattern) match(s string) bool {
	for _, a := range p.ahead {
		if a.re.MatchString(s) != a.want {
			return false
		}
	}
	return p.re.MatchString(s)
}

// pattern is the regular expression of a call: compiled before when it is a literal.
func (f *call) pattern(flagArg int) (*pattern, bool, error) {
	if f.broken != nil {
		return nil, false, f.fail("%s", f.broken)
	}
	if f.regex != nil {
		return f.regex, true, nil
	}
	src, ok, err := f.string(0)
	if !ok || err != nil {
		return nil, false, err
	}
	flags := ""
	if len(f.args) > flagArg {
		if flags, _, err = f.string(flagArg); err != nil {
			return nil, false, err
		}
	}
	if err := f.r.step(100 + len(src)); err != nil {
		return nil, false, err
	}
	p, err := compilePattern(src, flags, f.name == "matchesFull")
	if err != nil {
		return nil, false, f.fail("%s", err)
	}
	return p, true, f.r.step(p.cost)
}

func (p *pattern) charge(f *call, s string) error { return f.r.step(len(s) / 50 * p.cost) }

func fnMatches(f *call) ([]Value, error) {
	s, ok, err := f.text()
	if !ok || err != nil {
		return nil, err
	}
	p, ok, err := f.pattern(1)
	if !ok || err != nil {
		return nil, err
	}
	if err := p.charge(f, s); err != nil {
		return nil, err
	}
	return f.r.bool(p.match(s)), nil
}

func fnReplaceMatches(f *call) ([]Value, error) {
	s, ok, err := f.text()
	if !ok || err != nil {
		return nil, err
	}
	p, ok1, err := f.pattern(2)
	if err != nil {
		return nil, err
	}
	sub, ok2, err := f.string(1)
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	if len(p.ahead) > 0 {
		return nil, f.fail("the pattern cannot be used: it looks ahead")
	}
	if p.re.String() == "(?s)" { // nothing to look for: the text stays as it is
		return f.r.one(String(s)), nil
	}
	if err := p.charge(f, s); err != nil {
		return nil, err
	}
	if err := f.r.room((len(s) + 1) * (1 + len(sub)/8)); err != nil {
		return nil, err
	}
	return f.r.text(p.re.ReplaceAllString(s, groupReferences(sub)))
}

var groupReference = regexp.MustCompile(`\$(\d+)`)

// groupReferences writes $1x as ${1}x, or Go would look for a group named 1x.
func groupReferences(sub string) string { return groupReference.ReplaceAllString(sub, "$${$1}") }
