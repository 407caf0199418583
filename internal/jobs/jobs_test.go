package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/jobs"
)

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "test.greet" }

func TestAJobExistsExactlyWhenItsTransactionCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worked := make(chan string, 10)
		w := jobs.NewWorkers()
		jobs.Handle(w, time.Minute, func(_ context.Context, a greet) error { worked <- a.Name; return nil })
		q, err := jobs.New(d, w, jobs.Config{Node: "test", Poll: 20 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		if err := d.Do(t.Context(), func(tx *db.Tx) error {
			return errors.Join(jobs.Enqueue(tx, greet{"never"}), undone)
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if err := d.Do(t.Context(), func(tx *db.Tx) error { return jobs.Enqueue(tx, greet{"Maria"}) }); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-worked:
			if got != "Maria" {
				t.Fatalf("worked %q", got)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the job was not worked")
		}
		if err := q.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(worked) > 0 {
			t.Fatalf("a rolled back job was worked: %s", <-worked)
		}
	})
}

func TestAnInterruptedJobIsWorkedAtTheNextStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Do(t.Context(), func(tx *db.Tx) error { return jobs.Enqueue(tx, greet{"Maria"}) }); err != nil {
			t.Fatal(err)
		}
		// what a node that was killed while it worked leaves behind
		killed := "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = '[\"node-1\"]'"
		if d.Engine() == db.Postgres {
			killed = "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = ARRAY['node-1']"
		}
		if _, err := d.Queue().Exec(killed); err != nil {
			t.Fatal(err)
		}
		worked := make(chan string, 10)
		w := jobs.NewWorkers()
		jobs.Handle(w, time.Minute, func(_ context.Context, a greet) error { worked <- a.Name; return nil })
		q, err := jobs.New(d, w, jobs.Config{Node: "node-1", Poll: 20 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := q.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		select {
		case <-worked:
		case <-time.After(20 * time.Second):
			t.Fatal("the job was lost")
		}
	})
}
