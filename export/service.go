package export

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"kindred/export/sheet"
	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
)

// People reads the registry for a release. Every call is made with the release's Grant, inside its snapshot.
type People interface {
	// Cohort lists everybody whom the Grant reaches, in any order; where verified is true only those with an accepted
	// proof of diagnosis.
	Cohort(tx *db.Tx, g policies.Grant[policies.Export], verified bool) ([]ident.ParticipantID, error)
	// Fill reads the fields that the plan wants of a batch of at most 500 people.
	Fill(tx *db.Tx, g policies.Grant[policies.Export], people []*Subject, plan *Plan) error
}

// Answers reads questionnaires for a release.
type Answers interface {
	// Published gives a published version and its bytes, or db.ErrNotFound.
	Published(tx *db.Tx, url, version string) (ident.VersionID, []byte, error)
	// Fill reads the answers that the plan wants of a batch of at most 500 people.
	Fill(tx *db.Tx, g policies.Grant[policies.Export], people []*Subject, plan *Plan) error
}

// Config is what a Service needs.
type Config struct {
	DB        *db.DB
	Authority *policies.Authority
	Vault     *vault.Vault
	People    People
	Answers   Answers
	// Actor gives an account as it is now, with the roles it holds now; a job and the command line act as the
	// researcher who asked.
	Actor   func(context.Context, ident.AccountID) (policies.Actor, error)
	Dir     string // where finished releases are kept, encrypted; shared by all nodes
	Spool   string // where a release is written, encrypted; wiped at start
	Version string // of the program, for manifests
	Log     *slog.Logger
}

// Service holds the use cases of studies and releases. It is safe for use by many goroutines.
type Service struct{ Config }

// New makes a Service. See Clean, which is to be called before work begins.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{c}
}

func (s *Service) may(ctx context.Context, actor policies.Actor, p policies.Purpose, o policies.Object, a policies.Act) error {
	return s.Authority.May(ctx, actor, p, o, a)
}

func entry(actor policies.Actor, event string, p policies.Purpose, o policies.Object, a policies.Act, study ident.StudyID, detail map[string]string) db.Entry {
	role := policies.RoleResearcher
	if p == policies.PurposeOversight {
		role = policies.RoleEthics
	}
	return db.Entry{Event: event, Actor: actor, Role: role, Purpose: p, Act: a, Object: o, Study: study, Detail: detail}
}

// Propose submits a study to the committee. For researchers.
func (s *Service) Propose(ctx context.Context, actor policies.Actor, p Proposal) (*Study, error) {
	if err := s.may(ctx, actor, policies.PurposeResearch, policies.ObjectStudy, policies.ActPropose); err != nil {
		return nil, err
	}
	var study *Study
	err := s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		if study, err = propose(ident.New[ident.StudyID](), actor.Account, cutTimes(p), tx.Now()); err != nil {
			return err
		}
		if err := s.published(tx, study.Proposal); err != nil {
			return err
		}
		tx.Log(entry(actor, "study.proposed", policies.PurposeResearch, policies.ObjectStudy, policies.ActPropose, study.ID, map[string]string{"protocol": "1"}))
		return insertStudy(tx, study)
	})
	return study, err
}

func cutTimes(p Proposal) Proposal {
	for _, t := range []**time.Time{&p.From, &p.Until} {
		if *t != nil {
			c := db.Cut(**t)
			*t = &c
		}
	}
	return p
}

// published refuses a proposal that names a questionnaire which does not exist, or is too wide for a workbook.
func (s *Service) published(tx *db.Tx, p Proposal) error {
	var l fault.List
	var forms []*Form
	for _, c := range p.Questionnaires {
		form, err := s.form(tx, c)
		switch {
		case fault.KindOf(err) == fault.Missing:
			l.Add(errNotPublished.With("Questionnaire", c))
		case fault.KindOf(err) == fault.Invalid:
			l = append(l, fault.All(err)...)
		case err != nil:
			return err
		default:
			forms = append(forms, form)
		}
	}
	if err := l.Err(); err != nil {
		return err
	}
	return fits(forms)
}

func (s *Service) form(tx *db.Tx, canonical string) (*Form, error) {
	url, version, err := splitCanonical(canonical)
	if err != nil {
		return nil, err
	}
	id, raw, err := s.Answers.Published(tx, url, version)
	if err != nil {
		return nil, err
	}
	f, err := ParseForm(raw)
	if err == nil {
		f.ID, f.URL, f.Version = id, url, version
	}
	return f, err
}

// Amend changes a study, which goes back to the committee. For its proposer. revision is the one that was read, or 0
// for the newest.
func (s *Service) Amend(ctx context.Context, actor policies.Actor, id ident.StudyID, revision int, p Proposal) (*Study, error) {
	return s.change(ctx, actor, id, revision, "study.amended", func(tx *db.Tx, study *Study) error {
		if err := study.amend(cutTimes(p)); err != nil {
			return err
		}
		return s.published(tx, study.Proposal)
	})
}

// Close ends a study for good; nothing more is released. For its proposer.
func (s *Service) Close(ctx context.Context, actor policies.Actor, id ident.StudyID) (*Study, error) {
	return s.change(ctx, actor, id, 0, "study.closed", func(_ *db.Tx, study *Study) error { return study.close() })
}

func (s *Service) change(ctx context.Context, actor policies.Actor, id ident.StudyID, revision int, event string, how func(*db.Tx, *Study) error) (*Study, error) {
	if err := s.may(ctx, actor, policies.PurposeResearch, policies.ObjectStudy, policies.ActPropose); err != nil {
		return nil, err
	}
	var study *Study
	err := s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		if study, err = loadStudy(tx, id); err != nil {
			return err
		}
		if study.Proposer != actor.Account {
			return db.ErrNotFound
		}
		if revision != 0 && revision != study.Revision {
			return db.ErrStale
		}
		if err := how(tx, study); err != nil {
			return err
		}
		tx.Log(entry(actor, event, policies.PurposeResearch, policies.ObjectStudy, policies.ActPropose, id, map[string]string{"protocol": fmt.Sprint(study.Protocol)}))
		return updateStudy(tx, study)
	})
	return study, err
}

// Decide approves or refuses a submitted study, with a reason. For the committee, and never for the study's proposer.
func (s *Service) Decide(ctx context.Context, actor policies.Actor, id ident.StudyID, v Verdict) (*Study, error) {
	if err := s.may(ctx, actor, policies.PurposeOversight, policies.ObjectStudy, policies.ActApprove); err != nil {
		return nil, err
	}
	if v.ValidUntil != nil {
		c := db.Cut(*v.ValidUntil)
		v.ValidUntil = &c
	}
	var study *Study
	err := s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		if study, err = loadStudy(tx, id); err != nil {
			return err
		}
		d, err := study.decide(v, actor.Account, tx.Now())
		if err != nil {
			return err
		}
		event := "study.refused"
		if d.Approved {
			event = "study.approved"
		}
		tx.Log(entry(actor, event, policies.PurposeOversight, policies.ObjectStudy, policies.ActApprove, id, map[string]string{"protocol": fmt.Sprint(d.Protocol)}))
		if err := insertDecision(tx, string(ident.New[ident.EntryID]()), d); err != nil {
			return err
		}
		return updateStudy(tx, study)
	})
	return study, err
}

// Studies lists studies, newest first: to a researcher their own, to the committee all, or those in one state.
func (s *Service) Studies(ctx context.Context, actor policies.Actor, state StudyState) (list []*Study, err error) {
	own, err := s.sees(ctx, actor, policies.ObjectStudy)
	if err != nil {
		return nil, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		list, err = listStudies(tx, own, state)
		return err
	})
	return list, err
}

// sees tells whose studies an actor may look at: nobody's in particular (the committee), or their own.
func (s *Service) sees(ctx context.Context, actor policies.Actor, o policies.Object) (ident.AccountID, error) {
	if s.may(ctx, actor, policies.PurposeOversight, o, policies.ActRead) == nil {
		return "", nil
	}
	return actor.Account, s.may(ctx, actor, policies.PurposeResearch, o, policies.ActRead)
}

// Study gives one study with what the committee decided on each of its protocols.
func (s *Service) Study(ctx context.Context, actor policies.Actor, id ident.StudyID) (study *Study, decisions []Decision, err error) {
	own, err := s.sees(ctx, actor, policies.ObjectStudy)
	if err != nil {
		return nil, nil, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		if study, err = loadStudy(tx, id); err != nil {
			return err
		}
		if own != "" && study.Proposer != own {
			return db.ErrNotFound
		}
		decisions, err = listDecisions(tx, id)
		return err
	})
	return study, decisions, err
}

// Count tells how many people an approved study would get now. Fewer than five are not shown, nor is a count so near
// to one that the same account has seen that the difference would tell of fewer than five. For the study's proposer.
func (s *Service) Count(ctx context.Context, actor policies.Actor, id ident.StudyID) (Count, error) {
	study, err := s.mine(ctx, actor, id)
	if err != nil {
		return Count{}, err
	}
	g, err := policies.Ask[policies.Export](ctx, s.Authority, request(actor, study))
	if err != nil {
		return Count{}, err
	}
	if err := s.DB.Do(ctx, func(tx *db.Tx) error {
		_, recent, err := countsOf(tx, actor.Account, tx.Now().Add(-countsWithin))
		if err == nil && recent >= countsPer {
			err = errTooManyCounts
		}
		return err
	}); err != nil {
		return Count{}, err
	}
	var people []ident.ParticipantID
	if err := s.DB.Snapshot(ctx, func(tx *db.Tx) (err error) { // counting holds up nobody who writes
		tx.Tell(g, "event", "study.counted")
		people, err = s.People.Cohort(tx, g, study.Proposal.VerifiedOnly)
		return err
	}); err != nil {
		return Count{}, err
	}
	var c Count
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		seen, _, err := countsOf(tx, actor.Account, tx.Now())
		if err != nil {
			return err
		}
		c = judge(len(people), seen)
		return insertCount(tx, string(ident.New[ident.EntryID]()), actor.Account, id, c)
	})
	return c, err
}

// request is what a study's researcher asks: the right to take out what its people consented to.
func request(actor policies.Actor, study *Study) policies.Request {
	return policies.Request{Actor: actor, Purpose: policies.PurposeResearch, Object: policies.ObjectRelease, Study: study.policy()}
}

// mine loads a study that the actor proposed and that may release now.
func (s *Service) mine(ctx context.Context, actor policies.Actor, id ident.StudyID) (study *Study, err error) {
	if err := s.may(ctx, actor, policies.PurposeResearch, policies.ObjectRelease, policies.ActRelease); err != nil {
		return nil, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		study, err = ownApproved(tx, actor, id)
		return err
	})
	return study, err
}

func ownApproved(tx *db.Tx, actor policies.Actor, id ident.StudyID) (*Study, error) {
	study, err := loadStudy(tx, id)
	switch {
	case err != nil:
		return nil, err
	case study.Proposer != actor.Account:
		return nil, db.ErrNotFound
	case !study.ApprovedAt(tx.Now()):
		return nil, errNotApproved
	}
	return study, nil
}

// fits refuses forms whose workbook would be wider than Excel can be.
func fits(forms []*Form) error {
	for _, l := range layouts(forms) {
		for _, g := range l.grids {
			if n := len(g.columns) + max(len(rootColumns), len(childColumns)); n > sheet.MaxColumns {
				return errTooWide.With("Columns", n, "Max", sheet.MaxColumns, "Questionnaire", l.url)
			}
		}
	}
	return nil
}

func (s *Service) folderOf(id ident.ReleaseID) string { return filepath.Join(s.Dir, string(id)) }
func (s *Service) spoolOf(id ident.ReleaseID) string  { return filepath.Join(s.Spool, string(id)) }

func isMissing(err error) bool {
	return errors.Is(err, db.ErrNotFound) || fault.KindOf(err) == fault.Missing
}

func scopeTexts(p Proposal) []string { return slices.Clone(texts(p.AllScopes())) }
