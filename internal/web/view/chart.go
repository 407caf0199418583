package view

import "fmt"

// Bar is one bar of a chart, labelled directly. Hidden says the number is below the floor: the bar is drawn as a
// hatched stub and Says tells it ("fewer than 5").
type Bar struct {
	Label  string
	Value  float64
	Says   string // the value in words or figures
	Series int    // 1 to 5: hue and texture
	Hidden bool
}

// Chart is horizontal bars drawn on the server, with a title, a description and its table one tap away. Sizes are
// percentages and pixels, so that words keep their size on every screen.
type Chart struct {
	ID          string // unique on the page
	Title       string
	Description string
	Bars        []Bar
	LabelHead   string // heads of the table
	ValueHead   string
	Source      string // where the numbers come from, until when
}

const (
	barStep   = 58 // label, bar and space
	barHeight = 20
)

type drawn struct {
	Bar
	Y, BarY int
	Width   string // in percent of the drawing
	TextX   string
}

// Height of the drawing in pixels.
func (c Chart) Height() int { return len(c.Bars)*barStep + 4 }

// Drawn is every bar with its place.
func (c Chart) Drawn() []drawn {
	most := 0.0
	for _, b := range c.Bars {
		if !b.Hidden {
			most = max(most, b.Value)
		}
	}
	out := make([]drawn, len(c.Bars))
	for i, b := range c.Bars {
		share := 0.0
		switch {
		case b.Hidden:
			share = 4
		case most > 0:
			share = 78 * b.Value / most // the rest of the width is for the value's words
		}
		if b.Series < 1 || b.Series > 5 {
			b.Series = 1
		}
		b.Value = max(b.Value, 0)
		out[i] = drawn{
			Bar: b, Y: i*barStep + 20, BarY: i*barStep + 28,
			Width: fmt.Sprintf("%.2f%%", max(share, 0.5)), TextX: fmt.Sprintf("%.2f%%", max(share, 0.5)),
		}
	}
	return out
}

// BarHeight in pixels.
func (c Chart) BarHeight() int { return barHeight }
