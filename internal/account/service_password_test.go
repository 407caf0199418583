package account

import (
	"strings"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/policies"
)

func (d *door) redeem(code, password string) error {
	d.Helper()
	return d.Redeem(d.Context(), Redemption{Code: code, Password: password, Caller: home})
}

func TestALostPasswordIsReset(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.register("maria")
		d.register("pavel")
		old := d.in("maria")
		token, err := d.CreateToken(ctx, old.Actor(""), "laptop", 0)
		d.must(err)
		steward := policies.Actor{Account: d.add("agnes", policies.RoleSteward), Roles: []policies.Role{policies.RoleSteward}}
		for _, by := range []policies.Actor{steward, {}} {
			_, err = d.IssueReset(ctx, by, "maria")
			d.is(err, policies.ErrDenied)
		}
		_, err = d.IssueReset(ctx, Operator(), "nobody-here")
		d.is(err, ErrUnknown)
		first, err := d.IssueReset(ctx, Operator(), "Maria")
		d.must(err)
		if first.ExpiresAt.Sub(noon) != 30*time.Minute || !strings.HasPrefix(first.Code, ResetPrefix) {
			d.Fatalf("%+v", first)
		}
		d.in("maria") // nothing changed yet
		second, err := d.IssueReset(ctx, Operator(), "maria")
		d.must(err)
		d.is(d.redeem(first.Code, newPassword), ErrReset) // replaced
		d.is(d.redeem("", newPassword), ErrReset)
		d.is(d.redeem(token.Secret, newPassword), ErrReset)
		d.is(d.redeem(ResetPrefix+strings.TrimPrefix(token.Secret, TokenPrefix), newPassword), ErrReset)
		d.is(d.redeem(second.Code, "short"), errPasswordShort)
		d.is(d.redeem(second.Code, "maria maria maria 1"), errPasswordPattern) // it is hers, and stays good
		d.must(d.redeem(second.Code, newPassword))
		d.is(d.redeem(second.Code, "another olive harbour seven kites"), ErrReset) // once
		_, err = d.Session(ctx, old.Token)
		d.is(err, ErrSignedOut)
		_, err = d.Bearer(ctx, token.Secret, "")
		d.is(err, ErrSignedOut)
		_, err = d.try("maria", mariasPassword, home)
		d.is(err, ErrCredentials)
		_, err = d.try("maria", newPassword, home)
		d.must(err)
		d.in("pavel")
		got := strings.Join(d.events(), "\n")
		for _, want := range []string{"account.reset_issued ok", "account.password_reset ok", "account.password_reset failed"} {
			if !strings.Contains(got, want) {
				d.Errorf("no %s in\n%s", want, got)
			}
		}
	})
}

// A code is dead after half an hour, after another way to a new password, and while its account is disabled; what is kept
// of it is a hash.
func TestAResetCodeDies(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.register("maria")
		issue := func() string {
			r, err := d.IssueReset(ctx, Operator(), "maria")
			d.must(err)
			var rows []resetRow
			d.must(d.d.Do(ctx, func(tx *db.Tx) error { return db.Public[resetRow](tx).Find(&rows).Error }))
			if len(rows) != 1 || strings.Contains(r.Code, rows[0].Fingerprint) || rows[0].Fingerprint == "" {
				d.Fatalf("%+v", rows)
			}
			return r.Code
		}
		late := issue()
		d.clock.Add(30*time.Minute - time.Microsecond)
		d.is(d.redeem(late, "short"), errPasswordShort)
		d.clock.Add(time.Microsecond)
		d.is(d.redeem(late, newPassword), ErrReset)

		changed := issue()
		_, err := d.ChangePassword(ctx, PasswordChange{Token: d.in("maria").Token, Current: mariasPassword, New: newPassword, Caller: home})
		d.must(err)
		d.is(d.redeem(changed, mariasPassword), ErrReset)

		closed := issue()
		d.must(d.Disable(ctx, Operator(), "maria"))
		d.is(d.redeem(closed, mariasPassword), ErrReset)
		d.clock.Add(time.Hour)
		d.must(d.Sweep(ctx))
		d.must(d.d.Do(ctx, func(tx *db.Tx) error {
			var n int64
			err := db.Public[resetRow](tx).Count(&n).Error
			if n != 0 {
				d.Errorf("%d codes are left", n)
			}
			return err
		}))
	})
}

// Two who come with the same code at once: one of them sets the password.
func TestAResetCodeWorksOnce(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		r, err := d.IssueReset(d.Context(), Operator(), "maria")
		d.must(err)
		answers := make(chan error, 4)
		for range cap(answers) {
			go func() {
				answers <- d.Redeem(d.Context(), Redemption{Code: r.Code, Password: newPassword, Caller: home})
			}()
		}
		done := 0
		for range cap(answers) {
			if err := <-answers; err == nil {
				done++
			} else {
				d.is(err, ErrReset)
			}
		}
		if done != 1 {
			d.Fatalf("%d of them set the password", done)
		}
	})
}

func TestGuessingResetCodesIsSlowed(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		for range d.limits.Peer.Free + 1 {
			d.is(d.redeem(ResetPrefix+strings.Repeat("A", 43), newPassword), ErrReset)
		}
		d.is(d.redeem(ResetPrefix+strings.Repeat("A", 43), newPassword), ErrWait)
	})
}

func TestAProgramChangesThePassword(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.register("maria")
		s := d.in("maria")
		token, err := d.CreateToken(ctx, s.Actor(""), "laptop", 0)
		d.must(err)
		change := func(current, fresh string) error {
			return d.ChangePasswordByProgram(ctx, s.Account, PasswordChange{Current: current, New: fresh, Caller: home})
		}
		d.is(change(mariasPassword, "short"), errPasswordShort)
		d.is(change(mariasPassword, mariasPassword), errPasswordSame)
		for range d.limits.Known.Free + 1 {
			d.is(change("not my password, is it", newPassword), ErrPassword)
		}
		d.is(change(mariasPassword, newPassword), ErrWait)
		d.clock.Add(time.Minute)
		d.must(change(mariasPassword, newPassword))
		_, err = d.Session(ctx, s.Token)
		d.is(err, ErrSignedOut)
		_, err = d.Bearer(ctx, token.Secret, "")
		d.must(err)
		_, err = d.try("maria", newPassword, home)
		d.must(err)
	})
}
