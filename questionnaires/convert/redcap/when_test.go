package redcap

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"kindred/questionnaires/convert"
)

// holds evaluates enableWhen as FHIR R4 tells it: a question without an answer meets no condition but exists = false.
func holds(list []convert.EnableWhen, behavior string, d *dictionary, given answers) bool {
	for _, w := range list {
		if met(w, d.byName[w.Question], given[w.Question]) == (behavior == "any") {
			return behavior == "any"
		}
	}
	return behavior != "any"
}

func met(w convert.EnableWhen, f *field, answer string) bool {
	if w.Operator == "exists" {
		return (answer != "") == *w.Boolean
	}
	if answer == "" {
		return false
	}
	order := 0
	switch {
	case w.Coding != nil:
		return slices.Contains(strings.Fields(answer), w.Coding.Code) == (w.Operator == "=")
	case w.Boolean != nil:
		if (answer == "1") != *w.Boolean {
			order = 1
		}
	case w.Integer != nil || w.Decimal != nil:
		a, _ := new(big.Rat).SetString(answer)
		b := new(big.Rat)
		if w.Integer != nil {
			b.SetInt64(int64(*w.Integer))
		} else {
			b.SetString(string(*w.Decimal))
		}
		order = a.Cmp(b)
	default:
		order = strings.Compare(answer, w.Date+w.Time+w.String)
	}
	switch w.Operator {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<", "<=":
		return order < 0 || order == 0 && len(w.Operator) == 2
	}
	return order > 0 || order == 0 && len(w.Operator) == 2
}

// Flat logic becomes conditions, anything else an expression.
func TestEnableWhen(t *testing.T) {
	d := testDictionary(t)
	for logic, want := range map[string]string{
		"[sex] = '1'":                              "sex = 1",
		"'1' = [sex]":                              "sex = 1",
		"[sex] <> '1'":                             "any sex exists false; sex != 1",
		"[sex] <> '' and [sex] <> '1'":             "all sex exists true; sex != 1",
		"[sex] <> '1' and [age] > 3":               "",
		"[sex] <> '1' or [age] > 3":                "any sex exists false; sex != 1; age > 3",
		"[signs(2)] = '1'":                         "signs = 2",
		"[signs(2)]":                               "signs = 2",
		"[signs(2)] = '0'":                         "any signs exists false; signs != 2",
		"[smoker] = '0' and [able] = 1":            "all smoker = false; able = true",
		"[age] >= 18 and [age] < '65'":             "all age >= 18; age < 65",
		"18 <= [age]":                              "age >= 18",
		"[weight] > 2.50":                          "weight > 2.50",
		"[born] > '2001-02-03'":                    "born > 2001-02-03",
		"[woke] < '7:30'":                          "woke < 07:30:00",
		"[name] = 'Ana'":                           "name = Ana",
		"[name] = ''":                              "name exists false",
		"[scan] <> ''":                             "scan exists true",
		"[age] = 1 or [age] = 2 or [sex] = '1'":    "any age = 1; age = 2; sex = 1",
		"([age] = 1 or [age] = 2) and [sex] = '1'": "",
		"[age] > 2.5":                              "",
		"[name] > 'a'":                             "",
		"[name] = '5'":                             "",
		"[sex] = '7'":                              "",
		"[sex] > 1":                                "",
		"[age] = [weight]":                         "",
		"[seen] > '2001-02-03'":                    "",
		"[pulse] > 3":                              "",
		"not([age] > 3)":                           "",
	} {
		l, err := parseLogic(logic)
		if err != nil {
			t.Fatal(err)
		}
		list, behavior, ok := d.enableWhen(d.byName["id"], l)
		var parts []string
		for _, w := range list {
			v := convert.Value{Boolean: w.Boolean, Decimal: w.Decimal, Integer: w.Integer, String: w.Date + w.Time + w.String}
			s := v.String
			switch {
			case w.Coding != nil:
				s = w.Coding.Code
			case w.Boolean != nil:
				s = map[bool]string{true: "true", false: "false"}[*w.Boolean]
			case w.Integer != nil:
				s = itoa(*w.Integer)
			case w.Decimal != nil:
				s = string(*w.Decimal)
			}
			parts = append(parts, w.Question+" "+w.Operator+" "+s)
		}
		got := strings.TrimSpace(behavior + " " + strings.Join(parts, "; "))
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s is %q, not %q", logic, got, want)
		}
	}
}
