package questionnaires

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/scrub"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// Upload answers a question with a file, of at most MaxFile bytes or what the question allows. Whoever may answer may.
// What is kept was made anew from it: see package scrub. It takes the place of the file that is there, or stands behind
// the others where the question repeats. The file and its answer are there together or not at all; every fault's Field
// is the path. The same key with the same file again has no second effect. With m.Base, a single file that another
// device sent meanwhile is not replaced: Stale.
func (s *Service) Upload(ctx context.Context, actor policies.Actor, id ident.ResponseID, path sdc.Path, name string, r io.Reader, m Meta) (File, Saved, error) {
	most, err := s.mayUpload(ctx, actor, id, path, m)
	if err != nil {
		return File{}, Saved{}, err
	}
	clean, sum, err := s.scrub(ctx, r, most)
	if err != nil {
		return File{}, Saved{}, fieldOf(err, path)
	}
	info, err := s.files.Put(ctx, bytes.NewReader(clean.Bytes), 4*MaxFile) // a picture written again may have grown
	if err != nil {
		return File{}, Saved{}, err
	}
	u := upload{File{ID: info.ID, Response: id, MediaType: clean.MediaType, Size: info.Size, Title: titleOf(name), Account: actor.Account}, path, info, sum}
	f, saved, err := s.attach(ctx, actor, u, m)
	if err != nil || saved.Repeated {
		_ = s.files.Remove(info.ID) // else the sweep finds it
	}
	return f, saved, err
}

// upload is a file on its way in.
type upload struct {
	File
	path sdc.Path
	info blob.Info
	sum  string // of the bytes as they came
}

// fieldOf puts a refusal beside the question.
func fieldOf(err error, path sdc.Path) error {
	if f := new(fault.Error); errors.As(err, &f) {
		return fault.List{f.At(path.String())}
	}
	return err
}

// mayUpload makes the cheap refusals before a file is read, and gives the most bytes it may have. It gives nothing to
// anybody and is rolled back, so that one upload leaves one entry in the audit.
func (s *Service) mayUpload(ctx context.Context, actor policies.Actor, id ident.ResponseID, path sdc.Path, m Meta) (int64, error) {
	rollback := errors.New("questionnaires: there is room")
	most := int64(MaxFile)
	err := s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		limit, err := s.roomFor(tx, g, w, path, m, 0)
		if err != nil {
			return err
		}
		if limit > 0 {
			most = min(most, limit)
		}
		return rollback
	})
	if errors.Is(err, rollback) {
		return most, nil
	}
	return 0, err
}

// roomFor refuses a file where the question takes none now, another device was first, or the quota is used up.
func (s *Service) roomFor(tx *db.Tx, g policies.Grant[policies.Write], w *work, path sdc.Path, m Meta, size int64) (int64, error) {
	if !w.row.response(nil, nil).Open() {
		return 0, errNotDraft
	}
	limit, wrong := w.form.Upload(w.state, path)
	if wrong != nil {
		return 0, fault.List{wrong}
	}
	if late, err := s.overtaken(tx, g, w, path, m); err != nil || late {
		if err == nil {
			err = fault.List{errFileNewer.At(path.String())}
		}
		return 0, err
	}
	there, err := filesOf(tx, g, w.row.ParticipantID)
	if err != nil {
		return 0, err
	}
	for _, f := range there {
		size += f.Size
	}
	if size > MaxFilesAll || len(there) >= MaxFiles {
		return 0, fault.List{errFileQuota.With("Max", MaxFilesAll>>20, "Files", MaxFiles).At(path.String())}
	}
	return limit, nil
}

// overtaken tells whether the one file that this would replace is not the one that the person saw; a repeated request
// would replace its own.
func (s *Service) overtaken(tx *db.Tx, g policies.Grant[policies.Write], w *work, path sdc.Path, m Meta) (bool, error) {
	now := w.form.ValuesAt(w.state, path)
	if len(now) == 0 || len(w.form.Attach(w.state, path, sdc.Attachment{}).Values) > 1 || m.Base == "" || m.Base == sdc.Print(now) {
		return false, nil
	}
	if m.Key == "" {
		return true, nil
	}
	_, err := journalByKey(tx, g, w.row.ID, m.Key)
	if errors.Is(err, db.ErrNotFound) {
		return true, nil
	}
	return false, err
}

// scrub reads a file and makes it anew. Pictures take memory, so only a few are in work at once.
func (s *Service) scrub(ctx context.Context, r io.Reader, most int64) (scrub.Result, string, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return scrub.Result{}, "", err
	}
	if int64(len(b)) > most {
		return scrub.Result{}, "", sdc.FileTooLarge(most)
	}
	select {
	case s.scrubbing <- struct{}{}:
		defer func() { <-s.scrubbing }()
	case <-ctx.Done():
		return scrub.Result{}, "", ctx.Err()
	}
	clean, err := scrub.File(b)
	for from, to := range refusals {
		if errors.Is(err, from) {
			return clean, "", to
		}
	}
	sum := sha256.Sum256(b)
	return clean, hex.EncodeToString(sum[:]), err
}

var refusals = map[error]*fault.Error{
	scrub.ErrKind: errFileKind, scrub.ErrBroken: errFileBroken, scrub.ErrActive: errFileActive, scrub.ErrLocked: errFileLocked,
	scrub.ErrPages: errFilePages.With("Max", scrub.MaxPages), scrub.ErrPixels: errFilePixels.With("Max", scrub.MaxPixels/1_000_000),
}

// attach writes the file's row and its answer in one transaction.
func (s *Service) attach(ctx context.Context, actor policies.Actor, u upload, m Meta) (File, Saved, error) {
	var saved Saved
	err := s.change(ctx, actor, u.Response, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		w.after = func() {
			saved.Response = w.row.response(w.form, w.state)
			saved.Revision = w.row.Revision
		}
		done, err := s.repeated(tx, g, w, m.Key, u.sum)
		if err != nil {
			return err
		}
		if done != nil {
			saved.Seq, saved.At, saved.Repeated, w.kept = done.Seq, done.At.UTC(), true, true
			return s.before(&u.File, *done)
		}
		if _, err := s.roomFor(tx, g, w, u.path, m, u.Size); err != nil {
			return err
		}
		c := w.form.Attach(w.state, u.path, u.attachment())
		effect, faults := w.form.Apply(w.state, c)
		if len(faults) > 0 {
			return faults.Err()
		}
		j := journal{s: s, w: w, actor: actor, m: m}
		if err := j.add(tx, c, effect.Values, true, m.Key, u.sum); err != nil {
			return err
		}
		u.Participant, u.At = w.row.ParticipantID, tx.Now()
		saved.Seq, saved.At, saved.Effect = w.row.JournalSeq, tx.Now(), effect
		tx.Tell(g, "event", "response.file_added")
		tx.Tell(g, "file", string(u.ID))
		if err := s.insertFile(tx, g, u); err != nil {
			return err
		}
		return insertJournal(tx, g, j.rows)
	})
	return u.File, saved, err
}

// before makes a file the one that a repeated request made before: the last of its journal entry.
func (s *Service) before(f *File, done journalRow) error {
	raw, err := s.vault.Open(done.Value, journalContext(done.ResponseID, done.Seq))
	if err != nil {
		return err
	}
	values, err := sdc.ParseValues(raw)
	if err != nil || len(values) == 0 {
		return err
	}
	a := values[len(values)-1].File
	f.ID, f.MediaType, f.Title, f.Size = a.Blob, a.ContentType, a.Title, a.Size
	f.Participant, f.Account, f.At = done.ParticipantID, done.AccountID, done.At.UTC()
	return nil
}

func fileContext(id ident.BlobID) string { return "response.file:" + string(id) }

func (s *Service) insertFile(tx *db.Tx, g policies.Grant[policies.Write], u upload) error {
	title, err := s.vault.SealText(u.Title, fileContext(u.ID))
	if err != nil {
		return err
	}
	if err := blob.Keep(tx, u.info); err != nil {
		return err
	}
	return insertFile(tx, g, fileRow{
		ID: u.ID, ParticipantID: u.Participant, ResponseID: u.Response, MediaType: u.MediaType, Size: u.Size, Title: title, AccountID: u.Account, CreatedAt: u.At,
	})
}

func (s *Service) openRow(r fileRow) (File, error) {
	title, err := s.vault.OpenText(r.Title, fileContext(r.ID))
	return File{
		ID: r.ID, Participant: r.ParticipantID, Response: r.ResponseID, MediaType: r.MediaType, Size: r.Size, Title: title, Account: r.AccountID, At: r.CreatedAt.UTC(),
	}, err
}

// File opens a file that answers a question. Whoever acts for the participant may. The caller closes it, and serves it
// as a download (Content-Disposition: attachment, X-Content-Type-Options: nosniff), never as a page.
func (s *Service) File(ctx context.Context, actor policies.Actor, id ident.BlobID) (File, io.ReadCloser, error) {
	grant, err := ask[policies.Read](ctx, s, actor, "")
	if err != nil {
		return File{}, nil, err
	}
	var f File
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		tx.Tell(grant, "event", "response.file_opened")
		tx.Tell(grant, "file", string(id))
		row, err := readFile(tx, grant, id)
		if err != nil {
			return err
		}
		f, err = s.openRow(row)
		return err
	})
	if err != nil {
		return File{}, nil, err
	}
	content, err := s.files.Open(f.ID)
	return f, content, err
}

// describe completes the attachments of a change with what is known of them, and refuses files that were not uploaded
// to the response.
func (s *Service) describe(tx *db.Tx, g policies.Grant[policies.Write], w *work, c *sdc.Change) error {
	var files []**sdc.Attachment
	for i := range c.Entries {
		if c.Entries[i].File != nil {
			files = append(files, &c.Entries[i].File)
		}
	}
	for i := range c.Values {
		if c.Values[i].File != nil {
			files = append(files, &c.Values[i].File)
		}
	}
	return s.describeAll(tx, g, w.row.ID, c.Path.String(), files)
}

func (s *Service) describeAll(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID, field string, files []**sdc.Attachment) error {
	if len(files) == 0 {
		return nil
	}
	rows, err := filesIn(tx, g, id)
	if err != nil {
		return err
	}
	known := map[ident.BlobID]sdc.Attachment{}
	for _, row := range rows {
		f, err := s.openRow(row)
		if err != nil {
			return err
		}
		known[f.ID] = f.attachment()
	}
	for _, f := range files {
		a, ok := known[(*f).Blob]
		if !ok {
			return fault.List{errFileUnknown.At(field)}
		}
		*f = &a
	}
	return nil
}

// refit completes the files of a whole response that came in, and judges it again by what they really are.
func (s *Service) refit(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
	files := w.state.Files()
	if len(files) == 0 {
		return nil
	}
	if err := s.describeAll(tx, g, w.row.ID, "QuestionnaireResponse", files); err != nil {
		return err
	}
	_, faults := w.form.Restore(w.form.Save(w.state))
	return faults.Err()
}

// keepFiles keeps the files of a response that is sent for as long as its documents.
func (s *Service) keepFiles(tx *db.Tx, g policies.Grant[policies.Write], w *work) (err error) {
	w.form.Given(w.state, func(a sdc.Given) {
		if a.Value.File != nil && err == nil {
			err = keepFile(tx, g, a.Value.File.Blob)
		}
	})
	return err
}

// dropFiles removes the files that no answer holds any more and no document ever held: with the transaction that let
// them go, so that nothing outlives its use.
func (s *Service) dropFiles(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
	if !w.form.TakesFiles() {
		return nil
	}
	held := map[ident.BlobID]bool{}
	if !w.gone {
		for _, f := range w.state.Files() {
			held[(*f).Blob] = true
		}
	}
	rows, err := filesIn(tx, g, w.row.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if held[row.ID] || row.Kept && !w.gone {
			continue
		}
		if err := removeFile(tx, g, row.ID); err != nil {
			return err
		}
		if err := s.files.Forget(tx, row.ID); err != nil {
			return err
		}
	}
	return nil
}
