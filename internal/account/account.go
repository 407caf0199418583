package account

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/policies"
)

// Profile is an account as its owner and a steward see it.
type Profile struct {
	Account   ident.AccountID
	Name      string // as its owner wrote it
	Mail      string // may be empty
	Language  string
	Roles     []policies.Role // in the order of policies.Roles
	Disabled  bool
	CreatedAt time.Time
}

// Operator is the actor of the command line: whoever can run the program on the data folder.
func Operator() policies.Actor { return policies.Actor{Roles: []policies.Role{policies.RoleSteward}} }

// mailMax is the longest address that mail servers take (RFC 5321).
const mailMax = 254

// parseMail accepts a bare address, or none.
func parseMail(s string) (string, *fault.Error) {
	s = norm.NFC.String(strings.TrimSpace(s))
	if s == "" {
		return "", nil
	}
	if len(s) > mailMax || strings.ContainsAny(s, "\r\n<>\"") {
		return "", errMail
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		return "", errMail
	}
	return s, nil
}

// parseLanguage accepts a language that is offered; none is the first.
func parseLanguage(s string) (string, *fault.Error) {
	if s == "" {
		return locale.Languages[0], nil
	}
	if !slices.Contains(locale.Languages, s) {
		return "", errLanguage
	}
	return s, nil
}

// inOrder sorts roles as policies lists them and drops what is not a role.
func inOrder(roles []policies.Role) []policies.Role {
	var sorted []policies.Role
	for _, r := range policies.Roles {
		if slices.Contains(roles, r) {
			sorted = append(sorted, r)
		}
	}
	return sorted
}

// draft is what a new account was asked to be, checked.
type draft struct {
	name     Name
	mail     string
	language string
}

// checkDraft gives every fault of a registration at once.
func checkDraft(name, password, mail, language string) (draft, error) {
	var faults fault.List
	var d draft
	n, err := ParseName(name)
	faults = append(faults, fault.All(err)...)
	d.name = n
	if err := CheckPassword(password, name, mail); err != nil {
		faults = append(faults, fault.All(err)...)
	}
	address, bad := parseMail(mail)
	faults.Add(bad)
	d.mail = address
	language, bad = parseLanguage(language)
	faults.Add(bad)
	d.language = language
	return d, faults.Err()
}
