package view

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"time"

	"kindred/internal/fault"
	"kindred/internal/locale"
)

// functions are what templates can call, bound to one language.
func functions(p *locale.Printer, assets *Assets) template.FuncMap {
	return template.FuncMap{
		"T": p.T, "N": p.N, "Date": p.Date, "Day": p.Day, "Partial": p.Partial, "Time": p.Time, "Number": p.Number,
		"Say":   func(ph Phrase) string { return ph.In(p) },
		"Key":   Key,
		"Count": Count,
		"Plain": Plain,
		"Asset": assets.URL,
		"Icon":  icon,
		"Iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"ID":    ID,
		"Dir":   direction,
		"List":  func(items ...any) []any { return items },
		"Words": func(items ...string) []string { return items },
		"Pairs": pairs,
		"Add":   func(a, b int) int { return a + b },
		"Join":  strings.Join,
		"Lower": strings.ToLower,
		"Wrong": func(faults fault.List, field string) string { return wrong(p, faults, field) },
		"Tell":  func(e *fault.Error) string { return Tell(p, e) },
		"LanguageName": func(lang string) string {
			return locale.For(lang).T("view.language.name")
		},
		"Languages": func() []string { return locale.Languages },

		"Button": build[Button], "Field": build[Field], "Option": build[Option], "Choices": build[Choices],
		"Select": build[Select], "DateBoxes": build[DateBoxes], "Search": build[Search], "Found": build[Found],
		"Task": build[Task], "Row": build[Row], "Summary": build[Summary], "Notice": build[Notice], "Steps": build[Steps],
		"Progress": build[Progress], "Chip": build[Chip], "PersonCard": build[PersonCard], "Message": build[Message],
		"Column": build[Column], "Cell": build[Cell], "Table": build[Table], "Chart": build[Chart], "Bar": build[Bar],
		"Empty": build[Empty], "Event": build[Event], "Timeline": build[Timeline], "Pages": build[Pages],
		"Upload": build[Upload], "Details": build[Details], "Tag": build[Tag], "Link": build[Link],
		"Options": slice[Option], "Rows": slice[Row], "Tasks": slice[Task], "Columns": slice[Column], "Cells": slice[Cell],
		"Bars": slice[Bar], "Events": slice[Event], "Founds": slice[Found],
		"Lines": func(rows ...[]Cell) [][]Cell { return rows },
	}
}

// build fills a component from pairs of field and value. A field that does not exist, or a value of another type, is an
// error: a misspelt option must not pass in silence.
func build[T any](args ...any) (T, error) {
	var c T
	v := reflect.ValueOf(&c).Elem()
	if len(args)%2 != 0 {
		return c, fmt.Errorf("%s: fields come in pairs with their values", v.Type().Name())
	}
	for i := 0; i < len(args); i += 2 {
		name, _ := args[i].(string)
		f := v.FieldByName(name)
		if !f.IsValid() {
			return c, fmt.Errorf("%s has no field %v", v.Type().Name(), args[i])
		}
		if args[i+1] == nil {
			continue
		}
		value := reflect.ValueOf(args[i+1])
		switch {
		case value.Type().AssignableTo(f.Type()):
			f.Set(value)
		case f.Kind() == reflect.Pointer && value.Type().AssignableTo(f.Type().Elem()):
			p := reflect.New(f.Type().Elem())
			p.Elem().Set(value)
			f.Set(p)
		case f.Kind() == reflect.String && value.Kind() == reflect.String,
			f.Kind() == reflect.Int && value.CanInt():
			f.Set(value.Convert(f.Type()))
		default:
			return c, fmt.Errorf("%s.%s is a %s, not a %s", v.Type().Name(), name, f.Type(), value.Type())
		}
	}
	return c, nil
}

func slice[T any](items ...T) []T { return items }

// pairs makes a map for templates that take more than one value.
func pairs(args ...any) (map[string]any, error) {
	if len(args)%2 != 0 {
		return nil, fmt.Errorf("pairs: keys come with values")
	}
	m := map[string]any{}
	for i := 0; i < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m, nil
}

// ID is the id of a field's control, made of its name; the error summary leads to it.
func ID(name string) string {
	return "f-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, name)
}

// Tell is the sentence of a fault for a reader: its message with its arguments, or the general one of its kind when it
// has none. The cause is never part of it.
func Tell(p *locale.Printer, e *fault.Error) string {
	if e == nil {
		return ""
	}
	key := e.Key
	if !locale.Has(key) {
		key = "fault." + e.Kind.String()
	}
	return p.T(key, map[string]any(e.Args))
}

func wrong(p *locale.Printer, faults fault.List, field string) string {
	for _, e := range faults {
		if e.Field == field {
			return Tell(p, e)
		}
	}
	return ""
}
