package view

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

var (
	block = regexp.MustCompile(`(?s)(:root[^{]*)\{([^{}]*)\}`)
	token = regexp.MustCompile(`--([a-z0-9-]+):\s*#([0-9a-f]{6});`)
)

// themes reads the colour tokens from the style sheet itself.
func themes(t *testing.T) map[string]map[string]string {
	css, err := assetFiles.ReadFile("assets/app.css")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(css), -1) {
		colours := map[string]string{}
		for _, c := range token.FindAllStringSubmatch(m[2], -1) {
			colours[c[1]] = c[2]
		}
		name := m[1][:len(m[1])-1]
		if _, twice := found[name]; !twice && len(colours) > 10 {
			found[name] = colours
		}
	}
	return found
}

func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrastOfTheColours(t *testing.T) {
	all := themes(t)
	if len(all) != 3 {
		t.Fatalf("%d themes: light, the system's dark and the chosen dark were expected", len(all))
	}
	for name, c := range all {
		for _, p := range []struct {
			front, back string
			least       float64
		}{
			{"ink", "paper", 7}, {"ink", "card", 7}, {"ink", "tint", 7}, {"ink", "tint-green", 7}, {"ink", "tint-amber", 7}, {"ink", "tint-red", 7},
			{"muted", "paper", 4.5}, {"muted", "card", 4.5}, {"muted", "tint", 4.5},
			{"action", "paper", 4.5}, {"action", "card", 4.5}, {"action", "tint", 4.5}, {"on-action", "action", 4.5},
			{"plum", "paper", 4.5}, {"plum", "tint-plum", 4.5}, {"green", "card", 4.5}, {"green", "tint-green", 4.5},
			{"amber", "card", 4.5}, {"amber", "tint-amber", 4.5}, {"red", "card", 4.5}, {"red", "tint-red", 4.5}, {"red", "paper", 4.5},
			{"border", "paper", 3}, {"border", "card", 3}, {"focus", "focus-line", 3},
			{"hue-1", "card", 3}, {"hue-2", "card", 3}, {"hue-3", "card", 3}, {"hue-4", "card", 3}, {"hue-5", "card", 3},
			{"dot-1", "paper", 3}, {"dot-2", "paper", 3}, {"dot-3", "paper", 3}, {"dot-4", "paper", 3}, {"dot-5", "paper", 3}, {"dot-6", "paper", 3},
		} {
			if c[p.front] == "" || c[p.back] == "" {
				t.Errorf("%s lacks %s or %s", name, p.front, p.back)
			} else if got := contrast(c[p.front], c[p.back]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f, less than %.1f", name, p.front, p.back, got, p.least)
			}
		}
	}
}

func TestBothDarkThemesAreOne(t *testing.T) {
	all := themes(t)
	system, chosen := all[`:root:not([data-theme="light"])`], all[`:root[data-theme="dark"]`]
	for name, value := range chosen {
		if system[name] != value {
			t.Errorf("%s is %s by choice and %s by the system", name, value, system[name])
		}
	}
	if len(system) != len(chosen) {
		t.Errorf("%d and %d tokens", len(system), len(chosen))
	}
}
