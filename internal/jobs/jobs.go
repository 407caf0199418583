// Package jobs runs work in the background: enqueued in the caller's transaction, so that it exists exactly when the
// caller's rows do, and worked at least once. A job's arguments are names and numbers; they never carry a right: a
// job that reaches personal rows stores the request and asks again when it runs.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"kindred/internal/db"
)

// Args are a job's arguments, stored as JSON. Kind names the job; it outlives type names and is never reused.
type Args interface{ Kind() string }

// driver gives River's driver for an engine; without a pool it can insert in transactions only.
func driver(engine db.Engine, pool *sql.DB) riverdriver.Driver[*sql.Tx] {
	if engine == db.SQLite {
		return riversqlite.New(pool)
	}
	return riverdatabasesql.New(pool)
}

// Migrate brings the queue's own tables to the newest version.
func Migrate(ctx context.Context, d *db.DB) error {
	m, err := rivermigrate.New(driver(d.Engine(), d.Queue()), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("jobs: migrate: %w", err)
	}
	return nil
}

// River tells of its own health at length; what concerns an operator is logged by Queue.
var quiet = slog.New(slog.DiscardHandler)

// Enqueue adds a job in the transaction. It is worked soon after the commit, or never if there is none.
func Enqueue(tx *db.Tx, args Args) error { return insert(tx, args, nil) }

// EnqueueAt adds a job that is not worked before an instant.
func EnqueueAt(tx *db.Tx, args Args, at time.Time) error {
	return insert(tx, args, &river.InsertOpts{ScheduledAt: at})
}

func insert(tx *db.Tx, args Args, o *river.InsertOpts) error {
	c, err := river.NewClient(driver(tx.Engine(), nil), &river.Config{Logger: quiet})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := c.InsertTx(tx.Context(), tx.Queue(), args, o); err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Workers holds what can be worked.
type Workers struct{ river *river.Workers }

// NewWorkers makes an empty set.
func NewWorkers() *Workers { return &Workers{river.NewWorkers()} }

// Handle says how a kind of job is worked, and how long one may take. An error is tried again, later each time; wrap
// it with Final where trying again cannot help.
func Handle[T Args](w *Workers, timeout time.Duration, work func(ctx context.Context, args T) error) {
	river.AddWorker(w.river, &worker[T]{timeout: timeout, work: work})
}

// Final marks an error after which a job is not tried again.
func Final(err error) error { return river.JobCancel(err) }

type worker[T Args] struct {
	river.WorkerDefaults[T]
	timeout time.Duration
	work    func(ctx context.Context, args T) error
}

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error { return w.work(ctx, job.Args) }

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

// Config says how a Queue runs.
type Config struct {
	Node   string // a stable name of this process's place, so that its own interrupted jobs are found at the next start
	Log    *slog.Logger
	Poll   time.Duration // how often to look for jobs; 250 ms when zero
	AtOnce int           // how many jobs at a time; 4 when zero
}

// Queue works jobs until it is stopped.
type Queue struct {
	client *river.Client[*sql.Tx]
	db     *db.DB
	node   string
}

// longest is above every job's timeout: only then is a job of another node, which never came back, taken over.
const longest = 2*time.Hour + time.Minute

// New makes a queue; Start begins.
func New(d *db.DB, w *Workers, c Config) (*Queue, error) {
	if c.Poll == 0 {
		c.Poll = 250 * time.Millisecond
	}
	if c.AtOnce == 0 {
		c.AtOnce = 4
	}
	client, err := river.NewClient(driver(d.Engine(), d.Queue()), &river.Config{
		ID: c.Node, Logger: quiet, Workers: w.river, PollOnly: true, FetchPollInterval: c.Poll, FetchCooldown: min(c.Poll, 100*time.Millisecond),
		RescueStuckJobsAfter: longest, JobTimeout: 2 * time.Hour, ErrorHandler: &reporter{c.Log},
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: c.AtOnce}},
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Queue{client, d, c.Node}, nil
}

// Start takes back the jobs that an earlier run of this node left half done, and begins to work.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.takeBack(ctx); err != nil {
		return err
	}
	if err := q.client.Start(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// takeBack makes interrupted jobs available at once. A SQLite folder has one process; on PostgreSQL a node knows its
// own by name.
func (q *Queue) takeBack(ctx context.Context) error {
	statement, args := "UPDATE river_job SET state = 'available' WHERE state = 'running'", []any(nil)
	if q.db.Engine() == db.Postgres {
		statement, args = statement+" AND $1 = ANY(attempted_by)", []any{q.node}
	}
	if _, err := q.db.Queue().ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("jobs: take back: %w", err)
	}
	return nil
}

// Stop waits for the jobs under way, until ctx ends; then it cuts them short. They are worked again at the next start.
func (q *Queue) Stop(ctx context.Context) error {
	err := q.client.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = q.client.StopAndCancel(hard)
	}
	return err
}

// reporter logs failures by kind and number; the arguments stay out of the log.
type reporter struct{ log *slog.Logger }

func (r *reporter) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	if r.log != nil {
		r.log.ErrorContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err.Error())
	}
	return nil
}

func (r *reporter) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	if r.log != nil {
		r.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "trace", trace)
	}
	return nil
}
