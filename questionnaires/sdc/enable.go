package sdc

import "slices"

// holds evaluates the conditions of an item at one place.
func (f *Form) holds(it *item, way []*occurrence) bool {
	for i := range it.conditions {
		if f.met(it, &it.conditions[i], way) == it.any {
			return it.any
		}
	}
	return !it.any
}

// met evaluates one condition. A question without an answer, or one that is itself disabled, meets only exists = false.
func (f *Form) met(it *item, c *condition, way []*occurrence) bool {
	if c.question < 0 {
		return c.test(nil)
	}
	if c.own {
		return c.test(way[c.depth : c.depth+1])
	}
	return c.test(nearest(way[c.depth], c.down, c.follows))
}

// nearest goes down to the answers of a question; through repeating items it takes the occurrence that is closest to
// the asking item: the last one before it, or the first one after it.
func nearest(o *occurrence, down []int, follows bool) []*occurrence {
	sl := &o.slots[down[0]]
	if !sl.on {
		return nil
	}
	if len(down) == 1 {
		return sl.list
	}
	for i := range sl.list {
		next := sl.list[i]
		if !follows {
			next = sl.list[len(sl.list)-1-i]
		}
		if found := nearest(next, down[1:], follows); len(found) > 0 {
			return found
		}
	}
	return nil
}

// test holds a condition against the answers of its question: any answer may meet it, and for != none may be equal.
func (c *condition) test(answers []*occurrence) bool {
	if c.operator == "exists" {
		return (len(answers) > 0) == c.exists
	}
	if c.operator == "!=" {
		return len(answers) > 0 && !slices.ContainsFunc(answers, func(a *occurrence) bool { return c.equals(a.value) })
	}
	for _, a := range answers {
		if c.operator == "=" {
			if c.equals(a.value) {
				return true
			}
			continue
		}
		order, known := a.value.Compare(c.value)
		if known && (order == 0 && len(c.operator) == 2 || order < 0 && c.operator[0] == '<' || order > 0 && c.operator[0] == '>') {
			return true
		}
	}
	return false
}

func (c *condition) equals(v Value) bool {
	if v.Type == CodingType && c.value.Type == String {
		return v.Coding.Display == c.value.Text || v.Coding.Code == c.value.Text
	}
	if v.Type == CodingType && c.value.Coding.System == "" && v.Coding.System == "" && c.value.Coding.Code == "" {
		return v.Coding.Display == c.value.Coding.Display
	}
	return v.Equal(c.value)
}
