package questionnaires

import (
	"fmt"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/questionnaires/sdc"
)

func TestMove(t *testing.T) {
	each(t, func(w *world) {
		id := w.filing()
		before, err := w.Response(w.ctx, w.maria, id)
		w.must(err)
		_, err = w.Answer(w.ctx, w.maria, id, change("open", "true"), Meta{})
		w.must(err)
		scan, _, err := w.upload(id, "scan", shot(t, 20, 1), Meta{})
		w.must(err)
		letter, _, err := w.upload(id, "letters", shot(t, 20, 2), Meta{})
		w.must(err)
		if _, newer, err := w.Newer(w.ctx, w.maria, before); newer || err != nil {
			t.Errorf("nothing newer: %v %v", newer, err)
		}
		second := strings.Replace(withFiles, `"version":"1"`, `"version":"2"`, 1)
		second = second[:strings.Index(second, ` {"linkId":"scan"`)] + second[strings.Index(second, ` {"linkId":"letters"`):]
		v2, found, err := w.Publish(w.ctx, w.aisha, []byte(second), sdc.Identity{})
		if err != nil {
			t.Fatal(found.Refusals, err)
		}
		if v, newer, err := w.Newer(w.ctx, w.maria, before); !newer || v.ID != v2.ID || err != nil {
			t.Errorf("%v %v %v", v, newer, err)
		}
		preview, err := w.Preview(w.ctx, w.maria, id, v2.ID)
		w.must(err)
		var outcomes []string
		for _, i := range preview.Items {
			outcomes = append(outcomes, i.LinkID+" "+string(i.Outcome))
		}
		if got := fmt.Sprint(outcomes); got != "[scan kept_aside letters carried open carried]" || preview.From.Version != "1" || preview.To.Version != "2" {
			t.Errorf("%s %+v", got, preview.To)
		}
		now, err := w.Response(w.ctx, w.maria, id)
		w.must(err)
		if now.Version != before.Version || w.lying() != 2 {
			t.Error("the preview did something")
		}
		for _, try := range []struct {
			who  error
			want string
		}{
			{func() error { _, err := w.Preview(w.ctx, w.pablo, id, v2.ID); return err }(), "missing"},
			{func() error { _, err := w.Preview(w.ctx, w.okoye, id, v2.ID); return err }(), "denied"},
			{func() error { _, err := w.Move(w.ctx, w.pablo, id, v2.ID, Meta{}); return err }(), "missing"},
			{func() error { _, err := w.Move(w.ctx, w.maria, id, w.everything.ID, Meta{}); return err }(), "missing"},
			{func() error { _, err := w.Move(w.ctx, w.maria, id, ident.New[ident.VersionID](), Meta{}); return err }(), "missing"},
			{func() error { _, err := w.Move(w.ctx, w.maria, id, v2.ID, Meta{Revision: 1}); return err }(), "stale"},
		} {
			if kind(try.who) != try.want {
				t.Errorf("%v, want %s", try.who, try.want)
			}
		}
		moved, err := w.Move(w.ctx, w.maria, id, v2.ID, Meta{Revision: preview.Response.Revision, Device: "phone"})
		w.must(err)
		if moved.Version != v2.ID || moved.Revision != preview.Response.Revision+1 {
			t.Errorf("%+v", moved)
		}
		if again, err := w.Move(w.ctx, w.maria, id, v2.ID, Meta{Revision: preview.Response.Revision}); err != nil || again.Revision != moved.Revision {
			t.Errorf("moved twice: %v", err)
		}
		if _, err := w.Answer(w.ctx, w.maria, id, holds("scan", scan.ID), Meta{}); told(fault.All(err)) != "answer.no_item@scan" {
			t.Errorf("a question that is gone: %v", err)
		}
		if _, err := w.Answer(w.ctx, w.maria, id, holds("letters", letter.ID), Meta{}); err != nil {
			t.Errorf("what went along: %v", err)
		}
		aside, err := w.SetAside(w.ctx, w.maria, id, "en")
		w.must(err)
		if len(aside) != 1 || aside[0].Label != "Scan" || aside[0].Said != "scan of Lucía.png" || aside[0].Op != OpAside {
			t.Errorf("%+v", aside)
		}
		_, content, err := w.File(w.ctx, w.maria, scan.ID)
		w.must(err)
		w.must(content.Close())
		_, _, err = w.Submit(w.ctx, w.maria, id, Meta{})
		w.must(err)
		if _, err := w.Preview(w.ctx, w.maria, id, v2.ID); kind(err) != "conflict" {
			t.Errorf("answers that were sent move: %v", err)
		}
	})
}
