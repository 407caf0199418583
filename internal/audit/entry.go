package audit

import (
	"encoding/json"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Entry is one act, as the log keeps it.
type Entry struct {
	ID       ident.EntryID     `json:"id"`
	Seq      int64             `json:"seq,omitempty"` // 0 until it is woven
	At       time.Time         `json:"at"`
	Event    string            `json:"event"` // noun.verb
	Account  ident.AccountID   `json:"account,omitempty"`
	Role     policies.Role     `json:"role,omitempty"`
	Purpose  policies.Purpose  `json:"purpose,omitempty"`
	Act      policies.Act      `json:"act,omitempty"`
	Object   policies.Object   `json:"object,omitempty"`
	Rule     string            `json:"rule,omitempty"` // the line of policy.csv that allowed it
	Study    ident.StudyID     `json:"study,omitempty"`
	Subject  string            `json:"-"`        // alias, when the act was about one person
	Subjects int               `json:"subjects"` // how many people it was about
	Named    []string          `json:"-"`        // aliases, when it was about a few
	Outcome  string            `json:"outcome"`  // ok, denied, failed
	Request  ident.RequestID   `json:"request,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"`
	Times    int               `json:"times,omitempty"` // on a folded page: how many entries this line stands for
	Since    time.Time         `json:"since,omitzero"`  // and when the oldest of them was

	leaf db.Leaf
	mark string
}

// Leaf gives the canonical bytes of an entry, which are hashed into the tree: see db.Leaf.
func (e Entry) Leaf() []byte { return e.leaf.Bytes() }

// hash is the leaf hash of RFC 6962.
func (e Entry) hash() tlog.Hash { return tlog.RecordHash(e.Leaf()) }

// details reads the detail column. What cannot be read is shown as it stands: it counts in the leaf all the same.
func details(text string) map[string]string {
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return map[string]string{"detail": text}
	}
	return m
}
