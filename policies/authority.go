package policies

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"

	"kindred/internal/clock"
	"kindred/internal/fault"
	"kindred/internal/ident"
)

//go:embed model.conf
var modelText string

//go:embed policy.csv
var policyText string

// ErrDenied is what Ask and May answer for what no policy line allows.
var ErrDenied = fault.New(fault.Denied, "fault.denied")

// Authority answers Ask and May from the policy. It is safe for use by many goroutines; its policy does not change
// while it lives.
type Authority struct {
	enforcer *casbin.SyncedEnforcer
	clock    clock.Clock
	known    sync.Map // question -> decision: the policy is fixed, so each kind is asked of Casbin once
}

type question struct {
	role    Role
	purpose Purpose
	object  Object
	act     Act
}

type decision struct {
	allowed bool
	rule    string     // the line that Casbin names
	lines   [][]string // every line that allows it: they may cover different people
}

// New reads the embedded policy.
func New(c clock.Clock) (*Authority, error) { return Parse(policyText, c) }

// Parse reads a policy in the form of policy.csv. It refuses a line that names anything unknown.
func Parse(policy string, c clock.Clock) (*Authority, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("policies: model: %w", err)
	}
	e, err := casbin.NewSyncedEnforcer(m, stringadapter.NewAdapter(policy))
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	a := &Authority{enforcer: e, clock: c}
	lines, err := e.GetPolicy()
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	for _, line := range lines {
		if err := checkLine(line); err != nil {
			return nil, err
		}
	}
	e.AddFunction("covers", func(args ...any) (any, error) {
		p, ok := args[0].(person)
		if !ok {
			return false, fmt.Errorf("policies: covers was given a %T", args[0])
		}
		scopes := expand(strings.Split(args[2].(string), "+"), p.predicate.study)
		return covers(p, Whose(args[1].(string)), scopes), nil
	})
	return a, nil
}

func checkLine(line []string) error {
	bad := func(what, value string) error {
		return fmt.Errorf("policies: line %q names an unknown %s %q", strings.Join(line, ", "), what, value)
	}
	if len(line) != 6 {
		return fmt.Errorf("policies: line %q has %d fields, not 6", strings.Join(line, ", "), len(line))
	}
	role := Role(strings.TrimPrefix(line[0], "role:"))
	switch {
	case !strings.HasPrefix(line[0], "role:") || !role.Valid() && role != roleDemonstration:
		return bad("role", line[0])
	case !slices.Contains(Purposes, Purpose(line[1])):
		return bad("purpose", line[1])
	case !slices.Contains(Objects, Object(line[2])):
		return bad("object", line[2])
	case !slices.Contains(Acts, Act(line[3])):
		return bad("act", line[3])
	case !slices.Contains([]Whose{Represented, Queue, Consented, Everyone, Nobody}, Whose(line[4])):
		return bad("whose", line[4])
	}
	for _, s := range strings.Split(line[5], "+") {
		if s != "-" && s != "study" && !slices.Contains(Scopes, Scope(s)) {
			return bad("scope", s)
		}
	}
	return nil
}

// expand turns the words of a line's scopes into scopes, "study" into those that the study adds.
func expand(words []string, study *Study) []Scope {
	var scopes []Scope
	add := func(s Scope) {
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	for _, w := range words {
		switch {
		case w == "-":
		case w == "study" && study != nil:
			for _, s := range study.Scopes {
				add(s)
			}
		case w == "study":
		default:
			add(Scope(w))
		}
	}
	return scopes
}

// decide asks Casbin the kind question, for the first of the actor's roles that a line allows.
func (a *Authority) decide(actor Actor, purpose Purpose, object Object, act Act) (Role, decision, error) {
	for _, role := range actor.Roles {
		if !role.Valid() && role != roleDemonstration {
			continue
		}
		q := question{role, purpose, object, act}
		if d, ok := a.known.Load(q); ok {
			if d.(decision).allowed {
				return role, d.(decision), nil
			}
			continue
		}
		ok, line, err := a.enforcer.EnforceEx("role:"+string(role), string(purpose), string(object), string(act))
		if err != nil {
			return "", decision{}, fault.New(fault.Internal, "fault.internal").Because(err)
		}
		d := decision{allowed: ok, rule: strings.Join(line, ", ")}
		if ok {
			if d.lines, err = a.matching(q); err != nil {
				return "", decision{}, fault.New(fault.Internal, "fault.internal").Because(err)
			}
		}
		a.known.Store(q, d)
		if ok {
			return role, d, nil
		}
	}
	return "", decision{}, ErrDenied
}

// matching lists the lines that allow a kind of act to a role or to one it inherits from.
func (a *Authority) matching(q question) ([][]string, error) {
	roles, err := a.enforcer.GetImplicitRolesForUser("role:" + string(q.role))
	if err != nil {
		return nil, err
	}
	var lines [][]string
	for _, role := range append(roles, "role:"+string(q.role)) {
		found, err := a.enforcer.GetFilteredPolicy(0, role, string(q.purpose), string(q.object), string(q.act))
		if err != nil {
			return nil, err
		}
		lines = append(lines, found...)
	}
	return lines, nil
}

// Ask mints a Grant, or answers ErrDenied. It is the only way to one.
func Ask[A Action](_ context.Context, a *Authority, r Request) (Grant[A], error) {
	var action A
	role, d, err := a.decide(r.Actor, r.Purpose, r.Object, action.act())
	if err != nil {
		return Grant[A]{}, err
	}
	p := Predicate{account: r.Actor.Account, subject: r.Subject, founding: r.Founding, study: r.Study, asOf: r.AsOf}
	for _, line := range d.lines {
		whose := Whose(line[4])
		if whose == Nobody || whose == Consented && r.Study == nil {
			continue
		}
		p.lines = append(p.lines, coverage{whose, expand(strings.Split(line[5], "+"), r.Study)})
	}
	if len(p.lines) == 0 {
		return Grant[A]{}, ErrDenied
	}
	return Grant[A]{grant: &grant{
		id: ident.New[ident.EntryID](), request: r, role: role, act: action.act(), rule: d.rule,
		predicate: p, expires: a.clock.Now().Add(lifetime(action.act())),
	}}, nil
}

// May answers nil where the actor may do the act for the purpose, for acts that touch no person's rows, else
// ErrDenied.
func (a *Authority) May(_ context.Context, actor Actor, purpose Purpose, object Object, act Act) error {
	_, _, err := a.decide(actor, purpose, object, act)
	return err
}

// Line is one right of the matrix.
type Line struct {
	Role    Role
	Purpose Purpose
	Object  Object
	Act     Act
	Rule    string
}

// Matrix lists every right that any role has, inherited ones included, for the golden file and the committee's page.
func (a *Authority) Matrix() []Line {
	var lines []Line
	for _, role := range append(slices.Clone(Roles), roleDemonstration) {
		for _, purpose := range Purposes {
			for _, object := range Objects {
				for _, act := range Acts {
					if _, d, err := a.decide(Actor{Roles: []Role{role}}, purpose, object, act); err == nil {
						lines = append(lines, Line{role, purpose, object, act, d.rule})
					}
				}
			}
		}
	}
	return lines
}

// PersonAllowed asks Casbin about one person's rows, given the facts. It is for proofs and explanations, never for
// lists: those use the Predicate.
func (a *Authority) PersonAllowed(r Request, act Act, f Facts, studyApproved bool) (bool, error) {
	role, _, err := a.decide(r.Actor, r.Purpose, r.Object, act)
	if errors.Is(err, ErrDenied) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p := person{
		predicate: Predicate{account: r.Actor.Account, subject: r.Subject, founding: r.Founding, study: r.Study, asOf: r.AsOf},
		facts:     f, studyApproved: studyApproved, now: a.clock.Now(),
	}
	rows := casbin.EnforceContext{RType: "r2", PType: "p", EType: "e2", MType: "m2"}
	return a.enforcer.Enforce(rows, "role:"+string(role), string(r.Purpose), string(r.Object), string(act), p)
}
