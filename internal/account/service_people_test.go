package account

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

func TestForgedTokensAreSignedOut(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		s := d.in("maria")
		token, err := d.CreateToken(d.Context(), s.Actor(""), "laptop", 0)
		d.must(err)
		secret := strings.TrimPrefix(token.Secret, TokenPrefix)
		for _, forged := range []string{"", "x", strings.Repeat("A", 43), s.Token + "A", s.Token[:42], string(s.ID), secret, fingerprint("session", s.Token)} {
			_, err := d.Session(d.Context(), forged)
			d.is(err, ErrSignedOut)
			_, err = d.Renew(d.Context(), forged)
			d.is(err, ErrSignedOut)
		}
		for _, forged := range []string{"", TokenPrefix, secret, TokenPrefix + s.Token, token.Secret + "A", strings.ToUpper(token.Secret)} {
			_, err := d.Bearer(d.Context(), forged, "")
			d.is(err, ErrSignedOut)
		}
	})
}

func TestTokensHaveTheirOwnersRights(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.add("okoye", policies.RoleResearcher)
		token, err := d.CreateTokenFor(ctx, Operator(), "Okoye", "notebook", time.Hour)
		d.must(err)
		if !strings.HasPrefix(token.Secret, "kdr_") || len(token.Secret) != 47 {
			d.Fatal(token.Secret)
		}
		actor, err := d.Bearer(ctx, token.Secret, "r1")
		d.must(err)
		if !slices.Equal(actor.Roles, []policies.Role{policies.RoleResearcher}) || actor.Request != "r1" {
			d.Fatalf("%+v", actor)
		}
		_, err = d.RevokeRole(ctx, Operator(), "okoye", policies.RoleResearcher)
		d.must(err)
		if actor, err = d.Bearer(ctx, token.Secret, ""); err != nil || len(actor.Roles) != 0 {
			d.Fatal(actor, err)
		}
		list, err := d.Tokens(ctx, actor)
		d.must(err)
		if len(list) != 1 || list[0].Secret != "" || list[0].UsedAt.IsZero() || list[0].Label != "notebook" {
			d.Fatalf("%+v", list)
		}
		d.must(d.Disable(ctx, Operator(), "okoye"))
		_, err = d.Bearer(ctx, token.Secret, "")
		d.is(err, ErrSignedOut)
		d.must(d.Enable(ctx, Operator(), "okoye"))
		_, err = d.Bearer(ctx, token.Secret, "")
		d.must(err)
		d.is(d.RevokeToken(ctx, policies.Actor{Account: ident.New[ident.AccountID]()}, token.ID), db.ErrNotFound)
		d.must(d.RevokeToken(ctx, actor, token.ID))
		d.is(d.RevokeToken(ctx, actor, token.ID), db.ErrNotFound)
		_, err = d.Bearer(ctx, token.Secret, "")
		d.is(err, ErrSignedOut)
		short, err := d.CreateToken(ctx, actor, "short", time.Minute)
		d.must(err)
		d.clock.Add(time.Minute)
		_, err = d.Bearer(ctx, short.Secret, "")
		d.is(err, ErrSignedOut)
		for _, c := range []struct {
			label string
			ttl   time.Duration
			want  error
		}{{" ", 0, errLabel}, {"a\nb", 0, errLabel}, {"x", time.Second, errTTL}, {"x", -time.Hour, errTTL}, {"x", 10000 * time.Hour, errTTL}} {
			_, err := d.CreateToken(ctx, actor, c.label, c.ttl)
			d.is(err, c.want)
		}
	})
}

func TestOnlyStewardsRunAccounts(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.Context()
		d.register("maria")
		maria := d.in("maria").Actor("")
		stewardID := d.add("tomas-steward", policies.RoleSteward)
		steward, err := d.Actor(ctx, stewardID, "")
		d.must(err)
		calls := func(by policies.Actor) map[string]error {
			_, added := d.Add(ctx, by, NewAccount{Name: "aisha", Password: mariasPassword, Roles: []policies.Role{policies.RoleEditor}})
			_, granted := d.GrantRole(ctx, by, "maria", policies.RoleEditor)
			_, revoked := d.RevokeRole(ctx, by, "maria", policies.RoleEditor)
			_, listed := d.Accounts(ctx, by, "", 10)
			return map[string]error{"add": added, "grant": granted, "revoke": revoked, "list": listed, "disable": d.Disable(ctx, by, "maria"), "enable": d.Enable(ctx, by, "maria")}
		}
		for name, err := range calls(maria) {
			if fault.KindOf(err) != fault.Denied {
				d.Errorf("maria may %s: %v", name, err)
			}
		}
		for name, err := range calls(steward) {
			if err != nil {
				d.Errorf("the steward may not %s: %v", name, err)
			}
		}
		_, err = d.GrantRole(ctx, steward, "tomas-steward", policies.RoleEthics)
		d.is(err, ErrOwnRoles)
		d.is(d.Disable(ctx, steward, "tomas-steward"), ErrOwnRoles)
		_, err = d.CreateTokenFor(ctx, steward, "maria", "spy", 0)
		d.is(err, policies.ErrDenied)
		_, err = d.GrantRole(ctx, Operator(), "nobody-here", policies.RoleEditor)
		d.is(err, ErrUnknown)
		_, err = d.GrantRole(ctx, Operator(), "maria", "admin")
		d.is(err, errRole)
		_, err = d.Add(ctx, Operator(), NewAccount{Name: "MARIA", Password: mariasPassword, Roles: []policies.Role{policies.RoleEditor}})
		d.is(err, ErrTaken)
	})
}
