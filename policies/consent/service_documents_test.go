package consent

import (
	"testing"

	"kindred/policies"
)

func TestPublishing(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		pub := func(a policies.Actor, texts ...[]byte) error {
			_, err := w.Publish(ctx, a, texts...)
			return err
		}
		en, es := text(1, "en", policies.ScopeRegistry), text(1, "es", policies.ScopeRegistry)
		w.is(pub(w.maria, en, es), policies.ErrDenied)
		w.is(pub(w.ingrid, en, es), policies.ErrDenied)
		w.is(pub(w.steward, en), errEdition)
		w.is(pub(w.steward, en, en), errEdition)
		w.is(pub(w.steward, en, text(2, "es", policies.ScopeRegistry)), errEdition)
		w.is(pub(w.steward, en, text(1, "es", policies.ScopeResearch)), errEdition)
		w.is(pub(w.steward), errEdition)
		w.is(pub(w.steward, []byte("hello")), errDocument)
		w.is(pub(w.steward, text(2, "en", policies.ScopeRegistry), text(2, "es", policies.ScopeRegistry)), ErrVersion)
		draft, err := w.Preview(ctx, w.steward, en, es)
		w.must(err)
		if draft.Before != 0 || len(draft.Comparisons) != 2 || draft.Comparisons[0].Scopes[0].Fate != FateNew {
			w.Fatalf("%+v", draft)
		}
		w.must(pub(w.steward, en, es))
		w.must(pub(w.steward, en, es))
		_, err = w.Preview(ctx, w.steward, en, es)
		w.is(err, ErrPublished)
		_, err = w.Preview(ctx, w.maria, en, es)
		w.is(err, policies.ErrDenied)
		_, err = w.Preview(ctx, w.steward, text(3, "en", policies.ScopeRegistry), text(3, "es", policies.ScopeRegistry))
		w.is(err, ErrVersion)
		draft, err = w.Preview(ctx, w.steward, text(2, "en", policies.ScopeRegistry, policies.ScopeResearch), text(2, "es", policies.ScopeRegistry, policies.ScopeResearch))
		w.must(err)
		if draft.Before != 1 || draft.Comparisons[1].Scopes[1] != (ScopeFate{policies.ScopeResearch, FateNew}) || draft.Comparisons[1].Scopes[0].Fate != FateSame {
			w.Fatalf("%+v", draft)
		}
		w.is(pub(w.steward, text(1, "en", policies.ScopeResearch), text(1, "es", policies.ScopeResearch)), ErrPublished)
		w.is(w.Install(ctx), ErrPublished) // the program carries another version 1
		list, err := w.Editions(ctx, MainDocument)
		w.must(err)
		if len(list) != 2 || list[0].Hash != Hash(en) {
			w.Fatalf("%+v", list)
		}
		_, err = w.Document(ctx, MainDocument, 7, "en")
		w.is(err, ErrNoDocument)
		if d, err := w.Document(ctx, MainDocument, 1, "fr"); err != nil || d.Language != "en" {
			w.Fatal(d, err)
		}
	})
}
