package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// ErrUnguarded is what the tripwire answers for a statement that would reach personal rows outside a scope. It is a
// programming fault and has no text outside.
var ErrUnguarded = errors.New("db: a statement mentions a personal table outside its scope")

// pool and txPool stand between gorm and the driver. Every statement passes them, in its final form.
type pool struct {
	*sql.DB
	d *DB
}

type txPool struct {
	*sql.Tx
	d *DB
}

func (p *pool) PrepareContext(ctx context.Context, q string) (*sql.Stmt, error) {
	if err := p.d.check(ctx, q); err != nil {
		return nil, err
	}
	return p.DB.PrepareContext(ctx, q)
}

func (p *pool) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	if err := p.d.check(ctx, q); err != nil {
		return nil, err
	}
	return p.DB.ExecContext(ctx, q, args...)
}

func (p *pool) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if err := p.d.check(ctx, q); err != nil {
		return nil, err
	}
	return p.DB.QueryContext(ctx, q, args...)
}

func (p *pool) QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row {
	if err := p.d.check(ctx, q); err != nil {
		return p.DB.QueryRowContext(refused(ctx, err), q)
	}
	return p.DB.QueryRowContext(ctx, q, args...)
}

func (p *txPool) PrepareContext(ctx context.Context, q string) (*sql.Stmt, error) {
	if err := p.d.check(ctx, q); err != nil {
		return nil, err
	}
	return p.Tx.PrepareContext(ctx, q)
}

func (p *txPool) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	if err := p.d.check(ctx, q); err != nil {
		return nil, err
	}
	return p.Tx.ExecContext(ctx, q, args...)
}

func (p *txPool) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if err := p.d.check(ctx, q); err != nil {
		return nil, err
	}
	return p.Tx.QueryContext(ctx, q, args...)
}

func (p *txPool) QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row {
	if err := p.d.check(ctx, q); err != nil {
		return p.Tx.QueryRowContext(refused(ctx, err), q)
	}
	return p.Tx.QueryRowContext(ctx, q, args...)
}

// refused is a context that is over, with the refusal as its cause: *sql.Row cannot carry an error of ours.
func refused(ctx context.Context, err error) context.Context {
	c, cancel := context.WithCancelCause(ctx)
	cancel(err)
	return c
}

// passage is what the scope callback leaves in a statement's context: the table it scoped, and where in the SQL the
// scope and the brackets round the caller's conditions stand.
type passage struct {
	table   string
	subject string
	insert  bool
	scope   []span
	bracket []span
}

type span struct{ from, to int }

type passageKey struct{}

// check reads the final SQL of a statement.
func (d *DB) check(ctx context.Context, q string) error {
	p, _ := ctx.Value(passageKey{}).(*passage)
	if p == nil {
		for t := range words(q) {
			if d.personal[t.word] {
				return fmt.Errorf("%w: %s", ErrUnguarded, t.word)
			}
		}
		return nil
	}
	return d.checkScoped(p, q)
}

// checkScoped refuses what could leave the scope: another personal table, the table once more, a set operation, a
// condition that closes the brackets, a second statement, a comment, a change of the subject.
func (d *DB) checkScoped(p *passage, q string) error {
	refuse := func(why string) error { return fmt.Errorf("%w: %s (%s)", ErrUnguarded, p.table, why) }
	if !p.insert && len(p.scope) == 0 {
		return refuse("the scope was not added")
	}
	for _, b := range p.bracket {
		if b.to > len(q) || !balanced(q[b.from:b.to]) {
			return refuse("a condition leaves its brackets")
		}
	}
	mentions, depth, set := 0, 0, false
	for t := range words(cut(q, p.scope)) {
		switch {
		case t.odd:
			return refuse("a comment, a second statement or an escape")
		case t.word == "(":
			depth++
		case t.word == ")":
			depth--
		case t.word == "union" || t.word == "intersect" || t.word == "except" || t.word == "returning" && !p.insert:
			return refuse(t.word)
		case t.word == "set":
			set = true
		case t.word == "where":
			set = false
		case set && depth == 0 && t.word == p.subject && t.assigned:
			return refuse("the subject would change")
		case t.word == p.table:
			if !t.qualifies {
				mentions++
			}
		case d.personal[t.word]:
			return refuse("also mentions " + t.word)
		}
	}
	if mentions != 1 {
		return refuse(fmt.Sprintf("mentioned %d times", mentions))
	}
	return nil
}

func cut(q string, spans []span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		if s.from < at || s.to > len(q) {
			return q // not where it should be: scan it all, which refuses
		}
		b.WriteString(q[at:s.from])
		at = s.to
	}
	b.WriteString(q[at:])
	return b.String()
}

// register adds the callbacks.
func (d *DB) register() error {
	c := d.gorm.Callback()
	return errors.Join(
		c.Query().Before("gorm:query").Register("kindred:scope", d.scope),
		c.Row().Before("gorm:row").Register("kindred:scope", d.scope),
		c.Update().Before("gorm:update").Register("kindred:scope", d.scopeChange),
		c.Delete().Before("gorm:delete").Register("kindred:scope", d.scopeChange),
		c.Create().Before("gorm:create").Register("kindred:scope", d.scopeInsert),
		c.Raw().Before("gorm:raw").Register("kindred:scope", d.scopeRaw),
		c.Query().After("gorm:query").Register("kindred:count", d.countRows),
		c.Row().After("gorm:row").Register("kindred:count", d.translate),
		c.Update().After("gorm:update").Register("kindred:count", d.countChanged),
		c.Delete().After("gorm:delete").Register("kindred:count", d.countChanged),
		c.Create().After("gorm:create").Register("kindred:count", d.countRows),
		c.Raw().After("gorm:raw").Register("kindred:count", d.translate),
	)
}

func (d *DB) scopeRaw(g *gorm.DB) {
	if guardOf(g) != nil {
		_ = g.AddError(fmt.Errorf("%w: raw SQL on a guarded query", ErrUnguarded))
	}
}
