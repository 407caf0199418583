package sdc

import (
	"math"
	"strings"
	"unicode/utf8"
)

// page is what is shown at a time: some items that stand beside each other.
type page struct {
	items []int
	title Text
	owner int // the group that the page is, or -1
}

// layout cuts the form into pages. Groups with the control "page" are the pages; without any, each group at the top is
// one, and what stands between groups shares one. A single group around everything is looked into first.
func (f *Form) layout() {
	around := f.top
	outer := []int(nil)
	for len(around) == 1 && f.items[around[0]].Type == TypeGroup && !f.items[around[0]].Repeats && f.groupsIn(around[0]) {
		outer = append(outer, around[0])
		around = f.items[around[0]].children
	}
	loose := -1
	for _, i := range around {
		it := &f.items[i]
		switch {
		case it.Type == TypeGroup && it.Control != "header" && it.Control != "footer":
			f.pages = append(f.pages, page{items: []int{i}, title: it.Text, owner: i})
			loose = -1
		case loose >= 0:
			f.pages[loose].items = append(f.pages[loose].items, i)
		default:
			loose = len(f.pages)
			f.pages = append(f.pages, page{items: []int{i}, owner: -1})
		}
	}
	for n := range f.pages {
		if f.pages[n].title.Empty() && len(f.pages) == 1 && len(outer) > 0 {
			f.pages[n].title = f.items[outer[0]].Text
		}
	}
}

// groupsIn tells whether a group is only a wrapper around further groups.
func (f *Form) groupsIn(index int) bool {
	for _, c := range f.items[index].children {
		if f.items[c].Type == TypeGroup {
			return true
		}
	}
	return false
}

// Pages is the number of pages, shown or not.
func (f *Form) Pages() int { return len(f.pages) }

// PageOf is the page on which an item is shown, by linkId; 0 where there is none.
func (f *Form) PageOf(link string) int {
	index, ok := f.byLink[link]
	if !ok {
		return 0
	}
	for n, p := range f.pages {
		for _, i := range p.items {
			if index >= i && index <= f.items[i].last {
				return n
			}
		}
	}
	return 0
}

// Minutes is the effort of a form from its start: what is asked when nothing is answered.
func (f *Form) Minutes() float64 { return f.Remaining(f.Start()) }

// Remaining is the effort left in minutes: the sum over enabled questions without an answer, by this rule. Reading goes
// at 180 words a minute, of the question and of its options up to eight. Answering takes 4 seconds for a choice or yes
// and no, 8 for a number, date or time, 15 for a line, 45 for a text, 60 for a file. Items that are hidden or read-only
// take none. Displays count while any question on their page is open.
func (f *Form) Remaining(s *State) float64 {
	total := 0.0
	for n := range f.pages {
		total += f.pageSeconds(s, n)
	}
	return total / 60
}

// minutes rounds an effort up to whole minutes, 0 only where nothing is left.
// WholeMinutes rounds an effort in seconds up to whole minutes.
func WholeMinutes(seconds float64) int { return int(math.Ceil(seconds / 60)) }

func (f *Form) pageSeconds(s *State, n int) float64 {
	open, displays := 0.0, 0.0
	for _, i := range f.pages[n].items {
		f.visible(s, i, func(it *item, sl *slot) {
			switch {
			case it.Type == TypeDisplay:
				displays += it.seconds()
			case it.question() && !it.ReadOnly && len(sl.list) == 0:
				open += it.seconds()
			}
		})
	}
	if open == 0 {
		return 0
	}
	return open + displays
}

// visible calls for every enabled, not hidden item from index downwards, once for each place where it stands.
func (f *Form) visible(s *State, index int, call func(*item, *slot)) {
	f.each(s.root, &f.items[index], 0, call)
}

// each goes down to the occurrences that an item stands in, while all around are enabled.
func (f *Form) each(in *occurrence, it *item, depth int, call func(*item, *slot)) {
	if depth < len(it.chain) {
		around := &f.items[it.chain[depth]]
		if sl := &in.slots[around.seat]; sl.on && !around.Hidden {
			for _, o := range sl.list {
				f.each(o, it, depth+1, call)
			}
		}
		return
	}
	f.down(in, it, call)
}

func (f *Form) down(in *occurrence, it *item, call func(*item, *slot)) {
	sl := &in.slots[it.seat]
	if !sl.on || it.Hidden {
		return
	}
	call(it, sl)
	for _, o := range sl.list {
		if len(o.slots) > 0 {
			for _, c := range it.children {
				f.down(o, &f.items[c], call)
			}
		}
	}
}

var answerSeconds = map[ItemType]float64{
	TypeBoolean: 4, TypeChoice: 4, TypeOpenChoice: 6, TypeInteger: 8, TypeDecimal: 8, TypeQuantity: 10, TypeDate: 8,
	TypeTime: 8, TypeDateTime: 12, TypeString: 15, TypeURL: 15, TypeText: 45, TypeAttachment: 60,
}

func (i *item) seconds() float64 {
	n := words(i.Text.Plain)
	for k, o := range i.Options {
		if k == 8 {
			break
		}
		n += words(o.Label.Plain)
	}
	return answerSeconds[i.Type] + float64(n)/180*60
}

// words counts words; in scripts without spaces, about two letters make one.
func words(s string) int {
	n := len(strings.Fields(s))
	if runes := utf8.RuneCountInString(s); n == 1 && runes > 12 {
		n = runes / 2
	}
	return n
}
