package account

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
)

// secretBytes is the size of session ids and token secrets: 256 bits.
const secretBytes = 32

// TokenPrefix begins every API token, so that people and scanners know one when they see it.
const TokenPrefix = "kdr_"

// newSecret draws a fresh secret.
func newSecret(random io.Reader) (string, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// fingerprint is what is kept of a secret. It has 256 bits of its own, so a plain hash is enough: there is nothing to
// guess. The purpose keeps a session from passing for a token.
func fingerprint(purpose, secret string) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + secret))
	return hex.EncodeToString(sum[:])
}

// wellFormed tells whether a text can be a secret of ours, before anything is looked up.
func wellFormed(secret string) bool {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return false
	}
	_, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	return err == nil
}

// tokenSecret cuts the prefix off a bearer token.
func tokenSecret(bearer string) (string, bool) {
	secret := tokenOf(bearer, TokenPrefix)
	return secret, secret != ""
}

// tokenOf cuts a prefix off a secret; empty for what is no secret of ours.
func tokenOf(text, prefix string) string {
	secret, ok := strings.CutPrefix(text, prefix)
	if !ok || !wellFormed(secret) {
		return ""
	}
	return secret
}
