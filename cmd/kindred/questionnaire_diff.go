package main

import (
	"cmp"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kindred/questionnaires/compare"
)

// told is a change with its sentence in the operator's language.
type told struct {
	compare.Change
	Message string `json:"message"`
}

func questionnaireDiff(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Class the differences between two versions: cosmetic, additive, meaning; exit 1 where a meaning changes",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			var files [2][]byte
			for i, name := range args {
				raw, err := c.read(name, maxResource)
				if err != nil {
					return argument(err)
				}
				files[i] = raw
			}
			changes, err := compare.Compare(files[0], files[1])
			if err != nil {
				return argument(err)
			}
			class := changes.Class()
			if class == compare.Meaning {
				c.status = no
			}
			if c.json {
				list := make([]told, len(changes))
				for i, one := range changes {
					list[i] = told{one, c.message(one.Sentence())}
				}
				return c.print(map[string]any{"class": class, "changes": list}, "")
			}
			return c.printChanges(changes)
		},
	}
}

// printChanges writes a table for people: class, item, sentence, and what the author could do or has said.
func (c *console) printChanges(changes compare.Changes) error {
	if len(changes) == 0 {
		_, err := fmt.Fprintln(c.out, c.speak.T("compare.none"))
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%s\n", c.speak.T("compare.head.class"), c.speak.T("compare.head.item"), c.speak.T("compare.head.change"))
	for _, one := range changes {
		sentence := c.message(one.Sentence())
		switch {
		case one.Stated:
			sentence += " (" + c.speak.T("compare.stated") + ")"
		case one.Propose != "":
			sentence += " (" + c.speak.T("compare.proposed", map[string]any{"Propose": one.Propose}) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.speak.T("compare.class."+string(one.Class)), cmp.Or(one.LinkID, c.speak.T("compare.form")), sentence)
	}
	return w.Flush()
}
