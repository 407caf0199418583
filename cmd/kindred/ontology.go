package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kindred/internal/app"
	"kindred/registry"
)

func ontologyCommand(c *console) *cobra.Command {
	return parent("ontology", "Symptoms (HPO) and diagnoses (ORPHA): load the official files", ontologyLoad(c))
}

func ontologyLoad(c *console) *cobra.Command {
	var files registry.OntologyFiles
	cmd := &cobra.Command{
		Use:   "load [--hpo FILE [--translations DIR]] [--orpha FILE]",
		Short: "Keep official files in the data folder; a running server takes them up when it starts again",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := c.folder()
			if err != nil {
				return err
			}
			r, err := registry.ImportOntology(folder.Path(), files)
			if err != nil {
				return argument(err) // files and flags are all there is to it
			}
			var lines []string
			for _, part := range []*registry.OntologyPart{r.Symptoms, r.Diagnoses} {
				if part != nil {
					lines = append(lines, fmt.Sprintf("%s: %d terms, languages %s\n%s", part.Version, part.Terms, strings.Join(part.Languages, " "), part.Credit))
				}
			}
			return c.print(r, "%s", strings.Join(lines, "\n"))
		},
	}
	cmd.Flags().StringVar(&files.HPO, "hpo", "", "hp.json of the Human Phenotype Ontology")
	cmd.Flags().StringVar(&files.Translations, "translations", "", "folder with hp-xx.babelon.tsv, hp-xx.synonyms.tsv and layperson-synonyms.tsv")
	cmd.Flags().StringVar(&files.Orpha, "orpha", "", "Orphanet nomenclature: table, XML or pack (zip)")
	return cmd
}

// folder opens the data folder alone: a vocabulary needs neither keys nor database.
func (c *console) folder() (*app.Folder, error) {
	if f, err := app.OpenFolderBeside(c.Data, c.Temp); err == nil {
		return f, nil
	}
	f, err := app.OpenFolder(c.Data, c.Temp)
	if err != nil {
		return nil, err
	}
	return f, f.Close()
}
