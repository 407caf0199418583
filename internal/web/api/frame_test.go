package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/web/api/once"
	"kindred/internal/web/route"
	"kindred/policies"
)

// OpenAPI and the route table name the same operations.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	each(t, func(s *stand) {
		r := s.as("", "GET", "/api/openapi.json", nil).is(200)
		var doc struct {
			Paths map[string]map[string]struct {
				Right    string                `json:"x-kindred-right"`
				Security []map[string][]string `json:"security"`
			}
		}
		s.must(json.Unmarshal(r.body, &doc))
		described := map[string]string{}
		for path, methods := range doc.Paths {
			for method, op := range methods {
				described[strings.ToUpper(method)+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = op.Right
				if (op.Right == "anyone") != (len(op.Security) == 0) {
					s.Errorf("%s %s: right %q, security %v", method, path, op.Right, op.Security)
				}
			}
		}
		served := 0
		for _, r := range s.engine.Routes() {
			if !strings.HasPrefix(r.Path, "/api/v1/") {
				continue
			}
			served++
			if right, ok := described[r.Method+" "+r.Path]; !ok || right != r.Right.String() {
				s.Errorf("%s %s needs %q; OpenAPI says %q", r.Method, r.Path, r.Right, right)
			}
		}
		if served != len(described) || served == 0 {
			s.Errorf("%d operations are served, %d described", served, len(described))
		}
	})
}

// Every operation has a right, and lets nobody else through: the matrix of roles and routes.
func TestRolesAndRoutes(t *testing.T) {
	each(t, func(s *stand) {
		for _, r := range s.api.Routes() {
			if !r.Right.Defined() {
				s.Errorf("%s %s has no right", r.Method, r.Path)
			}
			path := strings.NewReplacer(":participant", missing, ":name", "nobody-here", ":role", "editor").Replace(r.Path)
			for at := strings.Index(path, ":"); at >= 0; at = strings.Index(path, ":") {
				end := strings.IndexByte(path[at:], '/')
				if end < 0 {
					end = len(path) - at
				}
				path = path[:at] + missing + path[at+end:]
			}
			if r.Right != route.Anyone {
				s.as("", r.Method, path, nil).is(401)
			}
			for _, p := range people {
				actor := policies.Actor{Account: "a", Roles: []policies.Role{p.role}}
				allowed := r.Right.Check(s.Context(), s.authority(), actor) == nil
				got := s.as(p.name, r.Method, path, body(r.Method))
				if !allowed && got.status != 403 {
					s.Errorf("%s: %d without the right %q", got.what, got.status, r.Right)
				}
				if allowed && (got.status == 403 || got.status == 401 || got.status >= 500) {
					s.Errorf("%s: %d with the right %q: %s", got.what, got.status, r.Right, got.body)
				}
			}
		}
	})
}

const missing = "01890000-0000-7000-8000-000000000000"

func body(method string) any {
	if method == "POST" || method == "PUT" || method == "PATCH" {
		return "{}"
	}
	return nil
}

func (s *stand) authority() *policies.Authority { return s.api.Authority }

func TestBrokenJSON(t *testing.T) {
	each(t, func(s *stand) {
		post := func(body string) reply { return s.as("", "POST", "/api/v1/accounts/register", body) }
		r := post(`{"name": "maria", }`).is(422, "jsonscan.syntax")
		if r.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(r.text("detail"), "18") {
			s.Fatalf("%v %s", r.header, r.body)
		}
		post(strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100)).is(413, "jsonscan.depth")
		post("["+strings.Repeat("1,", 20_000)+"1]").is(413, "jsonscan.width")
		post(`{"name":"maria","password":"` + strings.Repeat("a", 300<<10) + `"}`).is(413)
		post(`{"name":"maria","name":"lucia","password":"x"}`).is(422, "jsonscan.keys")
		post(`{"name":"maria","Name":"lucia","password":"x"}`).is(422, "jsonscan.keys")
		post(`{"name":"maria","password":"x","role":"steward"}`).is(422, "api.value.unknown", "role")
		post(`{"Name":"maria","password":"x"}`).is(422, "api.value.unknown")
		post(`{"name":7,"password":"x"}`).is(422, "api.value.text", "name")
		post(`{"name":"lu"}`).is(422, "api.value.required", "password")
		post(`[]`).is(422, "api.value.object")
		post("").is(422)
		post("{}{}").is(422, "jsonscan.end")
		s.as("", "POST", "/api/v1/accounts/register", "name=maria", "Content-Type", "application/x-www-form-urlencoded").is(422, "api.media")
		r = post(`{"name":"steward","password":"short","language":"xx"}`).is(422, "account.name.reserved", "account.password.short", "account.language")
		if r.text("errors.1.location") != "password" || r.text("errors.1.code") != "account.password.short" {
			s.Fatal(string(r.body))
		}
		es := s.as("", "POST", "/api/v1/accounts/register", `{"name":7,"password":"x"}`, "Accept-Language", "es-MX").is(422)
		if es.header.Get("Content-Language") != "es" || es.text("detail") != "Aquí va un texto." {
			s.Fatal(string(es.body))
		}
		s.as("agnes", "GET", "/api/v1/accounts?limit=0", nil).is(422, "api.value.least", "limit")
		s.as("agnes", "GET", "/api/v1/accounts?limit=many", nil).is(422)
		s.as("agnes", "GET", "/api/v1/accounts?colour=red", nil).is(422)
	})
}

func TestAccountsByProgram(t *testing.T) {
	each(t, func(s *stand) {
		who := map[string]string{"name": "beatriz", "password": password, "language": "es"}
		s.as("", "POST", "/api/v1/accounts/register", who).is(202)
		s.as("", "POST", "/api/v1/accounts/register", who).is(202)
		s.as("", "POST", "/api/v1/tokens", map[string]string{"name": "beatriz", "password": "not the password at all"}).is(401, "account.credentials")
		s.as("", "POST", "/api/v1/tokens", `{}`).is(401, "account.credentials")
		r := s.as("", "POST", "/api/v1/tokens", map[string]any{"name": "beatriz", "password": password, "label": "notebook", "ttl_seconds": 600}).is(201)
		s.tokens["beatriz"] = r.text("secret")
		me := s.as("beatriz", "GET", "/api/v1/me", nil).is(200)
		if me.text("name") != "beatriz" || me.text("language") != "es" || me.text("roles.0") != "participant" {
			s.Fatal(string(me.body))
		}
		s.as("beatriz", "PATCH", "/api/v1/me", map[string]string{"mail": "beatriz@example.org"}).is(200)
		s.as("beatriz", "PATCH", "/api/v1/me", map[string]any{"roles": []string{"steward"}}).is(422, "api.value.unknown")
		second := s.as("beatriz", "POST", "/api/v1/tokens", `{"label":"second"}`).is(201)
		if n := len(s.as("beatriz", "GET", "/api/v1/tokens", nil).is(200).get("items").([]any)); n != 2 {
			s.Fatal(n)
		}
		page := s.as("beatriz", "GET", "/api/v1/tokens?limit=1", nil).is(200)
		next := s.as("beatriz", "GET", "/api/v1/tokens?limit=1&cursor="+page.text("next"), nil).is(200)
		if next.get("next") != nil || next.text("items.0.id") == page.text("items.0.id") {
			s.Fatal(string(next.body))
		}
		s.as("maria", "DELETE", "/api/v1/tokens/"+second.text("id"), nil).is(404)
		s.as("beatriz", "DELETE", "/api/v1/tokens/"+second.text("id"), nil).is(204)
		s.as("beatriz", "DELETE", "/api/v1/tokens/x", nil).is(404)

		s.as("agnes", "POST", "/api/v1/accounts", map[string]any{"name": "carlos", "password": password, "roles": []string{"reviewer"}}).is(201)
		s.as("agnes", "POST", "/api/v1/accounts", map[string]any{"name": "carlos", "password": password, "roles": []string{"reviewer"}}).is(409, "account.name.taken")
		s.as("agnes", "PUT", "/api/v1/accounts/beatriz/roles/researcher", nil).is(200)
		s.as("agnes", "PUT", "/api/v1/accounts/beatriz/roles/emperor", nil).is(422, "account.role")
		s.as("agnes", "PUT", "/api/v1/accounts/nobody-here/roles/researcher", nil).is(404)
		s.as("agnes", "PUT", "/api/v1/accounts/agnes/roles/researcher", nil).is(403, "account.own_roles")
		if !strings.Contains(string(s.as("beatriz", "GET", "/api/v1/me", nil).is(200).body), "researcher") {
			s.Fatal("a role counts from the next request")
		}
		s.as("agnes", "DELETE", "/api/v1/accounts/beatriz/roles/researcher", nil).is(200)
		s.as("agnes", "POST", "/api/v1/accounts/beatriz/disable", nil).is(204)
		s.as("beatriz", "GET", "/api/v1/me", nil).is(401)
		s.as("agnes", "POST", "/api/v1/accounts/beatriz/enable", nil).is(204)
		s.as("beatriz", "GET", "/api/v1/me", nil).is(200)
		if strings.Contains(s.log.String(), "beatriz") || strings.Contains(s.log.String(), "kdr_") {
			s.Fatal("the log names somebody")
		}
	})
}

// A creation takes effect once, whoever retries it and however often.
func TestIdempotency(t *testing.T) {
	each(t, func(s *stand) {
		add := func(name, key string) reply {
			return s.as("agnes", "POST", "/api/v1/accounts", map[string]any{"name": name, "password": password, "roles": []string{"reviewer"}}, "Idempotency-Key", key)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var ids []string
		for range 6 {
			wg.Go(func() {
				r := add("carlos", "k1")
				mu.Lock()
				defer mu.Unlock()
				if r.status != 201 {
					s.Errorf("%d %s", r.status, r.body)
				}
				ids = append(ids, string(r.body))
			})
		}
		wg.Wait()
		if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
			s.Fatalf("%q", ids)
		}
		if r := add("carlos", "k1").is(201); r.header.Get("Idempotency-Replayed") != "true" || r.header.Get("Content-Type") != "application/json" {
			s.Fatal(r.header)
		}
		add("daniela", "k1").is(409, "api.idempotency.other")
		add("carlos", "k2").is(409, "account.name.taken")
		add("daniela", "k2").is(201) // what was refused leaves the key free
		add("elena", "a key").is(422, "api.idempotency.key")
		s.clock.Add(once.Kept + time.Second)
		add("carlos", "k1").is(409, "account.name.taken")
	})
}

// A session's cookie opens the same door, from this site only.
func TestASessionIsAsGoodAsAToken(t *testing.T) {
	each(t, func(s *stand) {
		c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r, err := c.PostForm(s.server.URL+"/sign-in", url.Values{"name": {"maria"}, "password": {password}})
		s.must(err)
		s.must(r.Body.Close())
		cookie := ""
		for _, k := range r.Cookies() {
			if k.Name == "kindred" {
				cookie = k.Name + "=" + k.Value
			}
		}
		s.as("", "GET", "/api/v1/me", nil, "Cookie", cookie).is(200)
		s.as("", "GET", "/api/v1/me", nil).is(401)
		post, err := http.NewRequest("POST", s.server.URL+"/api/v1/tokens", strings.NewReader("{}"))
		s.must(err)
		post.Header.Set("Content-Type", "application/json")
		post.Header.Set("Sec-Fetch-Site", "cross-site")
		post.Header.Set("Cookie", cookie)
		r, err = c.Do(post)
		s.must(err)
		s.must(r.Body.Close())
		if r.StatusCode != 403 {
			s.Fatal("another site made a token:", r.StatusCode)
		}
	})
}

func TestTheLogByProgram(t *testing.T) {
	each(t, func(s *stand) {
		s.as("ingrid", "GET", "/api/v1/audit?event=account.added", nil).is(200)
		page := s.as("agnes", "GET", "/api/v1/audit?limit=2", nil).is(200)
		s.as("agnes", "GET", "/api/v1/audit?limit=2&cursor="+page.text("next"), nil).is(200)
		s.as("agnes", "GET", "/api/v1/audit?cursor=nonsense", nil).is(422)
		s.as("agnes", "GET", "/api/v1/audit?from=yesterday", nil).is(422)
		s.as("agnes", "GET", "/api/v1/audit?outcome=perhaps", nil).is(422)
		s.as("maria", "GET", "/api/v1/participants/"+missing+"/audit", nil).is(404)
		s.as("ingrid", "GET", "/api/v1/audit/checkpoint", nil).is(200).text("note")
		s.as("ingrid", "GET", "/api/v1/audit/"+page.text("items.0.id")+"/proof", nil)
		s.as("ingrid", "GET", "/api/v1/audit/"+missing+"/proof", nil).is(404)
	})
}
