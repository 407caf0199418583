package main

import (
	"context"

	"github.com/spf13/cobra"

	"kindred/internal/account"
	"kindred/internal/app"
)

// maxDocument bounds the text of a consent document.
const maxDocument = 1 << 20

func consentCommand(c *console) *cobra.Command {
	return parent("consent", "Consent documents: publish a version", consentPublish(c))
}

func consentPublish(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "publish FILE...",
		Short: "Make a new version current: its texts, one file for each language",
		Long:  "From then on nobody can sign an older version. What was given under one stays in force, for studies that accept it.",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var texts [][]byte
			for _, path := range args {
				b, err := c.read(path, maxDocument)
				if err != nil {
					return err
				}
				texts = append(texts, b)
			}
			return c.with(cmd, func(ctx context.Context, a *app.App) error {
				d, err := a.Consent.Publish(ctx, account.Operator(), texts...)
				if err != nil {
					return argument(err, "document")
				}
				return c.print(map[string]any{"document": d.Name, "version": d.Version}, "%s %d", d.Name, d.Version)
			})
		},
	}
}
