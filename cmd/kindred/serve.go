package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // machines and containers without zone files

	"github.com/spf13/cobra"

	"kindred/internal/app"
	"kindred/internal/web/route"
)

func serveCommand(c *console) *cobra.Command {
	var proxies []string
	var demo bool
	front := c.front()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Server and workers in one process; makes the data folder, keys and schema",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if front.Proxies, err = prefixes(proxies); err != nil {
				return err
			}
			if err = vacant(cmd.Context(), front.Addr); err != nil {
				return err
			}
			if front.House.Zone, err = zone(c.Zone); err != nil {
				return err
			}
			config := c.config()
			config.Demo = demo
			a, err := app.Open(cmd.Context(), config)
			if err != nil {
				return err
			}
			defer a.Close()
			var ways []app.SignIn
			if demo {
				if ways, err = c.demonstrate(cmd.Context(), a); err != nil {
					return err
				}
			}
			front.Started = func(addr string) { c.started(ways, addr, front.Secure) }
			return a.Serve(cmd.Context(), front)
		},
	}
	f := cmd.Flags()
	f.StringVar(&front.Addr, "addr", front.Addr, "address to listen on (KINDRED_ADDR)")
	f.BoolVar(&front.Secure, "secure", front.Secure, "people reach it by https, through a proxy: cookies and headers say so (KINDRED_SECURE)")
	f.StringSliceVar(&proxies, "proxy", c.Proxies, "network whose X-Forwarded-For is believed, such as 10.0.0.0/8; may be repeated (KINDRED_PROXIES, with commas)")
	f.StringVar(&front.House.Operator, "operator", c.Operator, "who runs this registry, shown on each page (KINDRED_OPERATOR)")
	f.StringVar(&front.House.OperatorURL, "operator-url", c.OperatorURL, "their page (KINDRED_OPERATOR_URL)")
	f.StringVar(&front.House.Contact, "contact", c.Contact, "mail address for help (KINDRED_CONTACT)")
	f.StringVar(&c.Zone, "time-zone", c.Zone, "zone in which pages tell times, such as Europe/Madrid (KINDRED_TIME_ZONE)")
	f.BoolVar(&demo, "demo", false, "add a synthetic population and one sign-in per role; on a new or demonstration data folder alone")
	return cmd
}

// vacant tells whether the address can be listened on, before a folder or a population is made for nothing.
func vacant(ctx context.Context, addr string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("--addr %s: another program listens there; choose another address, such as 127.0.0.1:8081", addr)
	}
	if err != nil {
		return fmt.Errorf("--addr %s: %w", addr, err)
	}
	return l.Close()
}

func (c *console) front() app.Front {
	f := app.Front{Addr: c.Addr, Secure: c.Secure}
	f.House.Operator, f.House.OperatorURL, f.House.Contact = c.Operator, c.OperatorURL, c.Contact
	return f
}

// zone finds a time zone by its name in the IANA database, which the program carries.
func zone(name string) (*time.Location, error) {
	z, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("--time-zone %s: not a time zone such as Europe/Madrid", name)
	}
	return z, nil
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, t := range texts {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("--proxy %s: not a network such as 10.0.0.0/8", t)
		}
		all = append(all, p)
	}
	return all, nil
}

// started tells where the registry is, on stdout, where a program that started it looks.
func (c *console) started(ways []app.SignIn, addr string, secure bool) {
	scheme := "http"
	if secure {
		scheme = "https"
	}
	text := scheme + "://" + addr
	if len(ways) > 0 {
		text += "\n" + signIns(ways)
	}
	if err := c.print(map[string]any{"address": scheme + "://" + addr, "sign_ins": ways}, "%s", text); err != nil {
		c.log().Error("the address could not be printed", "error", err)
	}
}

func routesCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "routes",
		Short: "Every route with the right it needs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, err := routes(cmd.Context())
			if err != nil {
				return err
			}
			return c.print(rows(table), "%s", lines(table))
		},
	}
}

// routes reads the table of a registry that lives as long as this: the command needs no data folder and touches none.
func routes(ctx context.Context) ([]route.Route, error) {
	dir, err := os.MkdirTemp("", "kindred-routes-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	a, err := app.Open(ctx, app.Config{Data: dir, Demo: true})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	engine, err := a.Engine(app.Front{})
	if err != nil {
		return nil, err
	}
	return engine.Routes(), nil
}

type routeRow struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Right  string `json:"right"`
	Demo   bool   `json:"demo,omitempty"`
}

func rows(table []route.Route) []routeRow {
	all := make([]routeRow, len(table))
	for i, r := range table {
		all[i] = routeRow{r.Method, r.Path, r.Right.String(), r.Demo}
	}
	return all
}

func lines(table []route.Route) string {
	all := make([]string, len(table))
	for i, r := range table {
		all[i] = fmt.Sprintf("%-6s %-50s %s", r.Method, r.Path, r.Right)
	}
	return strings.Join(all, "\n")
}
