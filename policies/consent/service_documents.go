package consent

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"kindred/internal/db"
	"kindred/internal/locale"
	"kindred/policies"
	"kindred/schemas"
)

// Current gives the current version of a document in a language, or in the first language that is offered when that
// one is not. Anybody may read it. It answers ErrNoDocument.
func (s *Service) Current(ctx context.Context, name, language string) (*Document, error) {
	return s.read(ctx, name, language, func(tx *db.Tx) (int, error) { return currentVersion(tx, name) })
}

// Document gives one version of a document in one language. Anybody may read it. It answers ErrNoDocument.
func (s *Service) Document(ctx context.Context, name string, version int, language string) (*Document, error) {
	return s.read(ctx, name, language, func(*db.Tx) (int, error) { return version, nil })
}

func (s *Service) read(ctx context.Context, name, language string, which func(*db.Tx) (int, error)) (*Document, error) {
	if !slices.Contains(locale.Languages, language) {
		language = locale.Languages[0]
	}
	var doc *Document
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		version, err := which(tx)
		if err != nil {
			return err
		}
		row, err := documentBy(tx, name, version, language)
		if err != nil {
			return err
		}
		doc, err = s.parse(row)
		return err
	})
	return doc, err
}

// parse reads a stored text, once for each. A text that no longer has its hash is never shown.
func (s *Service) parse(row documentRow) (*Document, error) {
	if Hash(row.Body) != row.Hash {
		return nil, errProof
	}
	if d, ok := s.parsed.Load(row.Hash); ok {
		return d.(*Document), nil
	}
	d, err := ParseDocument(row.Body)
	if err != nil {
		return nil, errProof.Because(err)
	}
	s.parsed.Store(row.Hash, d)
	return d, nil
}

// Edition is one published text, for lists.
type Edition struct {
	Document    string
	Version     int
	Language    string
	Hash        string
	PublishedAt time.Time
}

// Editions lists what was published of a document, oldest first. Anybody may read it.
func (s *Service) Editions(ctx context.Context, name string) ([]Edition, error) {
	var list []Edition
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		rows, err := editions(tx, name)
		for _, r := range rows {
			list = append(list, Edition{r.Document, r.Version, r.Language, r.Hash, r.PublishedAt})
		}
		return err
	})
	return list, err
}

// Publish makes a new version current: the texts of one version, one for each language. A steward may. From then on
// nobody can sign an older one; what was given under it stays in force, for studies that accept it. It answers the
// faults of the texts, ErrPublished, ErrVersion. To publish the same bytes again is no fault.
func (s *Service) Publish(ctx context.Context, actor policies.Actor, texts ...[]byte) (*Document, error) {
	docs, err := s.edition(ctx, actor, texts)
	if err != nil {
		return nil, err
	}
	return docs[0], s.publish(ctx, actor, docs)
}

// edition reads the texts of one version, for whoever may publish them.
func (s *Service) edition(ctx context.Context, actor policies.Actor, texts [][]byte) ([]*Document, error) {
	if err := s.authority.May(ctx, actor, policies.PurposeOperation, policies.ObjectConsent, policies.ActPublish); err != nil {
		return nil, err
	}
	docs := make([]*Document, len(texts))
	for i, text := range texts {
		d, err := ParseDocument(text)
		if err != nil {
			return nil, err
		}
		docs[i] = d
	}
	return docs, checkEdition(docs)
}

// Draft is a version that could be published, beside the one that is current.
type Draft struct {
	Documents   []*Document // one for each language
	Comparisons []Comparison
	Before      int // the version that is current now; 0 for none
}

// Preview tells what Publish would do with the same texts, and does nothing. It answers the same faults; for texts that
// were published, ErrPublished.
func (s *Service) Preview(ctx context.Context, actor policies.Actor, texts ...[]byte) (Draft, error) {
	docs, err := s.edition(ctx, actor, texts)
	if err != nil {
		return Draft{}, err
	}
	draft := Draft{Documents: docs}
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		if draft.Before, err = currentVersion(tx, docs[0].Name); err != nil {
			return err
		}
		switch next := draft.Before + 1; {
		case docs[0].Version < next:
			return ErrPublished
		case docs[0].Version > next:
			return ErrVersion.With("Next", next)
		}
		for _, d := range docs {
			was, err := s.before(tx, d, draft.Before)
			if err != nil {
				return err
			}
			draft.Comparisons = append(draft.Comparisons, Compare(was, d))
		}
		return nil
	})
	return draft, err
}

// before is the text that a new one takes the place of, nil where there is none in its language.
func (s *Service) before(tx *db.Tx, d *Document, version int) (*Document, error) {
	row, err := documentBy(tx, d.Name, version, d.Language)
	if errors.Is(err, ErrNoDocument) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.parse(row)
}

// Install publishes the texts that the program carries and that the database does not have yet. Call it at the start:
// it fails when a text differs from the one that was published, because somebody may have signed that one.
func (s *Service) Install(ctx context.Context) error {
	names, err := fs.Glob(schemas.Consent, "consent/*.md")
	if err != nil {
		return err
	}
	versions := map[string][]*Document{}
	var order []*Document
	for _, name := range names {
		text, err := fs.ReadFile(schemas.Consent, name)
		if err != nil {
			return err
		}
		d, err := ParseDocument(text)
		if err != nil {
			return err
		}
		key := d.Name + " " + strconv.Itoa(d.Version)
		if versions[key] == nil {
			order = append(order, d)
		}
		versions[key] = append(versions[key], d)
	}
	slices.SortStableFunc(order, func(a, b *Document) int { return a.Version - b.Version })
	for _, d := range order {
		docs := versions[d.Name+" "+strconv.Itoa(d.Version)]
		if err := checkEdition(docs); err != nil {
			return err
		}
		if err := s.publish(ctx, policies.Actor{}, docs); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) publish(ctx context.Context, actor policies.Actor, docs []*Document) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := lockLedger(tx); err != nil { // nobody signs while the current version changes
			return err
		}
		current, err := currentVersion(tx, docs[0].Name)
		if err != nil {
			return err
		}
		if docs[0].Version <= current {
			return same(tx, docs)
		}
		if docs[0].Version != current+1 {
			return ErrVersion.With("Next", current+1)
		}
		for _, d := range docs {
			row := documentRow{Document: d.Name, Version: d.Version, Language: d.Language, Hash: d.Hash, Body: []byte(d.Text), PublishedAt: tx.Now()}
			if actor.Account != "" {
				by := string(actor.Account)
				row.PublishedBy = &by
			}
			if made, err := insertDocument(tx, row); err != nil || !made {
				return first(err, ErrPublished)
			}
		}
		e := db.Entry{
			Event: "consent.published", Actor: actor, Purpose: policies.PurposeOperation, Act: policies.ActPublish, Object: policies.ObjectConsent,
			Detail: map[string]string{"document": docs[0].Name, "version": strconv.Itoa(docs[0].Version)},
		}
		if len(actor.Roles) > 0 {
			e.Role = policies.RoleSteward
		}
		for _, d := range docs {
			e.Detail["hash_"+d.Language] = d.Hash
		}
		tx.Log(e)
		return nil
	})
}

// same answers nil when the texts are those that were published under their version.
func same(tx *db.Tx, docs []*Document) error {
	for _, d := range docs {
		row, err := documentBy(tx, d.Name, d.Version, d.Language)
		if err != nil || !bytes.Equal(row.Body, []byte(d.Text)) {
			return ErrPublished
		}
	}
	return nil
}

func first(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
