package view

import (
	"time"

	"kindred/internal/fault"
	"kindred/internal/locale"
)

// StyleguideShell surrounds the page of all components, as a caregiver with everything waiting would see it.
func StyleguideShell(p *locale.Printer, theme Theme) Shell {
	return Shell{
		Printer: p, Theme: theme, Path: "/styleguide", SignedIn: true, Name: "Maria", Demo: true,
		Places: []Link{
			{Label: Key("page_styleguide.title"), Href: "/styleguide", Here: true},
			{Label: Key("page_styleguide.fields"), Href: "/styleguide#main", Count: 2},
			{Label: Key("page_styleguide.tables"), Href: "/styleguide#main"},
		},
	}
}

// Styleguide is the page that shows every component once, with invented people.
func Styleguide(p *locale.Printer) Page {
	day := time.Date(2021, 3, 4, 10, 42, 0, 0, time.UTC)
	few := p.T("page_styleguide.chart.few")
	return Page{
		Title:   Key("page_styleguide.title"),
		Back:    &Link{Href: "/"},
		Subject: &Subject{Name: "Lucía", Relation: Key("page_styleguide.person.daughter"), Dot: 2, Switch: "/styleguide"},
		Data: struct {
			At, Today time.Time
			Faults    fault.List
			Bars      []Bar
		}{day, day.AddDate(0, 2, 19), fault.List{
			fault.New(fault.Invalid, "page_styleguide.weight.error").At("weight"),
			fault.New(fault.Invalid, "page_styleguide.onset.error").At("onset"),
		}, []Bar{
			{Label: "0–4", Hidden: true, Says: few, Series: 1},
			{Label: "5–9", Value: 14, Says: "14", Series: 1},
			{Label: "10–14", Value: 31, Says: "31", Series: 2},
			{Label: "15–19", Value: 22, Says: "22", Series: 3},
			{Label: "20–39", Value: 47, Says: "47", Series: 4},
			{Label: "40+", Value: 18, Says: "18", Series: 5},
		}},
	}
}
