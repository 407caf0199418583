package questionnaires

import (
	"testing"

	"kindred/internal/fault"
	"kindred/questionnaires/sdc"
)

// The older page of another device loses nothing and takes nothing: what it did not touch stays, what both changed is
// told and kept aside.
func TestAnOlderPage(t *testing.T) {
	each(t, func(w *world) {
		id := w.start().ID
		r, err := w.Response(w.ctx, w.maria, id)
		w.must(err)
		print := func(path string) string {
			p, _ := sdc.ParsePath(path)
			return sdc.Print(r.Form.ValuesAt(r.State, p))
		}
		page := sdc.Fields{"_asked": {"int", "str"}, "int~was": {print("int")}, "str~was": {print("str")}, "int": {"7"}}
		send := func(device string, answers ...string) Saved {
			t.Helper()
			form := sdc.Fields{}
			for k, v := range page {
				form[k] = v
			}
			for i := 0; i < len(answers); i += 2 {
				form[answers[i]] = []string{answers[i+1]}
			}
			view, saved, err := w.AnswerPage(w.ctx, w.maria, id, 0, form, Meta{Device: device, Language: "en", Key: device + answers[1]})
			w.must(err)
			if got := told(view.Faults); device == "phone:b" && got != "answer.newer@int" || device == "browser:a" && got != "" {
				t.Errorf("%s: %s", device, got)
			}
			return saved
		}
		send("browser:a", "int", "3", "str", "home")
		saved := send("phone:b", "int", "4")
		at := func(path string) string {
			p, _ := sdc.ParsePath(path)
			return saved.Response.Form.Say(p.LinkID, saved.Response.Form.ValuesAt(saved.Response.State, p), "en")
		}
		if at("int") != "3" || at("str") != "home" {
			t.Errorf("the newer answers did not stay: %q %q", at("int"), at("str"))
		}
		if again := send("phone:b", "int", "4"); !again.Repeated || again.Revision != saved.Revision {
			t.Errorf("the same page again: %+v", again)
		}
		aside, err := w.SetAside(w.ctx, w.maria, id, "en")
		w.must(err)
		if len(aside) != 1 || aside[0].Said != "4" || aside[0].Path != "int" || aside[0].Device == "phone" || aside[0].Device == "phone:b" {
			t.Errorf("%+v", aside)
		}
		saved = send("browser:a", "int", "5")
		if at("int") != "5" {
			t.Error("the device that answered cannot change its mind on its older page")
		}
		if _, err := w.SetAside(w.ctx, w.pablo, id, "en"); fault.KindOf(err) != fault.Missing {
			t.Errorf("a stranger: %v", err)
		}
	})
}
