package xlsform

import "testing"

func TestZZ(t *testing.T) {
	for _, d := range []string{"number(1)", "string(1)", "concat(1)", "1+1", "if(true(),1,2)", "coalesce('1','')"} {
		q, _ := read(t, cells{"survey": {{"type", "name", "default"}, {"text", "a", d}}})
		raw, _, _ := Write(q)
		t.Log(d, string(q.Marshal()), dump(t, raw))
	}
}
