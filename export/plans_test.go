package export

import (
	"fmt"
	"strings"
	"testing"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/policies"
)

// TestConsentIsLookedUpRowByRow: whatever PostgreSQL knows of a table, it reads the rows of a batch and looks up the
// consents of each. As a join it began, without statistics, at everybody's consents for every batch: the time of a
// release grew with the square of the people.
func TestConsentIsLookedUpRowByRow(t *testing.T) {
	d := dbtest.Postgres(t, dbtest.Options{})
	s, w := atTown(t, d)
	w.settle(6)
	study := approved(t, s, proposal())
	g, err := policies.Ask[policies.Export](ctx, s.Authority, request(okoye, study))
	if err != nil {
		t.Fatal(err)
	}
	use, err := g.Use(d.Now())
	if err != nil {
		t.Fatal(err)
	}
	condition, args := use.Predicate.SQL("symptoms.participant_id", d.Now())
	for n := 1; strings.Contains(condition, "?"); n++ {
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", n), 1)
	}
	var plan []string
	if err := d.Do(ctx, func(tx *db.Tx) error {
		rows, err := tx.Queue().QueryContext(ctx, "EXPLAIN SELECT * FROM symptoms WHERE ("+condition+") AND participant_id IN ('a', 'b', 'c')", args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			plan = append(plan, line)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	if strings.Contains(text, "Join") || strings.Contains(text, "Nested Loop") || strings.Contains(text, "JIT") || strings.Count(text, "consent_facts") < 3 {
		t.Fatal(text)
	}
}
