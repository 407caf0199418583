package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestKindAndCause(t *testing.T) {
	denied := New(Denied, "consent.denied")
	wrapped := fmt.Errorf("signing: %w", denied.With("name", "María").Because(errors.New("row 7")))
	if KindOf(wrapped) != Denied {
		t.Fatalf("kind = %v", KindOf(wrapped))
	}
	if !errors.Is(wrapped, denied) {
		t.Fatal("a fault with arguments must still be the same fault")
	}
	if KindOf(errors.New("disk")) != Internal {
		t.Fatal("a plain error is Internal")
	}
	if strings.Contains(wrapped.Error(), "María") {
		t.Fatal("arguments must not reach the log")
	}
	if len(denied.Args) != 0 {
		t.Fatal("With must not change the original")
	}
}

func TestListHoldsEveryFault(t *testing.T) {
	var l List
	if l.Err() != nil {
		t.Fatal("an empty list is no error")
	}
	l.Add(New(Invalid, "a").At("x"))
	l.Add(nil)
	l.Add(New(Invalid, "b").At("y"))
	got := All(fmt.Errorf("form: %w", l.Err()))
	if len(got) != 2 || got[0].Field != "x" || got[1].Field != "y" {
		t.Fatalf("got %v", got)
	}
	if All(nil) != nil {
		t.Fatal("no error, no faults")
	}
	if got := All(errors.New("disk")); len(got) != 1 || got[0].Kind != Internal {
		t.Fatalf("got %v", got)
	}
}
