package vault

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/tink-crypto/tink-go/v2/prf"

	"kindred/internal/ident"
)

// Crockford's base 32: no I, L, O or U, so that a pseudonym can be read aloud.
const symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var alphabet = base32.NewEncoding(symbols).WithPadding(base32.NoPadding)

// derive gives n bytes from parts that cannot run into each other: each is preceded by its length.
func derive(set *prf.Set, n uint32, parts ...string) []byte {
	var in []byte
	for _, p := range parts {
		in = binary.BigEndian.AppendUint32(in, uint32(len(p)))
		in = append(in, p...)
	}
	out, err := set.ComputePrimaryPRF(in, n)
	if err != nil {
		panic("vault: HMAC-SHA256 refused a fixed length: " + err.Error()) // n is at most 32 here
	}
	return out
}

// Index is the keyed hash under which an encrypted value can be found again: 32 hexadecimal digits.
func (v *Vault) Index(context, value string) string {
	return hex.EncodeToString(derive(v.index, 16, context, value))
}

// Pseudonym is a person's name in one study: the same in all its releases and formats, and without the key not to be
// computed or linked to the name in another study. Four groups of four characters and a check character, for example
// 7K3M-Q2XF-9TBA-H4ZC-W; 80 bits.
func (v *Vault) Pseudonym(study ident.StudyID, p ident.ParticipantID) string {
	s := alphabet.EncodeToString(derive(v.pseudonyms, 10, "participant", string(study), string(p)))
	return s[0:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + string(Check(s))
}

// Check is the check character of a pseudonym: a weighted sum modulo 31, which is prime, so that every single wrong
// character and every swap of neighbours is found, but for 0 taken for Z.
func Check(s string) byte {
	sum, weight := 0, 1
	for i := range len(s) {
		at := strings.IndexByte(symbols, s[i])
		if at < 0 {
			continue
		}
		sum += weight * at
		weight = weight * 3 % 31
	}
	return symbols[sum%31]
}

// Rekey gives a row's id in one study: a FHIR id (32 hexadecimal digits) that says nothing about the row's own.
func (v *Vault) Rekey(study ident.StudyID, kind, id string) string {
	return hex.EncodeToString(derive(v.pseudonyms, 16, "row", string(study), kind, id))
}

// MaxShift is the largest date shift, in days, either way.
const MaxShift = 182

// ShiftDays is the number of days by which a person's dates move in one study: from -182 to 182, never 0.
func (v *Vault) ShiftDays(study ident.StudyID, p ident.ParticipantID) int {
	n := int(binary.BigEndian.Uint64(derive(v.shifts, 8, string(study), string(p))) % (2 * MaxShift))
	if n < MaxShift {
		return n - MaxShift
	}
	return n - MaxShift + 1
}

// SubjectAlias is a person's name in the audit log. The log holds no participant id.
func (v *Vault) SubjectAlias(p ident.ParticipantID) string {
	return hex.EncodeToString(derive(v.subjects, 16, string(p)))
}

// Digest is a keyed digest over names in the order given, for manifests: 64 hexadecimal digits.
func (v *Vault) Digest(context string, names ...string) string {
	return hex.EncodeToString(derive(v.pseudonyms, 32, append([]string{"digest", context}, names...)...))
}
