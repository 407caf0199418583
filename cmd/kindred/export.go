package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kindred/export"
	"kindred/export/verify"
	"kindred/internal/app"
	"kindred/internal/ident"
)

func exportCommand(c *console) *cobra.Command {
	return parent("export", "Releases of data: make one, check one", exportRun(c), exportVerify(c))
}

func exportRun(c *console) *cobra.Command {
	var study, out string
	var formats []string
	cmd := &cobra.Command{
		Use:   "run --study ID --out DIR",
		Short: "Make a release of an approved study and write its files, readable, into an empty folder",
		Long:  "Acts as the researcher who proposed the study, with the rights that account has now. Everybody in the release sees it.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			id, err := ident.Parse[ident.StudyID](study)
			if err != nil {
				return fmt.Errorf("--study %s: not the id of a study", study)
			}
			wanted := make([]export.Format, len(formats))
			for i, f := range formats {
				wanted[i] = export.Format(f)
			}
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				r, err := a.Studies.RunNow(ctx, id, wanted, out)
				if err != nil {
					return argument(err, "formats")
				}
				return c.print(map[string]any{"release": r.ID, "study": r.Study, "participants": r.Participants, "folder": out},
					"release %s: %d participants, in %s", r.ID, r.Participants, out)
			})
		},
	}
	cmd.Flags().StringVar(&study, "study", "", "the study")
	cmd.Flags().StringVar(&out, "out", "", "folder for the files, empty or absent")
	cmd.Flags().StringSliceVar(&formats, "format", []string{"fhir", "xlsx"}, "formats, with commas between them")
	for _, name := range []string{"study", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is declared above
		}
	}
	return cmd
}

func exportVerify(c *console) *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Check the files of a release against their manifest; needs no registry",
		Long: "Exit status 0: every file is as the manifest says, and the manifest is signed (by the registry, where --key gives its\n" +
			"public key). 1: something does not fit, or the signature is missing. 2: there is no manifest, or the key is none.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var keys []string
			for _, f := range files {
				b, err := c.read(f, maxCheckpoint)
				if err != nil {
					return err
				}
				keys = append(keys, strings.TrimSpace(string(b)))
			}
			r, err := verify.Dir(args[0], keys...)
			if err != nil {
				return err
			}
			if !r.OK() {
				c.status = no
			}
			signature := r.Signature
			if signature == "unchecked" {
				signature = "not checked: whose it is takes the registry's public key (--key)"
			}
			text := fmt.Sprintf("release %s of study %s: %d files, %d participants, signature %s", r.Release, r.Study, r.Files, r.Participants, signature)
			if len(r.Problems) > 0 {
				text += "\n" + strings.Join(r.Problems, "\n")
			}
			return c.print(struct {
				OK bool `json:"ok"`
				*verify.Report
			}{r.OK(), r}, "%s", text)
		},
	}
	cmd.Flags().StringArrayVar(&files, "key", nil, "file with the registry's public key (kindred audit key); may be repeated")
	return cmd
}
