package redcap

import (
	"strconv"
	"strings"
)

// function is one of REDCap's special functions: how many arguments it takes (most < 0: any number), and its FHIRPath.
type function struct {
	least, most int
	do          func(t *translator, args []piece) (piece, error)
}

var functions map[string]function

func init() {
	functions = map[string]function{
		"if":    {3, 3, fnIf},
		"round": {1, 2, func(t *translator, a []piece) (piece, error) { return t.rounded(a, "") }},
		// What is rounded up goes towards the greater number, as JavaScript's ceil does it in the browser.
		"roundup":     {1, 2, func(t *translator, a []piece) (piece, error) { return t.rounded(a, "ceiling()") }},
		"rounddown":   {1, 2, func(t *translator, a []piece) (piece, error) { return t.rounded(a, "floor()") }},
		"abs":         {1, 1, onNumber("abs()")},
		"sqrt":        {1, 1, onNumber("sqrt()")},
		"exp":         {1, 1, onNumber("exp()")},
		"exponential": {1, 1, onNumber("exp()")},
		"log":         {1, 2, fnLog},
		"mod":         {2, 2, func(t *translator, a []piece) (piece, error) { return t.binary("%", a[0], a[1]) }},
		"power":       {2, 2, func(t *translator, a []piece) (piece, error) { return t.binary("^", a[0], a[1]) }},
		"sum": {1, -1, func(t *translator, a []piece) (piece, error) {
			return t.aggregate(append([]piece{numberPiece("0")}, a...), "sum()")
		}},
		"mean":      {1, -1, func(t *translator, a []piece) (piece, error) { return t.aggregate(a, "avg()") }},
		"min":       {1, -1, func(t *translator, a []piece) (piece, error) { return t.aggregate(a, "min()") }},
		"max":       {1, -1, func(t *translator, a []piece) (piece, error) { return t.aggregate(a, "max()") }},
		"median":    {1, -1, fnMedian},
		"stdev":     {1, -1, fnStdev},
		"isnumber":  {1, 1, fnIsNumber},
		"isinteger": {1, 1, fnIsInteger},
		// The codes for missing data are a setting of the project, not of the dictionary; the report says so.
		"isblankormissingcode":  {1, 1, fnBlank},
		"isblanknotmissingcode": {1, 1, fnBlank},
		"contains":              {2, 2, searched(".contains(", ")")},
		"not_contain":           {2, 2, notContain},
		"starts_with":           {2, 2, searched(".startsWith(", ")")},
		"ends_with":             {2, 2, searched(".endsWith(", ")")},
		"find":                  {2, 2, fnFind},
		"left":                  {2, 2, fnLeft},
		"right":                 {2, 2, fnRight},
		"mid":                   {3, 3, fnMid},
		"length":                {1, 1, fnLength},
		"replace_text":          {3, 3, fnReplace},
		"trim":                  {1, 1, onText("trim()")},
		"upper":                 {1, 1, onText("upper()")},
		"lower":                 {1, 1, onText("lower()")},
		"concat":                {1, -1, fnConcat},
		"concat_ws":             {2, -1, fnConcatWith},
		"datediff":              {3, 5, fnDatediff},
		"age_at_date":           {2, 3, fnAge},
		"dayoftheweek":          {1, 1, fnWeekday},
		"year":                  {1, 1, onMoment("yearOf()")},
		"month":                 {1, 1, onMoment("monthOf()")},
		"day":                   {1, 1, onMoment("dayOf()")},
	}
}

func (t *translator) call(c call) (piece, error) {
	f, ok := functions[c.name]
	if !ok {
		return piece{}, cannot("the function %s() is not known here", c.name)
	}
	if n := len(c.args); n < f.least || f.most >= 0 && n > f.most {
		return piece{}, cannot("the function %s() does not take %d arguments", c.name, n)
	}
	args := make([]piece, len(c.args))
	for i, a := range c.args {
		var err error
		if args[i], err = t.piece(a); err != nil {
			return piece{}, err
		}
	}
	if strings.HasPrefix(c.name, "isblank") {
		t.note("%s() asks for blanks alone: which codes stand for missing data is not part of a dictionary", c.name)
	}
	return f.do(t, args)
}

// numbers reads all arguments as numbers.
func (t *translator) numbers(args []piece) ([]piece, error) {
	out := make([]piece, len(args))
	for i, a := range args {
		var err error
		if out[i], err = t.number(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func onNumber(f string) func(*translator, []piece) (piece, error) {
	return func(t *translator, args []piece) (piece, error) {
		p, err := t.number(args[0])
		return p.call(f, kindNumber), err
	}
}

func onText(f string) func(*translator, []piece) (piece, error) {
	return func(t *translator, args []piece) (piece, error) {
		p, err := t.text(args[0])
		return p.call(f, kindText), err
	}
}

func onMoment(f string) func(*translator, []piece) (piece, error) {
	return func(t *translator, args []piece) (piece, error) {
		p, err := t.moment(args[0], kindDate, "ymd")
		if err == nil && p.kind == kindTime {
			err = cannot("a time of day has no date")
		}
		return p.call(f, kindNumber), err
	}
}

// fnIf gives whichever of two values; they are brought to one kind.
func fnIf(t *translator, args []piece) (piece, error) {
	c, err := t.truth(args[0])
	if err != nil {
		return c, err
	}
	a, b := args[1], args[2]
	k := a.kind
	switch {
	case a.kind == kindBlank:
		k = b.kind
	case b.kind == kindBlank || a.kind == b.kind && !a.isLit && !b.isLit && a.kind != kindClock:
	case a.temporal() || b.temporal():
		x, y, err := t.moments(a, b)
		if err != nil {
			return x, err
		}
		a, b, k = x, y, x.kind
	default:
		k = kindText
		if a.isNumeric() && b.isNumeric() {
			k = kindNumber
		}
	}
	if k == kindClock || k == kindCode {
		k = kindText
	}
	if k == kindText || k == kindNumber {
		as := t.text
		if k == kindNumber {
			as = t.number
		}
		if a, err = as(a); err != nil {
			return a, err
		}
		if b, err = as(b); err != nil {
			return b, err
		}
	}
	if k == kindFile {
		return a, cannot("a file is given as a value")
	}
	out := iif(c, a.src, b.src, k)
	out.wall = a.wall && b.wall
	out.sure = a.sure && b.sure && k != kindBlank
	return out, nil
}

// isNumeric tells whether a piece has a number in every case, or a blank.
func (p piece) isNumeric() bool {
	_, ok := p.numeric()
	return ok || p.kind == kindNumber || p.kind == kindFlag || p.kind == kindBoolean
}

// rounded rounds to so many decimal places, 0 where none are given.
func (t *translator) rounded(args []piece, how string) (piece, error) {
	nums, err := t.numbers(args)
	if err != nil {
		return piece{}, err
	}
	places := numberPiece("0")
	if len(nums) == 2 {
		places = nums[1]
	}
	if places.isLit && (strings.Trim(places.lit, "0123456789") != "" || len(places.lit) > 2) {
		return piece{}, cannot("rounding to %s decimal places", places.lit)
	}
	x := nums[0]
	switch {
	case how == "" && places.isLit:
		return x.call("round("+places.src+")", kindNumber), nil
	case how == "": // FHIRPath wants a whole number that is not negative
		return x.call("round("+places.in(tightPath)+".truncate().where($this >= 0))", kindNumber), nil
	case places.isLit && strings.Trim(places.lit, "0") == "":
		return x.call(how, kindNumber), nil
	case places.isLit:
		n, _ := strconv.Atoi(places.lit)
		by := "1" + strings.Repeat("0", n)
		if n > 8 {
			by += ".0"
		}
		return op("("+x.in(tightMul)+" * "+by+")."+how+" / "+by, kindNumber, tightMul), nil
	}
	by := "10.0.power(" + places.src + ")"
	return op("("+x.in(tightMul)+" * "+by+")."+how+" / "+by, kindNumber, tightMul), nil
}

// fnLog is the natural logarithm, or that of a base; of nothing but positive numbers.
func fnLog(t *translator, args []piece) (piece, error) {
	nums, err := t.numbers(args)
	if err != nil {
		return piece{}, err
	}
	if len(nums) == 1 {
		return nums[0].call("ln()", kindNumber), nil
	}
	x, base := nums[0], nums[1]
	return path("iif("+x.in(tightOrder)+" > 0 and "+base.in(tightOrder)+" > 0, "+x.in(tightPath)+".log("+base.src+"))", kindNumber), nil
}

// list is a collection of the arguments that are not blank.
func (t *translator) list(args []piece) (string, error) {
	nums, err := t.numbers(args)
	if err != nil {
		return "", err
	}
	var sb strings.Builder
	for i, n := range nums {
		if i == 0 {
			sb.WriteString(n.in(tightPath))
			if n.isLit {
				sb.Reset()
				sb.WriteString("(" + n.src + ")")
			}
			continue
		}
		sb.WriteString(".combine(" + n.src + ")")
	}
	if sb.Len() > maxPath {
		return "", cannot("the expression would be longer than %d characters", maxPath)
	}
	return sb.String(), nil
}

func (t *translator) aggregate(args []piece, f string) (piece, error) {
	l, err := t.list(args)
	p := path(l+"."+f, kindNumber)
	p.sure = f == "sum()" // of blanks it is 0
	return p, err
}

func fnMedian(t *translator, args []piece) (piece, error) {
	l, err := t.list(args)
	n := l + ".count()"
	return path(l+".sort().skip(("+n+" - 1) div 2).take(2 - "+n+" mod 2).avg()", kindNumber), err
}

// fnStdev is the standard deviation of a sample: blank for fewer than two numbers.
func fnStdev(t *translator, args []piece) (piece, error) {
	l, err := t.list(args)
	return path("("+l+".select(($this - "+l+".avg()).power(2)).sum() / ("+l+".count() - 1)).sqrt()", kindNumber), err
}

func fnIsNumber(t *translator, args []piece) (piece, error) {
	p := args[0]
	if p.temporal() || p.kind == kindFile {
		return condition("false", tightPath).certain(), nil
	}
	n, err := t.number(p)
	return n.exists(), err
}

func fnIsInteger(t *translator, args []piece) (piece, error) {
	p := args[0]
	if p.temporal() || p.kind == kindFile {
		return condition("false", tightPath).certain(), nil
	}
	n, err := t.number(p)
	return condition(n.in(tightMul)+" mod 1 = 0", tightEqual), err
}

func fnBlank(_ *translator, args []piece) (piece, error) { return args[0].blank(), nil }

// folded is a text in lower case that is never empty: a blank is the empty text.
func (t *translator) folded(p piece) (string, error) {
	p, err := t.text(p)
	if err != nil {
		return "", err
	}
	if p.isLit {
		return quotePath(strings.ToLower(p.lit)), nil
	}
	if p.sure {
		return p.in(tightPath) + ".lower()", nil
	}
	return "(" + p.in(tightAdd) + " & '').lower()", nil
}

func searched(before, after string) func(*translator, []piece) (piece, error) {
	return func(t *translator, args []piece) (piece, error) {
		hay, err := t.folded(args[0])
		if err != nil {
			return piece{}, err
		}
		needle, err := t.folded(args[1])
		if needle == "" || args[1].kind == kindBlank {
			needle = "''"
		}
		return path(hay+before+needle+after, kindBoolean).certain(), err
	}
}

func notContain(t *translator, args []piece) (piece, error) {
	p, err := searched(".contains(", ")")(t, args)
	return p.not(), err
}

// fnFind is the place of a text in another, counted from 1; 0 where it is not there.
func fnFind(t *translator, args []piece) (piece, error) {
	p, err := searched(".indexOf(", ")")(t, []piece{args[1], args[0]})
	return op(p.src+" + 1", kindNumber, tightAdd).certain(), err
}

// textAndNumbers reads the first argument as a text and the others as numbers.
func (t *translator) textAndNumbers(args []piece) (piece, []piece, error) {
	p, err := t.text(args[0])
	if err != nil {
		return p, nil, err
	}
	nums, err := t.numbers(args[1:])
	for i, n := range nums {
		if strings.Contains(n.lit, ".") {
			return p, nil, cannot("%s characters", n.lit)
		}
		if !n.isLit { // what was worked out may be a decimal, and FHIRPath counts in whole numbers
			nums[i] = n.call("truncate()", kindNumber)
		}
	}
	return p, nums, err
}

func fnLeft(t *translator, args []piece) (piece, error) {
	p, n, err := t.textAndNumbers(args)
	if err != nil {
		return p, err
	}
	return p.call("substring(0, "+n[0].src+")", kindText), nil
}

func fnRight(t *translator, args []piece) (piece, error) {
	p, n, err := t.textAndNumbers(args)
	if err != nil {
		return p, err
	}
	size := n[0].in(tightAdd + 1)
	return p.call("select(iif($this.length() > "+n[0].in(tightOrder+1)+", $this.substring($this.length() - "+size+"), $this))", kindText), nil
}

// fnMid counts characters from 1.
func fnMid(t *translator, args []piece) (piece, error) {
	p, n, err := t.textAndNumbers(args)
	if err != nil {
		return p, err
	}
	from := n[0].in(tightAdd) + " - 1"
	if at, err := strconv.Atoi(n[0].lit); err == nil && n[0].isLit {
		from = strconv.Itoa(at - 1)
	}
	return p.call("substring("+from+", "+n[1].src+")", kindText), nil
}

func fnLength(t *translator, args []piece) (piece, error) {
	p, err := t.text(args[0])
	return path("("+p.in(tightAdd)+" & '').length()", kindNumber).certain(), err
}

func fnReplace(t *translator, args []piece) (piece, error) {
	var parts [3]piece
	for i, a := range args {
		var err error
		if parts[i], err = t.text(a); err != nil {
			return parts[i], err
		}
	}
	with := parts[2].src
	if args[2].kind == kindBlank {
		with = "''"
	}
	return parts[0].call("replace("+parts[1].src+", "+with+")", kindText), nil
}

func fnConcat(t *translator, args []piece) (piece, error) {
	out := make([]string, len(args))
	for i, a := range args {
		p, err := t.text(a)
		if err != nil {
			return p, err
		}
		out[i] = p.in(tightAdd + 1)
	}
	if len(out) == 1 {
		return t.text(args[0])
	}
	return op(strings.Join(out, " & "), kindText, tightAdd), nil
}

// fnConcatWith leaves out blanks.
func fnConcatWith(t *translator, args []piece) (piece, error) {
	sep, err := t.text(args[0])
	if err != nil {
		return sep, err
	}
	var sb strings.Builder
	for i, a := range args[1:] {
		p, err := t.text(a)
		if err != nil {
			return p, err
		}
		if i == 0 {
			sb.WriteString(p.in(tightPath))
		} else {
			sb.WriteString(".combine(" + p.src + ")")
		}
	}
	if args[0].kind == kindBlank {
		sep.src = "''"
	}
	return path(sb.String()+".where($this != '').join("+sep.src+")", kindText), nil
}
