package registry

import (
	"context"
	"sync/atomic"
	"time"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/internal/ontology"
	"kindred/internal/vault"
	"kindred/policies"
)

// Service is the registry's use cases. Each asks for its Grants itself: hand it the actor and nothing else. Whatever
// lies outside the actor's rows is Missing; a kind of act that the actor's roles do not have is Denied.
type Service struct {
	db         *db.DB
	authority  *policies.Authority
	vault      *vault.Vault
	files      *blob.Folder
	vocabulary atomic.Pointer[Vocabulary]
	scrubbing  chan struct{} // how many files are taken apart at once
	lapses     Lapses
	accounts   Accounts
}

// Lapses is told, in the transaction that corrects a birth date or a country, at which instant what parents and
// guardians consented to now ends. Package consent is it.
type Lapses interface {
	Reckon(tx *db.Tx, g policies.Grant[policies.Write], a policies.Actor, p ident.ParticipantID, majority time.Time) error
}

// ReckonWith says who is told. It is part of the wiring, before the first use.
func (s *Service) ReckonWith(l Lapses) { s.lapses = l }

// New wires a Service. The vocabulary can be replaced while it runs: see UseVocabulary.
func New(d *db.DB, a *policies.Authority, v *vault.Vault, files *blob.Folder, words *Vocabulary) *Service {
	s := &Service{db: d, authority: a, vault: v, files: files, scrubbing: make(chan struct{}, 2)}
	s.vocabulary.Store(words)
	return s
}

// Vocabulary is the symptoms and diagnoses in force. It may be read without a right: it is about nobody.
func (s *Service) Vocabulary() *Vocabulary { return s.vocabulary.Load() }

// UseVocabulary puts another vocabulary in force.
func (s *Service) UseVocabulary(v *Vocabulary) { s.vocabulary.Store(v) }

// SearchSymptoms finds at most n symptoms for what somebody typed: only terms that a person can have.
func (s *Service) SearchSymptoms(query, lang string, n int) []ontology.Match {
	x := s.Vocabulary().Symptoms
	var out []ontology.Match
	for _, m := range x.Search(query, lang, n+20) { // some are onset, severity and the like
		if len(out) < n && m.Term.ID != ontology.PhenotypicAbnormality && x.Under(m.Term.ID, ontology.PhenotypicAbnormality) {
			out = append(out, m)
		}
	}
	return out
}

// SearchDiagnoses finds at most n diagnoses for what somebody typed.
func (s *Service) SearchDiagnoses(query, lang string, n int) []ontology.Match {
	return s.Vocabulary().Diagnoses.Search(query, lang, n)
}

// ask mints a Grant over one person's rows of one kind, for their own sake.
func ask[A policies.Action](ctx context.Context, s *Service, a policies.Actor, o policies.Object, p ident.ParticipantID) (policies.Grant[A], error) {
	return policies.Ask[A](ctx, s.authority, policies.Request{Actor: a, Purpose: policies.PurposeOwn, Object: o, Subject: p})
}

// change is the frame of every use case that changes something about one person: ask, open a transaction, load whom it
// is about, and let fn decide and save.
func (s *Service) change(ctx context.Context, a policies.Actor, o policies.Object, p ident.ParticipantID, event string,
	fn func(tx *db.Tx, g write, who *person) error) error {
	g, err := ask[policies.Write](ctx, s, a, o, p)
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		who, err := s.loadPerson(tx, g, a, p)
		if err != nil {
			return err
		}
		tx.Tell(g, "event", event)
		return fn(tx, g, who)
	})
}
