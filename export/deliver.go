package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

func whole(name, format string, b []byte) FileInfo {
	sum := sha256.Sum256(b)
	return FileInfo{Name: name, Format: format, Bytes: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
}

// Download opens a file of a finished release. It asks again, each time: the study is approved now, and everybody in
// the release is covered now. Once somebody is not, the release is withdrawn for good and the answer is ErrGone. For
// the researcher who asked for the release. The caller closes the file.
func (s *Service) Download(ctx context.Context, actor policies.Actor, id ident.ReleaseID, name string) (FileInfo, io.ReadCloser, error) {
	var info FileInfo
	gone, err := s.deliver(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Export], r *Release) error {
		for _, f := range r.Files {
			if f.Name == name && !r.Folder {
				info = f
			}
		}
		if info.Name == "" {
			return db.ErrNotFound
		}
		tx.Tell(g, "event", "release.downloaded")
		tx.Tell(g, "file", name)
		return insertDownload(tx, string(ident.New[ident.EntryID]()), id, name, actor.Account)
	})
	if err != nil {
		return FileInfo{}, nil, err
	}
	if gone {
		return FileInfo{}, nil, ErrGone
	}
	folder := &sealed{s.folderOf(id), s.Vault, "release:" + string(id)}
	f, err := folder.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return FileInfo{}, nil, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	return info, f, err
}

// deliver loads a finished release and checks that it may still be given; then it does what is asked. gone is true when
// it may not: that is committed, so it stays so.
func (s *Service) deliver(ctx context.Context, actor policies.Actor, id ident.ReleaseID, do func(*db.Tx, policies.Grant[policies.Export], *Release) error) (gone bool, err error) {
	if err := s.may(ctx, actor, policies.PurposeResearch, policies.ObjectRelease, policies.ActRelease); err != nil {
		return false, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		r, err := loadRelease(tx, id)
		if err != nil {
			return err
		}
		if r.Requester != actor.Account {
			return db.ErrNotFound
		}
		switch r.State {
		case Withdrawn:
			gone = true
			return nil
		case Finished:
		default:
			return errUnfinished
		}
		study, err := ownApproved(tx, actor, r.Study)
		if err != nil {
			return err
		}
		g, err := policies.Ask[policies.Export](ctx, s.Authority, request(actor, study))
		if err != nil {
			return err
		}
		if gone, err = uncovered(tx, g, r); gone || err != nil {
			return err
		}
		return do(tx, g, r)
	})
	if gone && err == nil {
		err = os.RemoveAll(s.folderOf(id))
	}
	return gone, err
}

// uncovered tells whether somebody in a release is no longer covered, and then withdraws it. The Grant's audit entry
// says what came of it.
func uncovered(tx *db.Tx, g policies.Grant[policies.Export], r *Release) (bool, error) {
	n, err := covered(tx, g, r.ID)
	if err != nil {
		return false, err
	}
	tx.Tell(g, "event", "release.checked")
	tx.Tell(g, "release", string(r.ID))
	if n == r.Participants {
		return false, nil
	}
	tx.Tell(g, "event", "release.withdrawn")
	_, err = moveRelease(tx, r.ID, []ReleaseState{Finished}, map[string]any{"state": string(Withdrawn), "withdrawn_at": tx.Now()})
	return true, err
}

// Releases lists the releases of a study, newest first. For its proposer and the committee.
func (s *Service) Releases(ctx context.Context, actor policies.Actor, id ident.StudyID) (list []*Release, err error) {
	own, err := s.sees(ctx, actor, policies.ObjectRelease)
	if err != nil {
		return nil, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		study, err := loadStudy(tx, id)
		if err != nil {
			return err
		}
		if own != "" && study.Proposer != own {
			return db.ErrNotFound
		}
		list, err = listReleases(tx, "study_id = ?", string(id))
		return err
	})
	return list, err
}

// Release gives one release with its files and how far it is. For the researcher who asked for it and the committee.
func (s *Service) Release(ctx context.Context, actor policies.Actor, id ident.ReleaseID) (*Release, error) {
	own, err := s.sees(ctx, actor, policies.ObjectRelease)
	if err != nil {
		return nil, err
	}
	r, err := s.reload(ctx, id)
	if err == nil && own != "" && r.Requester != own {
		return nil, db.ErrNotFound
	}
	return r, err
}

// Recall looks at every finished release and withdraws those in which somebody is no longer covered, so that files do
// not wait on disk for a download that would refuse them. The workers call it from time to time. It gives the number
// of releases that it withdrew.
func (s *Service) Recall(ctx context.Context) (int, error) {
	var list []*Release
	if err := s.DB.Do(ctx, func(tx *db.Tx) (err error) {
		list, err = listReleases(tx, "state = ?", string(Finished))
		return err
	}); err != nil {
		return 0, err
	}
	withdrawn := 0
	for _, r := range list {
		actor, err := s.Actor(ctx, r.Requester)
		if err != nil {
			continue // the account cannot download either
		}
		gone, err := s.deliver(ctx, actor, r.ID, func(*db.Tx, policies.Grant[policies.Export], *Release) error { return nil })
		switch {
		case err != nil && fault.KindOf(err) == fault.Internal:
			return withdrawn, err
		case gone:
			withdrawn++
		}
	}
	return withdrawn, nil
}

// Uses tells which studies received a person's data, when, and why that was allowed, newest first. For those who act
// for the person.
func (s *Service) Uses(ctx context.Context, actor policies.Actor, p ident.ParticipantID) (uses []Use, err error) {
	g, err := policies.Ask[policies.Read](ctx, s.Authority, policies.Request{Actor: actor, Purpose: policies.PurposeOwn, Object: policies.ObjectRelease, Subject: p})
	if err != nil {
		return nil, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		ids, err := releasesOf(tx, g, p)
		if err != nil || len(ids) == 0 {
			return err
		}
		tx.Tell(g, "event", "release.uses_read")
		releases, err := listReleases(tx, "id IN ?", ids[:min(len(ids), batch)])
		if err != nil {
			return err
		}
		downloads, err := listDownloads(tx, ids[:min(len(ids), batch)])
		if err != nil {
			return err
		}
		for _, r := range releases {
			use, err := s.use(tx, r, p)
			if err != nil {
				return err
			}
			use.Downloads = downloads[string(r.ID)]
			uses = append(uses, use)
		}
		return nil
	})
	return uses, err
}

func (s *Service) use(tx *db.Tx, r *Release, p ident.ParticipantID) (Use, error) {
	decisions, err := listDecisions(tx, r.Study)
	if err != nil {
		return Use{}, err
	}
	u := Use{Release: r.ID, Study: r.Study, State: r.State, Pseudonym: s.Vault.Pseudonym(r.Study, p)}
	if r.FinishedAt != nil {
		u.At = *r.FinishedAt
	}
	for i := range decisions {
		if d := &decisions[i]; d.Protocol == r.Protocol {
			u.Title, u.Purpose, u.Fields, u.Questionnaires = d.Proposal.Title, d.Proposal.Purpose, d.Proposal.Fields, d.Proposal.Questionnaires
			u.Scopes, u.Reason, u.ApprovedAt = scopeTexts(d.Proposal), d.Reason, &d.At
		}
	}
	return u, nil
}

// Clean empties the spool and removes folders of releases that are not finished: what an interrupted run left. To be
// called before work begins. Where several nodes share Dir, the folder of a release that runs elsewhere stays.
func (s *Service) Clean(ctx context.Context) error {
	if err := os.RemoveAll(s.Spool); err != nil {
		return err
	}
	if err := s.abandon(ctx); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		id, err := ident.Parse[ident.ReleaseID](e.Name())
		if err != nil {
			continue
		}
		r, err := s.reload(ctx, id)
		if err != nil && !isMissing(err) {
			return err
		}
		if err == nil && (r.State == Finished || s.DB.Engine() == db.Postgres && r.State == Running) {
			continue
		}
		if err := os.RemoveAll(s.folderOf(id)); err != nil {
			return err
		}
	}
	return nil
}

// abandon notes that a run from the command line, which nobody takes up again, has not come back.
func (s *Service) abandon(ctx context.Context) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		lost, err := listReleases(tx, "folder = ? AND state IN ? AND created_at < ?", true, []string{string(Requested), string(Running)}, tx.Now().Add(-longest))
		for _, r := range lost {
			if _, err := moveRelease(tx, r.ID, []ReleaseState{Requested, Running}, map[string]any{"state": string(Failed), "fault": errFailed.Key, "finished_at": tx.Now()}); err != nil {
				return err
			}
		}
		return err
	})
}
