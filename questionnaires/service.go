package questionnaires

import (
	"context"
	"errors"
	"slices"
	"sync"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
	"kindred/questionnaires/cases"
	"kindred/questionnaires/sdc"
)

// Config is what a Service stands on.
type Config struct {
	DB        *db.DB
	Vault     *vault.Vault
	Authority *policies.Authority
	Files     *blob.Folder // where files that answer questions lie
	Launch    Launch       // what forms may know of a participant; nil: nothing
}

// Service publishes questionnaires and keeps responses. It is safe for use by many goroutines.
type Service struct {
	db        *db.DB
	vault     *vault.Vault
	authority *policies.Authority
	files     *blob.Folder
	launch    Launch
	scrubbing chan struct{} // how many files are taken apart at once
	forms     sync.Map      // ident.VersionID -> *Form: a published version never changes
	names     sync.Map      // canonical -> ident.VersionID
	heads     sync.Map      // ident.VersionID -> versionRow without bytes
}

// New makes the service.
func New(c Config) *Service {
	return &Service{db: c.DB, vault: c.Vault, authority: c.Authority, files: c.Files, scrubbing: make(chan struct{}, 2), launch: c.Launch}
}

// ask mints a Grant over responses; with a participant it is narrowed to that one.
func ask[A policies.Action](ctx context.Context, s *Service, actor policies.Actor, p ident.ParticipantID) (policies.Grant[A], error) {
	purpose := policies.PurposeOwn
	if actor.Account == policies.Demonstration().Account {
		purpose = policies.PurposeOperation
	}
	return policies.Ask[A](ctx, s.authority, policies.Request{Actor: actor, Purpose: purpose, Object: policies.ObjectResponse, Subject: p})
}

// Publish makes a new version of a questionnaire from FHIR R4 JSON. Editors may. id names a questionnaire whose file
// has no url or version of its own. The same bytes again answer the version that exists; the same url and version with
// other bytes is a Conflict. What is refused comes as a fault.List, each refusal at its linkId; the Findings repeat
// that and hold the warnings.
func (s *Service) Publish(ctx context.Context, actor policies.Actor, raw []byte, id sdc.Identity) (Version, sdc.Findings, error) {
	if err := s.authority.May(ctx, actor, policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActPublish); err != nil {
		return Version{}, sdc.Findings{}, err
	}
	form, found := cases.CompileAs(raw, id)
	if form == nil {
		return Version{}, found, found.Refusals.Err()
	}
	var made Version
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		q, err := ensureQuestionnaire(tx, form.URL)
		if err != nil {
			return err
		}
		versions, err := versionsOf(tx, q.ID)
		if err != nil {
			return err
		}
		number := 1
		for _, v := range versions {
			if v.Version == form.Version {
				if v.SHA256 != form.SHA256 {
					return errVersionTaken.With("Version", form.Version)
				}
				v.Body = raw
				made = v.version(form.URL)
				return nil
			}
			number = max(number, v.Number+1)
		}
		row := versionRow{
			ID: ident.New[ident.VersionID](), QuestionnaireID: q.ID, Version: form.Version, Status: "published", Title: form.Title.Plain,
			SHA256: form.SHA256, Body: raw, Number: number, PublishedBy: actor.Account, PublishedAt: tx.Now(),
		}
		tx.Log(db.Entry{
			Event: "questionnaire.published", Actor: actor, Role: policies.RoleEditor, Purpose: policies.PurposeAuthoring, Act: policies.ActPublish,
			Object: policies.ObjectQuestionnaire, Detail: map[string]string{"version": string(row.ID), "canonical": form.Canonical(), "sha256": form.SHA256},
		})
		made = row.version(form.URL)
		return insertVersion(tx, row)
	})
	if err != nil {
		return Version{}, found, err
	}
	s.forms.Store(made.ID, form)
	return made, found, nil
}

// Retire stops offering a version: when it is the newest, nobody starts the questionnaire any more; drafts go on, and
// what was answered stays. Editors may. Publishing a further version offers the questionnaire again.
func (s *Service) Retire(ctx context.Context, actor policies.Actor, id ident.VersionID) error {
	return s.retire(ctx, actor, func(tx *db.Tx) ([]versionRow, error) {
		row, err := versionByID(tx, id)
		return []versionRow{row}, err
	})
}

// RetireAll is Retire for every version of a questionnaire.
func (s *Service) RetireAll(ctx context.Context, actor policies.Actor, id ident.QuestionnaireID) error {
	return s.retire(ctx, actor, func(tx *db.Tx) ([]versionRow, error) {
		rows, err := versionsOf(tx, id)
		if err == nil && len(rows) == 0 {
			err = ErrNoVersion
		}
		return rows, err
	})
}

func (s *Service) retire(ctx context.Context, actor policies.Actor, which func(*db.Tx) ([]versionRow, error)) error {
	if err := s.authority.May(ctx, actor, policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActPublish); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		rows, err := which(tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Status == retired {
				continue
			}
			tx.Log(db.Entry{
				Event: "questionnaire.retired", Actor: actor, Role: policies.RoleEditor, Purpose: policies.PurposeAuthoring, Act: policies.ActPublish,
				Object: policies.ObjectQuestionnaire, Detail: map[string]string{"version": string(row.ID)},
			})
			if err := retire(tx, row.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayRead answers nil for whoever may read questionnaires, for any purpose that lets them.
func (s *Service) mayRead(ctx context.Context, actor policies.Actor) error {
	err := policies.ErrDenied
	for _, p := range []policies.Purpose{policies.PurposeOwn, policies.PurposeAuthoring, policies.PurposeResearch, policies.PurposeOversight} {
		if s.authority.May(ctx, actor, p, policies.ObjectQuestionnaire, policies.ActRead) == nil {
			return nil
		}
	}
	return err
}

// Versions lists every published version without its bytes: by questionnaire, oldest first. Participants, editors,
// researchers and the committee may.
func (s *Service) Versions(ctx context.Context, actor policies.Actor) ([]Version, error) {
	if err := s.mayRead(ctx, actor); err != nil {
		return nil, err
	}
	var list []Version
	err := s.db.Snapshot(ctx, func(tx *db.Tx) (err error) { list, err = allVersions(tx); return err })
	return list, err
}

// Newest keeps the newest version of each questionnaire, by title.
func Newest(all []Version) []Version {
	byID := map[ident.QuestionnaireID]Version{}
	for _, v := range all {
		if v.Number > byID[v.Questionnaire].Number {
			byID[v.Questionnaire] = v
		}
	}
	list := make([]Version, 0, len(byID))
	for _, v := range byID {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b Version) int {
		if a.Title != b.Title {
			if a.Title < b.Title {
				return -1
			}
			return 1
		}
		if a.URL < b.URL {
			return -1
		}
		return 1
	})
	return list
}

// Version gives a published version with its bytes. Whoever may list them may.
func (s *Service) Version(ctx context.Context, actor policies.Actor, id ident.VersionID) (Version, error) {
	if err := s.mayRead(ctx, actor); err != nil {
		return Version{}, err
	}
	var v Version
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		row, err := versionByID(tx, id)
		if err != nil {
			return err
		}
		url, err := urlOf(tx, row.QuestionnaireID)
		v = row.version(url)
		return err
	})
	return v, err
}

// Resolve finds the version that a canonical names: exactly that of url|version, or the newest of a bare url.
func (s *Service) Resolve(ctx context.Context, actor policies.Actor, canonical string) (Version, error) {
	all, err := s.Versions(ctx, actor)
	if err != nil {
		return Version{}, err
	}
	for _, v := range all {
		if v.Canonical() == canonical {
			return s.Version(ctx, actor, v.ID)
		}
	}
	for _, v := range Newest(all) {
		if v.URL == canonical {
			return s.Version(ctx, actor, v.ID)
		}
	}
	return Version{}, ErrNoVersion
}

// Published gives a published version as it is released, in the caller's transaction; Missing where there is none.
func (s *Service) Published(tx *db.Tx, url, version string) ([]byte, error) {
	row, err := versionNamed(tx, url, version)
	if err != nil {
		return nil, err
	}
	return row.version(url).Resource()
}

// Form gives the compiled form of a published version, from memory after the first time. Forms hold nobody's answers.
func (s *Service) Form(ctx context.Context, id ident.VersionID) (*sdc.Form, error) {
	if f, ok := s.forms.Load(id); ok {
		return f.(*sdc.Form), nil
	}
	var f *sdc.Form
	err := s.db.Snapshot(ctx, func(tx *db.Tx) (err error) { f, err = s.formIn(tx, id); return err })
	return f, err
}

func (s *Service) formIn(tx *db.Tx, id ident.VersionID) (*sdc.Form, error) {
	if f, ok := s.forms.Load(id); ok {
		return f.(*sdc.Form), nil
	}
	row, err := versionByID(tx, id)
	if err != nil {
		return nil, err
	}
	url, err := urlOf(tx, row.QuestionnaireID)
	if err != nil {
		return nil, err
	}
	f, found := sdc.CompileAs(row.Body, sdc.Identity{URL: url, Version: row.Version})
	if f == nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(errors.Join(errors.New("questionnaires: a published version does not compile"), found.Refusals.Err()))
	}
	s.forms.Store(id, f)
	return f, nil
}
