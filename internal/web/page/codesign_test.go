package page_test

import (
	"net/url"
	"strings"
	"testing"
)

// propose puts Maria's proposal forward and gives its address.
func (s *stand) propose() string {
	s.Helper()
	page := s.shows("maria", "/proposals", "Daily life", "Propose another wording")
	at := page[strings.Index(page, "/proposals/new?"):]
	at = at[:strings.IndexByte(at, '"')]
	at = strings.ReplaceAll(at, "&amp;", "&")
	u, _ := url.Parse(at)
	q := u.Query().Get("questionnaire")
	s.shows("maria", at, "Can she walk?")
	form := url.Values{"questionnaire": {q}, "kind": {"wording"}, "link_id": {"walk"}, "language": {"en"}, "text": {""}, "reason": {"It is said of adults too."}, "credit": {"Maria"}}
	s.again("maria", "/proposals", "text", form)
	form.Set("text", "Can this person <b>walk</b>?")
	return s.goes("maria", "/proposals", form)
}

// What a member proposes on the page is discussed, decided by an editor, and worked into a draft.
func TestAProposalOnPages(t *testing.T) {
	onBoth(t, func(s *stand) {
		at := s.propose()
		s.shows("maria", at, "Can this person &lt;b&gt;walk&lt;/b&gt;?", "Can she walk?", "Open")
		s.again("aisha", at+"/comments", "comment", url.Values{"comment": {" "}})
		s.goes("aisha", at+"/comments", url.Values{"comment": {"Yes, shorter too."}})
		s.goes("aisha", at+"/support", url.Values{"support": {"yes"}})
		s.shows("maria", at, "Yes, shorter too.", "An editor", "1 member supports it")
		s.again("aisha", at+"/decision", "reason", url.Values{"decision": {"decline"}})
		s.again("aisha", at+"/decision", "decision", url.Values{})
		s.goes("aisha", at+"/decision", url.Values{"decision": {"take"}, "reason": {"Thank you."}})
		s.shows("maria", at, "Taken for the next version", "Thank you.")
		page := s.shows("aisha", "/proposals", "Download a draft")
		draft := page[strings.Index(page, "/proposals/drafts/"):]
		draft = draft[:strings.IndexByte(draft, '"')]
		if a := s.get("aisha", draft); a.status != 200 || !strings.Contains(a.body, "Can this person <b>walk</b>?") || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the draft: %d %s", a.status, a.body)
		}
		if a := s.get("maria", draft); a.status != 403 {
			t.Errorf("a member downloads the draft: %d", a.status)
		}
		if a := s.get("okoye", at); a.status != 403 {
			t.Errorf("a researcher reads a proposal: %d", a.status)
		}
	})
}
