package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"kindred/internal/fhir"
	"kindred/internal/jobs"
	"kindred/internal/web"
	"kindred/internal/web/api"
	"kindred/internal/web/page"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/policies"
)

// Front says how the registry is reached.
type Front struct {
	Addr    string
	Secure  bool           // behind https: cookies and Strict-Transport-Security say so
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	House   view.House     // who runs this registry
	Started func(addr string)
}

// Engine builds what answers requests.
func (a *App) Engine(f Front) (*web.Engine, error) {
	f.House.HPO = a.Registry.Vocabulary().Symptoms.Version
	v, err := view.New(f.House)
	if err != nil {
		return nil, err
	}
	keeper := session.NewKeeper(a.Accounts, f.Secure)
	return web.New(web.Config{
		Pages: page.New(page.Services{
			View: v, Sessions: keeper, Authority: a.Authority, Accounts: a.Accounts, Consent: a.Consent, Registry: a.Registry, Audit: a.Audit,
			Questionnaires: a.Questionnaires, Codesign: a.Codesign, Export: a.Studies, Clock: a.Clock, Demo: a.Folder.IsDemonstration(),
		}),
		Sessions: keeper, Authority: a.Authority, Ready: a.DB.Ready, Log: a.config.Log,
		Denied: func(ctx context.Context, actor policies.Actor, r route.Route) error {
			return a.Audit.Denied(ctx, actor, r.Right.Purpose, r.Right.Object, r.Right.Act, r.Method+" "+r.Path)
		},
		API: api.New(api.Services{
			Authority: a.Authority, Accounts: a.Accounts, Consent: a.Consent, Registry: a.Registry, Questionnaires: a.Questionnaires, Codesign: a.Codesign, Launch: a.launch, Studies: a.Studies,
			Audit: a.Audit, Once: a.Once, Oracle: oracle{}, Clock: a.Clock,
		}).Routes(),
		Secure: f.Secure, Proxies: f.Proxies, Demo: a.Folder.IsDemonstration(),
	})
}

// oracle is google/fhir for the API, which must not import it.
type oracle struct{}

// Check judges a resource.
func (oracle) Check(resource []byte) error { return fhir.Check(resource) }

// Serve answers requests and works jobs until ctx ends; then it lets what is under way finish.
func (a *App) Serve(ctx context.Context, f Front) error {
	engine, err := a.Engine(f)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.Addr)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	server := engine.Server(f.Addr)
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	worked := make(chan error, 1)
	go func() { worked <- a.Work(working) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if f.Started != nil {
		f.Started(listener.Addr().String())
	}
	select {
	case err = <-served:
	case err = <-worked:
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if stopped := server.Shutdown(drain); stopped != nil {
		err = errors.Join(err, stopped, server.Close())
	}
	stopWork()
	if ctx.Err() != nil {
		err = errors.Join(err, <-worked)
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// Work works jobs and weaves the audit until ctx ends, then waits for what is under way.
func (a *App) Work(ctx context.Context) error {
	node, err := a.Folder.Node()
	if err != nil {
		return err
	}
	if err := a.Studies.Clean(ctx); err != nil {
		return err
	}
	q, err := jobs.New(a.DB, a.workers, jobs.Config{Node: node, Log: a.config.Log})
	if err != nil {
		return err
	}
	background := context.WithoutCancel(ctx)
	if err := q.Start(background); err != nil {
		return err
	}
	var weaving sync.WaitGroup
	weaving.Go(func() { a.Audit.Run(ctx, a.config.Log) })
	a.tend(ctx)
	stop, cancel := context.WithTimeout(background, 20*time.Second)
	defer cancel()
	err = q.Stop(stop)
	weaving.Wait()
	return err
}

// tend does what is due from time to time, until ctx ends: releases that hold somebody who is no longer covered are
// taken back each minute, and what has run out is swept each hour.
func (a *App) tend(ctx context.Context) {
	recall, sweep := time.NewTicker(time.Minute), time.NewTicker(time.Hour)
	defer recall.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-recall.C:
			_, err = a.Studies.Recall(ctx)
		case <-sweep.C:
			_, err = a.Files.Sweep(ctx, a.DB)
			err = errors.Join(err, a.Accounts.Sweep(ctx), a.Once.Sweep(ctx))
		case <-ctx.Done():
			return
		}
		if err != nil && ctx.Err() == nil {
			a.config.Log.ErrorContext(ctx, "tend", "error", err.Error())
		}
	}
}
