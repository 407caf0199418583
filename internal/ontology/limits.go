package ontology

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of what is read. The largest official files of 2026 have 22 MB, 20,000 terms and lines of 20 kB.
const (
	maxFile  = 256 << 20
	maxTerms = 200_000
	maxNames = 2_000_000
	maxLine  = 1 << 20
	maxText  = 1_000 // bytes of one name
)

// capped reads at most maxFile bytes and then answers ErrTooLarge rather than a silent end.
type capped struct {
	r    io.Reader
	left int64
}

func newCapped(r io.Reader) *capped { return &capped{r, maxFile} }

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, ErrTooLarge.With("Limit", "256 MB")
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	return n, err
}

// table reads tab separated lines with a header.
type table struct {
	scan    *bufio.Scanner
	columns map[string]int
	line    int
	cells   []string
}

// openTable reads the header. Column names lose a leading "?" and any quotes.
func openTable(r io.Reader, needed ...string) (*table, error) {
	t := &table{scan: bufio.NewScanner(newCapped(r)), columns: map[string]int{}}
	t.scan.Buffer(make([]byte, 64<<10), maxLine)
	if !t.next() {
		if err := t.err(); err != nil {
			return nil, err
		}
		return nil, ErrNoTerms
	}
	for i, c := range t.cells {
		name := strings.Trim(strings.TrimPrefix(strings.TrimSpace(c), "\ufeff"), `?"`)
		if _, twice := t.columns[name]; !twice {
			t.columns[name] = i
		}
	}
	for _, c := range needed {
		if _, ok := t.columns[c]; !ok {
			return nil, ErrNoColumn.With("Column", c)
		}
	}
	return t, nil
}

func (t *table) next() bool {
	if !t.scan.Scan() {
		return false
	}
	t.line++
	t.cells = strings.Split(strings.TrimSuffix(t.scan.Text(), "\r"), "\t")
	return true
}

// cell is the text in a column of the current line, or "" where the column or the cell is absent.
func (t *table) cell(column string) string {
	i, ok := t.columns[column]
	if !ok || i >= len(t.cells) {
		return ""
	}
	return strings.TrimSpace(t.cells[i])
}

func (t *table) bad() error { return ErrBadLine.With("Line", t.line) }

func (t *table) err() error {
	err := t.scan.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return ErrBadLine.With("Line", t.line+1).Because(err)
	}
	return err
}

// usable tells whether a text can be a name: not empty, valid, not too long, no control characters.
func usable(s string) bool {
	return s != "" && len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
