package export

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"kindred/internal/vault"
)

// plainName is the form of a name in a folder; nothing else reaches the file system.
var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]{0,99}$`)

func pathIn(dir, name string) (string, error) {
	if !plainName.MatchString(name) {
		return "", fmt.Errorf("export: %q is no name for a file", name)
	}
	return filepath.Join(dir, name), nil
}

// sealed is a folder whose files are encrypted as they are written.
type sealed struct {
	dir     string
	vault   *vault.Vault
	context string // with the name of a file it binds the file to its place
}

// sealedFolder makes an empty folder, or empties one that an interrupted run has left.
func sealedFolder(dir string, v *vault.Vault, context string) (*sealed, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	return &sealed{dir, v, context}, os.MkdirAll(dir, 0o700)
}

func (s *sealed) Create(name string) (io.WriteCloser, error) {
	path, err := pathIn(s.dir, name)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	w, err := s.vault.Writer(f, s.context+":"+name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &sealedWriter{w, f}, nil
}

type sealedWriter struct {
	io.WriteCloser
	f *os.File
}

// Close ends the encryption and waits until the file is on disk.
func (w *sealedWriter) Close() error {
	return errors.Join(w.WriteCloser.Close(), w.f.Sync(), w.f.Close())
}

func (s *sealed) Open(name string) (io.ReadCloser, error) {
	path, err := pathIn(s.dir, name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := s.vault.Reader(f, s.context+":"+name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &sealedReader{r, f}, nil
}

type sealedReader struct {
	io.Reader
	f *os.File
}

func (r *sealedReader) Close() error { return r.f.Close() }

// open is a plain folder, for the command line.
type open string

func (c open) Create(name string) (io.WriteCloser, error) {
	path, err := pathIn(string(c), name)
	if err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (c open) Open(name string) (io.ReadCloser, error) {
	path, err := pathIn(string(c), name)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

func writeWhole(to Folder, name string, b []byte) error {
	w, err := to.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return errors.Join(err, w.Close())
}
