package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kindred/internal/jsonscan"
	"kindred/questionnaires/convert"
	"kindred/questionnaires/convert/redcap"
	"kindred/questionnaires/convert/xlsform"
)

// conversion is what the flags say.
type conversion struct {
	from, to, out string
	base          string
	repeating     []string
	name          string // of the file, without its ending
}

// format is one side of a conversion; everything goes through FHIR.
type format struct {
	read  func(raw []byte, c conversion) (convert.Questionnaire, convert.Report, error)
	write func(q convert.Questionnaire) ([]byte, convert.Report, error)
}

// defaultBase begins the addresses of what has none.
const defaultBase = "https://kindred.example"

var formats = map[string]format{
	"fhir": {
		read: func(raw []byte, _ conversion) (convert.Questionnaire, convert.Report, error) {
			q, report, err := convert.Parse(raw)
			if err != nil && jsonscan.Scan(raw, jsonscan.Default) != nil && !json.Valid(raw) {
				err = argument(err)
			}
			return q, report, err
		},
		write: func(q convert.Questionnaire) ([]byte, convert.Report, error) { return q.Marshal(), nil, nil },
	},
	"xlsform": {
		read: func(raw []byte, c conversion) (convert.Questionnaire, convert.Report, error) {
			q, report, err := xlsform.Read(raw, xlsform.Options{Base: cmp.Or(c.base, defaultBase), Name: c.name})
			if errors.Is(err, xlsform.ErrUnreadable) {
				err = argument(err)
			}
			return q, report, err
		},
		write: xlsform.Write,
	},
	"redcap": {
		read: func(raw []byte, c conversion) (convert.Questionnaire, convert.Report, error) {
			q, report, err := redcap.Read(raw, redcap.Options{Base: c.base, Title: redcap.TitleOf(c.name), Repeating: c.repeating})
			if redcap.Unreadable(err) {
				err = argument(err)
			}
			return q, report, err
		},
		write: func(q convert.Questionnaire) ([]byte, convert.Report, error) {
			return redcap.Write(q, redcap.Options{})
		},
	},
}

func questionnaireConvert(c *console) *cobra.Command {
	var do conversion
	names := strings.Join(slices.Sorted(maps.Keys(formats)), ", ")
	cmd := &cobra.Command{
		Use:   "convert --from FORMAT --to FORMAT FILE",
		Short: "Convert a questionnaire between FHIR, XLSForm and REDCap; what is lost is told on stderr",
		Long: "Convert a questionnaire between FHIR R4 (fhir), XLSForm (xlsform, an .xlsx workbook) and a REDCap data dictionary\n" +
			"(redcap, a .csv file), in any direction. The result goes to stdout or --out; what the other format cannot hold is\n" +
			"told on stderr, a line each, with --json as JSON lines.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, f := range []string{do.from, do.to} {
				if _, ok := formats[f]; !ok {
					return fmt.Errorf("“%s” is no format: say one of %s", f, names)
				}
			}
			if do.from == do.to {
				return fmt.Errorf("there is nothing to convert from %s to %s", do.from, do.to)
			}
			if len(do.repeating) > 0 && do.from != "redcap" {
				return errors.New("--repeating is about REDCap alone: other formats say themselves what repeats")
			}
			raw, err := c.read(args[0], maxResource)
			if err != nil {
				return err
			}
			do.name = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
			return c.convert(raw, do)
		},
	}
	cmd.Flags().StringVar(&do.from, "from", "", "what FILE is: "+names)
	cmd.Flags().StringVar(&do.to, "to", "", "what to make of it: "+names)
	cmd.Flags().StringVar(&do.out, "out", "", "the file to write, instead of stdout")
	cmd.Flags().StringVar(&do.base, "base", "", "what the addresses of the questionnaire and its code systems begin with")
	cmd.Flags().StringSliceVar(&do.repeating, "repeating", nil, "forms of a REDCap dictionary that repeat; it does not say so itself")
	for _, must := range []string{"from", "to"} {
		if err := cmd.MarkFlagRequired(must); err != nil {
			panic(err) // the flag stands above
		}
	}
	return cmd
}

// convert reads, writes, and tells what was lost on both ways.
func (c *console) convert(raw []byte, do conversion) error {
	q, report, err := formats[do.from].read(raw, do)
	if err != nil {
		return err
	}
	result, more, err := formats[do.to].write(q)
	if err != nil {
		return err
	}
	if err := c.losses(append(report, more...)); err != nil {
		return err
	}
	if do.out == "" {
		_, err = c.out.Write(result)
		return err
	}
	return os.WriteFile(do.out, result, 0o600)
}

// losses writes a fidelity report: a line a note, and a last line with the sums.
func (c *console) losses(report convert.Report) error {
	if c.json {
		e := json.NewEncoder(c.err)
		e.SetEscapeHTML(false)
		for _, n := range report {
			if err := e.Encode(n); err != nil {
				return err
			}
		}
		return nil
	}
	count := map[convert.Loss]int{}
	for _, n := range report {
		count[n.Loss]++
		fmt.Fprintf(c.err, "%s: %s: %s: %s\n", n.Place, n.Loss, n.Feature, n.Detail)
	}
	fmt.Fprintf(c.err, "%d changed, %d partial, %d dropped\n", count[convert.Changed], count[convert.Partial], count[convert.Dropped])
	return nil
}
