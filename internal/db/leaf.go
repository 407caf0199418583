package db

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"kindred/internal/vault"
)

// Leaf is an audit entry exactly as its row has it. Its bytes are marked with a key when the row is written, and hashed
// into the Merkle tree by package audit.
type Leaf struct {
	ID, At, Event, Account, Role, Purpose, Act, Object, Rule *string
	Study, Subject, Subjects, Outcome, Request, Detail       *string
	Named                                                    []string // aliases in audit_subjects
}

// leafHeader begins every leaf and names the form of what follows.
const leafHeader = "kindred audit entry 1\n"

// LeafTime writes an instant as a leaf has it: UTC, always six digits.
func LeafTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// Bytes gives the canonical bytes: leafHeader, then the fields id, at, event, account_id, role, purpose, act, object,
// rule, study_id, subject, subjects, outcome, request_id and detail in this order, then the aliases of audit_subjects in
// byte order. Each is a netstring: its length in bytes, a colon, the bytes, a comma; a field that is null is "~,". The
// instant has the form of LeafTime, the number of subjects is decimal, detail is the text as stored. The sequence number
// is not among them: the leaf's place in the tree says it.
func (l Leaf) Bytes() []byte {
	b := append(make([]byte, 0, 512), leafHeader...)
	for _, field := range []*string{l.ID, l.At, l.Event, l.Account, l.Role, l.Purpose, l.Act, l.Object, l.Rule, l.Study, l.Subject, l.Subjects, l.Outcome, l.Request, l.Detail} {
		b = netstring(b, field)
	}
	named := slices.Sorted(slices.Values(l.Named))
	for i := range named {
		b = netstring(b, &named[i])
	}
	return b
}

// ParseLeaf reads what Bytes wrote, and nothing else.
func ParseLeaf(b []byte) (Leaf, error) {
	rest, ok := strings.CutPrefix(string(b), leafHeader)
	if !ok {
		return Leaf{}, errLeaf
	}
	var l Leaf
	for _, field := range []**string{&l.ID, &l.At, &l.Event, &l.Account, &l.Role, &l.Purpose, &l.Act, &l.Object, &l.Rule, &l.Study, &l.Subject, &l.Subjects, &l.Outcome, &l.Request, &l.Detail} {
		if *field, rest, ok = cutNetstring(rest); !ok {
			return Leaf{}, errLeaf
		}
	}
	for rest != "" {
		var alias *string
		if alias, rest, ok = cutNetstring(rest); !ok || alias == nil {
			return Leaf{}, errLeaf
		}
		l.Named = append(l.Named, *alias)
	}
	if !bytes.Equal(l.Bytes(), b) { // one way to write it, and no other
		return Leaf{}, errLeaf
	}
	return l, nil
}

var errLeaf = errors.New("these bytes are no audit entry")

func cutNetstring(s string) (field *string, rest string, ok bool) {
	if after, null := strings.CutPrefix(s, "~,"); null {
		return nil, after, true
	}
	length, after, ok := strings.Cut(s, ":")
	n, err := strconv.Atoi(length)
	if !ok || err != nil || n < 0 || n >= len(after) || after[n] != ',' {
		return nil, "", false
	}
	text := after[:n]
	return &text, after[n+1:], true
}

func netstring(b []byte, s *string) []byte {
	if s == nil {
		return append(b, '~', ',')
	}
	b = strconv.AppendInt(b, int64(len(*s)), 10)
	b = append(b, ':')
	b = append(b, *s...)
	return append(b, ',')
}

// Mark is what only a holder of the keys can put beside an entry: whoever owns the database alone cannot add one.
func (l Leaf) Mark(v *vault.Vault) string { return v.Digest("audit entry", string(l.Bytes())) }

// leaf is the row as a leaf.
func (r *entryRow) leaf(named []string) Leaf {
	at, subjects := LeafTime(r.At), strconv.Itoa(r.Subjects)
	return Leaf{
		ID: &r.ID, At: &at, Event: &r.Event, Account: r.AccountID, Role: &r.Role, Purpose: &r.Purpose, Act: &r.Act, Object: &r.Object,
		Rule: &r.Rule, Study: r.StudyID, Subject: r.Subject, Subjects: &subjects, Outcome: &r.Outcome, Request: r.RequestID, Detail: &r.Detail, Named: named,
	}
}
