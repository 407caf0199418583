package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kindred/questionnaires"
)

// maxResource bounds a FHIR file before the limits of package questionnaires judge it.
const maxResource = 64 << 20

func questionnaireCommand(c *console) *cobra.Command {
	return parent("questionnaire", "Questionnaires: check, publish", questionnaireCheck(c))
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
			form, found := questionnaires.Compile(raw)
			good := ""
			if form != nil {
				good = fmt.Sprintf("%d items on %d pages, about %.0f minutes", form.Items(), form.Pages(), form.Minutes())
			}
			return c.judge(raw, found.Refusals, found.Warnings, good)
		},
	}
}

func responseCommand(c *console) *cobra.Command {
	return parent("response", "Answers to questionnaires: check", responseCheck(c))
}

func responseCheck(c *console) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check --questionnaire FILE RESPONSE",
		Short: "Validate a FHIR R4 QuestionnaireResponse; OperationOutcome on stdout",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			definition, err := c.read(file, maxResource)
			if err != nil {
				return err
			}
			raw, err := c.read(args[0], maxResource)
			if err != nil {
				return err
			}
			form, found := questionnaires.Compile(definition)
			if form == nil {
				for _, f := range found.Refusals {
					fmt.Fprintln(c.err, "kindred:", c.sentence(f))
				}
				return fmt.Errorf("%s is no questionnaire that can be used", file)
			}
			_, faults := form.Read(raw)
			return c.judge(raw, faults, nil, "every answer fits")
		},
	}
	cmd.Flags().StringVar(&file, "questionnaire", "", "the Questionnaire that is answered")
	if err := cmd.MarkFlagRequired("questionnaire"); err != nil {
		panic(err) // the flag stands above
	}
	return cmd
}
