package view

import (
	"fmt"
	"html/template"
)

// icons are our own line drawings on a grid of 24, two units thick.
var icons = map[string]string{
	"check":    `<path d="M4 12.5l5.5 5.5L20 6.5"/>`,
	"info":     `<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.4v.2"/>`,
	"warning":  `<path d="M12 3.5L22 20.5H2z"/><path d="M12 10v5M12 17.6v.2"/>`,
	"error":    `<path d="M8 2.8h8L21.2 8v8L16 21.2H8L2.8 16V8z"/><path d="M12 7.5v5.5M12 16.3v.2"/>`,
	"back":     `<path d="M14.5 5L7.5 12l7 7"/>`,
	"next":     `<path d="M9.5 5l7 7-7 7"/>`,
	"down":     `<path d="M5 9l7 7 7-7"/>`,
	"up":       `<path d="M5 15l7-7 7 7"/>`,
	"search":   `<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>`,
	"clock":    `<circle cx="12" cy="12" r="9"/><path d="M12 6.5V12l4 2.5"/>`,
	"cross":    `<path d="M6 6l12 12M18 6L6 18"/>`,
	"minus":    `<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>`,
	"question": `<circle cx="12" cy="12" r="9"/><path d="M9.3 9.5a2.8 2.8 0 1 1 4 2.5c-.9.5-1.3 1-1.3 2M12 17v.2"/>`,
	"home":     `<path d="M4 11.5L12 4l8 7.5M6 10v10h12V10"/>`,
	"data":     `<path d="M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5M9 12.5h6.5M9 16.5h6.5"/>`,
	"form":     `<path d="M5 4h14v16H5zM8.5 9l1.5 1.5L12.5 8M8.5 15l1.5 1.5 2.5-2.5M15 9.5h1.5M15 15.5h1.5"/>`,
	"consent":  `<path d="M4 20h16M6 16l1-4L16.5 2.5l3 3L10 15z"/>`,
	"people":   `<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.6 3.5 5.5"/>`,
	"person":   `<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.6-4.5 3.5-6.5 7.5-6.5s6.9 2 7.5 6.5"/>`,
	"file":     `<path d="M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5"/>`,
	"download": `<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>`,
	"upload":   `<path d="M12 16V5M7 9.5l5-5 5 5M4.5 20h15"/>`,
	"lock":     `<path d="M5.5 11h13v9.5h-13zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>`,
	"edit":     `<path d="M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z"/>`,
	"menu":     `<path d="M4 7h16M4 12h16M4 17h16"/>`,
	"stop":     `<circle cx="12" cy="12" r="9"/><path d="M5.8 5.8l12.4 12.4"/>`,
	"bell":     `<path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4"/>`,
	"scale":    `<path d="M12 4v16M7 20h10M5 7h14M5 7l-2.5 6.5h5zM19 7l-2.5 6.5h5z"/>`,
	"flask":    `<path d="M9.5 3.5h5M10.5 3.5v6L5 19.5h14l-5.5-10v-6M8 15h8"/>`,
}

// icon is one drawing, hidden from screen readers: a word always stands beside it. An unknown name is an error.
func icon(name string) (template.HTML, error) {
	d, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">` + d + `</svg>`), nil
}
