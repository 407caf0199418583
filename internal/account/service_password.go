package account

import (
	"context"
	"time"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// PasswordChange is what changing a password asks for.
type PasswordChange struct {
	Token   string // of the session that asks
	Current string
	New     string
	Caller
}

// ChangePassword sets a new password, ends every session of the account and begins a new one for the caller. It answers
// ErrPassword (at "current"), faults of the new password (at "password"), ErrWait, ErrSignedOut.
func (s *Service) ChangePassword(ctx context.Context, c PasswordChange) (Session, error) {
	session, err := s.Session(ctx, c.Token)
	if err != nil {
		return Session{}, err
	}
	err = s.changePassword(ctx, session.Account, c, func(tx *db.Tx, row accountRow) error {
		if _, _, _, err := liveSession(tx, c.Token); err != nil {
			return err
		}
		if err := deleteSessionsOf(tx, row.ID); err != nil {
			return err
		}
		session, err = s.begin(tx, row, session.Roles)
		return err
	})
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// ChangePasswordByProgram is ChangePassword for a request without a page: it ends every session and begins none. The
// account's tokens stay, so that a program does not saw off its own branch; they can be revoked one by one.
func (s *Service) ChangePasswordByProgram(ctx context.Context, account ident.AccountID, c PasswordChange) error {
	return s.changePassword(ctx, account, c, func(tx *db.Tx, row accountRow) error { return deleteSessionsOf(tx, row.ID) })
}

// changePassword tells the faults of the new password first, then tries the current one, and lets end do what follows,
// all in one transaction with the change.
func (s *Service) changePassword(ctx context.Context, account ident.AccountID, c PasswordChange, end func(*db.Tx, accountRow) error) error {
	profile, err := s.profile(ctx, account)
	if err != nil {
		return err
	}
	if err := CheckPassword(c.New, profile.Name, profile.Mail); err != nil {
		return err
	}
	if c.New == c.Current {
		return errPasswordSame
	}
	hash, err := s.hasher.hash(ctx, c.New)
	if err != nil {
		return err
	}
	t := try{account: account, network: s.networkIndex(c.Peer), caller: c.Caller, event: "account.password_changed"}
	return s.attempt(ctx, t, c.Current, func(tx *db.Tx, row accountRow) error {
		if err := s.setPassword(tx, row, hash); err != nil {
			return err
		}
		return end(tx, row)
	})
}

// setPassword writes a new password; a reset code that waits was for the old one.
func (s *Service) setPassword(tx *db.Tx, row accountRow, hash string) error {
	if err := changeAccount(tx, row, map[string]any{"password": hash, "password_at": tx.Now()}); err != nil {
		return err
	}
	return deleteResetsOf(tx, row.ID)
}

// ResetFor is how long a reset code works.
const ResetFor = 30 * time.Minute

// ResetPrefix begins every reset code, so that it is not taken for a password or a token.
const ResetPrefix = "kdp_"

// Reset is a code with which the owner of an account sets a new password, once.
type Reset struct {
	Code      string
	ExpiresAt time.Time
}

// IssueReset makes a reset code for somebody who lost their password; the one before no longer works. Nothing else
// changes until it is used, so that asking for one harms nobody. It is for whoever runs the program: by must be
// Operator(), so that nobody in the registry can take an account over. It answers ErrUnknown.
func (s *Service) IssueReset(ctx context.Context, by policies.Actor, name string) (Reset, error) {
	if by.Account != "" {
		return Reset{}, policies.ErrDenied
	}
	secret, err := newSecret(s.random)
	if err != nil {
		return Reset{}, err
	}
	made := Reset{Code: ResetPrefix + secret}
	err = s.operate(ctx, by, name, func(tx *db.Tx, row accountRow) error {
		if err := deleteResetsOf(tx, row.ID); err != nil {
			return err
		}
		made.ExpiresAt = tx.Now().Add(ResetFor)
		tx.Log(about("account.reset_issued", by, row.ID, "", ""))
		return insertReset(tx, resetRow{
			ID: string(ident.New[ident.TokenID]()), AccountID: row.ID, Fingerprint: fingerprint("reset", secret), CreatedAt: tx.Now(), ExpiresAt: made.ExpiresAt,
		})
	})
	if err != nil {
		return Reset{}, err
	}
	return made, nil
}

// Redemption is a reset code with the new password.
type Redemption struct {
	Code     string
	Password string
	Caller
}

// Redeem sets a new password by a reset code and ends every session and token of the account. Anybody may call it. It
// answers the faults of the password (at "password"); ErrReset (at "code") for a code that is not good, whatever the
// reason; ErrWait; ErrHashing. A code whose password is refused stays good.
func (s *Service) Redeem(ctx context.Context, r Redemption) error {
	secret, mark := tokenOf(r.Code, ResetPrefix), ""
	if secret != "" {
		mark = fingerprint("reset", secret)
	}
	if err := s.checkReset(ctx, mark, r); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, r.Password)
	if err != nil {
		return err
	}
	done := false
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		reset, row, err := liveReset(tx, mark, takeReset)
		if done = err == nil; !done {
			if !isMissing(err) {
				return err
			}
			tx.Log(entry("account.password_reset", policies.Actor{Request: r.Request}, "failed"))
			return nil
		}
		if err := s.setPassword(tx, row, hash); err != nil {
			return err
		}
		if err := revokeTokensOf(tx, reset.AccountID); err != nil {
			return err
		}
		tx.Log(entry("account.password_reset", policies.Actor{Account: row.ID, Request: r.Request}, "ok"))
		return deleteSessionsOf(tx, row.ID)
	})
	if err == nil && !done {
		return ErrReset
	}
	return err
}

// checkReset counts the try and judges the new password, which is measured against the account's own name where the code
// is good.
func (s *Service) checkReset(ctx context.Context, mark string, r Redemption) error {
	own := []string{}
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if err := count(tx, s.counted("reset", network(r.Peer), s.limits.Peer)); err != nil {
			return err
		}
		_, row, err := liveReset(tx, mark, resetBy)
		if isMissing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		profiles, err := s.profiles(tx, []accountRow{row})
		if err == nil {
			own = append(own, profiles[0].Name, profiles[0].Mail)
		}
		return err
	})
	if err != nil {
		return err
	}
	return CheckPassword(r.Password, own...)
}

// liveReset finds a code that is good with its account, which must not be disabled.
func liveReset(tx *db.Tx, mark string, find func(*db.Tx, string) (resetRow, error)) (resetRow, accountRow, error) {
	reset, err := find(tx, mark)
	if err != nil {
		return reset, accountRow{}, err
	}
	row, err := accountByID(tx, reset.AccountID)
	if err == nil && row.DisabledAt != nil {
		err = db.ErrNotFound
	}
	return reset, row, err
}

func isMissing(err error) bool { return fault.KindOf(err) == fault.Missing }
