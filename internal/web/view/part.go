package view

import (
	"bytes"
	"fmt"
)

// Part gives one template of a page as text, for an answer that carries several.
func (v *View) Part(shell Shell, name, part string, page Page) (string, error) {
	set := v.pages[shell.Printer.Lang()][name]
	if set == nil {
		return "", fmt.Errorf("view: no page %q in %s", name, shell.Printer.Lang())
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, part, screen{page, shell, v.house}); err != nil {
		return "", fmt.Errorf("view: %s: %w", name, err)
	}
	return b.String(), nil
}
