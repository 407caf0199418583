package audit

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxNote bounds a checkpoint from outside before it is read.
const maxNote = 64 << 10

// Checkpoint is a signed head of the tree.
type Checkpoint struct {
	Tree
	Origin string // the name of the key that signed it
	Note   string // the signed note, as it is given away
}

// sign makes a checkpoint over a head (c2sp.org/tlog-checkpoint in a c2sp.org/signed-note).
func sign(t Tree, by note.Signer) (Checkpoint, error) {
	text := by.Name() + "\n" + strconv.FormatInt(t.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(t.Root[:]) + "\n"
	signed, err := note.Sign(&note.Note{Text: text}, by)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("audit: sign: %w", err)
	}
	return Checkpoint{Tree: t, Origin: by.Name(), Note: string(signed)}, nil
}

// OpenCheckpoint reads a signed note and answers ErrCheckpoint unless the key whose verifier text is given (the contents
// of checkpoint.pub) signed it and it names that key as its origin. Signatures by other keys are ignored.
func OpenCheckpoint(signed []byte, verifierKey string) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, ErrCheckpoint.Because(fmt.Errorf("%d bytes", len(signed)))
	}
	verifier, err := note.NewVerifier(verifierKey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("audit: the verifier key: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, ErrCheckpoint.Because(err)
	}
	origin, tree, err := parseHead(n.Text)
	if err != nil {
		return Checkpoint{}, ErrCheckpoint.Because(err)
	}
	if origin != verifier.Name() {
		return Checkpoint{}, ErrCheckpoint.Because(fmt.Errorf("it is of the log %q", origin))
	}
	return Checkpoint{Tree: tree, Origin: origin, Note: string(signed)}, nil
}

// parseHead reads the text of a checkpoint: origin, size, root, and extension lines, which are ignored.
func parseHead(text string) (origin string, t Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return "", Tree{}, fmt.Errorf("a checkpoint has at least three lines")
	}
	for _, line := range lines[:len(lines)-1] {
		if line == "" {
			return "", Tree{}, fmt.Errorf("a checkpoint has no empty line")
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", Tree{}, fmt.Errorf("%q is not a tree size", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return "", Tree{}, fmt.Errorf("%q is not a root hash", lines[2])
	}
	return lines[0], Tree{size, tlog.Hash(root)}, nil
}
