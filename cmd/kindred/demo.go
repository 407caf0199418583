package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"kindred/internal/app"
)

// What `serve --demo` makes: large enough for counts over the floor, small enough to be there in seconds.
const (
	demoSize = 250
	demoSeed = 1
)

func demoCommand(c *console) *cobra.Command {
	var n int
	var seed uint64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "A synthetic population of any size, the same for the same seed; in a demonstration's data folder alone",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if n < 1 {
				return errors.New("--participants: say how many, at least 1")
			}
			fresh := !c.demonstration()
			config := c.config()
			config.Demo = true
			a, err := openBeside(cmd.Context(), config)
			if err != nil {
				return err
			}
			defer a.Close()
			size := n
			if !fresh {
				size = 0 // the sign-ins are there; the population is added below
			}
			ways, err := a.Demonstrate(cmd.Context(), size, seed, c.progress())
			if err == nil && !fresh {
				err = a.Populate(cmd.Context(), n, seed, c.progress())
			}
			if err != nil {
				return err
			}
			return c.print(map[string]any{"participants": n, "seed": seed, "sign_ins": ways}, "%d participants from seed %d\n%s", n, seed, signIns(ways))
		},
	}
	cmd.Flags().IntVar(&n, "participants", 1000, "how many people")
	cmd.Flags().Uint64Var(&seed, "seed", demoSeed, "what they are drawn from")
	return cmd
}

// demonstration tells whether the data folder is one already.
func (c *console) demonstration() bool {
	_, err := os.Stat(filepath.Join(c.Data, "demonstration"))
	return err == nil
}

// progress tells on the log how far a population is, each thousand people.
func (c *console) progress() func(int) {
	log, told := c.log(), 0
	return func(done int) {
		if done >= told+1000 {
			told = done
			log.Info("population", "participants", done)
		}
	}
}

func signIns(ways []app.SignIn) string {
	var b strings.Builder
	for _, w := range ways {
		fmt.Fprintf(&b, "%-12s %-8s %s\n", w.Role, w.Name, w.Password)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// demonstrate fills a demonstration the first time, and gives its sign-ins.
func (c *console) demonstrate(ctx context.Context, a *app.App) ([]app.SignIn, error) {
	return a.Demonstrate(ctx, demoSize, demoSeed, c.progress())
}
