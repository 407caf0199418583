package consent

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/account"
	"kindred/internal/ident"
)

// MainDocument is the document that the registry asks everybody to read.
const MainDocument = "kindred"

// How a signature was made.
const (
	MethodPassword      = "password"      // typed name, and the password given again
	MethodDemonstration = "demonstration" // part of a synthetic population
)

// Signing is what somebody does to sign. Version, Language and Hash are those of the Document that was shown.
type Signing struct {
	Participant ident.ParticipantID
	Document    string // empty: MainDocument
	Version     int
	Language    string
	Hash        string
	Choices     []Choice // scope by scope; what is not answered stays as it is
	Name        string   // typed by the signer
	Password    string   // the signer's own, given again
	account.Caller
}

// Signature is that somebody signed.
type Signature struct {
	ID          ident.SignatureID
	Seq         int64
	Participant ident.ParticipantID
	Account     ident.AccountID
	Relation    Relation
	Document    string
	Version     int
	Language    string
	Hash        string
	Method      string
	Name        string // as typed; filled in by Proof alone
	At          time.Time
}

// Proof is all that shows that a consent was given: the bytes that were read, and who signed them.
type Proof struct {
	Signature
	Text    []byte // its SHA-256 is Hash
	Entries []Entry
}

// Event is a signing or a withdrawal, for the timeline.
type Event struct {
	Seq       int64
	At        time.Time
	Account   ident.AccountID
	Relation  Relation
	Signature ident.SignatureID // empty: a withdrawal
	Document  string
	Version   int
	Language  string
	Entries   []Entry
}

// nameMax is how long a typed name may be, in characters.
const nameMax = 200

// signerName brings a typed name to NFC and single spaces.
func signerName(s string) (string, error) {
	if len(s) > 4*nameMax || !utf8.ValidString(s) {
		return "", errNameLong.With("Max", nameMax)
	}
	s = norm.NFC.String(strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " "))
	switch {
	case !strings.ContainsFunc(s, unicode.IsLetter) || strings.ContainsFunc(s, unicode.IsControl):
		return "", errName
	case utf8.RuneCountInString(s) > nameMax:
		return "", errNameLong.With("Max", nameMax)
	}
	return s, nil
}

// timeline groups entries into events, newest first.
func timeline(entries []Entry, signatures []signatureRow) []Event {
	language := map[ident.SignatureID]string{}
	for _, s := range signatures {
		language[s.ID] = s.Language
	}
	var events []Event
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if n := len(events); n > 0 && events[n-1].Seq == e.Seq {
			events[n-1].Entries = append([]Entry{e}, events[n-1].Entries...)
			continue
		}
		events = append(events, Event{e.Seq, e.At, e.Account, e.Relation, e.Signature, e.Document, e.Version, language[e.Signature], []Entry{e}})
	}
	return events
}

// joined names scopes for the audit.
func joined(entries []Entry, d Decision) string {
	var scopes []string
	for _, e := range entries {
		if e.Decision == d {
			scopes = append(scopes, string(e.Scope))
		}
	}
	return strings.Join(scopes, "+")
}
