package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"kindred/schemas/demo"
)

// profile is how a diagnosis occurs.
type profile struct {
	code       string
	weight     int
	female     int // percent
	onsetFrom  int // years
	onsetTo    int
	symptoms   []frequency
	cumulative int
}

type frequency struct {
	term    string
	percent int
}

var profiles, totalWeight = readProfiles(demo.Profiles)

func readProfiles(text string) ([]profile, int) {
	var all []profile
	total := 0
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			panic(fmt.Sprintf("demo: profile %q has %d fields", line, len(f)))
		}
		p := profile{code: f[0], weight: number(f[1]), female: number(f[2]), onsetFrom: number(f[3]), onsetTo: number(f[4])}
		for _, s := range strings.Fields(f[5]) {
			term, percent, _ := strings.Cut(s, "=")
			p.symptoms = append(p.symptoms, frequency{term, number(percent)})
		}
		total += p.weight
		p.cumulative = total
		all = append(all, p)
	}
	return all, total
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("demo: " + err.Error()) // embedded data, read at start and by every test
	}
	return n
}

func drawProfile(r *rand.Rand) profile {
	n := r.IntN(totalWeight)
	for _, p := range profiles {
		if n < p.cumulative {
			return p
		}
	}
	return profiles[0]
}
