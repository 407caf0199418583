package sdc

import (
	"slices"
	"strconv"
	"strings"

	"kindred/internal/ident"
)

// Fields are the values of an HTML form, such as http.Request.PostForm. A page of a questionnaire uses these names,
// with p the path of an item:
//
//	_asked       one value for each question shown: its path. Questions not named here are left as they are.
//	p            the answer, or one value for each box that is ticked: the option's key
//	p~other      an answer of one's own to an open choice
//	p~unit       the unit of a quantity
//	p~year p~month p~day   a date in three boxes, which may be left empty from the right
//	p~time       the time of a dateTime, beside a date in p or in three boxes
//	p~zone       the offset of that time, such as +02:00
//	p~file       an uploaded file's blob id
//	p~was        the Print of the answers that the page showed
//	_decline     the path of a question that shall not be answered
//	_add         the path of a repeating group that shall have one more entry
//	_remove      path~instance of an entry that shall go
//	_move        path~instance of an entry that shall stand one place nearer to the start
//	_confirm     the path of a question whose prefilled answer is still true
type Fields map[string][]string

func (f Fields) one(name string) string {
	if v := f[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// entries reads the answers to one question.
func (f Fields) entries(it *item, path string) []Entry {
	other := f.one(path + "~other")
	if it.answer == Date || it.answer == DateTime {
		day := f.one(path)
		if y, m, d := f.one(path+"~year"), f.one(path+"~month"), f.one(path+"~day"); y+m+d != "" {
			day = threeBoxes(y, m, d)
		}
		if clock := f.one(path + "~time"); clock != "" && it.answer == DateTime {
			day += "T" + withSeconds(clock) + firstOf(f.one(path+"~zone"), "Z")
		}
		return []Entry{{Text: day}}
	}
	if it.answer == File {
		var list []Entry
		for _, id := range f[path+"~file"] {
			if blob, err := ident.Parse[ident.BlobID](id); err == nil {
				list = append(list, Entry{File: &Attachment{Blob: blob}})
			}
		}
		return list
	}
	list := []Entry{}
	for i, text := range f[path] {
		unit := ""
		if units := f[path+"~unit"]; i < len(units) {
			unit = units[i]
		}
		list = append(list, Entry{Text: text, Unit: unit})
	}
	if other != "" {
		if !it.Repeats {
			return []Entry{{Other: other}}
		}
		list = append(list, Entry{Other: other})
	}
	return list
}

// threeBoxes joins year, month and day; a gap makes a date that does not exist, which is then told.
func threeBoxes(y, m, d string) string {
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	switch {
	case m == "" && d == "":
		return y
	case d == "":
		return y + "-" + pad(m)
	default:
		return y + "-" + pad(m) + "-" + pad(d)
	}
}

// Changes reads a page's fields, in their order.
func (f Fields) Changes(form *Form) ([]Change, error) {
	var list []Change
	for _, text := range f["_asked"] {
		if slices.Contains(f["_decline"], text) {
			continue
		}
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		index, ok := form.byLink[path.LinkID]
		if !ok {
			continue // a name that no page of ours gives is not an answer
		}
		c := Change{Path: path, Op: OpAnswer, Entries: f.entries(&form.items[index], text), Base: f.one(text + "~was")}
		if c.Entries == nil {
			c.Entries = []Entry{}
		}
		list = append(list, c)
	}
	for _, text := range f["_decline"] {
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		list = append(list, Change{Path: path, Op: OpDecline, Base: f.one(text + "~was")})
	}
	for _, text := range f["_add"] {
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		list = append(list, Change{Path: path, Op: OpAdd})
	}
	for _, text := range f["_remove"] {
		cut := max(strings.LastIndexByte(text, '~'), 0)
		path, err := ParsePath(text[:cut])
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(text[cut+1:])
		if err != nil {
			return nil, ErrNoItem
		}
		list = append(list, Change{Path: path, Op: OpRemove, Instance: n})
	}
	more, err := f.arrangements()
	return append(list, more...), err
}
