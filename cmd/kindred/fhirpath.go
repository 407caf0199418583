package main

import (
	"github.com/spf13/cobra"

	"kindred/internal/clock"
	"kindred/internal/fhirpath"
)

func fhirpathCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "fhirpath",
		Short: "Evaluate FHIRPath: a JSON request a line in, an answer a line out",
		Long: `Each line in is {"id", "resource", "expression", "variables", "strict"?}, each line out {"id", "result": […]} or
{"id", "error": "…"}. Items are plain JSON: dates and times are strings, a quantity is {"value", "unit"}.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return fhirpath.Serve(c.in, c.out, clock.System().Now) },
	}
}
