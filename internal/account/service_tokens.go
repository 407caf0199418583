package account

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// CreateToken makes a token for the actor's own account; everybody who is signed in may. A ttl of zero is
// TokenDefault. The secret is given this once. It answers faults at "label" and "ttl".
func (s *Service) CreateToken(ctx context.Context, actor policies.Actor, label string, ttl time.Duration) (Token, error) {
	return s.createToken(ctx, actor, func(tx *db.Tx) (accountRow, error) { return accountByID(tx, actor.Account) }, label, ttl)
}

// CreateTokenFor makes a token for the account with a name. It is for whoever runs the program: by must be Operator().
func (s *Service) CreateTokenFor(ctx context.Context, by policies.Actor, name, label string, ttl time.Duration) (Token, error) {
	if by.Account != "" {
		return Token{}, policies.ErrDenied // nobody in the registry may act as somebody else
	}
	if err := s.mayOperate(ctx, by, policies.ActWrite); err != nil {
		return Token{}, err
	}
	return s.createToken(ctx, by, s.named(name), label, ttl)
}

func (s *Service) createToken(ctx context.Context, by policies.Actor, find func(*db.Tx) (accountRow, error), label string, ttl time.Duration) (Token, error) {
	label = norm.NFC.String(strings.TrimSpace(label))
	if n := utf8.RuneCountInString(label); n == 0 || n > labelMax || !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl) {
		return Token{}, errLabel
	}
	if ttl == 0 {
		ttl = TokenDefault
	}
	if ttl < TokenMin || ttl > TokenMax {
		return Token{}, errTTL
	}
	secret, err := newSecret(s.random)
	if err != nil {
		return Token{}, err
	}
	var made Token
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		owner, err := find(tx)
		if err != nil {
			return err
		}
		if owner.DisabledAt != nil {
			return ErrDisabled
		}
		row := tokenRow{
			ID: ident.New[ident.TokenID](), AccountID: owner.ID, Fingerprint: fingerprint("token", secret), Label: label,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(ttl),
		}
		if err := insertToken(tx, row); err != nil {
			return err
		}
		made = row.token()
		made.Secret = TokenPrefix + secret
		tx.Log(about("account.token_created", by, owner.ID, "token", string(row.ID)))
		return nil
	})
	if err != nil {
		return Token{}, err
	}
	return made, nil
}

// Tokens lists the tokens of the actor's own account, newest first, without their secrets.
func (s *Service) Tokens(ctx context.Context, actor policies.Actor) ([]Token, error) {
	var tokens []Token
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		rows, err := tokensOf(tx, actor.Account)
		for _, r := range rows {
			tokens = append(tokens, r.token())
		}
		return err
	})
	return tokens, err
}

// RevokeToken ends a token of the actor's own account. It answers Missing for any other.
func (s *Service) RevokeToken(ctx context.Context, actor policies.Actor, id ident.TokenID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		done, err := revokeToken(tx, actor.Account, id)
		if err != nil {
			return err
		}
		if !done {
			return db.ErrNotFound
		}
		tx.Log(about("account.token_revoked", actor, actor.Account, "token", string(id)))
		return nil
	})
}

// Bearer finds the actor of a bearer token ("kdr_..."), with the roles that its owner has now, and notes that it was
// used. It answers ErrSignedOut for a token that is unknown, expired or revoked, or whose owner is disabled.
func (s *Service) Bearer(ctx context.Context, bearer string, request ident.RequestID) (policies.Actor, error) {
	secret, ok := tokenSecret(bearer)
	if !ok {
		return policies.Actor{}, ErrSignedOut
	}
	var actor policies.Actor
	var row tokenRow
	stale := false
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		var err error
		if row, err = tokenBy(tx, fingerprint("token", secret)); err != nil {
			return signedOut(err)
		}
		if row.RevokedAt != nil || !tx.Now().Before(row.ExpiresAt) {
			return ErrSignedOut
		}
		account, roles, err := enabled(tx, row.AccountID)
		if err != nil {
			return err
		}
		actor = policies.Actor{Account: account.ID, Roles: roles, Request: request}
		stale = row.UsedAt == nil || tx.Now().Sub(*row.UsedAt) >= seenEvery
		return nil
	})
	if err != nil {
		return policies.Actor{}, err
	}
	if stale {
		if err := s.db.Do(ctx, func(tx *db.Tx) error { return tokenUsed(tx, row.ID) }); err != nil {
			return policies.Actor{}, err
		}
	}
	return actor, nil
}
