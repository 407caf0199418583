// Package vault holds the keys: encryption of identifying columns and of files, keyed look-up of encrypted values, and
// the derivation of study pseudonyms and date shifts.
//
// Keysets are files outside the database, readable by their owner alone. A dump of the database with the source code
// is not enough to map a pseudonym to a person. A missing or wrong keyset stops the start: Open never makes one, and
// Create never replaces one.
package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/mod/sumdb/note"
)

// Vault holds opened keys. It is safe for use by many goroutines.
type Vault struct {
	columns    tink.AEAD
	files      tink.StreamingAEAD
	index      *prf.Set
	pseudonyms *prf.Set
	shifts     *prf.Set
	subjects   *prf.Set
	signer     note.Signer
	verifier   string
}

// The keysets, one file each; each has one use.
var keysets = []struct {
	file     string
	template func() *tinkpb.KeyTemplate
}{
	{"columns.json", aead.AES256GCMKeyTemplate},
	{"files.json", streamingaead.AES256GCMHKDF4KBKeyTemplate},
	{"index.json", prf.HMACSHA256PRFKeyTemplate},
	{"pseudonyms.json", prf.HMACSHA256PRFKeyTemplate},
	{"shifts.json", prf.HMACSHA256PRFKeyTemplate},
	{"subjects.json", prf.HMACSHA256PRFKeyTemplate},
}

const (
	checkpointKey = "checkpoint.key" // signs tree heads; note.Signer form
	checkpointPub = "checkpoint.pub" // given to the committee
)

// ErrNoKeys is what Open answers where a keyset is missing.
var ErrNoKeys = errors.New("vault: a keyset is missing")

// Create makes every keyset in dir, which must hold none yet.
func Create(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, k := range keysets {
		handle, err := keyset.NewHandle(k.template())
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
			return err
		}
		if err := writeNew(filepath.Join(dir, k.file), b.Bytes()); err != nil {
			return err
		}
	}
	private, public, err := note.GenerateKey(nil, "kindred")
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(dir, checkpointPub), []byte(public+"\n")); err != nil {
		return err
	}
	return writeNew(filepath.Join(dir, checkpointKey), []byte(private+"\n"))
}

func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Exists tells whether dir holds any keyset.
func Exists(dir string) bool {
	for _, k := range keysets {
		if _, err := os.Stat(filepath.Join(dir, k.file)); err == nil {
			return true
		}
	}
	return false
}

// Open reads every keyset. It refuses a missing one, one that others may read, and one that cannot be used.
func Open(dir string) (*Vault, error) {
	v := &Vault{}
	handles := map[string]*keyset.Handle{}
	for _, k := range keysets {
		b, err := readPrivate(filepath.Join(dir, k.file))
		if err != nil {
			return nil, err
		}
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(b)))
		if err != nil {
			return nil, fmt.Errorf("vault: %s: %w", k.file, err)
		}
		handles[k.file] = h
	}
	var err error
	if v.columns, err = aead.New(handles["columns.json"]); err != nil {
		return nil, fmt.Errorf("vault: columns: %w", err)
	}
	if v.files, err = streamingaead.New(handles["files.json"]); err != nil {
		return nil, fmt.Errorf("vault: files: %w", err)
	}
	for file, set := range map[string]**prf.Set{"index.json": &v.index, "pseudonyms.json": &v.pseudonyms, "shifts.json": &v.shifts, "subjects.json": &v.subjects} {
		if *set, err = prf.NewPRFSet(handles[file]); err != nil {
			return nil, fmt.Errorf("vault: %s: %w", file, err)
		}
	}
	key, err := readPrivate(filepath.Join(dir, checkpointKey))
	if err != nil {
		return nil, err
	}
	if v.signer, err = note.NewSigner(string(bytes.TrimSpace(key))); err != nil {
		return nil, fmt.Errorf("vault: %s: %w", checkpointKey, err)
	}
	public, err := os.ReadFile(filepath.Join(dir, checkpointPub))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrNoKeys, checkpointPub)
	}
	v.verifier = string(bytes.TrimSpace(public))
	return v, nil
}

func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoKeys, path)
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("vault: %s may be read by others: chmod 600 it", path)
	}
	return os.ReadFile(path)
}

// Signer signs tree heads.
func (v *Vault) Signer() note.Signer { return v.signer }

// VerifierKey is the public half of Signer, in the form of golang.org/x/mod/sumdb/note.
func (v *Vault) VerifierKey() string { return v.verifier }
