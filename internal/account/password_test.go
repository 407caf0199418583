package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/fault"
)

func TestCheckPassword(t *testing.T) {
	context := []string{"maria.lopez", "maria@example.org"}
	for _, c := range []struct {
		name, in string
		want     error
	}{
		{"four words", "tortilla lantern brisk willow", nil},
		{"random letters", "xq7bplwz0vneyrk", nil},
		{"sixty-four characters", strings.Repeat("plum river 7 ", 4) + "keel bramble", nil},
		{"another script", "ночью тихо падает снег", nil},
		{"a name in a longer sentence", "maria plants nine quiet olive trees", nil},
		{"fourteen", "xq7bplwz0vneyr", errPasswordShort},
		{"fourteen characters in more bytes", "ññññéééóóúü¿ab", errPasswordShort},
		{"two hundred and fifty-seven", strings.Repeat("plum-river-7-keel ", 15), errPasswordLong},
		{"a megabyte", strings.Repeat("x", 1<<20), errPasswordLong},
		{"broken UTF-8", "tortilla lantern \xff\xfe", errPasswordText},
		{"NUL", "tortilla lantern\x00 brisk", errPasswordText},
		{"famous", "correct horse battery staple", errPasswordCommon},
		{"famous, in disguise", "C0rrectH0rseBattery$taple1!", errPasswordCommon},
		{"famous in Spanish", "en un lugar de la mancha", errPasswordCommon},
		{"one character", strings.Repeat("a", 20), errPasswordPattern},
		{"a word twice", "passwordpassword", errPasswordPattern},
		{"a word three times, cut", "kindredkindredki", errPasswordPattern},
		{"digits", "123456789012345", errPasswordPattern},
		{"keyboard rows", "qwertyuiopasdfgh", errPasswordPattern},
		{"keyboard columns", "1qaz2wsx3edc4rfv", errPasswordPattern},
		{"alphabet", "abcdefghijklmnop", errPasswordPattern},
		{"common words and a year", "Password.Welcome.2026!", errPasswordPattern},
		{"common words in Spanish", "contraseñasecreta1", errPasswordPattern},
		{"the name and digits", "marialopez123456", errPasswordPattern},
		{"the name, turned about", "l0pez.maria.l0pez", errPasswordPattern},
		{"the house and a run", "Kindred123456789", errPasswordPattern},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckPassword(c.in, context...); !errors.Is(err, c.want) {
				t.Fatalf("CheckPassword(%.40q) = %v, want %v", c.in, err, c.want)
			}
		})
	}
}

// Random passwords of sixteen letters are practically never taken for a pattern, and no shorter one ever passes.
func TestCheckPasswordTakesWhatCannotBeGuessed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zA-Z]{20}[0-9a-z]{10}`).Draw(t, "password")
		distinct := map[rune]bool{}
		for _, r := range s {
			distinct[r] = true
		}
		if len(distinct) < 12 {
			t.Skip("rapid likes small strings")
		}
		if err := CheckPassword(s); err != nil && guesses(plainForm(s), nil) >= guessesMin {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	for _, s := range []string{"tortilla lantern brisk willow", "passwordpassword", "ｐａｓｓｗｏｒｄ", "\xff", "éééééééééééééééé"} {
		f.Add(s, "maria")
	}
	f.Fuzz(func(t *testing.T, s, name string) {
		err := CheckPassword(s, name)
		if err == nil && len(s) < PasswordMin {
			t.Fatalf("accepted %q", s)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

var cheap = Hashing{MemoryKiB: 64, Iterations: 1, Parallelism: 1}

func TestPasswordsAreNotCut(t *testing.T) {
	h, err := newHasher(cheap)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	long := strings.Repeat("olive tree ", 20)
	hash, err := h.hash(ctx, long)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		password string
		same     bool
	}{{long, true}, {long[:72], false}, {long[:len(long)-1], false}, {long + "x", false}, {"", false}} {
		same, _, err := h.match(ctx, c.password, hash)
		if err != nil || same != c.same {
			t.Fatalf("%d characters: %v, %v", len(c.password), same, err)
		}
	}
	composed, decomposed := "caf\u00e9 con leche y pan", "cafe\u0301 con leche y pan"
	hash, _ = h.hash(ctx, composed)
	if same, _, _ := h.match(ctx, decomposed, hash); !same {
		t.Fatal("the same text typed on another keyboard does not match")
	}
}

func TestNobodyMatchesTheDecoy(t *testing.T) {
	h, _ := newHasher(cheap)
	for _, p := range []string{"", "tortilla lantern brisk willow", "\xff"} {
		if same, renew, err := h.match(context.Background(), p, ""); same || renew || err != nil {
			t.Fatalf("%q: %v %v %v", p, same, renew, err)
		}
	}
}

func TestOldParametersAskForANewHash(t *testing.T) {
	old, _ := newHasher(cheap)
	now, _ := newHasher(Hashing{MemoryKiB: 128, Iterations: 1, Parallelism: 1})
	hash, _ := old.hash(context.Background(), "tortilla lantern brisk willow")
	same, renew, err := now.match(context.Background(), "tortilla lantern brisk willow", hash)
	if !same || !renew || err != nil {
		t.Fatal(same, renew, err)
	}
}

func TestHashesWaitTheirTurn(t *testing.T) {
	h, _ := newHasher(Hashing{MemoryKiB: 64, Iterations: 1, Parallelism: 1, AtOnce: 1, Patience: 20 * time.Millisecond})
	done, err := h.turn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.hash(context.Background(), "tortilla lantern brisk willow"); !errors.Is(err, ErrHashing) {
		t.Fatal(err)
	}
	done()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := h.hash(context.Background(), "tortilla lantern brisk willow"); err != nil && !errors.Is(err, ErrHashing) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkMatch(b *testing.B) {
	h, _ := newHasher(DefaultHashing)
	hash, _ := h.hash(context.Background(), "tortilla lantern brisk willow")
	for _, c := range []struct{ name, hash string }{{"known", hash}, {"unknown", ""}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				_, _, _ = h.match(context.Background(), "tortilla lantern brisk willov", c.hash)
			}
		})
	}
}
