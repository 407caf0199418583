package account

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/netip"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
)

// Config is what a Service stands on. Zero values of the last three mean the defaults.
type Config struct {
	DB        *db.DB
	Vault     *vault.Vault
	Authority *policies.Authority
	Hashing   Hashing
	Limits    Limits
	Random    io.Reader // for session ids and token secrets
}

// Service is the front door. It is safe for use by many goroutines.
type Service struct {
	db        *db.DB
	vault     *vault.Vault
	authority *policies.Authority
	hasher    *hasher
	limits    Limits
	random    io.Reader
}

// New prepares the front door; it computes one password hash.
func New(c Config) (*Service, error) {
	if c.Hashing.MemoryKiB == 0 {
		c.Hashing.MemoryKiB, c.Hashing.Iterations, c.Hashing.Parallelism = DefaultHashing.MemoryKiB, DefaultHashing.Iterations, DefaultHashing.Parallelism
	}
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	h, err := newHasher(c.Hashing)
	if err != nil {
		return nil, err
	}
	return &Service{c.DB, c.Vault, c.Authority, h, c.Limits, c.Random}, nil
}

// Caller is where a request comes from. Peer is the address of the connection, or the one that a pinned proxy vouches
// for: never that of a header which anybody can send.
type Caller struct {
	Peer    netip.Addr
	Request ident.RequestID
}

// Registration asks for an account. The client sets nothing else: roles, state and times are not its to choose.
type Registration struct {
	Name     string
	Password string
	Mail     string // optional
	Language string // optional
	Caller
}

// Register makes an account for a participant and caregiver. Anybody may call it. It answers faults of the form (all at
// once, at "name", "password", "mail", "language"), ErrWait, ErrHashing, or nil. Nil says nothing about whether the
// name was free: show "account.registered", and let the person sign in.
func (s *Service) Register(ctx context.Context, r Registration) error {
	d, err := checkDraft(r.Name, r.Password, r.Mail, r.Language)
	if err != nil {
		return err
	}
	peer := s.counted("register", network(r.Peer), s.limits.Register)
	if err := s.db.Do(ctx, func(tx *db.Tx) error { return count(tx, peer) }); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, r.Password)
	if err != nil {
		return err
	}
	_, err = s.found(ctx, d, hash, []policies.Role{policies.RoleParticipant, policies.RoleCaregiver}, policies.Actor{Request: r.Request}, "account.registered")
	return err
}

// found writes a new account; an empty id means that the name is taken.
func (s *Service) found(ctx context.Context, d draft, hash string, roles []policies.Role, by policies.Actor, event string) (ident.AccountID, error) {
	id := ident.New[ident.AccountID]()
	name, err := s.vault.SealText(d.name.String(), sealedName+string(id))
	if err != nil {
		return "", err
	}
	mail, err := s.vault.SealText(d.mail, sealedMail+string(id))
	if err != nil {
		return "", err
	}
	made := false
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		row := accountRow{
			ID: id, NameIndex: s.nameIndex(d.name), Name: name, Mail: mail, Language: d.language, Password: hash,
			PasswordAt: tx.Now(), CreatedAt: tx.Now(), Revision: 1,
		}
		var err error
		if made, err = insertAccount(tx, row, roles, by.Account); err != nil {
			return err
		}
		e := entry(event, by, outcome(made))
		if len(by.Roles) > 0 { // somebody sets it up for another
			e.Purpose = policies.PurposeOperation
		}
		if made {
			e.Detail = map[string]string{"account": string(id)}
		}
		tx.Log(e)
		return nil
	})
	if err != nil || !made {
		return "", err
	}
	return id, nil
}

// The contexts that bind sealed columns to their place.
const (
	sealedName = "accounts.name:"
	sealedMail = "accounts.mail:"
)

func (s *Service) nameIndex(n Name) string { return s.vault.Index("accounts.name", n.Key()) }

// Credentials are a try to sign in.
type Credentials struct {
	Name     string
	Password string
	Caller
}

// SignIn begins a session. Anybody may call it. It answers ErrCredentials for every try that fails, whatever the
// reason; ErrWait, with {{.Count}} seconds, for one that comes too early; ErrDisabled to somebody who knows the
// password of a closed account; ErrHashing when too many sign in at once.
func (s *Service) SignIn(ctx context.Context, c Credentials) (Session, error) {
	// A name that no account can have is looked up all the same: the answer takes the same work.
	index := s.vault.Index("accounts.name", "\x00none")
	if n, err := ParseName(c.Name); err == nil {
		index = s.nameIndex(n)
	}
	t := try{index: index, network: s.networkIndex(c.Peer), caller: c.Caller, event: "account.signed_in"}
	var session Session
	err := s.attempt(ctx, t, c.Password, func(tx *db.Tx, row accountRow) error {
		roles, err := rolesOf(tx, row.ID)
		if err != nil {
			return err
		}
		session, err = s.begin(tx, row, roles[row.ID])
		return err
	})
	return session, err
}

// begin makes a session.
func (s *Service) begin(tx *db.Tx, row accountRow, roles []policies.Role) (Session, error) {
	secret, err := newSecret(s.random)
	if err != nil {
		return Session{}, err
	}
	_, absolute := lifetimes(roles)
	made := sessionRow{
		ID: ident.New[ident.SessionID](), AccountID: row.ID, Fingerprint: fingerprint("session", secret),
		CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(absolute),
	}
	if err := insertSession(tx, made); err != nil {
		return Session{}, err
	}
	session, err := s.opened(made, row, roles)
	session.Token = secret
	return session, err
}

// opened makes a Session of its rows.
func (s *Service) opened(r sessionRow, account accountRow, roles []policies.Role) (Session, error) {
	name, err := s.vault.OpenText(account.Name, sealedName+string(account.ID))
	if err != nil {
		return Session{}, err
	}
	return Session{ID: r.ID, Account: r.AccountID, Name: name, Roles: roles, Language: account.Language, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt}, nil
}

// Session finds the session of a cookie's token and notes that it was used. Call it once for each request. It answers
// ErrSignedOut for a session that never was, has ended, or whose account is disabled. Roles are those of this moment.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	if !wellFormed(token) {
		return Session{}, ErrSignedOut
	}
	var session Session
	stale := false
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		row, account, roles, err := liveSession(tx, token)
		if err != nil {
			return err
		}
		stale = tx.Now().Sub(row.SeenAt) >= seenEvery
		session, err = s.opened(row, account, roles)
		return err
	})
	if err == nil && stale {
		err = s.db.Do(ctx, func(tx *db.Tx) error { return sessionSeen(tx, session.ID) })
	}
	return session, err
}

// liveSession reads a session that is still good, with its account.
func liveSession(tx *db.Tx, token string) (sessionRow, accountRow, []policies.Role, error) {
	if !wellFormed(token) {
		return sessionRow{}, accountRow{}, nil, ErrSignedOut
	}
	row, err := sessionBy(tx, fingerprint("session", token))
	if err != nil {
		return sessionRow{}, accountRow{}, nil, signedOut(err)
	}
	account, roles, err := enabled(tx, row.AccountID)
	if err != nil {
		return sessionRow{}, accountRow{}, nil, err
	}
	if !alive(row.SeenAt, row.ExpiresAt, roles, tx.Now()) {
		return sessionRow{}, accountRow{}, nil, ErrSignedOut
	}
	return row, account, roles, nil
}

// enabled reads an account that is not disabled, with its roles.
func enabled(tx *db.Tx, id ident.AccountID) (accountRow, []policies.Role, error) {
	account, err := accountByID(tx, id)
	if err != nil {
		return accountRow{}, nil, signedOut(err)
	}
	if account.DisabledAt != nil {
		return accountRow{}, nil, ErrSignedOut
	}
	roles, err := rolesOf(tx, id)
	return account, roles[id], err
}

func signedOut(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return ErrSignedOut
	}
	return err
}

// SignOut ends the session of a token. A session that has ended already is no fault.
func (s *Service) SignOut(ctx context.Context, token string, request ident.RequestID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		row, _, _, err := liveSession(tx, token)
		if errors.Is(err, ErrSignedOut) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := deleteSession(tx, row.ID); err != nil {
			return err
		}
		tx.Log(entry("account.signed_out", policies.Actor{Account: row.AccountID, Request: request}, "ok"))
		return nil
	})
}

// Renew gives a session a new id; the old token is dead at once. Call it where a session gains something.
func (s *Service) Renew(ctx context.Context, token string) (Session, error) {
	var session Session
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		row, account, roles, err := liveSession(tx, token)
		if err != nil {
			return err
		}
		if _, err := deleteSession(tx, row.ID); err != nil {
			return err
		}
		session, err = s.begin(tx, account, roles)
		return err
	})
	return session, err
}

// Confirm checks the password of somebody who is signed in, before an act that needs it: signing a consent. It counts
// tries like a sign-in. It answers ErrPassword, ErrWait, ErrHashing.
func (s *Service) Confirm(ctx context.Context, account ident.AccountID, password string, caller Caller) error {
	t := try{account: account, network: s.networkIndex(caller.Peer), caller: caller, event: "account.confirmed"}
	return s.attempt(ctx, t, password, func(*db.Tx, accountRow) error { return nil })
}

// Actor loads an account's actor again: for a job, which acts for whoever asked for it, with the rights of the moment
// at which it runs. It answers ErrSignedOut for an account that is gone or disabled.
func (s *Service) Actor(ctx context.Context, id ident.AccountID, request ident.RequestID) (policies.Actor, error) {
	actor := policies.Actor{Account: id, Request: request}
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		var err error
		_, actor.Roles, err = enabled(tx, id)
		return err
	})
	if err != nil {
		return policies.Actor{}, err
	}
	return actor, nil
}

// Sweep deletes sessions, counts and networks that no longer matter. A schedule calls it; once an hour is enough.
func (s *Service) Sweep(ctx context.Context) error {
	longest := max(s.limits.Account.Forget, s.limits.Known.Forget, s.limits.Peer.Forget, s.limits.Register.Forget)
	return s.db.Do(ctx, func(tx *db.Tx) error { return sweep(tx, longest) })
}

// entry is an audit entry of this package.
func entry(event string, actor policies.Actor, outcome string) db.Entry {
	e := db.Entry{Event: event, Actor: actor, Purpose: policies.PurposeOwn, Act: policies.ActWrite, Object: policies.ObjectAccount, Outcome: outcome}
	if len(actor.Roles) > 0 {
		e.Role = actor.Roles[0]
	}
	return e
}

func outcome(ok bool) string {
	if ok {
		return "ok"
	}
	return "failed"
}
