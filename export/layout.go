package export

import (
	"fmt"
	"strconv"
	"strings"

	"kindred/questionnaires/compare"
)

// What stands in a cell that has no answer. They are told apart because they mean different things to a study; the sheet
// Missing explains them to its reader. In FHIR they are: the item is not in the Questionnaire; it is, and neither in the
// response nor in an extensionNotShown; it is named by one; its answer has a data-absent-reason instead of a value,
// asked-declined or unknown; the item is in the response and masked.
const (
	MarkNotAsked = "[not in this version]"
	MarkSkipped  = "[no answer]"
	MarkHidden   = "[not applicable]"
	MarkDeclined = "[declined]"
	MarkUnsaid   = "[no value]"
	MarkWithheld = "[withheld]"
)

// layout is the sheet of one questionnaire with the child sheets of its repeats: one column for each question of any
// of its versions, so that a cell can say "not in this version".
type layout struct {
	url   string
	title string
	short string // Q1, Q2, ...
	root  *grid
	grids []*grid
	at    map[*Question]place
}

// grid is one sheet: the responses themselves, or the instances of something that repeats.
type grid struct {
	name    string
	parent  *grid
	count   int       // column of the parent that says how many rows there are
	item    *Question // what repeats; nil for the root
	columns []*column
}

// column is a question in a grid, over the versions that ask it.
type column struct {
	header   string
	question *Question // as the newest version words it
	asked    map[string]*Question
	unit     bool            // a second column, after a quantity
	rows     bool            // how many rows something that repeats has in its own sheet
	lineage  *compare.Column // nil where the versions could not be compared
}

// place is where an item of one version stands.
type place struct {
	grid   *grid
	column int // -1 for a group
	child  *grid
}

// splits tells whether a question needs rows of its own. A choice with many answers does not: its codes stand in one
// cell, unless something is asked under each.
func (q *Question) splits() bool {
	if !q.Repeats {
		return false
	}
	return q.Type == "group" || len(q.Items) > 0 || q.Type != "choice" && q.Type != "open-choice"
}

// layouts lays out the questionnaires of a plan, in the order of their first appearance.
func layouts(forms []*Form) []*layout {
	var order []string
	versions := map[string][]*Form{}
	for _, f := range forms {
		if versions[f.URL] == nil {
			order = append(order, f.URL)
		}
		versions[f.URL] = append(versions[f.URL], f)
	}
	var all []*layout
	for i, url := range order {
		l := &layout{url: url, short: "Q" + strconv.Itoa(i+1), at: map[*Question]place{}}
		list := versions[url]
		l.title = list[len(list)-1].Title
		l.root = &grid{name: strings.TrimSpace(l.short + " " + l.title)}
		l.grids = []*grid{l.root}
		w := &weaver{layout: l, forms: list, grids: map[string]*grid{}, columns: map[string]int{}, names: map[string]bool{}, split: map[string]bool{}, lineage: lineageOf(list)}
		for _, f := range list {
			for link, q := range f.byLink {
				w.split[link] = w.split[link] || q.splits()
			}
		}
		for k := len(list) - 1; k >= 0; k-- { // the newest wording and order lead; what only older versions ask follows
			w.at, w.version = k, list[k].Version
			w.weave(list[k].Items, l.root, "")
		}
		all = append(all, l)
	}
	return all
}

// weaver brings the versions of a questionnaire together. A question keeps its column as long as it stays inside the
// same repeat; one that repeats in any version has rows of its own in all.
type weaver struct {
	layout  *layout
	forms   []*Form
	at      int
	version string
	lineage []map[string]*compare.Column // of each version, by linkId
	grids   map[string]*grid
	columns map[string]int
	names   map[string]bool // linkIds that name a column, by path
	split   map[string]bool
}

func (w *weaver) weave(items []*Question, g *grid, path string) {
	for _, q := range items {
		if q.Type == "display" {
			continue
		}
		at := place{grid: g, column: -1}
		inner, innerPath := g, path
		if w.split[q.LinkID] {
			inner, innerPath = w.child(q, g, path)
			at.child = inner
		}
		if q.Type != "group" {
			at.grid, at.column = inner, w.column(q, inner, innerPath)
		}
		w.layout.at[q] = at
		w.weave(q.Items, inner, innerPath)
	}
}

func (w *weaver) child(q *Question, g *grid, path string) (*grid, string) {
	path += "/" + q.LinkID
	if c := w.grids[path]; c != nil {
		g.columns[c.count].asked[w.version] = q
		return c, path
	}
	c := &grid{parent: g, item: q, name: fmt.Sprintf("%s.%d %s", w.layout.short, len(w.layout.grids), q.Label)}
	w.grids[path] = c
	c.count = len(g.columns)
	g.columns = append(g.columns, &column{header: q.LinkID + " (rows)", question: q, asked: map[string]*Question{}, rows: true})
	g.columns[c.count].asked[w.version] = q
	w.layout.grids = append(w.layout.grids, c)
	return c, path
}

func (w *weaver) column(q *Question, g *grid, path string) int {
	lineage := w.lineage[w.at][q.LinkID]
	key := fmt.Sprintf("%s\x00%s\x00%p", path, q.LinkID, lineage)
	if at, ok := w.columns[key]; ok {
		g.columns[at].asked[w.version] = q
		return at
	}
	at := len(g.columns)
	w.columns[key] = at
	c := &column{header: header(q.LinkID), question: q, asked: map[string]*Question{w.version: q}, lineage: lineage}
	if w.taken(path, q.LinkID) { // a newer version asks something else under this linkId
		c.header += " (version " + w.version + ")"
	}
	w.names[path+"\x00"+q.LinkID] = true
	g.columns = append(g.columns, c)
	if q.Type == "quantity" {
		g.columns = append(g.columns, &column{header: c.header + " (unit)", question: q, asked: c.asked, unit: true})
	}
	return at
}

func (w *weaver) taken(path, link string) bool { return w.names[path+"\x00"+link] }

// lineageOf tells for each version which column of the whole questionnaire an item belongs to: where its meaning changed
// and its linkId did not, the answers before and after are not the same column. Versions that cannot be compared have
// none, and their items stay together by linkId.
func lineageOf(forms []*Form) []map[string]*compare.Column {
	of := make([]map[string]*compare.Column, len(forms))
	raws := make([][]byte, len(forms))
	for i, f := range forms {
		of[i], raws[i] = map[string]*compare.Column{}, f.Raw
	}
	columns, err := compare.Lineage(raws...)
	if err != nil {
		return of
	}
	for i := range columns {
		for _, v := range columns[i].Versions {
			of[v][columns[i].LinkID] = &columns[i]
		}
	}
	return of
}

// Columns that every sheet of a questionnaire begins with.
var (
	rootColumns  = []string{"row_id", "pseudonym", "version", "status", "answered_at", "language"}
	childColumns = []string{"row_id", "parent_row_id", "response_row_id", "pseudonym", "version", "position"}
)

// header is the linkId itself, which is unique, unless it is the name of one of our columns.
func header(linkID string) string {
	for _, list := range [][]string{rootColumns, childColumns} {
		for _, name := range list {
			if strings.EqualFold(name, linkID) {
				return "item " + linkID
			}
		}
	}
	return linkID
}

// separator stands between the codes of a multiple choice; inside a code it is written with a backslash before it.
const separator = "|"

var codeEscape = strings.NewReplacer(`\`, `\\`, separator, `\`+separator)

func joinCodes(codes []string) string {
	for i, c := range codes {
		codes[i] = codeEscape.Replace(c)
	}
	return strings.Join(codes, separator)
}
