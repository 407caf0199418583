package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/policies"
)

// The proof that consent cannot be read in two ways: for random policies, people, consents, documents and dates, the
// rows that the compiled predicate selects are those for which Casbin, asked person by person, says yes.

// rounds of a hundred draws: enough that each condition of the predicate, taken away, is missed.
const rounds = 5

func TestPredicateAgreesWithCasbin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		agreement := newAgreement(t, d)
		for range rounds {
			rapid.Check(t, agreement.check)
		}
	})
}

// FuzzPredicateAgreesWithCasbin is the same with inputs that the fuzzer grows. For 10,000 rounds at random:
// go test ./internal/db -run TestPredicateAgreesWithCasbin -rapid.checks 10000
func FuzzPredicateAgreesWithCasbin(f *testing.F) {
	agreement := newAgreement(f, dbtest.SQLite(f, dbtest.Options{}))
	f.Fuzz(rapid.MakeFuzz(agreement.check))
}

type agreement struct{ d *db.DB }

// newAgreement replaces the tables that a predicate reads by bare ones: what other columns they have is not its
// concern.
func newAgreement(tb testing.TB, d *db.DB) *agreement {
	tb.Helper()
	at := "datetime"
	if d.Engine() == db.Postgres {
		at = "timestamptz"
	}
	for _, s := range []string{
		"DROP TABLE IF EXISTS evidence", "DROP TABLE IF EXISTS studies",
		"CREATE TABLE evidence (participant_id text, state text)",
		"CREATE TABLE studies (id text, state text, valid_until " + at + ")",
	} {
		if _, err := d.Queue().Exec(s); err != nil {
			tb.Fatal(err)
		}
	}
	return &agreement{d}
}

var (
	origin   = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	accounts = []ident.AccountID{"account-a", "account-b", "role:participant"}
	people   = []ident.ParticipantID{"p1", "p2", "p3", "p4", "p5"}
	studies  = []ident.StudyID{"s1", "s2"}
)

// actors are the roles that a request may carry; a string that is no role must count for nothing.
var actors = [][]policies.Role{
	{policies.RoleParticipant}, {policies.RoleCaregiver}, {policies.RoleCaregiver, policies.RoleParticipant},
	{policies.RoleResearcher, policies.RoleParticipant}, {"role:caregiver"}, {"role:participant", policies.RoleCaregiver}, nil,
}

func instant(t *rapid.T, label string) time.Time {
	return origin.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, label)) * time.Hour)
}

func maybe(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is set") {
		return instant(t, label)
	}
	return time.Time{}
}

func pick[T any](t *rapid.T, label string, from []T) T { return rapid.SampledFrom(from).Draw(t, label) }

// some draws a few scopes, each once.
func some(t *rapid.T, label string) []policies.Scope {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(policies.Scopes[:2]), 0, 2, rapid.ID[policies.Scope]).Draw(t, label)
}

// policy draws lines about one kind of question, so that most requests meet one or several of them.
func policy(t *rapid.T) string {
	var b strings.Builder
	for range pick(t, "lines", []int{0, 1, 1, 1, 2, 2, 3}) {
		scopes := []string{}
		for _, s := range some(t, "line scopes") {
			scopes = append(scopes, string(s))
		}
		if rapid.Bool().Draw(t, "study scopes") {
			scopes = append(scopes, "study")
		}
		if len(scopes) == 0 {
			scopes = []string{"-"}
		}
		fmt.Fprintf(&b, "p, role:%s, own, participant, %s, %s, %s\n",
			pick(t, "line role", []policies.Role{policies.RoleParticipant, policies.RoleParticipant, policies.RoleCaregiver}),
			pick(t, "line act", []string{"read", "read", "read", "read", "export"}),
			pick(t, "whose", []policies.Whose{policies.Represented, policies.Represented, policies.Queue, policies.Consented, policies.Consented, policies.Consented, policies.Everyone, policies.Nobody}),
			strings.Join(scopes, "+"))
	}
	if rapid.Bool().Draw(t, "inherits") {
		b.WriteString("g, role:caregiver, role:participant\n")
	}
	b.WriteString("p, role:steward, operation, account, read, nobody, -\n")
	return b.String()
}

func request(t *rapid.T) policies.Request {
	r := policies.Request{
		Actor:   policies.Actor{Account: pick(t, "actor", accounts), Roles: pick(t, "roles", actors)},
		Purpose: policies.PurposeOwn, Object: policies.ObjectParticipant,
	}
	if rapid.IntRange(0, 3).Draw(t, "narrow") == 0 {
		r.Subject = pick(t, "subject", people)
	}
	if rapid.IntRange(0, 3).Draw(t, "enrol") == 0 {
		r.Founding = pick(t, "founding", people)
	}
	if rapid.IntRange(0, 3).Draw(t, "with study") > 0 {
		r.Study = &policies.Study{
			ID: pick(t, "study", studies), Scopes: some(t, "study needs"),
			Document: pick(t, "document", []string{"", "", "d1"}), MinVersion: rapid.IntRange(0, 2).Draw(t, "version"),
		}
	}
	if rapid.Bool().Draw(t, "has as-of") {
		r.AsOf = instant(t, "as of")
	}
	return r
}

func facts(t *rapid.T) map[ident.ParticipantID]policies.Facts {
	all := map[ident.ParticipantID]policies.Facts{}
	for _, p := range people {
		f := policies.Facts{Participant: p, AwaitsReview: rapid.Bool().Draw(t, "awaits")}
		for range rapid.IntRange(0, 2).Draw(t, "representations") {
			f.Representations = append(f.Representations, policies.Representation{Account: pick(t, "by", accounts), Start: instant(t, "start"), End: maybe(t, "end")})
		}
		for range rapid.IntRange(0, 4).Draw(t, "consents") {
			c := policies.Consent{Scope: pick(t, "scope", policies.Scopes[:2]), Document: pick(t, "of", []string{"d1", "d2"}), Version: rapid.IntRange(1, 2).Draw(t, "signed"), From: instant(t, "from"), LapsesAt: maybe(t, "lapses")}
			if c.Until = maybe(t, "until"); !c.Until.IsZero() {
				c.Withdrawn = true
			}
			f.Consents = append(f.Consents, c)
		}
		all[p] = f
	}
	return all
}

func (g *agreement) check(t *rapid.T) {
	now := instant(t, "now")
	authority, err := policies.Parse(policy(t), clock.Fixed(now))
	if err != nil {
		t.Fatal(err)
	}
	r, all, approved := request(t), facts(t), map[ident.StudyID]bool{}
	g.store(t, all, approved, now)
	selected := g.selects(t, authority, r, now)
	for _, p := range people {
		ok, err := authority.PersonAllowed(r, policies.ActRead, all[p], r.Study != nil && approved[r.Study.ID])
		if err != nil {
			t.Fatal(err)
		}
		if ok != slices.Contains(selected, p) {
			t.Fatalf("Casbin says %v of %s, the query says %v\nrequest %+v\nfacts %+v\nnow %v", ok, p, selected, r, all[p], now)
		}
	}
}

// store writes the facts, and draws which studies are approved.
func (g *agreement) store(t *rapid.T, all map[ident.ParticipantID]policies.Facts, approved map[ident.StudyID]bool, now time.Time) {
	null := func(at time.Time) any {
		if at.IsZero() {
			return nil
		}
		return at
	}
	n := 0
	id := func() string { n++; return fmt.Sprint(n) }
	tx, err := g.d.Queue().BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	exec := func(q string, args ...any) {
		if _, err := tx.Exec(number(g.d, q), args...); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"representations", "consent_facts", "evidence", "studies"} {
		exec("DELETE FROM " + table)
	}
	for _, p := range people {
		f := all[p]
		for _, r := range f.Representations {
			exec("INSERT INTO representations (id, participant_id, account_id, relation, starts_at, ends_at, created_at) VALUES (?, ?, ?, 'parent', ?, ?, ?)", id(), string(p), string(r.Account), r.Start, null(r.End), origin)
		}
		for _, c := range f.Consents {
			var until any
			if c.Withdrawn {
				until = 2
			}
			exec("INSERT INTO consent_facts VALUES (?, ?, ?, ?, ?, 'sig', 1, ?, ?, ?, ?)", id(), string(p), string(c.Scope), c.Document, c.Version, c.From, until, null(c.Until), null(c.LapsesAt))
		}
		if f.AwaitsReview {
			exec("INSERT INTO evidence VALUES (?, 'submitted')", string(p))
		} else if rapid.Bool().Draw(t, "decided") {
			exec("INSERT INTO evidence VALUES (?, 'accepted')", string(p))
		}
	}
	for _, s := range studies {
		state, until := pick(t, "study state", []string{"approved", "approved", "submitted"}), maybe(t, "valid until")
		approved[s] = state == "approved" && (until.IsZero() || until.After(now))
		exec("INSERT INTO studies VALUES (?, ?, ?)", string(s), state, null(until))
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// selects asks the database for everybody whom a Grant reaches.
func (g *agreement) selects(t *rapid.T, a *policies.Authority, r policies.Request, now time.Time) []ident.ParticipantID {
	grant, err := policies.Ask[policies.Read](context.Background(), a, r)
	if err != nil {
		return nil // denied: nobody
	}
	use, err := grant.Use(now)
	if err != nil {
		t.Fatal(err)
	}
	condition, args := use.Predicate.SQL("v.id", now)
	values := "SELECT 'p1' AS id UNION ALL SELECT 'p2' UNION ALL SELECT 'p3' UNION ALL SELECT 'p4' UNION ALL SELECT 'p5'"
	rows, err := g.d.Queue().Query(number(g.d, "SELECT v.id FROM ("+values+") v WHERE "+condition), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	return collect(t, rows)
}

func collect(t *rapid.T, rows *sql.Rows) []ident.ParticipantID {
	var found []ident.ParticipantID
	for rows.Next() {
		var p ident.ParticipantID
		if err := rows.Scan(&p); err != nil {
			t.Fatal(err)
		}
		found = append(found, p)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// number turns ? into $1, $2 for PostgreSQL.
func number(d *db.DB, q string) string {
	if d.Engine() == db.SQLite {
		return q
	}
	parts := strings.Split(q, "?")
	var b strings.Builder
	for i, p := range parts {
		b.WriteString(p)
		if i+1 < len(parts) {
			fmt.Fprintf(&b, "$%d", i+1)
		}
	}
	return b.String()
}
