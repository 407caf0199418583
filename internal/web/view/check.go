package view

import (
	"fmt"
	"html/template"
	"reflect"
	"sort"
	"strings"
	"text/template/parse"

	"kindred/internal/locale"
)

// keyed are the functions whose first argument is a message key.
var keyed = map[string]bool{"T": true, "N": true, "Key": true, "Count": true}

// checkKeys walks the parse trees of a set and answers every message key that no language file has.
func checkKeys(set *template.Template) error {
	missing := map[string]bool{}
	for _, t := range set.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			walk(reflect.ValueOf(t.Tree.Root), func(c *parse.CommandNode) {
				if len(c.Args) < 2 {
					return
				}
				name, ok := c.Args[0].(*parse.IdentifierNode)
				key, text := c.Args[1].(*parse.StringNode)
				if ok && text && keyed[name.Ident] && !locale.Has(key.Text) {
					missing[key.Text] = true
				}
			})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var keys []string
	for k := range missing {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return fmt.Errorf("no message for %s", strings.Join(keys, ", "))
}

// walk visits every command below a node, whatever kinds of node lie between.
func walk(v reflect.Value, visit func(*parse.CommandNode)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*parse.Tree]() {
			return
		}
		if c, ok := v.Interface().(*parse.CommandNode); ok {
			visit(c)
		}
		walk(v.Elem(), visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	}
}
