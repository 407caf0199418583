package redcap

import (
	"math/big"
	"strings"

	"kindred/questionnaires/convert"
)

// plainDecimal writes a number without an exponent.
func plainDecimal(s string) (string, bool) {
	if n, ok := signedNumber(s); ok {
		return n, true
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || len(s) > 40 || r.Num().BitLen() > 200 || r.Denom().BitLen() > 200 {
		return "", false
	}
	out := strings.TrimRight(r.FloatString(20), "0")
	n, ok := signedNumber(strings.TrimSuffix(out, "."))
	return n, ok
}

// initial writes fixed values to begin with as @DEFAULT.
func (w *writer) initial(r *outRow) {
	it := r.item
	var parts []string
	for _, v := range it.Initial {
		if v.Coding != nil {
			key, _, _ := optionOf(v)
			if code := w.codes[r.cell[colName]][key]; code != "" {
				parts = append(parts, code)
				continue
			}
		}
		s, ok := fixed(v, strings.HasSuffix(r.cell[colValidation], "comma_decimal"))
		if !ok {
			w.add(it.LinkID, "initial", convert.Dropped, "The value to begin with has no form in REDCap.")
			return
		}
		parts = append(parts, s)
	}
	for _, o := range it.AnswerOption {
		if o.InitialSelected {
			key, _, _ := optionOf(o.Value)
			parts = append(parts, w.codes[r.cell[colName]][key])
		}
	}
	if len(parts) == 0 {
		return
	}
	s := strings.Join(parts, ", ")
	if !quotable(s) || strings.Contains(s, "[") {
		w.add(it.LinkID, "initial", convert.Dropped, "The value to begin with would be read as a reference: %s", clip(s))
		return
	}
	r.tags = append(r.tags, "@DEFAULT="+quoteLogic(s))
}

// options writes what options have beside code and label.
func (w *writer) options(r *outRow) {
	it := r.item
	var exclusive []string
	lost := map[string]bool{}
	for _, o := range it.AnswerOption {
		key, _, _ := optionOf(o.Value)
		list := o.Extension
		if o.Coding != nil {
			list = append(list[:len(list):len(list)], o.Coding.Extension...)
			if o.Coding.DisplayMore != nil {
				lost["translations"] = true
			}
			if o.Coding.Version != "" {
				lost["version of codes"] = true
			}
			if o.Coding.System != "" && o.Coding.System != w.q.URL+"/"+it.LinkID {
				lost["code system "+clip(o.Coding.System)] = true
			}
		}
		for _, e := range list {
			if e.URL == exclusiveURL && r.cell[colType] == "checkbox" {
				if e.Boolean != nil && *e.Boolean {
					exclusive = append(exclusive, w.codes[r.cell[colName]][key])
				}
				continue
			}
			lost[shortURL(e.URL)] = true
		}
	}
	for _, what := range sortedKeys(lost) {
		w.add(it.LinkID, "answerOption: "+what, convert.Dropped, "Choices in a dictionary have a code and a label, and nothing else.")
	}
	if len(exclusive) > 0 {
		r.tags = append(r.tags, "@NONEOFTHEABOVE="+quoteLogic(strings.Join(exclusive, ",")))
	}
}
