package redcap

import (
	"fmt"
	"strings"
	"testing"
)

// On a form that repeats, a field is that of the same occurrence; elsewhere it is the first, or the one that is named.
func TestRepeatingFormsSeeTheirOwnOccurrence(t *testing.T) {
	d := testDictionary(t)
	given := answers{"age": "50", "pulse#0": "60", "pulse#1": "90", "feel#1": "2", "pulse#2": "70", "study#2": "A"}
	for _, c := range []struct {
		logic, on  string
		occurrence int
		want       string
	}{
		{"[pulse] > 80", "visit", 0, "false"},
		{"[pulse] > 80", "visit", 1, "true"},
		{"[pulse][current-instance] > 80", "visit", 1, "true"},
		{"[feel] = '2' and [pulse] > [age]", "visit", 1, "true"},
		{"[feel] = '2'", "visit", 2, ""},
		{"[feel] <> '2'", "visit", 2, "true"},
		{"[study] = 'A'", "visit", 2, "true"},
		{"[pulse][1] = 60", "visit", 2, "true"},
		{"[pulse] > 80", "main", 0, "false"},
		{"[pulse][2] > 80", "main", 0, "true"},
		{"[pulse][last-instance] = 70", "main", 0, "true"},
		{"[pulse][first-instance] = 60", "main", 0, "true"},
		{"[pulse][9] = ''", "main", 0, "true"},
	} {
		l, err := parseLogic(c.logic)
		if err != nil {
			t.Fatal(err)
		}
		form := d.forms[0]
		if c.on == "visit" {
			form = d.forms[1]
		}
		tr := translator{dict: d, form: form, used: map[string]bool{}, note: func(string, ...any) {}}
		src, err := tr.condition(l)
		if err != nil {
			t.Fatal(c.logic, err)
		}
		if got := evaluate(t, d, src, c.on, tr.used, given.response(t, d), c.occurrence); got != c.want {
			t.Errorf("%s on %s %d is %q, not %q\n%s", c.logic, c.on, c.occurrence, got, c.want, src)
		}
	}
}

// What has no FHIRPath says why.
func TestUntranslatable(t *testing.T) {
	d := testDictionary(t)
	for logic, why := range map[string]string{
		"[baseline_arm_1][age] > 1":          "names an event",
		"[user-name] = 'x'":                  "smart variable",
		"[nothing] = 1":                      "no field [nothing]",
		"[signs] = '1'":                      "is a checkbox",
		"[signs(7)] = '1'":                   "no choice 7",
		"[sex(1)] = '1'":                     "no checkbox",
		"[words] = '1'":                      "descriptive text",
		"[pulse][next-instance] = 1":         "names an instance",
		"[age][2] = 1":                       "does not repeat",
		"fibonacci([age]) > 1":               "fibonacci() is not known",
		"round() > 1":                        "does not take 0 arguments",
		"datediff([name], 'today', 'y') > 1": "no date",
		"datediff([born], 'today', 'w') > 1": "unit",
		"[born] + 1 > 2":                     "used as a number",
		"[scan] > 2":                         "file",
		"[born] < 'soon'":                    "is not a date",
		"[name:checked] = 1":                 ":checked",
	} {
		l, err := parseLogic(logic)
		if err != nil {
			t.Fatal(err)
		}
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		if src, err := tr.condition(l); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v %s", logic, err, src)
		}
	}
}

func TestLogicSyntax(t *testing.T) {
	for logic, want := range map[string]string{
		"[age":                         "square bracket is not closed",
		"[age] > ":                     "missing at the end",
		"[age] > 'a":                   "quote is not closed",
		"([age] > 1":                   "closing bracket is missing",
		"[age] > 1)":                   "was not expected",
		"[age] = male":                 "neither a function",
		"[age] ; 1":                    "was not expected",
		"[age b] = 1":                  "is not a variable",
		"sum(1, 2":                     "comma or a closing bracket",
		"1.2.3":                        "not a number",
		"= 1":                          "was not expected",
		strings.Repeat("(", 100) + "1": "deep in one another",
		"[a][b][c][d] = 1":             "was not expected",
	} {
		if _, err := parseLogic(logic); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", logic, err)
		}
	}
}

func TestPrintedLogicReadsTheSame(t *testing.T) {
	for _, list := range [][]logicCase{conditions, calculations, texts} {
		for _, c := range list {
			l, err := parseLogic(c.logic)
			if err != nil {
				t.Fatal(err)
			}
			printed := printLogic(l)
			again, err := parseLogic(printed)
			if err != nil || fmt.Sprint(printLogic(again)) != printed {
				t.Errorf("%s printed as %s: %v", c.logic, printed, err)
			}
		}
	}
}

// @CALCDATE counts years and months in days, as datediff() does, and a date in a field for moments stays a date.
func TestDatesAfter(t *testing.T) {
	d := testDictionary(t)
	for _, c := range []struct {
		args  string
		want  kind
		given answers
		is    string
	}{
		{"[born], 7, 'd'", kindDate, answers{"born": "2026-02-25"}, "2026-03-04"},
		{"[born], -30, 'd'", kindDate, answers{"born": "2026-03-31"}, "2026-03-01"},
		{"[born], 1, 'y'", kindDate, answers{"born": "2026-01-01"}, "2027-01-01"},
		{"[born], 1, 'M'", kindDate, answers{"born": "2026-01-01"}, "2026-01-31"},
		{"[born], -1, 'M'", kindDate, answers{"born": "2026-01-31"}, "2025-12-31"},
		{"[born], [age], 'd'", kindDate, answers{"born": "2026-01-31", "age": "2"}, "2026-02-02"},
		{"[born], [age], 'd'", kindDate, answers{"born": "2026-01-31"}, ""},
		{"[born], 1, 'd'", kindDate, answers{}, ""},
		{"today, 14, 'd'", kindDate, answers{}, "2026-03-24"},
		{"'today', 14, 'd'", kindDate, answers{}, "2026-03-24"},
		{"[born], 36, 'h'", kindDate, answers{"born": "2026-01-31"}, "2026-02-01"},
		{"[seen], 36, 'h'", kindDate, answers{"seen": "2026-01-31T18:00:00Z"}, "2026-02-02"},
		{"[seen], 90, 'm'", kindDateTime, answers{"seen": "2026-01-31T23:00:00Z"}, "2026-02-01T00:30:00Z"},
		{"[born], 2, 'd'", kindDateTime, answers{"born": "2026-01-31"}, "2026-02-02"},
		{"if([age] > 3, [born], [visit_date][1]), 1, 'd'", kindDate, answers{"born": "2026-01-31", "age": "5"}, "2026-02-01"},
		{"[born], 2, 'h'", kindDateTime, nil, "no time zone"},
		{"[woke], 2, 'h'", kindTime, nil, "in the unit"},
		{"[born], 2, 'w'", kindDate, nil, "in the unit"},
		{"[born], 2", kindDate, nil, "three arguments"},
	} {
		l, err := parseLogic("calcdate(" + c.args + ")")
		if err != nil {
			t.Fatal(err)
		}
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		src, err := tr.dateAfter(l.(call).args, c.want)
		if err != nil {
			if c.given != nil || !strings.Contains(err.Error(), c.is) {
				t.Errorf("%s: %v", c.args, err)
			}
			continue
		}
		if got := evaluate(t, d, src, "main", nil, c.given.response(t, d), 0); got != c.is {
			t.Errorf("%s with %v is %q, not %q\n%s", c.args, c.given, got, c.is, src)
		}
	}
}
