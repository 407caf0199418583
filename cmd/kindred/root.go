package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kindred/internal/app"
	"kindred/internal/fault"
	"kindred/internal/locale"
)

// streams are the three standard ones, so that tests can run the whole program.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// The exit statuses.
const (
	yes      = 0
	no       = 1
	unusable = 2
)

// console is what a command works with.
type console struct {
	streams
	settings
	json   bool
	speak  *locale.Printer
	status int
}

// run is the program: it answers the exit status.
func run(ctx context.Context, args []string, s streams, environ []string) int {
	c := &console{streams: s}
	if err := c.fromEnvironment(environ); err != nil {
		fmt.Fprintln(s.err, "kindred:", err)
		return unusable
	}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil {
		status := c.fail(err)
		if misread(cmd, err) {
			fmt.Fprintf(s.err, "usage: %s\n", cmd.UseLine())
		}
		return status
	}
	return c.status
}

// flagError is a flag that there is none of, or whose value cannot be read.
type flagError struct{ error }

// misread tells whether a command was called otherwise than its usage line says.
func misread(cmd *cobra.Command, err error) bool {
	var flag flagError
	return errors.As(err, &flag) || cmd.ValidateArgs(cmd.Flags().Args()) != nil || cmd.ValidateRequiredFlags() != nil
}

// root is the program without its arguments: every command hangs below it.
func (c *console) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "kindred",
		Short:         "A research data registry and questionnaire engine that patients lead",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError{err} })
	c.bind(root.PersistentFlags())
	root.PersistentFlags().BoolVar(&c.json, "json", false, "print results as JSON")
	for _, group := range groups {
		root.AddCommand(group(c))
	}
	return root
}

// groups make the commands, one file each.
var groups = []func(*console) *cobra.Command{
	serveCommand,
	workCommand,
	migrateCommand,
	demoCommand,
	ontologyCommand,
	userCommand,
	tokenCommand,
	consentCommand,
	questionnaireCommand,
	responseCommand,
	exportCommand,
	auditCommand,
	fhirpathCommand,
	routesCommand,
	versionCommand,
}

// parent is a command that only holds others: without one of theirs it is an error to call it.
func parent(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("%s: say which: %s", cmd.CommandPath(), names(cmd))
	}}
	cmd.AddCommand(children...)
	return cmd
}

func names(cmd *cobra.Command) string {
	var all []string
	for _, child := range cmd.Commands() {
		all = append(all, child.Name())
	}
	return strings.Join(all, ", ")
}

// refused is an error that is a plain no.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

// misused is an error that lies in how the program was called, not in what the registry thinks of it.
type misused struct{ error }

func (m misused) Unwrap() error { return m.error }

// argument says that what a command was given cannot be used: a value outside a closed list, a text that is not of its
// kind, a file that cannot be read. With fields, it says so of an error with a fault at one of them. What a rule of the
// registry refuses (a name that is taken, a weak password, an account that is not there) stays a plain no.
func argument(err error, fields ...string) error {
	switch {
	case err == nil:
		return nil
	case len(fields) == 0:
		return misused{err}
	}
	for _, f := range fault.All(err) {
		if f.Kind == fault.Invalid && slices.Contains(fields, f.Field) {
			return misused{err}
		}
	}
	return err
}

// fail prints an error and answers its exit status.
func (c *console) fail(err error) int {
	var plain refused
	var misuse misused
	var faulty *fault.Error
	switch {
	case errors.As(err, &plain):
		fmt.Fprintln(c.err, "kindred:", plain.Error())
		return no
	case !errors.As(err, &faulty):
		fmt.Fprintln(c.err, "kindred:", err)
		return unusable
	}
	status := no
	if errors.As(err, &misuse) {
		status = unusable
	}
	for _, f := range fault.All(err) {
		fmt.Fprintln(c.err, "kindred:", c.sentence(f))
		if f.Kind == fault.Internal || f.Kind == fault.Unready {
			status = unusable
		}
	}
	return status
}

// sentence says a fault in the operator's language, with its field and, for what went wrong inside, its cause.
func (c *console) sentence(f *fault.Error) string {
	text := c.message(f)
	if f.Field != "" {
		text = f.Field + ": " + text
	}
	if cause := f.Unwrap(); cause != nil && (f.Kind == fault.Internal || f.Kind == fault.Unready || f.Kind == fault.Conflict) {
		text += " (" + cause.Error() + ")"
	}
	return text
}

// message says a fault in the operator's language.
func (c *console) message(f *fault.Error) string {
	if n, ok := f.Args["Count"].(int); ok {
		return c.speak.N(f.Key, n, map[string]any(f.Args))
	}
	return c.speak.T(f.Key, map[string]any(f.Args))
}

// print gives a result: as JSON when that was asked for, else as text.
func (c *console) print(value any, text string, args ...any) error {
	if !c.json {
		_, err := fmt.Fprintf(c.out, text+"\n", args...)
		return err
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// openBeside opens the registry for one command: alone, or beside a server that holds the folder.
func openBeside(ctx context.Context, config app.Config) (*app.App, error) {
	a, err := app.Open(ctx, config)
	if errors.Is(err, app.ErrInUse) {
		config.Beside = true
		return app.Open(ctx, config)
	}
	return a, err
}

// with opens the registry, which is made where there is none, runs f and closes it again.
func (c *console) with(cmd *cobra.Command, f func(ctx context.Context, a *app.App) error) error {
	return c.run(cmd, c.config(), f)
}

// within is with for a registry that must be there: what looks at one must not make one and praise it.
func (c *console) within(cmd *cobra.Command, f func(ctx context.Context, a *app.App) error) error {
	config := c.config()
	config.Existing = true
	return c.run(cmd, config, f)
}

func (c *console) run(cmd *cobra.Command, config app.Config, f func(ctx context.Context, a *app.App) error) error {
	a, err := openBeside(cmd.Context(), config)
	if err != nil {
		return err
	}
	return errors.Join(f(cmd.Context(), a), a.Close())
}

// log is where progress goes: JSON lines on stderr.
func (c *console) log() *slog.Logger {
	return slog.New(slog.NewJSONHandler(c.err, &slog.HandlerOptions{Level: c.Level}))
}

// read gives the bytes of a file, or of stdin for "-", refusing more than limit.
func (c *console) read(path string, limit int64) ([]byte, error) {
	from := c.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return b, nil
}
