package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kindred/internal/account"
	"kindred/internal/app"
	"kindred/internal/ident"
	"kindred/policies"
)

// maxPassword bounds a password file.
const maxPassword = 4 << 10

func userCommand(c *console) *cobra.Command {
	return parent("user", "Accounts: add one, list them, give and take roles, disable, replace a lost password", userAdd(c), userList(c), userRole(c), userDisable(c), userEnable(c), userReset(c), userPart(c))
}

func userAdd(c *console) *cobra.Command {
	var n account.NewAccount
	var roles []string
	var file string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add an account; prints a password to be changed, unless one is given",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			for _, r := range roles {
				n.Roles = append(n.Roles, policies.Role(r))
			}
			made := file == ""
			if made {
				n.Password = password()
			} else {
				b, err := c.read(file, maxPassword)
				if err != nil {
					return err
				}
				n.Password = strings.TrimRight(string(b), "\r\n")
			}
			return c.with(cmd, func(ctx context.Context, a *app.App) error {
				id, err := a.Accounts.Add(ctx, account.Operator(), n)
				if err != nil {
					return argument(err, "role", "mail", "language")
				}
				result := map[string]any{"id": id, "name": n.Name, "roles": roles}
				if !made {
					return c.print(result, "%s %s", id, n.Name)
				}
				result["password"] = n.Password
				return c.print(result, "%s %s\npassword: %s", id, n.Name, n.Password)
			})
		},
	}
	cmd.Flags().StringSliceVar(&roles, "role", nil, "role, may be repeated: "+roleNames())
	cmd.Flags().StringVar(&file, "password-file", "", "file with the password, - for stdin")
	cmd.Flags().StringVar(&n.Mail, "mail", "", "mail address")
	cmd.Flags().StringVar(&n.Language, "language", "", "language of the pages: en or es")
	return cmd
}

func roleNames() string { return join(policies.Roles) }

// password makes one of 26 letters and digits, 130 bits, in groups that can be read out.
func password() string {
	t := strings.ToLower(rand.Text())
	return t[:6] + "-" + t[6:13] + "-" + t[13:19] + "-" + t[19:]
}

func userList(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Every account with its roles, oldest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				all := []listedAccount{}
				var lines []string
				for after := ident.AccountID(""); ; {
					some, err := a.Accounts.Accounts(ctx, account.Operator(), after, accountsAtOnce)
					if err != nil {
						return err
					}
					for _, p := range some {
						all = append(all, listedAccount{p.Account, p.Name, p.Roles, p.Disabled, p.CreatedAt})
						state := ""
						if p.Disabled {
							state = " (disabled)"
						}
						lines = append(lines, fmt.Sprintf("%s %-24s %s%s", p.CreatedAt.Format(time.DateOnly), p.Name, join(p.Roles), state))
						after = p.Account
					}
					if len(some) < accountsAtOnce {
						return c.print(all, "%s", strings.Join(lines, "\n"))
					}
				}
			})
		},
	}
}

// accountsAtOnce is how many accounts are read, and noted in the audit log as read, in one go.
const accountsAtOnce = 500

type listedAccount struct {
	ID        ident.AccountID `json:"id"`
	Name      string          `json:"name"`
	Roles     []policies.Role `json:"roles"`
	Disabled  bool            `json:"disabled"`
	CreatedAt time.Time       `json:"created_at"`
}

func join(roles []policies.Role) string {
	var all []string
	for _, r := range roles {
		all = append(all, string(r))
	}
	return strings.Join(all, ", ")
}

func userRole(c *console) *cobra.Command {
	change := func(use, short string, with func(*account.Service) func(context.Context, policies.Actor, string, policies.Role) (bool, error)) *cobra.Command {
		return &cobra.Command{
			Use: use, Short: short, Args: cobra.ExactArgs(2),
			RunE: func(cmd *cobra.Command, args []string) error {
				return c.within(cmd, func(ctx context.Context, a *app.App) error {
					changed, err := with(a.Accounts)(ctx, account.Operator(), args[0], policies.Role(args[1]))
					if err != nil {
						return argument(err, "role")
					}
					return c.print(map[string]bool{"changed": changed}, "%s", map[bool]string{true: "changed", false: "unchanged"}[changed])
				})
			},
		}
	}
	return parent("role", "Give or take a role",
		change("grant NAME ROLE", "Give a role", func(s *account.Service) func(context.Context, policies.Actor, string, policies.Role) (bool, error) {
			return s.GrantRole
		}),
		change("revoke NAME ROLE", "Take a role; the account's sessions end", func(s *account.Service) func(context.Context, policies.Actor, string, policies.Role) (bool, error) {
			return s.RevokeRole
		}),
	)
}

func userDisable(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "disable NAME", Short: "Close an account: its sessions end, its tokens no longer work", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				return a.Accounts.Disable(ctx, account.Operator(), args[0])
			})
		},
	}
}

func userEnable(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "enable NAME", Short: "Open a disabled account again", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				return a.Accounts.Enable(ctx, account.Operator(), args[0])
			})
		},
	}
}

func userReset(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "reset NAME", Short: "Print a code with which the owner sets a new password: once, within 30 minutes", Args: cobra.ExactArgs(1),
		Long: "Give the code to the owner by a way on which you know who they are. They enter it at /reset with a new password of\ntheir own; sessions and tokens end then. Until it is used, nothing changes.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				r, err := a.Accounts.IssueReset(ctx, account.Operator(), args[0])
				if err != nil {
					return err
				}
				return c.print(map[string]any{"name": args[0], "code": r.Code, "expires_at": r.ExpiresAt}, "%s", r.Code)
			})
		},
	}
}

func userPart(c *console) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use: "part NAME --from OTHER", Short: "End, on a court's paper, NAME's authority over everybody for whom OTHER acts too", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				var ids [2]ident.AccountID
				for i, name := range []string{args[0], from} {
					var err error
					if ids[i], err = a.Accounts.Find(ctx, account.Operator(), name); err != nil {
						return err
					}
				}
				n, err := a.Registry.Part(ctx, account.Operator(), ids[0], ids[1])
				if err != nil {
					return err
				}
				if n == 0 {
					c.status = no
				}
				return c.print(map[string]int{"people": n}, "%d people", n)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "sign-in name of who goes on acting for them")
	if err := cmd.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag stands above
	}
	return cmd
}

func tokenCommand(c *console) *cobra.Command {
	var user, label string
	var ttl time.Duration
	create := &cobra.Command{
		Use: "create", Short: "Make a bearer token with an account's own rights; prints it this once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.within(cmd, func(ctx context.Context, a *app.App) error {
				t, err := a.Accounts.CreateTokenFor(ctx, account.Operator(), user, label, ttl)
				if err != nil {
					return argument(err, "label", "ttl")
				}
				return c.print(map[string]any{"id": t.ID, "token": t.Secret, "expires_at": t.ExpiresAt}, "%s", t.Secret)
			})
		},
	}
	create.Flags().StringVar(&user, "user", "", "sign-in name of the account")
	create.Flags().StringVar(&label, "label", "command line", "what the token is for")
	create.Flags().DurationVar(&ttl, "ttl", time.Hour, "how long it works")
	if err := create.MarkFlagRequired("user"); err != nil {
		panic(err) // the flag stands above
	}
	return parent("token", "Bearer tokens for programs", create)
}
