package redcap

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kindred/internal/fhirpath"
)

// drawDictionary makes a dictionary that REDCap would take: some forms, fields of every kind, and logic over them.
func drawDictionary(t *rapid.T) ([]byte, Options) {
	var o Options
	label := rapid.SampledFrom([]string{"How are you?", "a < b & c", "<b>Bold</b> and <i>thin</i>", "", "Línea uno\ndos", "1 &lt; 2", "x | y", "Hello [f0], it is [f1]", "“quoted” 'it'", "{f0}", "<br>", "tab\there"})
	forms := rapid.IntRange(1, 3).Draw(t, "forms")
	var rows [][columns]string
	var names []string
	kinds := map[string]string{}
	n := 0
	for f := range forms {
		form := fmt.Sprintf("form_%d", f)
		if rapid.Bool().Draw(t, "repeats") {
			o.Repeating = append(o.Repeating, form)
		}
		matrix := ""
		for range rapid.IntRange(1, 6).Draw(t, "fields") {
			var r [columns]string
			name := fmt.Sprintf("f%d", n)
			n++
			r[colName], r[colForm] = name, form
			r[colType] = rapid.SampledFrom(fieldTypes).Draw(t, "type")
			if n == 1 {
				r[colType] = "text"
			}
			r[colLabel] = label.Draw(t, "label")
			r[colNumber] = rapid.SampledFrom([]string{"", "1a"}).Draw(t, "number")
			r[colNote] = rapid.SampledFrom([]string{"", "a note", "<i>x</i>"}).Draw(t, "note")
			r[colRequired] = rapid.SampledFrom([]string{"", "y"}).Draw(t, "required")
			r[colIdentifier] = rapid.SampledFrom([]string{"", "y"}).Draw(t, "identifier")
			r[colAlignment] = rapid.SampledFrom([]string{"", "RV", "RH", "LV", "LH"}).Draw(t, "alignment")
			r[colSection] = rapid.SampledFrom([]string{"", "", "A section", "<hr>"}).Draw(t, "section")
			drawType(t, &r)
			if (r[colType] == "radio" || r[colType] == "checkbox") && rapid.IntRange(0, 3).Draw(t, "matrix") == 0 {
				r[colMatrix], r[colChoices] = fmt.Sprintf("m%s%d", r[colType], n), "1, One | 2, Two"
				matrix = r[colMatrix]
			}
			_ = matrix
			names, kinds[name] = append(names, name), r[colType]
			rows = append(rows, r)
		}
	}
	for i := range rows {
		if rapid.IntRange(0, 2).Draw(t, "branch") == 0 {
			rows[i][colBranching] = printLogic(drawLogic(t, names, kinds, 3, true))
		}
		if rows[i][colType] == "calc" && rapid.IntRange(0, 5).Draw(t, "calc") > 0 {
			rows[i][colChoices] = printLogic(drawLogic(t, names, kinds, 3, false))
		}
		if rows[i][colType] == "text" && rapid.IntRange(0, 8).Draw(t, "calctext") == 0 {
			rows[i][colAnnotation] += " @CALCTEXT(" + printLogic(drawLogic(t, names, kinds, 2, false)) + ")"
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(headers[:])
	for _, r := range rows {
		_ = w.Write(r[:])
	}
	w.Flush()
	return out.Bytes(), o
}

func drawType(t *rapid.T, r *[columns]string) {
	switch r[colType] {
	case "text":
		r[colValidation] = rapid.SampledFrom(append(sortedKeys(validations), "our_own")).Draw(t, "validation")
		v := validations[r[colValidation]]
		switch v.kind {
		case kindNumber:
			r[colMin] = rapid.SampledFrom([]string{"", "-3", "0"}).Draw(t, "min")
			r[colMax] = rapid.SampledFrom([]string{"", "7", "[f0]"}).Draw(t, "max")
		case kindDate:
			r[colMin] = rapid.SampledFrom([]string{"", "2001-02-03", "today", "[f1]"}).Draw(t, "min")
			r[colMax] = rapid.SampledFrom([]string{"", "2031-02-03", "now"}).Draw(t, "max")
		case kindDateTime:
			r[colMin] = rapid.SampledFrom([]string{"", "2001-02-03 04:05", "now"}).Draw(t, "min")
		case kindTime:
			r[colMax] = rapid.SampledFrom([]string{"", "09:30", "23:59:59"}).Draw(t, "max")
		}
	case "dropdown", "radio", "checkbox":
		r[colChoices] = rapid.SampledFrom([]string{"1, One | 2, Two", "a, <b>A</b> | b, B &#124; C | -9, None", "01, x, y | 2, ", "1, One | 2, Two | 3, [f0]"}).Draw(t, "choices")
	case "slider":
		r[colChoices] = rapid.SampledFrom([]string{"", "low | mid | high", "low", " | | high", "a | b"}).Draw(t, "ends")
		r[colValidation] = rapid.SampledFrom([]string{"", "number"}).Draw(t, "shown")
		r[colMin] = rapid.SampledFrom([]string{"", "-1", "0"}).Draw(t, "min")
	case "sql":
		r[colChoices] = "select 1"
	case "file":
		r[colValidation] = rapid.SampledFrom([]string{"", "signature"}).Draw(t, "signature")
	}
	all := []string{"@HIDDEN", "@READONLY", "@TODAY", "@NOW", "@DEFAULT='1'", "@DEFAULT='[f0]'", "@DEFAULT=\"it's\"", "@DEFAULT='2001-02-03'", "@NONEOFTHEABOVE='1'", "@MAXCHECKED=2", "@CHARLIMIT='9'",
		"@PLACEHOLDER='x y'", "@IF([f0]='1', @HIDDEN, '')", "@HIDECHOICE='1'", "@SHOWCHOICE='2, 1'", "@HIDECHOICE=a", "@FORCE-MINMAX", "some words", "me@example.org", "@CALCDATE([f1], 3, 'd')"}
	r[colAnnotation] = strings.Join(rapid.SliceOfN(rapid.SampledFrom(all), 0, 3).Draw(t, "tags"), rapid.SampledFrom([]string{" ", "\n"}).Draw(t, "between"))
}

// drawLogic makes logic of some depth.
func drawLogic(t *rapid.T, names []string, kinds map[string]string, depth int, condition bool) logic {
	field := func() logic {
		name := rapid.SampledFrom(names).Draw(t, "field")
		r := ref{name: name}
		if kinds[name] == "checkbox" {
			r.code = rapid.SampledFrom([]string{"1", "a", "2"}).Draw(t, "box")
		}
		if rapid.IntRange(0, 15).Draw(t, "odd") == 0 {
			r.instance = rapid.SampledFrom([]string{"1", "2", "last-instance", "previous-instance"}).Draw(t, "instance")
		}
		return r
	}
	value := func() logic {
		return rapid.SampledFrom([]logic{numberLit{"1"}, numberLit{"0"}, numberLit{"-2.5"}, textLit{""}, textLit{"1"}, textLit{"a"}, textLit{"2001-02-03"}, textLit{"today"}, textLit{`it's "so"`}, textLit{`\'`}, clockLit{}}).Draw(t, "value")
	}
	if depth == 0 {
		if condition {
			return binary{rapid.SampledFrom([]string{"=", "<>", "<", ">="}).Draw(t, "op"), field(), value()}
		}
		return rapid.SampledFrom([]func() logic{field, value}).Draw(t, "leaf")()
	}
	sub := func(c bool) logic { return drawLogic(t, names, kinds, depth-1, c) }
	switch rapid.IntRange(0, 8).Draw(t, "shape") {
	case 0, 1:
		return binary{rapid.SampledFrom([]string{"and", "or"}).Draw(t, "join"), sub(true), sub(true)}
	case 2:
		return unary{"not", sub(true)}
	case 3:
		return binary{rapid.SampledFrom([]string{"+", "-", "*", "/", "^", "%"}).Draw(t, "sign"), sub(false), sub(false)}
	case 4:
		return call{"if", []logic{sub(true), sub(false), sub(false)}}
	case 5:
		name := rapid.SampledFrom(sortedKeys(functions)).Draw(t, "function")
		c := call{name: name}
		for range max(functions[name].least, 1) {
			c.args = append(c.args, sub(false))
		}
		if name == "datediff" {
			c.args[2] = textLit{"d"}
		}
		return c
	case 6:
		return unary{"-", sub(false)}
	}
	return binary{rapid.SampledFrom([]string{"=", "<>", "<", ">", "<=", ">="}).Draw(t, "compare"), field(), value()}
}

func TestGeneratedDictionariesGoThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw, o := drawDictionary(t)
		q, _, err := Read(raw, o)
		if err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		back, _, err := Write(q, o)
		if err != nil {
			t.Fatalf("written: %v\n%s", err, raw)
		}
		again, _, err := Read(back, o)
		if err != nil {
			t.Fatalf("read again: %v\n%s\n---\n%s", err, back, raw)
		}
		if a, b := quiet(q), quiet(again); a != b {
			t.Fatalf("%s\n---\n%s\n---\n%s", firstDifference(a, b), back, raw)
		}
		for _, e := range expressions(q.Item) {
			if _, err := fhirpath.Compile(e, fhirpath.Options{}); err != nil {
				t.Fatalf("%s: %v", e, err)
			}
		}
	})
}
