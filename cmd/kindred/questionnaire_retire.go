package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"kindred/internal/app"
	"kindred/policies"
	"kindred/questionnaires"
)

func questionnaireRetire(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "retire URL|VERSION",
		Short: "Stop offering a version; a url alone stops offering every version. Drafts go on, answers stay",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App) error {
				editor := policies.Actor{Roles: []policies.Role{policies.RoleEditor}} // whoever runs the program on the data folder
				v, err := a.Questionnaires.Resolve(ctx, editor, args[0])
				if err != nil {
					return err
				}
				if strings.Contains(args[0], "|") {
					err = a.Questionnaires.Retire(ctx, editor, v.ID)
				} else {
					err = a.Questionnaires.RetireAll(ctx, editor, v.Questionnaire)
				}
				if err != nil {
					return err
				}
				return c.retired(ctx, a, editor, v)
			})
		},
	}
}

// retired lists what is not offered any more.
func (c *console) retired(ctx context.Context, a *app.App, editor policies.Actor, of questionnaires.Version) error {
	all, err := a.Questionnaires.Versions(ctx, editor)
	if err != nil {
		return err
	}
	list := []string{}
	for _, v := range all {
		if v.Questionnaire == of.Questionnaire && v.Retired {
			list = append(list, v.Canonical())
		}
	}
	return c.print(map[string]any{"retired": list}, "%s", strings.Join(list, "\n"))
}
