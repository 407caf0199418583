package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kindred/export/verify"
)

func exportCommand(c *console) *cobra.Command {
	return parent("export", "Releases of data: check one", exportVerify(c))
}

func exportVerify(c *console) *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Check the files of a release against their manifest; needs no registry",
		Args:  cobra.ExactArgs(1),
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
			text := fmt.Sprintf("release %s of study %s: %d files, %d participants, signature %s", r.Release, r.Study, r.Files, r.Participants, r.Signature)
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
