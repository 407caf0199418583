package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kindred/internal/clock"
	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
	"kindred/questionnaires/sdc"
)

func responseCommand(c *console) *cobra.Command {
	return parent("response", "Answers to questionnaires: check, evaluate", responseCheck(c), responseEvaluate(c))
}

func responseCheck(c *console) *cobra.Command {
	var beside support
	cmd := &cobra.Command{
		Use:   "check --questionnaire FILE [--support FILE]… RESPONSE",
		Short: "Validate a FHIR R4 QuestionnaireResponse; OperationOutcome on stdout",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			raw, form, found, err := beside.load(c, args[0])
			if err != nil {
				return err
			}
			in, _ := form.Read(raw, now())
			return c.report(raw, append(found.Issues(true), in.Issues...), "every answer fits")
		},
	}
	beside.flags(cmd)
	return cmd
}

func responseEvaluate(c *console) *cobra.Command {
	var beside support
	cmd := &cobra.Command{
		Use:   "evaluate --questionnaire FILE [--support FILE]… RESPONSE",
		Short: "Enable and calculate: {\"enabled\": {linkId: bool}, \"response\": {…}} on stdout",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			raw, form, found, err := beside.load(c, args[0])
			if err != nil {
				return err
			}
			e := form.Evaluate(raw, now())
			if e.Response == nil {
				return misused{fmt.Errorf("%s: %w", args[0], e.Issues.Errors())}
			}
			for _, i := range append(found.Issues(true), e.Issues...) {
				if i.Severity != sdc.SeverityInformation {
					fmt.Fprintln(c.err, "kindred:", string(i.Severity)+":", c.sentence(i.Fault))
				}
			}
			out := json.NewEncoder(c.out)
			out.SetEscapeHTML(false)
			out.SetIndent("", "  ")
			return out.Encode(map[string]any{"enabled": e.Enabled, "response": json.RawMessage(e.Response)})
		},
	}
	beside.flags(cmd)
	return cmd
}

// now is when answers are looked at: what a form computes from the date has to be the date of today.
func now() sdc.Context { return sdc.Context{Now: clock.System().Now().In(time.Local)} }

// support are the files that a response is read with.
type support struct {
	questionnaire string
	files         []string
	library       *terminology.Library
	forms         map[string][]byte // questionnaires among the files, by canonical and by url
}

func (s *support) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.questionnaire, "questionnaire", "", "the Questionnaire that is answered; not needed where the response contains it")
	cmd.Flags().StringArrayVar(&s.files, "support", nil, "ValueSets, CodeSystems, further Questionnaires, or a Bundle of them; may be given several times")
}

// load reads a response and makes the form that it answers.
func (s *support) load(c *console, file string) ([]byte, *sdc.Form, sdc.Findings, error) {
	s.library, s.forms = terminology.NewLibrary(), map[string][]byte{}
	for _, name := range s.files {
		raw, err := c.read(name, maxResource)
		if err != nil {
			return nil, nil, sdc.Findings{}, err
		}
		doc, err := jsonscan.Parse(raw, supportLimits)
		if err != nil {
			return nil, nil, sdc.Findings{}, misused{fmt.Errorf("%s: %w", name, err)}
		}
		s.take(c, name, doc.Root())
	}
	raw, err := c.read(file, maxResource)
	if err != nil {
		return nil, nil, sdc.Findings{}, err
	}
	definition, err := s.definition(c, raw)
	if err != nil {
		return nil, nil, sdc.Findings{}, err
	}
	form, found := sdc.Compile(definition, sdc.Options{Lenient: true, Library: s.library})
	if form == nil {
		for _, f := range found.Refusals {
			fmt.Fprintln(c.err, "kindred:", c.sentence(f))
		}
		return nil, nil, found, errors.New("this is no questionnaire that can be used")
	}
	return raw, form, found, nil
}

// definition finds the questionnaire: the one that the response contains and names, the one that was given, or the one
// among the supporting files that the response names.
func (s *support) definition(c *console, response []byte) ([]byte, error) {
	if own := sdc.Contained(response); own != nil {
		return own, nil
	}
	if s.questionnaire != "" {
		return c.read(s.questionnaire, maxResource)
	}
	canonical, err := sdc.CanonicalOf(response)
	if raw, ok := s.forms[canonical]; ok && err == nil {
		return raw, nil
	}
	return nil, errors.New("say which questionnaire is answered: --questionnaire FILE")
}

// supportLimits are wider than those of what comes from outside: whoever calls the program chose the files.
var supportLimits = jsonscan.Limits{Bytes: maxResource, Depth: 128, Values: 8_000_000, Width: 2_000_000, String: 16 << 20}

// take sorts one resource; what cannot be used is told and passed over.
func (s *support) take(c *console, name string, v jsonscan.Value) {
	switch v.Get("resourceType").Text() {
	case "Questionnaire":
		url := v.Get("url").Text()
		s.forms[url] = v.Raw()
		if version := v.Get("version").Text(); version != "" {
			s.forms[url+"|"+version] = v.Raw()
		}
	case "Bundle":
		for _, entry := range v.Get("entry").All() {
			s.take(c, name, entry.Get("resource"))
		}
	case "ValueSet", "CodeSystem":
		if err := s.library.Add(v); err != nil {
			fmt.Fprintf(c.err, "kindred: %s: %s is left out: %s\n", name, v.Get("url").Text(), c.explain(err))
		}
	}
}
