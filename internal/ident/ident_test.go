package ident

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	id := New[ParticipantID]()
	for _, c := range []struct {
		name, in string
		ok       bool
	}{
		{"canonical", string(id), true},
		{"upper case", strings.ToUpper(string(id)), true},
		{"empty", "", false},
		{"braces", "{" + string(id) + "}", false},
		{"urn", "urn:uuid:" + string(id), false},
		{"nul", string(id)[:35] + "\x00", false},
		{"no hyphens", strings.ReplaceAll(string(id), "-", ""), false},
	} {
		got, err := Parse[ParticipantID](c.in)
		if (err == nil) != c.ok {
			t.Errorf("%s: err = %v", c.name, err)
		}
		if c.ok && got != id {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
}

func TestNewIsOrderedAndUnique(t *testing.T) {
	prev := ""
	for range 1000 {
		id := string(New[EntryID]())
		if id <= prev {
			t.Fatalf("%s after %s", id, prev)
		}
		prev = id
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(New[StudyID]()))
	f.Add("../../etc/passwd")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := Parse[StudyID](s)
		if err == nil && (len(id) != 36 || strings.ToLower(s) != string(id)) {
			t.Fatalf("%q became %q", s, id)
		}
	})
}
