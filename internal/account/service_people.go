package account

import (
	"context"
	"errors"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// mayOperate asks whether the actor runs the registry: a steward, or Operator().
func (s *Service) mayOperate(ctx context.Context, by policies.Actor, act policies.Act) error {
	return s.authority.May(ctx, by, policies.PurposeOperation, policies.ObjectAccount, act)
}

// named finds an account by the name that an operator typed; ErrUnknown when there is none.
func (s *Service) named(name string) func(*db.Tx) (accountRow, error) {
	return func(tx *db.Tx) (accountRow, error) {
		n, err := ParseName(name)
		if err != nil {
			return accountRow{}, ErrUnknown.Because(err)
		}
		row, err := accountByName(tx, s.nameIndex(n))
		if errors.Is(err, db.ErrNotFound) {
			return accountRow{}, ErrUnknown
		}
		return row, err
	}
}

// Find gives the id of the account with a name. It is for whoever runs the program: in the registry nothing finds an
// account by its name. It answers ErrUnknown.
func (s *Service) Find(ctx context.Context, by policies.Actor, name string) (ident.AccountID, error) {
	if by.Account != "" {
		return "", policies.ErrDenied
	}
	if err := s.mayOperate(ctx, by, policies.ActRead); err != nil {
		return "", err
	}
	var row accountRow
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if row, err = s.named(name)(tx); err != nil {
			return err
		}
		e := about("account.found", by, row.ID, "", "")
		e.Act = policies.ActRead
		tx.Log(e)
		return nil
	})
	return row.ID, err
}

// NewAccount is what an operator or a steward sets up for somebody.
type NewAccount struct {
	Name     string
	Password string // to be changed by its owner
	Mail     string
	Language string
	Roles    []policies.Role
}

// Add makes an account with roles. A steward or the operator may. It answers the faults of the form, ErrTaken.
func (s *Service) Add(ctx context.Context, by policies.Actor, n NewAccount) (ident.AccountID, error) {
	if err := s.mayOperate(ctx, by, policies.ActWrite); err != nil {
		return "", err
	}
	d, err := checkDraft(n.Name, n.Password, n.Mail, n.Language)
	faults := fault.All(err)
	for _, r := range n.Roles {
		if !r.Valid() {
			faults.Add(errRole)
		}
	}
	if len(n.Roles) == 0 {
		faults.Add(errRole)
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	hash, err := s.hasher.hash(ctx, n.Password)
	if err != nil {
		return "", err
	}
	id, err := s.found(ctx, d, hash, inOrder(n.Roles), by, "account.added")
	if err == nil && id == "" {
		return "", ErrTaken
	}
	return id, err
}

// GrantRole gives the account with a name a role, and RevokeRole takes it. A steward or the operator may; nobody their
// own. It counts from the account's next request, and ends its sessions. It answers whether anything changed.
func (s *Service) GrantRole(ctx context.Context, by policies.Actor, name string, r policies.Role) (bool, error) {
	return s.changeRole(ctx, by, name, r, "account.role_granted", func(tx *db.Tx, id ident.AccountID) (bool, error) {
		return insertRole(tx, id, r, by.Account)
	})
}

// RevokeRole takes a role; see GrantRole.
func (s *Service) RevokeRole(ctx context.Context, by policies.Actor, name string, r policies.Role) (bool, error) {
	return s.changeRole(ctx, by, name, r, "account.role_revoked", func(tx *db.Tx, id ident.AccountID) (bool, error) {
		return deleteRole(tx, id, r)
	})
}

func (s *Service) changeRole(ctx context.Context, by policies.Actor, name string, r policies.Role, event string, write func(*db.Tx, ident.AccountID) (bool, error)) (bool, error) {
	if !r.Valid() {
		return false, errRole
	}
	changed := false
	err := s.operate(ctx, by, name, func(tx *db.Tx, row accountRow) error {
		var err error
		if changed, err = write(tx, row.ID); err != nil || !changed {
			return err
		}
		tx.Log(about(event, by, row.ID, "role", string(r)))
		return deleteSessionsOf(tx, row.ID)
	})
	return changed, err
}

// Disable closes the account with a name: its sessions end, its tokens no longer work. A steward or the operator may;
// nobody their own.
func (s *Service) Disable(ctx context.Context, by policies.Actor, name string) error {
	return s.operate(ctx, by, name, func(tx *db.Tx, row accountRow) error {
		if row.DisabledAt != nil {
			return nil
		}
		if err := changeAccount(tx, row, map[string]any{"disabled_at": tx.Now()}); err != nil {
			return err
		}
		tx.Log(about("account.disabled", by, row.ID, "", ""))
		return deleteSessionsOf(tx, row.ID)
	})
}

// Enable opens it again. Its tokens work again until they expire; its owner signs in anew.
func (s *Service) Enable(ctx context.Context, by policies.Actor, name string) error {
	return s.operate(ctx, by, name, func(tx *db.Tx, row accountRow) error {
		if row.DisabledAt == nil {
			return nil
		}
		tx.Log(about("account.enabled", by, row.ID, "", ""))
		return changeAccount(tx, row, map[string]any{"disabled_at": nil})
	})
}

// operate does something to the account with a name, for somebody who may.
func (s *Service) operate(ctx context.Context, by policies.Actor, name string, act func(*db.Tx, accountRow) error) error {
	if err := s.mayOperate(ctx, by, policies.ActWrite); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		row, err := s.named(name)(tx)
		if err != nil {
			return err
		}
		if row.ID == by.Account {
			return ErrOwnRoles
		}
		return act(tx, row)
	})
}

// Accounts lists accounts after an id ("" for the first), at most limit (and at most 500). A steward or the operator
// may.
func (s *Service) Accounts(ctx context.Context, by policies.Actor, after ident.AccountID, limit int) ([]Profile, error) {
	if err := s.mayOperate(ctx, by, policies.ActRead); err != nil {
		return nil, err
	}
	var profiles []Profile
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		rows, err := accountsAfter(tx, after, min(max(limit, 1), 500))
		if err != nil {
			return err
		}
		if profiles, err = s.profiles(tx, rows); err != nil {
			return err
		}
		e := entry("account.listed", by, "ok")
		e.Purpose, e.Act = policies.PurposeOperation, policies.ActRead
		tx.Log(e)
		return nil
	})
	return profiles, err
}

// Profile is the actor's own account.
func (s *Service) Profile(ctx context.Context, actor policies.Actor) (Profile, error) {
	return s.profile(ctx, actor.Account)
}

func (s *Service) profile(ctx context.Context, id ident.AccountID) (Profile, error) {
	var profile Profile
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		row, err := accountByID(tx, id)
		if err != nil {
			return err
		}
		profiles, err := s.profiles(tx, []accountRow{row})
		if err == nil {
			profile = profiles[0]
		}
		return err
	})
	return profile, err
}

// profiles opens rows, with their roles.
func (s *Service) profiles(tx *db.Tx, rows []accountRow) ([]Profile, error) {
	ids := make([]ident.AccountID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	roles, err := rolesOf(tx, ids...)
	if err != nil {
		return nil, err
	}
	profiles := make([]Profile, len(rows))
	for i, r := range rows {
		name, err := s.vault.OpenText(r.Name, sealedName+string(r.ID))
		if err != nil {
			return nil, err
		}
		mail, err := s.vault.OpenText(r.Mail, sealedMail+string(r.ID))
		if err != nil {
			return nil, err
		}
		profiles[i] = Profile{r.ID, name, mail, r.Language, roles[r.ID], r.DisabledAt != nil, r.CreatedAt}
	}
	return profiles, nil
}

// Settings are what an owner may change of their account.
type Settings struct {
	Mail     string
	Language string
}

// ChangeSettings writes the actor's own settings. It answers faults at "mail" and "language".
func (s *Service) ChangeSettings(ctx context.Context, actor policies.Actor, n Settings) error {
	var faults fault.List
	mail, bad := parseMail(n.Mail)
	faults.Add(bad)
	language, bad := parseLanguage(n.Language)
	faults.Add(bad)
	if err := faults.Err(); err != nil {
		return err
	}
	sealed, err := s.vault.SealText(mail, sealedMail+string(actor.Account))
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		row, err := accountByID(tx, actor.Account)
		if err != nil {
			return err
		}
		tx.Log(about("account.settings_changed", actor, row.ID, "", ""))
		return changeAccount(tx, row, map[string]any{"mail": sealed, "language": language})
	})
}

// about is an audit entry about an account, which is not always the actor's own.
func about(event string, by policies.Actor, id ident.AccountID, name, value string) db.Entry {
	e := entry(event, by, "ok")
	if by.Account != id {
		e.Purpose = policies.PurposeOperation
	}
	e.Detail = map[string]string{"account": string(id)}
	if name != "" {
		e.Detail[name] = value
	}
	return e
}
