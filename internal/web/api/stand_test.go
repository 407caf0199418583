package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindred/internal/account"
	"kindred/internal/audit"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/web"
	"kindred/internal/web/api"
	"kindred/internal/web/api/once"
	"kindred/internal/web/page"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/policies"
)

const password = "a long walk with four oranges"

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// stand is the whole API over real services on one engine, with a token for each of the people.
type stand struct {
	*testing.T
	api    *api.API
	engine *web.Engine
	server *httptest.Server
	log    *bytes.Buffer
	clock  *dbtest.Moving
	tokens map[string]string
	services
}

// people are who plays; nobody has no role, nothing is signed in.
var people = []struct {
	name string
	role policies.Role
}{
	{"maria", policies.RoleCaregiver}, {"lucia", policies.RoleParticipant}, {"tomas", policies.RoleReviewer}, {"okoye", policies.RoleResearcher},
	{"ingrid", policies.RoleEthics}, {"aisha", policies.RoleEditor}, {"agnes", policies.RoleSteward}, {"milo", policies.RoleModerator},
}

func each(t *testing.T, f func(s *stand)) {
	clock := dbtest.NewMoving(noon)
	dbtest.EachWith(t, dbtest.Options{Clock: clock.Clock()}, func(t *testing.T, d *db.DB) {
		clock.Set(noon)
		f(open(t, d, clock))
	})
}

func open(t *testing.T, d *db.DB, clock *dbtest.Moving) *stand {
	t.Helper()
	s := &stand{T: t, log: &bytes.Buffer{}, clock: clock, tokens: map[string]string{}}
	authority := dbtest.AuthorityAt(t, clock.Clock())
	accounts, err := account.New(account.Config{DB: d, Vault: dbtest.Vault(t), Authority: authority, Hashing: account.Hashing{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
	s.must(err)
	v, err := view.New(view.House{Operator: "The Registry of Maria and Lucía", Contact: "help@registry.example"})
	s.must(err)
	given := api.Services{
		Authority: authority, Accounts: accounts, Audit: audit.New(d, authority, dbtest.Vault(t)), Once: once.New(d, dbtest.Vault(t)), Clock: clock.Clock(),
	}
	s.more(d, authority, &given)
	s.api = api.New(given)
	keeper := session.NewKeeper(accounts, false)
	pages := page.New(page.Services{View: v, Sessions: keeper, Authority: authority, Accounts: accounts, Clock: clock.Clock(), Demo: true})
	s.engine, err = web.New(web.Config{
		Pages: pages, Sessions: keeper, Authority: authority, API: s.api.Routes(), Ready: d.Ready, Demo: true, Log: slog.New(slog.NewJSONHandler(s.log, nil)),
	})
	s.must(err)
	s.server = httptest.NewServer(s.engine)
	t.Cleanup(s.server.Close)
	for _, p := range people {
		_, err := accounts.Add(t.Context(), account.Operator(), account.NewAccount{Name: p.name, Password: password, Roles: []policies.Role{p.role}})
		s.must(err)
		made, err := accounts.CreateTokenFor(t.Context(), account.Operator(), p.name, "test", 0)
		s.must(err)
		s.tokens[p.name] = made.Secret
	}
	return s
}

func (s *stand) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// reply is what came back.
type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// as sends a request with somebody's token; "" is nobody. A string or []byte body goes as it is, anything else as JSON.
func (s *stand) as(who, method, path string, body any, headers ...string) reply {
	s.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	case []byte:
		raw = b
	default:
		var err error
		raw, err = json.Marshal(b)
		s.must(err)
	}
	r, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+path, bytes.NewReader(raw))
	s.must(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+s.tokens[who])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	s.must(err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	s.must(err)
	return reply{s.T, method + " " + path + " as " + who, response.StatusCode, response.Header, got}
}

// is fails unless the status is the one given and, where a key is given, a fault of that key is told.
func (r reply) is(status int, key ...string) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: %d, want %d: %.1500s", r.what, r.status, status, r.body)
	}
	for _, k := range key {
		if !strings.Contains(string(r.body), `"`+k+`"`) {
			r.t.Fatalf("%s: no %s in %.1500s", r.what, k, r.body)
		}
	}
	return r
}

// get reads a value of the answer: "items.0.id".
func (r reply) get(path string) any {
	r.t.Helper()
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%s: %v in %.300s", r.what, err, r.body)
	}
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i := int(step[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) text(path string) string {
	r.t.Helper()
	t, ok := r.get(path).(string)
	if !ok || t == "" {
		r.t.Fatalf("%s: no %s in %.1500s", r.what, path, r.body)
	}
	return t
}
