package page_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestAnotherParentIsLetInAndOut(t *testing.T) {
	onBoth(t, func(s *stand) {
		base := "/people/" + string(s.person)
		pavel := string(s.actors["pavel"].Account)
		if !strings.Contains(s.shows("pavel", "/account"), pavel) || !strings.Contains(s.shows("maria", base+"/data"), base+"/access") {
			s.Error("the way is not shown")
		}
		if body := s.shows("maria", base+"/access"); strings.Contains(body, "/end") {
			s.Error("the last one is offered to go")
		}
		if a := s.get("pavel", base+"/access"); a.status != 404 {
			s.Error("a stranger sees who acts:", a.status)
		}
		add := func(fields url.Values) answered { return s.post("maria", base+"/access", fields) }
		if a := add(url.Values{"account": {"pavel"}}); a.status != 422 || !strings.Contains(a.body, "#f-account") || !strings.Contains(a.body, "#f-relation") {
			s.Error("both faults at once:", a.status)
		}
		if a := add(url.Values{"account": {" " + strings.ToUpper(pavel) + " "}, "relation": {"parent"}}); a.status != 303 {
			s.Fatal(a.status, a.body)
		}
		s.shows("maria", base+"/access")
		his := s.shows("pavel", base+"/access")
		if !strings.Contains(his, "/access/"+pavel+"/end") || strings.Contains(his, string(s.actors["maria"].Account)) || strings.Contains(his, "maria") {
			s.Error("he sees another's number or name, or no way to leave")
		}
		if a := s.post("pavel", base+"/access/"+string(s.actors["maria"].Account)+"/end", url.Values{}); a.status != 403 {
			s.Error("one guardian put the other out:", a.status)
		}
		s.shows("maria", base+"/access/"+pavel+"/end")
		if a := s.post("maria", base+"/access/"+pavel+"/end", url.Values{}); a.status != 303 || a.header.Get("Location") != base+"/access" {
			s.Error(a.status)
		}
		if a := s.get("pavel", base); a.status != 404 {
			s.Error("he still comes in:", a.status)
		}
		add(url.Values{"account": {pavel}, "relation": {"guardian"}})
		if a := s.post("pavel", base+"/access/"+pavel+"/end", url.Values{}); a.status != 303 || a.header.Get("Location") != "/home" {
			s.Error("he may go himself:", a.status)
		}
		s.shows("pavel", "/home")
	})
}
