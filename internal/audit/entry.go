package audit

import (
	"encoding/json"
	"sort"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

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

	stored stored
}

// stored is an entry exactly as its row has it: what the leaf is made of.
type stored struct {
	id, at, event, account, role, purpose, act, object, rule *string
	study, subject, subjects, outcome, request, detail       *string
}

// leafHeader begins every leaf and names the form of what follows.
const leafHeader = "kindred audit entry 1\n"

// leafTime is how an instant stands in a leaf: UTC, always six digits.
const leafTime = "2006-01-02T15:04:05.000000Z"

// Leaf gives the canonical bytes of an entry, which are hashed into the tree. They are leafHeader, then the fields id, at,
// event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id and detail in
// this order, then the aliases of audit_subjects in byte order. Each is a netstring: its length in bytes, a colon, the
// bytes, a comma; a field that is null is a single "~,". The instant has the form of leafTime, the number of subjects is
// decimal, detail is the text as stored. The sequence number is not among them: the leaf's place in the tree says it.
func (e Entry) Leaf() []byte {
	s := e.stored
	b := make([]byte, 0, 512)
	b = append(b, leafHeader...)
	for _, field := range []*string{s.id, s.at, s.event, s.account, s.role, s.purpose, s.act, s.object, s.rule, s.study, s.subject, s.subjects, s.outcome, s.request, s.detail} {
		b = netstring(b, field)
	}
	named := append([]string(nil), e.Named...)
	sort.Strings(named)
	for i := range named {
		b = netstring(b, &named[i])
	}
	return b
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
