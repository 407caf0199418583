package api_test

import (
	"context"
	"path/filepath"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fhir"
	"kindred/internal/ident"
	"kindred/internal/web/api"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/codesign"
	"kindred/registry"
)

// services are those that a test reaches for beside the API.
type services struct {
	accounts *account.Service
	consent  *consent.Service
	forms    *questionnaires.Service
	studies  *export.Service
}

// more adds the domains.
func (s *stand) more(d *db.DB, authority *policies.Authority, given *api.Services) {
	s.Helper()
	dir, v := s.TempDir(), dbtest.Vault(s.T)
	s.consent = consent.New(consent.Config{DB: d, Vault: v, Authority: authority, Confirm: given.Accounts.Confirm})
	s.must(s.consent.Install(s.Context()))
	words, err := registry.StarterVocabulary()
	s.must(err)
	files, err := blob.Open(filepath.Join(dir, "files"), v)
	s.must(err)
	s.forms = questionnaires.New(questionnaires.Config{DB: d, Vault: v, Authority: authority, Files: files})
	given.Codesign = codesign.New(codesign.Config{DB: d, Vault: v, Authority: authority, Questionnaires: s.forms})
	s.studies = export.New(export.Config{
		DB: d, Authority: authority, Vault: v, People: export.Baseline{Vocabulary: words}, Answers: export.Sent{Responses: s.forms},
		Actor: func(ctx context.Context, id ident.AccountID) (policies.Actor, error) {
			return given.Accounts.Actor(ctx, id, "")
		},
		Dir: filepath.Join(dir, "releases"), Spool: filepath.Join(dir, "spool"), Version: "test",
	})
	s.accounts = given.Accounts
	given.Oracle = oracle{}
	people := registry.New(d, authority, v, files, words)
	people.KnowAccounts(func(ctx context.Context, id ident.AccountID) (policies.Actor, error) {
		return given.Accounts.Actor(ctx, id, "")
	})
	people.ReckonWith(s.consent)
	given.Consent, given.Registry, given.Questionnaires, given.Studies = s.consent, people, s.forms, s.studies
}

// oracle is google/fhir, as app gives it.
type oracle struct{}

// Check asks it.
func (oracle) Check(resource []byte) error { return fhir.Check(resource) }
