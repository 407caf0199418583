package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Column is an item over all the versions in which it means the same: what may stand in one column of a table.
type Column struct {
	LinkID       string
	Definition   string   // fingerprint of what the item was where the column begins
	Type, Text   string   // as in the latest version that has it
	Versions     []int    // that have it, by their place in the arguments
	MissingSince []int    // versions from which on a missing answer means something else
	Replaces     []string // linkIds of earlier columns that it takes the place of, by statement or by changed meaning
	ReplacedBy   string   // the linkId of the column that takes its place, "" where there is none
}

// In tells whether a version asks for the column; if not, its absence there is not an answer that is missing.
func (c Column) In(version int) bool {
	for _, v := range c.Versions {
		if v == version {
			return true
		}
	}
	return false
}

// Lineage gives the columns of all versions of a questionnaire, oldest version first, in the order in which they first
// stand in a form. Groups and display items are none. An item whose meaning changed although its linkId did not (in
// forms that came from elsewhere) begins another column.
func Lineage(versions ...[]byte) ([]Column, error) {
	forms := make([]*form, len(versions))
	for i, raw := range versions {
		var err error
		if forms[i], err = read(raw); err != nil {
			return nil, err
		}
	}
	var columns []Column
	at := map[string]int{} // linkId to its present column
	for v, f := range forms {
		for _, i := range f.items {
			if i.typ == "group" || i.typ == "display" {
				continue
			}
			if have, ok := at[i.linkID]; ok {
				before := forms[columns[have].Versions[len(columns[have].Versions)-1]]
				d := &diff{old: before, new: f}
				d.item(before.byLink[i.linkID], i)
				if columns[have].goesOn(d.changes, v) {
					columns[have].see(i, v)
					continue
				}
				columns[have].ReplacedBy = i.linkID
				at[i.linkID] = len(columns)
				columns = append(columns, Column{LinkID: i.linkID, Definition: i.fingerprint(), Replaces: []string{i.linkID}})
			} else {
				at[i.linkID] = len(columns)
				columns = append(columns, Column{LinkID: i.linkID, Definition: i.fingerprint()})
			}
			c := &columns[at[i.linkID]]
			c.see(i, v)
			for _, old := range stated(i.v, ReplacesURL) {
				if have, ok := at[old]; ok && old != i.linkID {
					c.Replaces = append(c.Replaces, old)
					columns[have].ReplacedBy = i.linkID
				}
			}
		}
	}
	return columns, nil
}

func (c *Column) see(i *item, version int) {
	c.Versions = append(c.Versions, version)
	c.Type, c.Text = i.typ, i.v.Get("text").Text()
}

// goesOn tells whether the changes leave the column what it is.
func (c *Column) goesOn(changes Changes, version int) bool {
	missing := false
	for _, one := range changes {
		switch {
		case one.Class != Meaning:
		case one.Missing:
			missing = true
		default:
			return false
		}
	}
	if missing {
		c.MissingSince = append(c.MissingSince, version)
	}
	return true
}

// fingerprint is the same for items that ask the same in the same way, in whatever version.
func (i *item) fingerprint() string {
	c := i.choices()
	parts := []string{i.linkID, i.typ, i.units(), strings.Join(sorted(coded(i.v.Get("code"))), ","), i.v.Get("definition").Text(),
		plain(i.v.Get("text").Text()), c.unknown}
	for _, o := range c.list {
		parts = append(parts, o.key+"="+o.weight)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
