package sdc

import (
	"strconv"
	"strings"
)

// Path names an item inside a response: its linkId, and the instance numbers of the repeating items around it, from the
// outside in. Instance numbers never change and are never given twice in one response.
type Path struct {
	LinkID string
	At     []int
}

// String writes the path as "linkId" or "linkId#3.7"; "#" and "%" inside a linkId are escaped.
func (p Path) String() string {
	s := p.LinkID
	if strings.ContainsAny(s, "#%") {
		s = strings.NewReplacer("%", "%25", "#", "%23").Replace(s)
	}
	if len(p.At) == 0 {
		return s
	}
	b := append([]byte(s), '#')
	for i, n := range p.At {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}

// ParsePath reads what String writes.
func ParsePath(s string) (Path, error) {
	link, at, has := strings.Cut(s, "#")
	p := Path{LinkID: strings.NewReplacer("%23", "#", "%25", "%").Replace(link)}
	if link == "" {
		return p, ErrNoItem
	}
	if !has {
		return p, nil
	}
	for _, part := range strings.Split(at, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n <= 0 || len(p.At) > 64 {
			return p, ErrNoItem
		}
		p.At = append(p.At, n)
	}
	return p, nil
}

// inside is the path of an item within an occurrence that has this address.
func inside(at []int, link string) Path { return Path{LinkID: link, At: at} }

// deeper appends an instance number to an address without touching the one it came from.
func deeper(at []int, id int) []int {
	if id == 0 {
		return at
	}
	return append(at[:len(at):len(at)], id)
}
