package main

import (
	"encoding/json"
	"strings"
	"testing"

	"kindred/internal/account"
	"kindred/internal/app"
	"kindred/internal/audit"
)

// TestAProofIsCheckedElsewhere takes one entry from a registry and checks it where there is none.
func TestAProofIsCheckedElsewhere(t *testing.T) {
	p := newProgram(t)
	p.want(yes, "user", "add", "ingrid", "--role", "ethics")
	key := p.write(p.want(yes, "audit", "key"))
	_, data, _ := strings.Cut(p.environ[0], "=")
	a, err := app.Open(t.Context(), app.Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	file, err := proofOf(t, a)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := newProgram(t)
	out := elsewhere.want(yes, "audit", "verify", "--proof", elsewhere.write(file), "--key", key)
	if !strings.Contains(out, "account.added") || !strings.Contains(out, "stands in the log") {
		t.Error(out)
	}
	elsewhere.want(no, "audit", "verify", "--proof", elsewhere.write(strings.Replace(file, `"seq":2,`, `"seq":1,`, 1)), "--key", key)
	elsewhere.want(no, "audit", "verify", "--proof", elsewhere.write(file), "--key", elsewhere.write(otherKey))
	elsewhere.want(unusable, "audit", "verify", "--proof", elsewhere.write("{}"), "--key", key)
	elsewhere.want(unusable, "audit", "verify", "--proof", elsewhere.write(file), "--key", elsewhere.write("no key"))
	elsewhere.want(unusable, "audit", "verify", "--proof", "/nowhere", "--key", key)
	elsewhere.want(unusable, "audit", "verify", "--proof", elsewhere.write(file))
}

// otherKey is a key that signed nothing here.
const otherKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" // of golang.org/x/mod/sumdb/note's documentation

// proofOf gives the oldest entry with its proof, as the committee gets it.
func proofOf(t *testing.T, a *app.App) (string, error) {
	t.Helper()
	people, err := a.Accounts.Accounts(t.Context(), account.Operator(), "", 1)
	if err != nil {
		return "", err
	}
	ingrid, err := a.Accounts.Actor(t.Context(), people[0].Account, "")
	if err != nil {
		return "", err
	}
	log, err := a.Audit.List(t.Context(), ingrid, audit.Filter{Event: "account.added"})
	if err != nil || len(log.Entries) != 1 {
		return "", err
	}
	proof, err := a.Audit.Prove(t.Context(), ingrid, log.Entries[0].ID)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(proof)
	return string(raw), err
}
