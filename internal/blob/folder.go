package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
)

// The faults.
var (
	ErrMissing  = fault.New(fault.Missing, "fault.missing")
	ErrTooLarge = fault.New(fault.TooLarge, "blob.too_large") // Limit
	ErrDiskFull = fault.New(fault.Unready, "blob.disk_full")
)

// half is the folder of files being written.
const half = "half"

// Folder is a folder of blobs. It is safe for use by many goroutines and by one process.
type Folder struct {
	dir   string
	vault *vault.Vault
}

// Open makes the folder where it is missing and wipes what a crash left half written.
func Open(dir string, v *vault.Vault) (*Folder, error) {
	halves := filepath.Join(dir, half)
	if err := os.RemoveAll(halves); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if err := os.MkdirAll(halves, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Folder{dir, v}, nil
}

// OpenBeside uses a folder that another process has opened, and leaves what that one is writing alone.
func OpenBeside(dir string, v *vault.Vault) *Folder { return &Folder{dir, v} }

// Info is what is known of a blob once it is whole.
type Info struct {
	ID     ident.BlobID
	Size   int64  // bytes of the file itself
	SHA256 string // of the file itself, in hexadecimal
}

// Draft is a file being written. It ends with Commit or Discard; Discard after Commit does nothing.
type Draft struct {
	folder *Folder
	id     ident.BlobID
	file   *os.File
	sealed io.WriteCloser
	hash   hash.Hash
	size   int64
	limit  int64
}

// Create begins a file of at most limit bytes.
func (f *Folder) Create(limit int64) (*Draft, error) {
	id := ident.New[ident.BlobID]()
	file, err := os.OpenFile(filepath.Join(f.dir, half, string(id)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, diskError(err)
	}
	sealed, err := f.vault.Writer(file, contextOf(id))
	if err != nil {
		return nil, errors.Join(diskError(err), file.Close(), os.Remove(file.Name()))
	}
	return &Draft{folder: f, id: id, file: file, sealed: sealed, hash: sha256.New(), limit: limit}, nil
}

// contextOf binds a ciphertext to the blob's id.
func contextOf(id ident.BlobID) string { return "blob:" + string(id) }

// ID is the id that the blob will have.
func (d *Draft) ID() ident.BlobID { return d.id }

// Write encrypts and writes; over the limit it answers ErrTooLarge.
func (d *Draft) Write(p []byte) (int, error) {
	if d.size+int64(len(p)) > d.limit {
		return 0, ErrTooLarge.With("Limit", d.limit/(1<<20))
	}
	n, err := d.sealed.Write(p)
	d.size += int64(n)
	_, _ = d.hash.Write(p[:n]) // never fails
	return n, diskError(err)
}

// Commit makes the file whole, durable and readable under its id.
func (d *Draft) Commit() (Info, error) {
	defer d.Discard()
	if err := errors.Join(d.sealed.Close(), d.file.Sync(), d.file.Close()); err != nil {
		return Info{}, diskError(err)
	}
	path := d.folder.path(d.id)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Info{}, diskError(err)
	}
	if err := os.Rename(d.file.Name(), path); err != nil {
		return Info{}, diskError(err)
	}
	for _, dir := range []string{filepath.Dir(path), d.folder.dir} { // or the name may be lost with the power
		if err := syncDir(dir); err != nil {
			return Info{}, diskError(err)
		}
	}
	return Info{d.id, d.size, hex.EncodeToString(d.hash.Sum(nil))}, nil
}

// Discard throws the draft away.
func (d *Draft) Discard() {
	_ = d.file.Close()           // closed already after a Commit
	_ = os.Remove(d.file.Name()) // renamed already after a Commit; the start wipes what stays
}

// Put writes a whole file of at most limit bytes.
func (f *Folder) Put(ctx context.Context, r io.Reader, limit int64) (Info, error) {
	d, err := f.Create(limit)
	if err != nil {
		return Info{}, err
	}
	defer d.Discard()
	if _, err := io.Copy(d, watched{ctx, r}); err != nil {
		return Info{}, err
	}
	return d.Commit()
}

// watched stops reading when the request ends.
type watched struct {
	ctx context.Context
	r   io.Reader
}

func (w watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

// Open reads a blob. A file that was changed, cut or swapped gives an error before its end.
func (f *Folder) Open(id ident.BlobID) (io.ReadCloser, error) {
	if _, err := ident.Parse[ident.BlobID](string(id)); err != nil {
		return nil, ErrMissing
	}
	file, err := os.Open(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	plain, err := f.vault.Reader(file, contextOf(id))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("blob: %w", err), file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, file}, nil
}

// Remove deletes a blob; one that is not there is no error.
func (f *Folder) Remove(id ident.BlobID) error {
	if _, err := ident.Parse[ident.BlobID](string(id)); err != nil {
		return ErrMissing
	}
	if err := os.Remove(f.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// path spreads blobs over 256 folders by the end of the id, which is random.
func (f *Folder) path(id ident.BlobID) string {
	return filepath.Join(f.dir, string(id[len(id)-2:]), string(id))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// diskError tells a full disk from other troubles.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return ErrDiskFull.Because(err)
	}
	return err
}
