package db

import (
	"bytes"
	"testing"
)

func text(s string) *string { return &s }

// FuzzParseLeaf: what is read is written again as the same bytes, so that two texts never say the same entry.
func FuzzParseLeaf(f *testing.F) {
	whole := Leaf{
		ID: text("1"), At: text("2031-03-04T12:00:00.000000Z"), Event: text("audit.read"), Role: text("ethics"), Purpose: text("oversight"), Act: text("audit"),
		Object: text("audit"), Rule: text(""), Subjects: text("2"), Outcome: text("ok"), Detail: text(`{"a":"~,3:x,"}`), Named: []string{"a", "b,"},
	}
	f.Add(whole.Bytes())
	f.Add([]byte(leafHeader))
	f.Add([]byte("kindred audit entry 1\n1:1,01:2,~,"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ParseLeaf(b)
		if err == nil && !bytes.Equal(l.Bytes(), b) {
			t.Errorf("%q was read as %q", b, l.Bytes())
		}
	})
}

func TestParseLeaf(t *testing.T) {
	l := Leaf{ID: text("1"), At: text("2"), Event: text("a:b,"), Named: []string{"y", "x"}}
	got, err := ParseLeaf(l.Bytes())
	if err != nil || *got.Event != "a:b," || got.Account != nil || len(got.Named) != 2 || got.Named[0] != "x" {
		t.Fatalf("%+v %v", got, err)
	}
	good := string(l.Bytes())
	for name, bad := range map[string]string{
		"nothing": "", "another header": "kindred audit entry 2\n" + good[len(leafHeader):], "cut": good[:len(good)-1], "more": good + "1",
		"a null alias": good + "~,", "a leading nought": leafHeader + "0" + good[len(leafHeader):],
	} {
		if _, err := ParseLeaf([]byte(bad)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
