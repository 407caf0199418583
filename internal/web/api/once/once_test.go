package once

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestOnce(t *testing.T) {
	clock := dbtest.NewMoving(noon)
	dbtest.EachWith(t, dbtest.Options{Clock: clock.Clock()}, func(t *testing.T, d *db.DB) {
		clock.Set(noon)
		ctx, m := t.Context(), New(d, dbtest.Vault(t))
		maria := Request{ident.New[ident.AccountID](), "enrol-1", Digest([]byte("a"))}

		var did atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				a, err := m.Begin(ctx, maria)
				if err == nil && a == nil {
					did.Add(1)
					err = m.Finish(ctx, maria, Answer{201, map[string]string{"ETag": `"1"`}, []byte("lucía")})
				} else if err == nil && (a.Status != 201 || string(a.Body) != "lucía" || a.Header["ETag"] != `"1"`) {
					t.Errorf("%+v", a)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if did.Load() != 1 {
			t.Fatalf("the work was done %d times", did.Load())
		}
		other := maria
		other.Digest = Digest([]byte("b"))
		if _, err := m.Begin(ctx, other); !errors.Is(err, ErrOther) {
			t.Fatal(err)
		}
		pablo := maria
		pablo.Account = ident.New[ident.AccountID]()
		if a, err := m.Begin(ctx, pablo); a != nil || err != nil {
			t.Fatal("somebody else's answer:", a, err)
		}
		if err := m.Release(ctx, pablo); err != nil {
			t.Fatal(err)
		}
		if a, err := m.Begin(ctx, pablo); a != nil || err != nil {
			t.Fatal("a refused request kept its key:", a, err)
		}
		if again, err := New(d, dbtest.Vault(t)).Begin(ctx, maria); err != nil || again == nil {
			t.Fatal("a restart forgot:", again, err)
		}
		clock.Add(Kept + time.Second)
		if err := m.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if a, err := m.Begin(ctx, other); a != nil || err != nil {
			t.Fatal("the key is not free after its time:", a, err)
		}
		for _, key := range []string{"", "a b", "ä", "a\n", strings.Repeat("a", 256)} {
			if _, err := m.Begin(ctx, Request{maria.Account, key, "x"}); !errors.Is(err, ErrKey) {
				t.Errorf("%q: %v", key, err)
			}
		}
	})
}
