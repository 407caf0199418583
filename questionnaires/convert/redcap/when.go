package redcap

import (
	"encoding/json"
	"strconv"

	"kindred/questionnaires/convert"
)

// enableWhen translates logic that is a flat list of comparisons, joined by and alone or by or alone; false for what
// needs an expression. A condition of FHIR never holds for a question without an answer unless it asks for that, so
// REDCap's <> takes two.
func (d *dictionary) enableWhen(at *field, l logic) (list []convert.EnableWhen, behavior string, ok bool) {
	joined := ""
	var terms []logic
	var split func(l logic) bool
	split = func(l logic) bool {
		b, is := l.(binary)
		if !is || b.op != "and" && b.op != "or" {
			terms = append(terms, l)
			return true
		}
		if joined != "" && joined != b.op {
			return false
		}
		joined = b.op
		return split(b.x) && split(b.y)
	}
	if !split(l) {
		return nil, "", false
	}
	answered := map[string]bool{} // questions that have to be answered anyway
	either := false
	for _, term := range terms {
		one, ok := d.comparison(at, term)
		if !ok {
			return nil, "", false
		}
		if joined != "or" && len(one) == 1 && one[0].Operator == "exists" && *one[0].Boolean {
			answered[one[0].Question] = true
		}
		if len(one) == 2 {
			switch {
			case joined == "and" && answered[one[0].Question]:
				one = one[1:]
			case joined == "and":
				return nil, "", false
			default:
				either = true
			}
		}
		list = append(list, one...)
	}
	switch {
	case len(list) == 1:
	case joined == "or" || either:
		behavior = "any"
	default:
		behavior = "all"
	}
	return list, behavior, true
}

var flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// comparison is one comparison of a field with a value: one condition, or two of which either is enough.
func (d *dictionary) comparison(at *field, l logic) ([]convert.EnableWhen, bool) {
	if r, is := l.(ref); is && r.code != "" { // a box alone: checked
		l = binary{"=", r, numberLit{"1"}}
	}
	b, is := l.(binary)
	if !is || flipped[b.op] == "" {
		return nil, false
	}
	r, left := b.x.(ref)
	value := b.y
	name := b.op
	if !left {
		if r, left = b.y.(ref); !left {
			return nil, false
		}
		value, name = b.x, flipped[b.op]
	}
	f := d.byName[r.name]
	if f == nil || f == at || r.event != "" || r.modifier != "" || r.instance != "" || f.form.repeats && f.form != at.form {
		return nil, false
	}
	lit := ""
	switch v := value.(type) {
	case textLit:
		lit = v.value
	case numberLit:
		lit = v.text
	default:
		return nil, false
	}
	if f.typ == "checkbox" {
		return f.boxWhen(r, name, lit)
	}
	if r.code != "" || f.typ == "descriptive" {
		return nil, false
	}
	w := convert.EnableWhen{Question: f.name, Operator: name}
	if lit == "" {
		if name != "=" && name != "<>" {
			return nil, false
		}
		return []convert.EnableWhen{exists(f.name, name == "<>")}, true
	}
	if !f.answer(&w, lit) {
		return nil, false
	}
	return unlike(w), true
}

func exists(question string, is bool) convert.EnableWhen {
	return convert.EnableWhen{Question: question, Operator: "exists", Boolean: &is}
}

// unlike makes two conditions of one with <>.
func unlike(w convert.EnableWhen) []convert.EnableWhen {
	if w.Operator != "<>" {
		return []convert.EnableWhen{w}
	}
	w.Operator = "!="
	return []convert.EnableWhen{exists(w.Question, false), w}
}

// boxWhen is a condition on one choice of a checkbox.
func (f *field) boxWhen(r ref, name, lit string) ([]convert.EnableWhen, bool) {
	if r.code == "" || !f.offers(r.code) || lit != "0" && lit != "1" || name != "=" && name != "<>" {
		return nil, false
	}
	if (lit == "1") != (name == "=") {
		name = "<>"
	} else {
		name = "="
	}
	return unlike(convert.EnableWhen{Question: f.name, Operator: name, Coding: f.coding(r.code)}), true
}

// answer puts a value into a condition, as the answers of the field are.
func (f *field) answer(w *convert.EnableWhen, lit string) bool {
	equality := w.Operator == "=" || w.Operator == "<>"
	num, isNumber := signedNumber(lit)
	switch f.kind() {
	case kindCode:
		w.Coding = f.coding(lit)
		return equality && f.offers(lit)
	case kindFlag:
		yes := num == "1"
		w.Boolean = &yes
		return equality && (num == "0" || num == "1")
	case kindNumber:
		if f.integer() {
			n, err := strconv.Atoi(num)
			w.Integer = &n
			return err == nil && n == int(int32(n))
		}
		n := json.Number(num)
		w.Decimal = &n
		return isNumber
	case kindDate:
		date, ok := readDate(lit, f.valid.order)
		w.Date = date
		return ok
	case kindTime:
		at, ok := readTime(lit)
		w.Time = at
		return ok
	case kindText:
		w.String = lit
		return equality && f.typ != "sql" && !isNumber
	}
	return false
}

func (f *field) integer() bool { return f.typ == "slider" || f.valid.itemType == "integer" }
