package web

import (
	"github.com/gin-gonic/gin"

	"kindred/internal/web/page"
	"kindred/internal/web/route"
)

// Table is every route with the right it needs. What the API offers is added by its own packages.
func Table(p *page.Pages, e *Engine, api []route.Route) []route.Route {
	table := []route.Route{
		{Method: "GET", Path: "/healthz", Right: route.Anyone, Handler: e.healthz},
		{Method: "GET", Path: "/readyz", Right: route.Anyone, Handler: e.readyz},
		{Method: "GET", Path: "/metrics", Right: route.Anyone, Handler: e.metricsPage},
		{Method: "GET", Path: "/assets/*file", Right: route.Anyone, Handler: assets(p)},

		{Method: "GET", Path: "/", Right: route.Anyone, Handler: p.Show(p.Landing)},
		{Method: "GET", Path: "/help", Right: route.Anyone, Handler: p.Show(p.Help)},
		{Method: "GET", Path: "/privacy", Right: route.Anyone, Handler: p.Show(p.Privacy)},
		{Method: "GET", Path: "/styleguide", Right: route.Anyone, Handler: p.Show(p.Styleguide), Demo: true},
		{Method: "POST", Path: "/settings/language", Right: route.Anyone, Handler: p.Show(p.Language)},
		{Method: "POST", Path: "/settings/theme", Right: route.Anyone, Handler: p.Show(p.Theme)},

		{Method: "GET", Path: "/sign-in", Right: route.Anyone, Handler: p.Show(p.SignIn)},
		{Method: "POST", Path: "/sign-in", Right: route.Anyone, Handler: p.Show(p.SignInNow)},
		{Method: "POST", Path: "/sign-out", Right: route.Anyone, Handler: p.Show(p.SignOut)},
		{Method: "GET", Path: "/register", Right: route.Anyone, Handler: p.Show(p.Register)},
		{Method: "POST", Path: "/register", Right: route.Anyone, Handler: p.Show(p.RegisterNow)},
		{Method: "GET", Path: "/account", Right: route.SignedIn, Handler: p.Show(p.Account)},
		{Method: "GET", Path: "/account/password", Right: route.SignedIn, Handler: p.Show(p.Password)},
		{Method: "POST", Path: "/account/password", Right: route.SignedIn, Handler: p.Show(p.PasswordNow)},
		{Method: "GET", Path: "/account/mail", Right: route.SignedIn, Handler: p.Show(p.Mail)},
		{Method: "POST", Path: "/account/mail", Right: route.SignedIn, Handler: p.Show(p.MailNow)},
	}
	return append(table, api...)
}

func assets(p *page.Pages) route.Handler {
	return func(c *gin.Context) error {
		p.View.Assets().ServeHTTP(c.Writer, c.Request)
		return nil
	}
}
