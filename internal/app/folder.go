package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"kindred/internal/ident"
	"kindred/internal/vault"
)

// Folder is the data folder: database, keys, files, spool. One process holds it at a time.
type Folder struct {
	dir  string
	temp string
	lock *os.File
}

// ErrInUse is what OpenFolder answers when another process holds the folder.
var ErrInUse = errors.New("the data folder is in use by another kindred")

// OpenFolder makes what is missing and locks the folder. Temporary files stand below it, or in temp when that is not
// empty; what an earlier run left there is wiped, because it may hold what people wrote.
func OpenFolder(dir, temp string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, temp: temp}
	if f.temp == "" {
		f.temp = filepath.Join(dir, "temp")
	}
	f.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(f.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.lock.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	if err := f.wipeTemp(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// OpenFolderBeside opens a folder that another process holds, for one command beside a running server. It locks nothing
// and wipes nothing.
func OpenFolderBeside(dir, temp string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f := &Folder{dir: dir, temp: temp}
	if f.temp == "" {
		f.temp = filepath.Join(dir, "temp")
	}
	if err := os.MkdirAll(f.Temp(), 0o700); err != nil {
		return nil, fmt.Errorf("temporary files: %w", err)
	}
	return f, os.Setenv("TMPDIR", f.Temp())
}

// wipeTemp empties the folder of temporary files, which is ours alone, and makes every library use it.
func (f *Folder) wipeTemp() error {
	own := filepath.Join(f.temp, "kindred")
	if err := os.RemoveAll(own); err != nil {
		return fmt.Errorf("temporary files: %w", err)
	}
	if err := os.MkdirAll(own, 0o700); err != nil {
		return fmt.Errorf("temporary files: %w", err)
	}
	return os.Setenv("TMPDIR", own)
}

// Path is a path below the folder.
func (f *Folder) Path(parts ...string) string {
	return filepath.Join(append([]string{f.dir}, parts...)...)
}

// Temp is the folder for temporary files.
func (f *Folder) Temp() string { return filepath.Join(f.temp, "kindred") }

// Close gives the folder free.
func (f *Folder) Close() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// Keys opens the keys in dir, or below the folder when dir is empty. They are made when there is no data yet, and
// never beside data that exists: that data could not be read with new keys.
func (f *Folder) Keys(dir string, dataExists bool) (*vault.Vault, error) {
	if dir == "" {
		dir = f.Path("keys")
	}
	if !vault.Exists(dir) && !dataExists {
		if err := vault.Create(dir); err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
	}
	return vault.Open(dir)
}

// HasDatabase tells whether the folder holds a SQLite database already.
func (f *Folder) HasDatabase() bool {
	info, err := os.Stat(f.Path("kindred.db"))
	return err == nil && info.Size() > 0
}

const demoMarker = "demonstration"

// IsDemonstration tells whether --demo made the folder.
func (f *Folder) IsDemonstration() bool {
	_, err := os.Stat(f.Path(demoMarker))
	return err == nil
}

// MarkDemonstration says that the folder holds nobody's real data. A folder with a database that was not made for
// demonstration cannot be marked.
func (f *Folder) MarkDemonstration(dataExists bool) error {
	if f.IsDemonstration() {
		return nil
	}
	if dataExists {
		return errors.New("this data folder was not made by --demo: use another folder for the demonstration")
	}
	return os.WriteFile(f.Path(demoMarker), []byte("Everything in this folder is synthetic.\n"), 0o600)
}

// Node is this folder's name among the nodes of an installation, made once.
func (f *Folder) Node() (string, error) {
	path := f.Path("node")
	b, err := os.ReadFile(path)
	if err == nil && len(b) > 0 {
		return strings.TrimSpace(string(b)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	name := string(ident.New[ident.RequestID]())
	return name, os.WriteFile(path, []byte(name+"\n"), 0o600)
}
