package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

const (
	mariasPassword = "tortilla lantern brisk willow"
	newPassword    = "quiet olive harbour seven kites"
)

var (
	home   = Caller{Peer: netip.MustParseAddr("192.0.2.10")}
	abroad = Caller{Peer: netip.MustParseAddr("198.51.100.7")}
)

// door is the service on one engine, with a clock that the test moves.
type door struct {
	*testing.T
	*Service
	d     *db.DB
	clock *dbtest.Moving
}

func each(t *testing.T, f func(d *door)) {
	clock := dbtest.NewMoving(noon)
	dbtest.EachWith(t, dbtest.Options{Clock: clock.Clock()}, func(t *testing.T, d *db.DB) {
		clock.Set(noon)
		s, err := New(Config{DB: d, Vault: dbtest.Vault(t), Authority: dbtest.AuthorityAt(t, clock.Clock()), Hashing: cheap})
		if err != nil {
			t.Fatal(err)
		}
		f(&door{t, s, d, clock})
	})
}

func (d *door) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *door) is(err, want error) {
	d.Helper()
	if !errors.Is(err, want) {
		d.Fatalf("err = %v, want %v", err, want)
	}
}

func (d *door) register(name string) {
	d.Helper()
	d.must(d.Register(d.Context(), Registration{Name: name, Password: mariasPassword, Caller: home}))
}

func (d *door) try(name, password string, c Caller) (Session, error) {
	return d.SignIn(d.Context(), Credentials{Name: name, Password: password, Caller: c})
}

func (d *door) in(name string) Session {
	d.Helper()
	s, err := d.try(name, mariasPassword, home)
	d.must(err)
	return s
}

func (d *door) add(name string, roles ...policies.Role) ident.AccountID {
	d.Helper()
	id, err := d.Add(d.Context(), Operator(), NewAccount{Name: name, Password: mariasPassword, Roles: roles})
	d.must(err)
	return id
}

type entryRow struct {
	Event, Outcome, Detail string
	AccountID              *string
}

func (entryRow) TableName() string { return "audit_entries" }
func (entryRow) NotPersonal()      {}

// events lists the audit as "event outcome".
func (d *door) events() []string {
	d.Helper()
	var rows []entryRow
	d.must(d.d.Snapshot(d.Context(), func(tx *db.Tx) error { return db.Public[entryRow](tx).Order("id").Find(&rows).Error }))
	var out []string
	for _, r := range rows {
		out = append(out, r.Event+" "+r.Outcome)
		for _, secret := range []string{"maria", "Maria", mariasPassword, newPassword, "@", "192.0.2"} {
			if strings.Contains(r.Detail, secret) {
				d.Fatalf("the audit holds %q: %s", secret, r.Detail)
			}
		}
	}
	return out
}

func TestMariaRegistersAndSignsIn(t *testing.T) {
	each(t, func(d *door) {
		d.must(d.Register(d.Context(), Registration{Name: "María", Password: mariasPassword, Mail: "maria@example.org", Language: "es", Caller: home}))
		s, err := d.try("maria", mariasPassword, home)
		d.must(err)
		if len(s.Token) != 43 || !slices.Equal(s.Roles, []policies.Role{policies.RoleParticipant, policies.RoleCaregiver}) || s.Language != "es" {
			d.Fatalf("%+v", s)
		}
		found, err := d.Session(d.Context(), s.Token)
		d.must(err)
		s.Token = ""
		if !reflect.DeepEqual(found, s) {
			d.Fatalf("%+v, then %+v", s, found)
		}
		actor := found.Actor("r")
		p, err := d.Profile(d.Context(), actor)
		d.must(err)
		if p.Name != "María" || p.Mail != "maria@example.org" || p.Disabled {
			d.Fatalf("%+v", p)
		}
		d.must(d.ChangeSettings(d.Context(), actor, Settings{Language: "en"}))
		if p, _ = d.Profile(d.Context(), actor); p.Mail != "" || p.Language != "en" {
			d.Fatalf("%+v", p)
		}
		if got := d.events(); !slices.Equal(got, []string{"account.registered ok", "account.signed_in ok", "account.settings_changed ok"}) {
			d.Fatal(got)
		}
	})
}

func TestRegistrationGivesEveryFaultAtOnce(t *testing.T) {
	each(t, func(d *door) {
		err := d.Register(d.Context(), Registration{Name: "steward", Password: "short", Mail: "nobody", Language: "xx", Caller: home})
		var fields []string
		for _, f := range fault.All(err) {
			fields = append(fields, f.Field)
		}
		if !slices.Equal(fields, []string{"name", "password", "mail", "language"}) {
			d.Fatal(fields)
		}
	})
}

// A name that is taken gets the answer of one that is free, and the account that has it stays as it is.
func TestRegisteringTellsNothing(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		d.must(d.Register(d.Context(), Registration{Name: "MAR1A", Password: newPassword, Caller: abroad}))
		_, err := d.try("maria", newPassword, abroad)
		d.is(err, ErrCredentials)
		d.in("maria")
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := d.Register(d.Context(), Registration{Name: "ingrid", Password: mariasPassword, Caller: home}); err != nil {
					d.Error(err)
				}
			})
		}
		wg.Wait()
		if all, err := d.Accounts(d.Context(), Operator(), "", 100); err != nil || len(all) != 2 {
			d.Fatal(len(all), err)
		}
	})
}

func TestEveryFailedSignInAnswersAlike(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		d.register("lucia")
		d.must(d.Disable(d.Context(), Operator(), "lucia"))
		for _, c := range []struct{ name, password string }{
			{"maria", "not the password at all"}, {"nobody-here", mariasPassword}, {"lucia", "not the password at all"},
			{"", mariasPassword}, {"maria", ""}, {"ma\xff", "\xff"}, {"u:maria", mariasPassword}, {strings.Repeat("x", 5000), mariasPassword},
		} {
			_, err := d.try(c.name, c.password, Caller{Peer: netip.MustParseAddr("203.0.113.1")})
			d.is(err, ErrCredentials)
		}
		_, err := d.try("lucia", mariasPassword, home)
		d.is(err, ErrDisabled)
	})
}

func TestTriesAreSlowedWhetherOrNotTheAccountExists(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		for _, name := range []string{"maria", "nobody-here"} {
			var answers []string
			for i := range d.limits.Account.Free + 4 {
				_, err := d.try(name, fmt.Sprintf("a wrong password %d", i), abroad)
				answers = append(answers, fault.All(err)[0].Key+fmt.Sprint(fault.All(err)[0].Args["Count"]))
			}
			want := append(slices.Repeat([]string{"account.credentials<nil>"}, d.limits.Account.Free+1), slices.Repeat([]string{"account.wait1"}, 3)...)
			if !slices.Equal(answers, want) {
				d.Fatalf("%s: %v", name, answers)
			}
		}
		_, err := d.try("maria", mariasPassword, abroad)
		d.is(err, ErrWait)
		d.clock.Add(time.Second)
		_, err = d.try("maria", mariasPassword, abroad)
		d.must(err)
	})
}

// An attacker elsewhere who guesses without pause does not keep the owner out of the network that she signs in from.
func TestTheOwnerIsNotLockedOut(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		d.in("maria")
		for range 60 {
			d.clock.Add(31 * time.Second)
			_, _ = d.try("maria", "a wrong password indeed", abroad)
		}
		_, err := d.try("maria", mariasPassword, abroad)
		d.is(err, ErrWait)
		d.in("maria")
		d.clock.Add(d.limits.Account.Cap)
		_, err = d.try("maria", mariasPassword, abroad)
		d.must(err)
	})
}

func TestOneNetworkIsSlowedWhateverTheName(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		blocked := 0
		for i := range d.limits.Peer.Free + 5 {
			_, err := d.try(fmt.Sprintf("guess-%d", i), "a wrong password indeed", abroad)
			if errors.Is(err, ErrWait) {
				blocked++
			}
			if i%10 == 0 { // an account of one's own does not clear the count
				_, _ = d.try("maria", mariasPassword, abroad)
			}
		}
		if blocked != 4 {
			d.Fatalf("%d tries were blocked", blocked)
		}
		d.in("maria")
	})
}

func TestTriesAtTheSameInstantEachCount(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		var wg sync.WaitGroup
		var mu sync.Mutex
		compared := 0
		for range 20 {
			wg.Go(func() {
				_, err := d.try("maria", "a wrong password indeed", abroad)
				if errors.Is(err, ErrCredentials) {
					mu.Lock()
					compared++
					mu.Unlock()
				} else if !errors.Is(err, ErrWait) {
					d.Error(err)
				}
			})
		}
		wg.Wait()
		if compared != d.limits.Account.Free+1 {
			d.Fatalf("%d passwords were compared", compared)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.register("maria")
		gone := func(s Session, why string) {
			d.Helper()
			if _, err := d.Session(ctx, s.Token); !errors.Is(err, ErrSignedOut) {
				d.Fatalf("%s: %v", why, err)
			}
		}
		one, two := d.in("maria"), d.in("maria")
		if one.Token == two.Token || one.ID == two.ID {
			d.Fatal("two sign-ins, one session")
		}
		d.must(d.SignOut(ctx, one.Token, "r"))
		d.must(d.SignOut(ctx, one.Token, "r"))
		gone(one, "signed out")
		three, err := d.Renew(ctx, two.Token)
		d.must(err)
		gone(two, "renewed")

		four := d.in("maria")
		five, err := d.ChangePassword(ctx, PasswordChange{Token: four.Token, Current: mariasPassword, New: newPassword, Caller: home})
		d.must(err)
		gone(three, "password changed")
		gone(four, "password changed")
		if _, err := d.Session(ctx, five.Token); err != nil {
			d.Fatal(err)
		}
		_, err = d.try("maria", mariasPassword, home)
		d.is(err, ErrCredentials)

		if changed, err := d.GrantRole(ctx, Operator(), "maria", policies.RoleReviewer); err != nil || !changed {
			d.Fatal(changed, err)
		}
		gone(five, "a role was granted")
		six, err := d.try("maria", newPassword, home)
		d.must(err)
		if !slices.Contains(six.Roles, policies.RoleReviewer) {
			d.Fatal(six.Roles)
		}
		d.must(d.Disable(ctx, Operator(), "maria"))
		gone(six, "disabled")
		_, err = d.try("maria", newPassword, home)
		d.is(err, ErrDisabled)
		d.must(d.Enable(ctx, Operator(), "maria"))
		gone(six, "enabled again")
		_, err = d.try("maria", newPassword, home)
		d.must(err)
	})
}

func TestSessionsAgeOut(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.register("maria")
		d.add("okoye", policies.RoleResearcher)
		own, duty := d.in("maria"), d.in("okoye")
		d.clock.Add(59 * time.Minute)
		_, err := d.Session(ctx, duty.Token)
		d.must(err)
		d.clock.Add(59 * time.Minute) // the use before counted
		_, err = d.Session(ctx, duty.Token)
		d.must(err)
		d.clock.Add(time.Hour)
		_, err = d.Session(ctx, duty.Token)
		d.is(err, ErrSignedOut)
		for range 14*24/8 - 1 { // used every eight hours, it ends after fourteen days all the same
			d.clock.Add(8 * time.Hour)
			if _, err = d.Session(ctx, own.Token); err != nil {
				d.Fatal(err)
			}
		}
		d.clock.Add(8 * time.Hour)
		_, err = d.Session(ctx, own.Token)
		d.is(err, ErrSignedOut)
		d.must(d.Sweep(ctx))
		d.must(d.d.Snapshot(ctx, func(tx *db.Tx) error {
			var n int64
			err := db.Public[sessionRow](tx).Count(&n).Error
			if n != 0 {
				d.Errorf("%d sessions are left", n)
			}
			return err
		}))
	})
}

func TestChangingThePasswordAsksForTheOldOne(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		s := d.in("maria")
		change := func(current, fresh string) error {
			_, err := d.ChangePassword(d.Context(), PasswordChange{Token: s.Token, Current: current, New: fresh, Caller: home})
			return err
		}
		d.is(change("not my password, is it", newPassword), ErrPassword)
		d.is(change(mariasPassword, mariasPassword), errPasswordSame)
		d.is(change(mariasPassword, "maria maria maria 1"), errPasswordPattern)
		for range d.limits.Known.Free {
			_ = change("not my password, is it", newPassword)
		}
		d.is(change(mariasPassword, newPassword), ErrWait)
		d.clock.Add(time.Minute)
		d.must(change(mariasPassword, newPassword))
		if got := d.events(); got[len(got)-1] != "account.password_changed ok" || !slices.Contains(got, "account.password_changed failed") {
			d.Fatal(got)
		}
	})
}

func TestConfirmIsCountedWithTheDoor(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		s := d.in("maria")
		d.must(d.Confirm(d.Context(), s.Account, mariasPassword, home))
		for range d.limits.Known.Free + 1 {
			d.is(d.Confirm(d.Context(), s.Account, "a wrong password indeed", home), ErrPassword)
		}
		_, err := d.try("maria", mariasPassword, home)
		d.is(err, ErrWait)
		d.is(d.Confirm(context.Background(), ident.New[ident.AccountID](), mariasPassword, abroad), ErrPassword)
	})
}

// What lies in the tables names nobody and opens nothing.
func TestNothingReadableAtRest(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.must(d.Register(ctx, Registration{Name: "maria-canary", Password: mariasPassword, Mail: "canary@example.org", Caller: home}))
		s, err := d.try("maria-canary", mariasPassword, home)
		d.must(err)
		token, err := d.CreateToken(ctx, s.Actor(""), "laptop", 0)
		d.must(err)
		var dump strings.Builder
		d.must(d.d.Snapshot(ctx, func(tx *db.Tx) error {
			for _, q := range []func() (any, error){
				func() (any, error) { var r []map[string]any; return &r, db.Public[accountRow](tx).Find(&r).Error },
				func() (any, error) { var r []map[string]any; return &r, db.Public[sessionRow](tx).Find(&r).Error },
				func() (any, error) { var r []map[string]any; return &r, db.Public[tokenRow](tx).Find(&r).Error },
				func() (any, error) { var r []map[string]any; return &r, db.Public[throttleRow](tx).Find(&r).Error },
				func() (any, error) { var r []map[string]any; return &r, db.Public[networkRow](tx).Find(&r).Error },
			} {
				rows, err := q()
				if err != nil {
					return err
				}
				for _, r := range *rows.(*[]map[string]any) {
					for _, v := range r {
						if b, ok := v.([]byte); ok {
							v = string(b)
						}
						fmt.Fprintln(&dump, v)
					}
				}
			}
			return nil
		}))
		if !strings.Contains(dump.String(), "argon2id") || !strings.Contains(dump.String(), "laptop") {
			d.Fatal("the dump is empty")
		}
		for _, secret := range []string{"canary", mariasPassword, s.Token, strings.TrimPrefix(token.Secret, TokenPrefix), "192.0.2"} {
			if strings.Contains(dump.String(), secret) {
				d.Errorf("the tables hold %q", secret)
			}
		}
	})
}

func TestOldHashesAreRenewedAtSignIn(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		stronger := *d.Service
		stronger.hasher, _ = newHasher(Hashing{MemoryKiB: 128, Iterations: 1, Parallelism: 1})
		d.Service = &stronger
		d.in("maria")
		d.must(d.d.Snapshot(d.Context(), func(tx *db.Tx) error {
			var row accountRow
			err := db.Public[accountRow](tx).Take(&row).Error
			if !strings.Contains(row.Password, "m=128,") {
				d.Errorf("the hash is still %.30s", row.Password)
			}
			return err
		}))
		d.in("maria")
	})
}

// People behind one address sign in at the same time, each with an account of their own: nobody waits in a ring.
func TestManySignInAtOnce(t *testing.T) {
	each(t, func(d *door) {
		names := []string{"maria", "ingrid", "okoye", "aisha", "tomas", "lucia"}
		for _, n := range names {
			d.register(n)
		}
		var wg sync.WaitGroup
		for _, n := range names {
			wg.Go(func() {
				for range 6 {
					if _, err := d.try(n, mariasPassword, home); err != nil {
						d.Errorf("%s: %v", n, err)
					}
				}
			})
		}
		wg.Wait()
	})
}
