package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jobs"
	"kindred/policies"
)

// Request asks for a release, which a job will make. For the study's proposer, once it is approved.
func (s *Service) Request(ctx context.Context, actor policies.Actor, id ident.StudyID, formats []Format) (*Release, error) {
	return s.request(ctx, actor, id, formats, false)
}

func (s *Service) request(ctx context.Context, actor policies.Actor, id ident.StudyID, formats []Format, folder bool) (*Release, error) {
	if err := s.may(ctx, actor, policies.PurposeResearch, policies.ObjectRelease, policies.ActRelease); err != nil {
		return nil, err
	}
	formats, err := cleanFormats(formats)
	if err != nil {
		return nil, err
	}
	var r *Release
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		study, err := ownApproved(tx, actor, id)
		if err != nil {
			return err
		}
		under, err := listReleases(tx, "study_id = ? AND state IN ? AND folder = ?", string(id), []string{string(Requested), string(Running)}, folder)
		if err != nil {
			return err
		}
		if len(under) > 0 && !folder {
			return errRunning
		}
		r = &Release{ID: ident.New[ident.ReleaseID](), Study: id, Requester: actor.Account, State: Requested, Formats: formats, Protocol: study.Protocol, Folder: folder, CreatedAt: tx.Now()}
		if err := insertRelease(tx, r); err != nil {
			return err
		}
		tx.Log(entry(actor, "release.requested", policies.PurposeResearch, policies.ObjectRelease, policies.ActRelease, id, map[string]string{"release": string(r.ID)}))
		if folder {
			return nil
		}
		return jobs.Enqueue(tx, RunRelease{Release: r.ID})
	})
	return r, err
}

// RunNow makes a release at once and writes its files, readable, into a folder that must be empty or absent. For the
// command line: it acts as the researcher who proposed the study, with the rights that account has now.
func (s *Service) RunNow(ctx context.Context, id ident.StudyID, formats []Format, dir string) (*Release, error) {
	if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errFolder.With("Folder", dir)
	}
	var proposer ident.AccountID
	if err := s.DB.Do(ctx, func(tx *db.Tx) error {
		study, err := loadStudy(tx, id)
		if err == nil {
			proposer = study.Proposer
		}
		return err
	}); err != nil {
		return nil, err
	}
	actor, err := s.Actor(ctx, proposer)
	if err != nil {
		return nil, err
	}
	r, err := s.request(ctx, actor, id, formats, true)
	if err != nil {
		return nil, err
	}
	partial := filepath.Clean(dir) + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return nil, err
	}
	defer os.RemoveAll(partial) //nolint:errcheck // what is left is removed by the next run
	run := &run{service: s, release: r, target: partial, place: func() error {
		_ = os.Remove(dir) // an empty one
		return os.Rename(partial, dir)
	}}
	if err := run.attempts(ctx); err != nil {
		return nil, errors.Join(err, s.fail(ctx, r.ID, err))
	}
	return s.reload(ctx, r.ID)
}

func (s *Service) reload(ctx context.Context, id ident.ReleaseID) (r *Release, err error) {
	err = s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		r, err = loadRelease(tx, id)
		return err
	})
	return r, err
}

// Work makes a release that was requested. It may be called again after any interruption: what was half done is
// thrown away and made anew. An error is worth another try unless jobs.Final wraps it.
func (s *Service) Work(ctx context.Context, args RunRelease) error {
	r, err := s.reload(ctx, args.Release)
	if isMissing(err) {
		return jobs.Final(err)
	}
	if err != nil || !r.underWay() {
		return err
	}
	run := &run{service: s, release: r, target: s.folderOf(r.ID)}
	err = run.attempts(ctx)
	if err == nil || ctx.Err() != nil {
		return err // cut short: the next start takes it up again
	}
	if k := fault.KindOf(err); k == fault.Unready {
		return err
	}
	s.Log.ErrorContext(ctx, "release failed", "release", string(r.ID), "error", err.Error())
	return jobs.Final(errors.Join(err, s.fail(ctx, r.ID, err)))
}

// fail notes why a release was not made. Nothing of it stays.
func (s *Service) fail(ctx context.Context, id ident.ReleaseID, why error) error {
	key := errFailed.Key
	if l := fault.All(why); len(l) > 0 && l[0].Kind != fault.Internal {
		key = l[0].Key
	}
	err := s.DB.Do(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := moveRelease(tx, id, []ReleaseState{Requested, Running}, map[string]any{"state": string(Failed), "fault": key, "finished_at": tx.Now()})
		return err
	})
	return errors.Join(err, os.RemoveAll(s.spoolOf(id)), os.RemoveAll(s.folderOf(id)))
}

// run is one making of a release.
type run struct {
	service *Service
	release *Release
	target  string
	place   func() error // puts the files where they belong, after the commit; nil when they are there already
	actor   policies.Actor
	study   *Study
	people  []ident.ParticipantID
	cover   *Manifest
	sealed  []byte // the manifest's bytes
	sig     []byte
}

// tries is how often a release begins anew because somebody withdrew while it was made.
const tries = 5

func (r *run) attempts(ctx context.Context) error {
	for range tries {
		err := r.once(ctx)
		if !errors.Is(err, errConsentMoved) {
			return err
		}
	}
	return errConsentMoved
}

// once makes the files from one snapshot and finishes them, or answers errConsentMoved.
func (r *run) once(ctx context.Context) (err error) {
	s := r.service
	defer func() { err = errors.Join(err, os.RemoveAll(s.spoolOf(r.release.ID))) }()
	if r.actor, err = s.Actor(ctx, r.release.Requester); err != nil {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	out, err := r.output()
	if err != nil {
		return err
	}
	if err := s.DB.Snapshot(ctx, func(tx *db.Tx) error { return r.write(ctx, tx, out) }); err != nil {
		return err
	}
	if err := r.seal(out); err != nil {
		return err
	}
	if err := syncDir(r.target); err != nil {
		return err
	}
	return r.finish(ctx)
}

// output is the empty folder for the files: encrypted for downloads, readable for the command line.
func (r *run) output() (Folder, error) {
	if !r.release.Folder {
		return sealedFolder(r.target, r.service.Vault, "release:"+string(r.release.ID))
	}
	if err := os.RemoveAll(r.target); err != nil {
		return nil, err
	}
	return open(r.target), os.MkdirAll(r.target, 0o700)
}

// begin checks that the study may release now and notes that work has begun.
func (r *run) begin(ctx context.Context) error {
	return r.service.DB.Do(ctx, func(tx *db.Tx) (err error) {
		if r.study, err = ownApproved(tx, r.actor, r.release.Study); err != nil {
			return err
		}
		ok, err := moveRelease(tx, r.release.ID, []ReleaseState{Requested, Running}, map[string]any{"state": string(Running), "done": 0, "total": 0, "protocol": r.study.Protocol})
		if err == nil && !ok {
			err = errUnfinished
		}
		return err
	})
}

// write streams everybody whom the Grant reaches, in the snapshot, to the encoders.
func (r *run) write(ctx context.Context, tx *db.Tx, out Folder) error {
	s := r.service
	study, err := ownApproved(tx, r.actor, r.release.Study)
	if err != nil {
		return err
	}
	r.study = study
	g, err := policies.Ask[policies.Export](ctx, s.Authority, request(r.actor, study))
	if err != nil {
		return err
	}
	plan, err := s.plan(tx, study, tx.Now())
	if err != nil {
		return err
	}
	if err := r.describe(tx, g, plan); err != nil {
		return err
	}
	spool, err := sealedFolder(s.spoolOf(r.release.ID), s.Vault, "spool:"+string(r.release.ID))
	if err != nil {
		return err
	}
	p, err := newPress(plan, r.cover, r.release.Formats, out, spool)
	if err != nil {
		return err
	}
	if err := r.stream(ctx, tx, g, plan, p); err != nil {
		return err
	}
	tx.Tell(g, "event", "release.read")
	tx.Tell(g, "release", string(r.release.ID))
	tx.Tell(g, "participants", fmt.Sprint(r.cover.Participants))
	return p.finish(func(names ...string) string { return s.Vault.Digest("release:"+string(study.ID), names...) })
}

// plan compiles a study.
func (s *Service) plan(tx *db.Tx, study *Study, cut time.Time) (*Plan, error) {
	var forms []*Form
	for _, c := range study.Proposal.Questionnaires {
		f, err := s.form(tx, c)
		if err != nil {
			return nil, fmt.Errorf("export: %s: %w", c, err)
		}
		forms = append(forms, f)
	}
	slices.SortStableFunc(forms, func(a, b *Form) int { // as they were made, which is not the order of their names
		return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(string(a.ID), string(b.ID)))
	})
	p, err := NewPlan(study.ID, study.Proposal.Fields, forms, study.Proposal.window(), study.Proposal.FreeText, cut)
	if err == nil {
		p.MinimumClass = study.Proposal.MinimumClass
	}
	return p, err
}

// describe begins the manifest.
func (r *run) describe(tx *db.Tx, g policies.Grant[policies.Export], plan *Plan) error {
	snapshot, err := snapshotOf(tx)
	if err != nil {
		return err
	}
	facts, err := documentsOf(tx, g, r.study.Proposal.AllScopes())
	if err != nil {
		return err
	}
	p := r.study.Proposal
	r.cover = &Manifest{
		Release: string(r.release.ID), Study: r.study.info(), Recipient: string(r.release.Requester), Cut: plan.Cut.UTC().Format(time.RFC3339Nano),
		Copy:    r.service.Vault.Rekey(r.study.ID, "copy", string(r.release.Requester)),
		Consent: ConsentInfo{Snapshot: snapshot, Scopes: scopeTexts(p), Documents: []string{}}, Fields: []string{},
		Questionnaires: append([]string{}, p.Questionnaires...), Filter: FilterInfo{FreeText: p.FreeText, VerifiedOnly: p.VerifiedOnly}, CodeVersion: r.service.Version,
	}
	for _, f := range facts {
		r.cover.Consent.Documents = append(r.cover.Consent.Documents, fmt.Sprintf("%s|%d", f.Document, f.Version))
	}
	for _, f := range p.Fields {
		r.cover.Fields = append(r.cover.Fields, string(f))
	}
	for from, to := range map[*time.Time]*string{p.From: &r.cover.Filter.From, p.Until: &r.cover.Filter.Until} {
		if from != nil {
			*to = from.UTC().Format(time.RFC3339)
		}
	}
	return nil
}

// stream reads people in the order of their pseudonyms, a batch at a time.
func (r *run) stream(ctx context.Context, tx *db.Tx, g policies.Grant[policies.Export], plan *Plan, p *press) error {
	s := r.service
	people, err := s.People.Cohort(tx, g, r.study.Proposal.VerifiedOnly)
	if err != nil {
		return err
	}
	if err := r.survey(ctx, tx, g, plan, people); err != nil {
		return err
	}
	order := make([]named, len(people))
	for i, id := range people {
		order[i] = named{s.Vault.Pseudonym(plan.Study, id), id}
	}
	sort.Slice(order, func(i, j int) bool { return order[i].name < order[j].name })
	r.people = r.people[:0]
	for from := 0; from < len(order); from += batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := order[from:min(from+batch, len(order))]
		subjects := make([]*Subject, len(part))
		for i, n := range part {
			subjects[i] = &Subject{Participant: n.id}
			r.people = append(r.people, n.id)
		}
		if err := s.People.Fill(tx, g, subjects, plan); err != nil {
			return err
		}
		if len(plan.Forms) > 0 {
			if err := s.Answers.Fill(tx, g, subjects, plan); err != nil {
				return err
			}
		}
		for _, subject := range subjects {
			record, err := plan.Reduce(subject, s.Vault)
			if err != nil {
				return err
			}
			if err := p.add(record); err != nil {
				return err
			}
		}
		r.progress(ctx, len(r.people), len(order))
	}
	return nil
}

// survey counts everybody by what people who know them may know, before the first is written, and settles how much of
// it is told of whom. Nothing but counts is kept.
func (r *run) survey(ctx context.Context, tx *db.Tx, g policies.Grant[policies.Export], plan *Plan, people []ident.ParticipantID) error {
	if plan.MinimumClass == 0 {
		return nil
	}
	asks := &Plan{Study: plan.Study, Fields: map[Field]bool{}, Cut: plan.Cut}
	for _, f := range quasi {
		asks.Fields[f] = plan.Wants(f)
	}
	counts := map[traits]int{}
	for part := range slices.Chunk(people, batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		subjects := make([]*Subject, len(part))
		for i, id := range part {
			subjects[i] = &Subject{Participant: id}
		}
		if err := r.service.People.Fill(tx, g, subjects, asks); err != nil {
			return err
		}
		for _, s := range subjects {
			counts[asks.traits(s)]++
		}
	}
	plan.details = settle(counts, plan.MinimumClass)
	return nil
}

type named struct {
	name string
	id   ident.ParticipantID
}

// progress notes how far the run is. That it could not be noted does not stop the run.
func (r *run) progress(ctx context.Context, done, total int) {
	err := r.service.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := moveRelease(tx, r.release.ID, []ReleaseState{Running}, map[string]any{"done": done, "total": total})
		return err
	})
	if err != nil {
		r.service.Log.WarnContext(ctx, "progress was not noted", "release", string(r.release.ID), "error", err.Error())
	}
}

// seal writes the manifest and its signature.
func (r *run) seal(out Folder) (err error) {
	if r.sealed, err = r.cover.Canonical(); err != nil {
		return err
	}
	if r.sig, err = Sign(r.sealed, r.service.Vault.Signer()); err != nil {
		return err
	}
	if err := writeWhole(out, ManifestName, r.sealed); err != nil {
		return err
	}
	return writeWhole(out, SignatureName, r.sig)
}

// finish commits the release: people, files, manifest and audit entry together. Everybody is asked for again: who
// withdrew since the snapshot is not reached, nothing is committed, and the run begins anew.
func (r *run) finish(ctx context.Context) error {
	s := r.service
	g, err := policies.Ask[policies.Write](ctx, s.Authority, request(r.actor, r.study))
	if err != nil {
		return err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		study, err := ownApproved(tx, r.actor, r.release.Study)
		if err != nil {
			return err
		}
		if study.Protocol != r.study.Protocol {
			return errConsentMoved
		}
		if err := insertSubjects(tx, g, r.release.ID, r.people); err != nil {
			if isMissing(err) {
				return errConsentMoved.Because(err)
			}
			return err
		}
		return r.commit(tx, g)
	})
	if err == nil && r.place != nil {
		err = r.place()
	}
	return err
}

func (r *run) commit(tx *db.Tx, g policies.Grant[policies.Write]) error {
	files := append([]FileInfo{}, r.cover.Files...)
	files = append(files, whole(ManifestName, "manifest", r.sealed), whole(SignatureName, "signature", r.sig))
	if err := insertFiles(tx, r.release.ID, files); err != nil {
		return err
	}
	tx.Tell(g, "event", "release.finished")
	tx.Tell(g, "release", string(r.release.ID))
	tx.Tell(g, "manifest", files[len(files)-2].SHA256)
	tx.Tell(g, "snapshot", fmt.Sprint(r.cover.Consent.Snapshot))
	tx.Tell(g, "participants", fmt.Sprint(r.cover.Participants))
	ok, err := moveRelease(tx, r.release.ID, []ReleaseState{Running}, map[string]any{
		"state": string(Finished), "done": len(r.people), "total": len(r.people), "people": len(r.people), "snapshot": r.cover.Consent.Snapshot,
		"manifest": string(r.sealed), "signature": string(r.sig), "finished_at": tx.Now()})
	if err == nil && !ok {
		err = errUnfinished
	}
	return err
}

// syncDir waits until the names in a folder are on disk.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
