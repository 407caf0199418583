package db

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/fault"
	"kindred/policies"
)

// Personal is a row about a person. SubjectColumn names the column that holds the participant's id, which must be
// create-only (gorm tag "<-:create").
type Personal interface {
	TableName() string
	SubjectColumn() string
}

// Impersonal is a row about nobody. A row that is Personal cannot be one: the two are given to different doors.
type Impersonal interface {
	TableName() string
	NotPersonal()
}

// The errors of the engines, translated.
var (
	ErrNotFound  = fault.New(fault.Missing, "fault.missing")
	ErrDuplicate = fault.New(fault.Conflict, "fault.conflict")
	ErrStale     = fault.New(fault.Stale, "fault.stale")
	ErrBusy      = fault.New(fault.Unready, "fault.unready")
)

// InsertBatch is how many rows one insert holds. SQLite's driver looks each parameter up among all of them, so a large
// batch costs its square.
const InsertBatch = 40

const guardKey = "kindred:guard"

type guard struct {
	tx      *Tx
	use     *use
	table   string
	subject string
}

// Read gives a query over the rows that the Grant reaches.
func Read[R Personal](tx *Tx, g policies.Grant[policies.Read]) *gorm.DB { return guarded[R](tx, g) }

// Change gives a query that may also insert, update and delete. A row inserted must be about somebody whom the Grant
// reaches.
func Change[R Personal](tx *Tx, g policies.Grant[policies.Write]) *gorm.DB { return guarded[R](tx, g) }

// Extract gives a query over the rows that may leave.
func Extract[R Personal](tx *Tx, g policies.Grant[policies.Export]) *gorm.DB {
	return guarded[R](tx, g)
}

// Inspect gives a query for those who watch over the registry.
func Inspect[R Personal](tx *Tx, g policies.Grant[policies.Audit]) *gorm.DB { return guarded[R](tx, g) }

// Public gives a query over rows about nobody.
func Public[R Impersonal](tx *Tx) *gorm.DB {
	var row R
	return tx.session().Model(&row)
}

func guarded[R Personal](tx *Tx, g granted) *gorm.DB {
	var row R
	s := tx.session()
	u, err := tx.use(g)
	if err != nil {
		_ = s.AddError(err)
		return s
	}
	return s.Set(guardKey, &guard{tx, u, row.TableName(), row.SubjectColumn()}).Model(&row)
}

func guardOf(g *gorm.DB) *guard {
	if v, ok := g.Get(guardKey); ok {
		return v.(*guard)
	}
	return nil
}

// scope adds the predicate to a select, an update or a delete, and brackets round what the caller asked.
func (d *DB) scope(g *gorm.DB) {
	gd := guardOf(g)
	if gd == nil || g.Error != nil {
		return
	}
	s := g.Statement
	if err := gd.fits(s); err != nil {
		_ = g.AddError(err)
		return
	}
	p := &passage{table: gd.table, subject: gd.subject}
	s.Context = context.WithValue(s.Context, passageKey{}, p)
	where := clause.Where{Exprs: []clause.Expression{scoped{gd, s}}}
	if old, ok := s.Clauses["WHERE"].Expression.(clause.Where); ok && len(old.Exprs) > 0 {
		where.Exprs = append(where.Exprs, bracketed{old, s})
	}
	s.Clauses["WHERE"] = clause.Clause{Name: "WHERE", Expression: where}
}

// scopeChange is scope for updates and deletes. It keeps gorm's refusal of a change without a condition, which the
// predicate would hide, and refuses Save, which writes every column of every row it finds.
func (d *DB) scopeChange(g *gorm.DB) {
	if gd := guardOf(g); gd != nil && g.Error == nil {
		where, _ := g.Statement.Clauses["WHERE"].Expression.(clause.Where)
		switch {
		case slices.Contains(g.Statement.Selects, "*"):
			_ = g.AddError(fmt.Errorf("%w: Save is update-or-insert", ErrUnguarded))
		case len(where.Exprs) == 0:
			_ = g.AddError(gorm.ErrMissingWhereClause)
		}
	}
	d.scope(g)
}

// fits refuses a statement that is not a plain one over the guard's own table.
func (gd *guard) fits(s *gorm.Statement) error {
	switch {
	case s.SQL.Len() > 0:
		return fmt.Errorf("%w: raw SQL on a guarded query", ErrUnguarded)
	case s.Table != gd.table || s.TableExpr != nil:
		return fmt.Errorf("%w: the query was turned from %s to %s", ErrUnguarded, gd.table, s.Table)
	case s.Schema == nil:
		return fmt.Errorf("%w: %s has no schema", ErrUnguarded, gd.table)
	case len(s.Schema.Relationships.Relations) > 0 || len(s.Preloads) > 0:
		return fmt.Errorf("%w: %s has associations", ErrUnguarded, gd.table)
	}
	if f := s.Schema.LookUpField(gd.subject); f == nil || f.Updatable {
		return fmt.Errorf("%w: %s.%s must be create-only", ErrUnguarded, gd.table, gd.subject)
	}
	return nil
}

// scoped writes the predicate and remembers where it stands.
type scoped struct {
	gd *guard
	s  *gorm.Statement
}

func (e scoped) Build(b clause.Builder) {
	s, ok := b.(*gorm.Statement)
	if !ok {
		_ = b.AddError(fmt.Errorf("%w: built elsewhere", ErrUnguarded))
		return
	}
	p, _ := s.Context.Value(passageKey{}).(*passage)
	if p == nil {
		_ = b.AddError(fmt.Errorf("%w: built elsewhere", ErrUnguarded))
		return
	}
	from := s.SQL.Len()
	sql, args := e.gd.use.Predicate.SQL(s.Quote(e.gd.table+"."+e.gd.subject), e.gd.tx.now)
	clause.Expr{SQL: "(" + sql + ")", Vars: args}.Build(b)
	p.scope = append(p.scope, span{from, s.SQL.Len()})
}

// bracketed writes the caller's conditions in brackets and remembers where they stand.
type bracketed struct {
	where clause.Where
	s     *gorm.Statement
}

func (e bracketed) Build(b clause.Builder) {
	_ = b.WriteByte('(')
	s, _ := b.(*gorm.Statement)
	from := 0
	if s != nil {
		from = s.SQL.Len()
	}
	e.where.Build(b)
	if s != nil {
		if p, _ := s.Context.Value(passageKey{}).(*passage); p != nil {
			p.bracket = append(p.bracket, span{from, s.SQL.Len()})
		}
	}
	_ = b.WriteByte(')')
}

// scopeInsert checks that every row about to be inserted is about somebody whom the Grant reaches.
func (d *DB) scopeInsert(g *gorm.DB) {
	gd := guardOf(g)
	if gd == nil || g.Error != nil {
		return
	}
	s := g.Statement
	if err := gd.fits(s); err != nil {
		_ = g.AddError(err)
		return
	}
	if gd.use.Act != policies.ActWrite {
		_ = g.AddError(fmt.Errorf("%w: an insert needs a Grant to write", ErrUnguarded))
		return
	}
	if c, ok := s.Clauses["ON CONFLICT"].Expression.(clause.OnConflict); ok && !c.DoNothing {
		_ = g.AddError(fmt.Errorf("%w: an upsert could change another person's row", ErrUnguarded))
		return
	}
	subjects := subjectsOf(s, gd.subject)
	if len(subjects) == 0 {
		_ = g.AddError(fmt.Errorf("%w: rows without a subject", ErrUnguarded))
		return
	}
	if err := gd.reaches(s.Context, subjects); err != nil {
		_ = g.AddError(err)
		return
	}
	s.Context = context.WithValue(s.Context, passageKey{}, &passage{table: gd.table, subject: gd.subject, insert: true})
}

// reaches answers nil when each subject lies in the Grant, ErrNotFound otherwise. What was found stays true for the
// transaction's other inserts with the same Grant.
func (gd *guard) reaches(ctx context.Context, subjects []string) error {
	var unknown []string
	for _, s := range subjects {
		if s == "" {
			return fmt.Errorf("%w: a row without a subject", ErrUnguarded)
		}
		if !gd.use.reached[s] {
			unknown = append(unknown, s)
		}
	}
	for len(unknown) > 0 {
		n := min(len(unknown), 500)
		batch := unknown[:n]
		unknown = unknown[n:]
		values := "(CAST(? AS text))" + strings.Repeat(", (?)", n-1)
		args := make([]any, 0, n+8)
		for _, s := range batch {
			args = append(args, s)
		}
		condition, more := gd.use.Predicate.SQL("v.subject", gd.tx.now)
		var count int
		// Materialized, or SQLite asks the condition in as many statements as there are values.
		q := gd.tx.db.rebind("WITH v(subject) AS MATERIALIZED (VALUES " + values + ") SELECT COUNT(*) FROM v WHERE " + condition)
		if err := gd.tx.sql.QueryRowContext(ctx, q, append(args, more...)...).Scan(&count); err != nil {
			return err
		}
		if count != n {
			return ErrNotFound
		}
		for _, s := range batch {
			gd.use.reached[s] = true
		}
	}
	return nil
}

// rebind numbers the placeholders where the engine wants that. The text is ours and holds no literal question mark.
func (d *DB) rebind(q string) string {
	if d.engine == SQLite {
		return q
	}
	var b strings.Builder
	n := 0
	for i := range len(q) {
		if q[i] == '?' {
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteByte(q[i])
	}
	return b.String()
}

// subjectsOf reads the subjects of the rows in a statement's value, each once.
func subjectsOf(s *gorm.Statement, column string) []string {
	if s.Schema == nil {
		return nil
	}
	f := s.Schema.LookUpField(column)
	v := s.ReflectValue
	if f == nil || !v.IsValid() {
		return nil
	}
	seen := map[string]bool{}
	var found []string
	add := func(row reflect.Value) {
		for row.Kind() == reflect.Pointer {
			row = row.Elem()
		}
		if row.Kind() != reflect.Struct || row.Type() != s.Schema.ModelType {
			return
		}
		value, _ := f.ValueOf(s.Context, row)
		subject := fmt.Sprint(value)
		if !seen[subject] {
			seen[subject] = true
			found = append(found, subject)
		}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			add(v.Index(i))
		}
	default:
		add(v)
	}
	return found
}

// countRows notes in the ledger whose rows a query gave or an insert made.
func (d *DB) countRows(g *gorm.DB) {
	d.translate(g)
	if gd := guardOf(g); gd != nil && g.Error == nil {
		subjects := subjectsOf(g.Statement, gd.subject)
		for _, s := range subjects {
			if s != "" {
				gd.use.note(s)
			}
		}
		if len(subjects) == 0 {
			gd.use.counted += int(g.RowsAffected)
		}
	}
}

func (d *DB) countChanged(g *gorm.DB) {
	d.translate(g)
	if gd := guardOf(g); gd != nil && g.Error == nil {
		gd.use.counted += int(g.RowsAffected)
	}
}

// translate turns the engines' errors into faults. The engine's own stays inside as the cause.
func (d *DB) translate(g *gorm.DB) {
	switch {
	case g.Error == nil:
	case errors.Is(g.Error, gorm.ErrRecordNotFound) && fault.KindOf(g.Error) == fault.Internal:
		g.Error = ErrNotFound.Because(gorm.ErrRecordNotFound)
	case errors.Is(g.Error, gorm.ErrDuplicatedKey) && fault.KindOf(g.Error) == fault.Internal:
		g.Error = ErrDuplicate.Because(gorm.ErrDuplicatedKey)
	}
}
