package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kindred/internal/app"
	"kindred/policies"
	"kindred/questionnaires/cases"
	"kindred/questionnaires/sdc"
)

// maxResource bounds a FHIR file before the limits of package questionnaires judge it.
const maxResource = 64 << 20

func questionnaireCommand(c *console) *cobra.Command {
	return parent("questionnaire", "Questionnaires: check, publish, retire, diff, convert", questionnaireCheck(c), questionnairePublish(c), questionnaireRetire(c), questionnaireDiff(c), questionnaireConvert(c))
}

func questionnaireCheck(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say whether a FHIR R4 Questionnaire could be published; OperationOutcome on stdout",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			raw, err := c.read(args[0], maxResource)
			if err != nil {
				return err
			}
			form, found := cases.Compile(raw)
			good := ""
			if form != nil {
				good = fmt.Sprintf("%d items on %d pages, about %.0f minutes", form.Items(), form.Pages(), form.Minutes())
			}
			return c.report(raw, found.Issues(false), good)
		},
	}
}

func questionnairePublish(c *console) *cobra.Command {
	var id sdc.Identity
	cmd := &cobra.Command{
		Use:   "publish FILE",
		Short: "Publish a FHIR R4 Questionnaire as a new version; the same file again is the same version",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := c.read(args[0], maxResource)
			if err != nil {
				return err
			}
			derived := sdc.DerivedIdentity(raw)
			id.URL, id.Version = cmp.Or(id.URL, derived.URL), cmp.Or(id.Version, derived.Version)
			return c.with(cmd, func(ctx context.Context, a *app.App) error {
				editor := policies.Actor{Roles: []policies.Role{policies.RoleEditor}} // whoever runs the program on the data folder
				v, found, err := a.Questionnaires.Publish(ctx, editor, raw, id)
				for _, w := range found.Warnings {
					fmt.Fprintln(c.err, "kindred: warning:", c.sentence(w))
				}
				if err != nil {
					return err
				}
				return c.print(map[string]any{"id": v.ID, "canonical": v.Canonical(), "number": v.Number, "title": v.Title, "sha256": v.SHA256}, "%s %s", v.ID, v.Canonical())
			})
		},
	}
	cmd.Flags().StringVar(&id.URL, "url", "", "its address, where the file has none; else one made from the file")
	cmd.Flags().StringVar(&id.Version, "version", "", "its version, where the file has none; else 1")
	return cmd
}
