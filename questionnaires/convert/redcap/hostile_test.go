package redcap

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/locale"
)

const four = "field_name,form_name,field_type,field_label"

// row of a dictionary with an API header of all columns.
func dictionaryOf(rows ...string) []byte {
	return []byte(strings.Join(apiNames[:], ",") + "\n" + strings.Join(rows, "\n") + "\n")
}

func faultsOf(t *testing.T, raw []byte, o Options) []string {
	t.Helper()
	_, _, err := Read(raw, o)
	var out []string
	for _, f := range fault.All(err) {
		if !locale.Has(f.Key) {
			t.Errorf("there is no sentence for %s", f.Key)
		}
		if s := locale.For("es").T(f.Key, map[string]any(f.Args)); strings.Contains(s, "no value") || strings.HasPrefix(s, "[") {
			t.Errorf("%s: %s", f.Key, s)
		}
		out = append(out, strings.TrimPrefix(f.Key, "redcap.")+" "+f.Field)
	}
	return out
}

// Every fault of a dictionary is told at once, each at its cell.
func TestFaultsAreToldAtOnce(t *testing.T) {
	raw := dictionaryOf(
		`id,a,,text,Id,,,,,,,,,,,,,`,
		`1st,a,,text,X,,,,,,,,,,,,,`,
		`id,a,,text,X,,,,,,,,,,,,,`,
		`b,A B!,,text,X,,,,,,,,,,,,,`,
		`c,a,,button,X,,,,,,,,,,,,,`,
		`d,a,,radio,X,,,,,,,,,,,,,`,
		`e,a,,radio,X,"1, a | b | 1, c",,,,,,,,,,,,`,
		`f,a,,text,X,,,not a type,,,,,,,,,,`,
		`g,a,,text,X,,,integer,ten,,,,,,,,,`,
		`h,a,,text,X,,,integer,9,3,,,,,,,,`,
		`i,a,,text,X,,,date_dmy,2020-02-31,,,,,,,,,`,
		`j,a,,text,X,,,,,,maybe,,perhaps,XX,,,,`,
		`"k",a,,text,"X
Y",,,,,,,[id = 1,,,,,,`,
		`l,a,,calc,X,sum(1,,,,,,,,,,,,,`,
		`m,a,,radio,X,"1, a",,,,,,,,,,grid,,`,
		`n,a,,radio,X,"1, b",,,,,,,,,,grid,,`,
		`o,a,,slider,X,,,,5,5,,,,,,,,`,
		`p,other,,text,X,,,,,,,,,,,,,`,
		`q,a,,text,X,,,,,,,,,,,,,`,
	)
	want := []string{
		"name line 3, Variable / Field Name", "name_twice line 4, Variable / Field Name", "form line 5, Form Name", "form_apart line 6, Form Name", "type line 6, Field Type",
		"no_choices line 7, Choices, Calculations, OR Slider Labels", "choice line 8, Choices, Calculations, OR Slider Labels", "choice_twice line 8, Choices, Calculations, OR Slider Labels",
		"validation line 9, Text Validation Type OR Show Slider Number", "bound line 10, Text Validation Min", "bounds line 11, Text Validation Max", "bound line 12, Text Validation Min",
		"flag line 13, Identifier?", "flag line 13, Required Field?", "alignment line 13, Custom Alignment",
		"logic line 14, Branching Logic (Show field only if...)", "logic line 16, Choices, Calculations, OR Slider Labels", "bounds line 19, Text Validation Max", "form_apart line 21, Form Name",
		"repeating ", "matrix line 18, Matrix Group Name",
	}
	if got := faultsOf(t, raw, Options{Repeating: []string{"nowhere"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A file that is no dictionary is refused before it is understood.
func TestHostileFiles(t *testing.T) {
	many := func(n int, f func(i int) string) string {
		var sb strings.Builder
		for i := range n {
			sb.WriteString(f(i))
		}
		return sb.String()
	}
	for name, c := range map[string]struct{ raw, want string }{
		"nothing":      {"", "empty "},
		"a mark":       {"\ufeff", "empty "},
		"blank lines":  {"\n\n\n", "empty "},
		"no header":    {"a,b,c\n1,2,3\n", "header "},
		"header only":  {four + "\n", "no_fields "},
		"no type":      {"field_name,form_name,field_label\na,b,c\n", "column_missing "},
		"twice":        {four + ",Field Type\n", "column_twice "},
		"Latin-1":      {four + "\na,b,text,a\xf1o\n", "encoding "},
		"UTF-16":       {"\xff\xfef\x00", "encoding "},
		"quote":        {four + "\na,b,text,\"x\n", "csv "},
		"bare quote":   {four + "\na,b,text,x\"y\"\n", "csv "},
		"control":      {four + "\na,b,text,x\x00y\n", "control line 2, Field Label"},
		"more cells":   {four + "\na,b,text,x,y\n", "cells "},
		"wide":         {four + strings.Repeat(",x", 100) + "\n", "cells "},
		"long cell":    {four + "\na,b,text," + strings.Repeat("x", maxCell+1) + "\n", "cell line 2, Field Label"},
		"large":        {four + strings.Repeat("\n", maxBytes), "too_large "},
		"long name":    {four + "\n" + strings.Repeat("x", maxName+1) + ",b,text,x\n", "name line 2, Variable / Field Name"},
		"many rows":    {four + "\n" + many(maxRows+1, func(i int) string { return fmt.Sprintf("f%d,b,text,x\n", i) }), "too_large line 60002, Variable / Field Name"},
		"many choices": {four + ",select_choices_or_calculations\na,b,radio,x,\"" + many(maxChoices+1, func(i int) string { return fmt.Sprintf("%d, x|", i) }) + "\"\n", "choices line 2, Choices, Calculations, OR Slider Labels"},
		"long logic":   {four + ",branching_logic\na,b,text,x," + strings.Repeat("1+", maxLogic/2) + "1\n", "logic line 2, Branching Logic (Show field only if...)"},
		"deep logic":   {four + ",branching_logic\na,b,text,x," + strings.Repeat("(", 5000) + "\n", "logic line 2, Branching Logic (Show field only if...)"},
	} {
		got := faultsOf(t, []byte(c.raw), Options{})
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	got := faultsOf(t, []byte(four+"\n"+strings.Repeat("?,b,text,x\n", 5000)), Options{})
	if len(got) != maxFaults+2 || got[len(got)-1] != "many " {
		t.Error(len(got), got[len(got)-1])
	}
}

// Long logic that is accepted is translated, or is told to be too long: never a crash, never quadratic time.
func TestLongLogic(t *testing.T) {
	long := "[id] = 'x'" + strings.Repeat(" or [id] = 'x'", 1300)
	q, report, err := Read(dictionaryOf(`id,a,,text,Id,,,,,,,,,,,,,`, `b,a,,text,X,,,,,,,"`+long+`",,,,,,`, `c,a,,text,X,,,,,,,"not(`+long+`)",,,,,,`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Item[0].Item[1].EnableWhen) != 1301 || len(told(report)) == 0 {
		t.Error(len(q.Item[0].Item[1].EnableWhen), told(report))
	}
}

// What spreadsheets do to a file does not change what is read.
func TestSpreadsheetsChangeNothing(t *testing.T) {
	want, _, err := Read([]byte(study), Options{Repeating: []string{"visit"}})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(study, "\n")
	lines[0] = `"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Text Validation Type OR Show Slider Number"`
	header := strings.Join(lines, "\n")
	lines[0] = "VARIABLE/FIELD NAME,form name, FIELD TYPE ,Field label,Choices OR Calculations,text_validation_type_or_show_slider_number,,,"
	for name, raw := range map[string]string{
		"the file's own header": header,
		"another case":          strings.Join(lines, "\n"),
		"a byte order mark":     "\ufeff" + study,
		"CRLF":                  strings.ReplaceAll(study, "\n", "\r\n"),
		"empty columns":         strings.ReplaceAll(study, "\n", ",,,\n"),
		"blank rows":            strings.ReplaceAll(study, "\n", "\n\n,,,\n"),
		"tabs":                  strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(study, ", ", "\x01"), ",", "\t"), "\x01", ", "), `"`, ""),
		"semicolons":            strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(study, ", ", "\x01"), ",", ";"), "\x01", ", "),
		"capitals":              strings.Replace(study, "weight,main,text", "Weight,Main,TEXT", 1),
	} {
		got, _, err := Read([]byte(raw), Options{Repeating: []string{"visit"}})
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, raw)
			continue
		}
		if a, b := quiet(want), quiet(got); a != b {
			t.Errorf("%s: %s", name, firstDifference(a, b))
		}
	}
	var list fault.List
	if _, _, err := Read([]byte("x"), Options{}); !errors.As(err, &list) {
		t.Error(err)
	}
}

func TestTitleOfAFile(t *testing.T) {
	for file, want := range map[string]string{"MyStudy_DataDictionary_2026-03-01": "MyStudy", "clinic_visits": "Clinic visits", "DataDictionary_2026-03-01 (1)": "", "": ""} {
		if got := TitleOf(file); got != want {
			t.Errorf("%s: %q", file, got)
		}
	}
	for raw, want := range map[string]bool{"\xff": true, "": true, "a\"b\n": true, "a,b\n": false} {
		if _, _, err := Read([]byte(raw), Options{}); Unreadable(err) != want {
			t.Errorf("%q: %v", raw, err)
		}
	}
}
