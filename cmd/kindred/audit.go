package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"kindred/internal/app"
	"kindred/internal/audit"
)

// maxCheckpoint bounds a checkpoint file.
const maxCheckpoint = 64 << 10

func auditCommand(c *console) *cobra.Command {
	return parent("audit", "The audit log: sign its head, prove that nothing was changed", auditCheckpoint(c), auditVerify(c), auditKey(c))
}

func auditCheckpoint(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Sign the head of the log and print it; keep it where this machine's owner cannot reach it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				p, err := a.Audit.Checkpoint(ctx)
				if err != nil {
					return err
				}
				result := map[string]any{"origin": p.Origin, "size": p.Size, "root": p.Root.String(), "note": p.Note}
				return c.print(result, "%s", strings.TrimSuffix(p.Note, "\n"))
			})
		},
	}
}

func auditVerify(c *console) *cobra.Command {
	var files []string
	var proof, key string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Derive the whole log again and compare; with an older checkpoint, prove that it is a prefix",
		Long: "Without --proof: derives the registry's whole log again. With --proof FILE --key FILE: checks one entry that was given away\n" +
			"with its proof, and needs no registry. Exit status 0: it fits. 1: it does not. 2: a file cannot be used.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if proof != "" {
				return c.checkProof(proof, key)
			}
			var outside [][]byte
			for _, f := range files {
				b, err := c.read(f, maxCheckpoint)
				if err != nil {
					return err
				}
				outside = append(outside, b)
			}
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				r, err := a.Audit.Verify(ctx, outside...)
				if err != nil {
					return foreign(err)
				}
				return c.tell(r)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&files, "checkpoint", nil, "file with a checkpoint kept outside, - for stdin; may be repeated")
	f.StringVar(&proof, "proof", "", "file with one entry and its proof, as the committee's page and the API give it")
	f.StringVar(&key, "key", "", "file with the registry's public key (kindred audit key), for --proof")
	cmd.MarkFlagsRequiredTogether("proof", "key")
	cmd.MarkFlagsMutuallyExclusive("proof", "checkpoint")
	return cmd
}

// maxProof bounds a proof's file.
const maxProof = 1 << 20

// checkProof checks one entry that was given away, with the public key and nothing else.
func (c *console) checkProof(proof, key string) error {
	raw, err := c.read(proof, maxProof)
	if err != nil {
		return err
	}
	verifier, err := c.read(key, maxCheckpoint)
	if err != nil {
		return err
	}
	p, err := audit.OpenProof(raw)
	if err != nil {
		return fmt.Errorf("the proof cannot be read: %w", errors.Unwrap(err))
	}
	if err := p.Check(strings.TrimSpace(string(verifier))); err != nil {
		return foreign(err)
	}
	return c.print(map[string]any{"ok": true, "entry": p.Entry}, "%s\nstands in the log that was signed:\n%s", p.Entry, strings.TrimSuffix(p.Checkpoint, "\n"))
}

// foreign tells a checkpoint that is none, which is unusable input, from one that another key signed, which is a no.
func foreign(err error) error {
	var unverified *note.UnverifiedNoteError
	var wrong *note.InvalidSignatureError
	if errors.Is(err, audit.ErrCheckpoint) && !errors.As(err, &unverified) && !errors.As(err, &wrong) {
		return fmt.Errorf("the checkpoint cannot be read: %w", errors.Unwrap(err))
	}
	return err
}

func (c *console) tell(r audit.Report) error {
	if !r.OK() {
		c.status = no
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d entries, %d waiting, %d checkpoints met, root %s", r.Size, r.Waiting, r.Checkpoints, r.Root)
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "\n%s: %s", p.Code, p.Text)
	}
	if r.OK() {
		b.WriteString("\nnothing was changed")
	}
	return c.print(struct {
		OK bool `json:"ok"`
		audit.Report
	}{r.OK(), r}, "%s", b.String())
}

func auditKey(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "key", Short: "Print the public key that verifies checkpoints, for the committee", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.within(cmd, func(_ context.Context, a *app.App) error {
				return c.print(map[string]string{"key": a.Vault.VerifierKey()}, "%s", a.Vault.VerifierKey())
			})
		},
	}
}
