package fhirpath

import (
	"context"
	"sync"
	"time"
)

// Budget bounds one evaluation. A zero field takes its default.
type Budget struct {
	Steps int           // items looked at, compared or made; default 2 million
	Bytes int           // text and items made, in bytes; default 64 MiB
	Time  time.Duration // default 5 s
}

func (b Budget) filled() Budget {
	if b.Steps <= 0 {
		b.Steps = 2_000_000
	}
	if b.Bytes <= 0 {
		b.Bytes = 64 << 20
	}
	if b.Time <= 0 {
		b.Time = 5 * time.Second
	}
	return b
}

// Env is what an evaluation may see beside its root. The zero Env is legal: then there is no clock and no variable
// but those the specification defines.
type Env struct {
	Resource     Node                  // %resource; by default the resource that holds the root
	RootResource Node                  // %rootResource; by default the resource that holds %resource
	Context      Node                  // %context; by default the root
	Vars         map[string]Collection // %name, without the %
	Lookup       func(name string) (Collection, bool, error)
	Now          time.Time // now(), today(), timeOfDay(), to the offset of its location
	Terminology  Terminology
	Resolve      func(reference string) (Node, bool) // what contained resources and bundles cannot answer
	Trace        func(name string, items Collection)
	Budget       Budget
}

// Terminology answers for value sets and code systems.
type Terminology interface {
	// MemberOf tells whether a code is in the value set; known is false where the set itself is unknown.
	MemberOf(valueSet, system, code string) (member, known bool)
	// Subsumes tells whether a subsumes b in their code system.
	Subsumes(system, a, b string) (subsumes, known bool)
	// Weight is the itemWeight or ordinalValue of a code, as a decimal.
	Weight(system, code string) (decimal string, known bool)
}

// run is one evaluation.
type run struct {
	ctx    context.Context
	stop   context.CancelFunc
	env    *Env
	expr   *Expr
	root   []Value
	rootN  [1]Value
	vars   *binding
	steps  int
	bytes  int
	timed  bool
	chunk  []Value
	budget Budget
	copied Env
	outer  scope
	used   int
	first  [12]Value // room for the first items, kept from one evaluation to the next
}

var runs = sync.Pool{New: func() any { return new(run) }}

// binding is a variable defined within the expression.
type binding struct {
	name  string
	value []Value
	up    *binding
}

// scope is what $this, $index and $total mean where an operation stands.
type scope struct {
	this  []Value
	index int
	total []Value
	in    bool // within an aggregate: $total is defined
}

// op is a compiled operation.
type op interface {
	eval(r *run, s *scope) ([]Value, error)
}

// step is what may stand after a dot: it works on an input collection.
type step interface {
	apply(r *run, s *scope, in []Value) ([]Value, error)
}

const clockAfter = 1 << 14 // steps before an evaluation is worth a timer

// step counts n units of work.
func (r *run) step(n int) error {
	r.steps += n
	if r.steps&0x3ff < n {
		return r.pause()
	}
	return nil
}

func (r *run) pause() error {
	if r.steps > r.budget.Steps {
		return failf(Exhausted, 0, "the evaluation took more than %d steps", r.budget.Steps)
	}
	if !r.timed && r.steps >= clockAfter {
		r.timed = true
		r.ctx, r.stop = context.WithTimeout(r.ctx, r.budget.Time)
	}
	if err := r.ctx.Err(); err != nil {
		return failf(Exhausted, 0, "the evaluation was stopped: %s", err)
	}
	return nil
}

// grow counts room for n items.
func (r *run) grow(n int) error { return r.room(48 * n) }

func (r *run) room(bytes int) error {
	if r.bytes += bytes; r.bytes > r.budget.Bytes {
		return failf(Exhausted, 0, "the evaluation needed more than %d bytes", r.budget.Bytes)
	}
	return nil
}

// one makes a collection of a single item.
func (r *run) one(v Value) []Value {
	if r.used < len(r.first) {
		r.used++
		r.first[r.used-1] = v
		return r.first[r.used-1 : r.used : r.used]
	}
	if len(r.chunk) == 0 {
		r.chunk = make([]Value, 32)
	}
	out := r.chunk[:1:1]
	r.chunk = r.chunk[1:]
	out[0] = v
	return out
}

func (r *run) bool(b bool) []Value { return r.one(Boolean(b)) }

func (r *run) truth(t truth) []Value {
	if t == unknown {
		return nil
	}
	return r.bool(t == yes)
}

func (r *run) text(s string) ([]Value, error) {
	if err := r.room(len(s)); err != nil {
		return nil, err
	}
	return r.one(String(s)), nil
}

// within evaluates an operation so that variables it defines are gone afterwards.
func (r *run) within(o op, s *scope) ([]Value, error) {
	vars := r.vars
	out, err := o.eval(r, s)
	r.vars = vars
	return out, err
}

// Eval evaluates the expression with root as its input. The same Expr may be evaluated by many at once.
func (e *Expr) Eval(ctx context.Context, root Node, env Env) (Collection, error) {
	if root.n == nil {
		return e.EvalOn(ctx, nil, env)
	}
	r := e.run(ctx, &env)
	r.rootN[0] = nodeValue(root.n)
	r.root = r.rootN[:]
	return r.start()
}

// EvalOn evaluates the expression with any collection as its input.
func (e *Expr) EvalOn(ctx context.Context, input Collection, env Env) (Collection, error) {
	r := e.run(ctx, &env)
	r.root = input
	return r.start()
}

func (e *Expr) run(ctx context.Context, env *Env) *run {
	r := runs.Get().(*run)
	r.ctx, r.expr, r.copied, r.budget = ctx, e, *env, env.Budget.filled()
	r.env = &r.copied
	return r
}

// start evaluates and gives the run back. The result is copied, because its room may be that of the next evaluation.
func (r *run) start() (Collection, error) {
	defer r.free()
	if err := r.ctx.Err(); err != nil {
		return nil, failf(Exhausted, 0, "the evaluation was stopped: %s", err)
	}
	r.outer.this = r.root
	out, err := r.expr.op.eval(r, &r.outer)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return append(make(Collection, 0, len(out)), out...), nil
}

func (r *run) free() {
	if r.stop != nil {
		r.stop()
	}
	clear(r.first[:r.used])
	r.ctx, r.stop, r.expr, r.root, r.vars, r.chunk, r.rootN[0] = nil, nil, nil, nil, nil, nil, Value{}
	r.used, r.steps, r.bytes, r.timed = 0, 0, 0, false
	r.copied, r.outer = Env{}, scope{}
	runs.Put(r)
}

// single is the one item of a collection; ok is false for none, and many are an error.
func single(pos int, what string, in []Value) (v Value, ok bool, err error) {
	switch len(in) {
	case 0:
		return Value{}, false, nil
	case 1:
		return in[0].unboxed(), true, nil
	}
	return Value{}, false, failf(Execution, pos, "%s takes one item, not %d", what, len(in))
}

// condition evaluates a collection as a Boolean: a single item that is not a Boolean counts as true.
func condition(pos int, what string, in []Value) (truth, error) {
	v, ok, err := single(pos, what, in)
	if !ok || err != nil {
		return unknown, err
	}
	if v.kind == KindBoolean {
		return truthOf(v.num != 0), nil
	}
	return yes, nil
}
