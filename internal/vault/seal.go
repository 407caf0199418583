package vault

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// Sealed is an encrypted column. Only Vault.Seal makes a value that is not empty, so a row with a Sealed field cannot
// be written in the clear, whichever way it is written.
type Sealed struct{ b []byte }

// Empty tells whether there is nothing inside.
func (s Sealed) Empty() bool { return len(s.b) == 0 }

// Value stores the ciphertext; an empty Sealed is NULL.
func (s Sealed) Value() (driver.Value, error) {
	if s.Empty() {
		return nil, nil
	}
	return s.b, nil
}

// Scan reads the ciphertext.
func (s *Sealed) Scan(src any) error {
	switch b := src.(type) {
	case nil:
		s.b = nil
	case []byte:
		s.b = append([]byte(nil), b...)
	case string:
		s.b = []byte(b)
	default:
		return fmt.Errorf("vault: a sealed column cannot hold %T", src)
	}
	return nil
}

// GormDataType tells gorm that the column holds bytes.
func (Sealed) GormDataType() string { return "bytes" }

// ErrSealed is what Open answers for bytes that were not sealed with this key in this context.
var ErrSealed = errors.New("vault: cannot be opened with this key in this context")

// Seal encrypts a column's value. The context binds it to its place ("participants.name:" and the row's id), so that a
// ciphertext moved to another row or column does not open.
func (v *Vault) Seal(plain []byte, context string) (Sealed, error) {
	b, err := v.columns.Encrypt(plain, []byte(context))
	return Sealed{b}, err
}

// Open decrypts; an empty Sealed gives nil.
func (v *Vault) Open(s Sealed, context string) ([]byte, error) {
	if s.Empty() {
		return nil, nil
	}
	b, err := v.columns.Decrypt(s.b, []byte(context))
	if err != nil {
		return nil, ErrSealed
	}
	return b, nil
}

// SealText is Seal for a string; an empty one stays empty (NULL).
func (v *Vault) SealText(plain, context string) (Sealed, error) {
	if plain == "" {
		return Sealed{}, nil
	}
	return v.Seal([]byte(plain), context)
}

// OpenText is Open for a string.
func (v *Vault) OpenText(s Sealed, context string) (string, error) {
	b, err := v.Open(s, context)
	return string(b), err
}

// Writer encrypts a file as it is written. Nothing is complete before Close.
func (v *Vault) Writer(w io.Writer, context string) (io.WriteCloser, error) {
	return v.files.NewEncryptingWriter(w, []byte(context))
}

// Reader decrypts a file as it is read; a changed, cut or moved file gives an error before its end.
func (v *Vault) Reader(r io.Reader, context string) (io.Reader, error) {
	return v.files.NewDecryptingReader(r, []byte(context))
}
