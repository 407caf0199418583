package page_test

import (
	"strings"
	"testing"

	"kindred/internal/web/webtest"
)

// An editor reads what a further version changes, by class, before it is published; a changed meaning is refused with
// another linkId.
func TestAishaSeesWhatChanges(t *testing.T) {
	onSQLite(t, func(s *stand) {
		second := strings.Replace(dailyLife, `"version":"1"`, `"version":"2"`, 1)
		added := strings.Replace(second, `{"linkId":"help"`, `{"linkId":"lift","text":"Is there a lift?","type":"boolean"},{"linkId":"help"`, 1)
		a := s.upload("aisha", "/authoring/new", map[string]string{"file": added})
		webtest.Check(s.T, a.body)
		if a.status != 200 {
			t.Fatal(a.status)
		}
		says(t, "added", a.body, "What changes since version 1", "What is added", "lift")
		a = s.upload("aisha", "/authoring/new", map[string]string{"file": strings.Replace(second, "How many hours of help?", "How many people help?", 1)})
		webtest.Check(s.T, a.body)
		if a.status != 422 {
			t.Error(a.status)
		}
		says(t, "meaning", a.body, "What means something else", "help-2")
	})
}
