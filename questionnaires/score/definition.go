package score

import (
	"github.com/cockroachdb/apd/v3"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// URL is the extension on an item that takes a score. Its parts:
//
//	version   valueString   of the algorithm; it is stored with each score
//	method    valueCode     sum, mean, min or max
//	item*     linkId valueString, reversed valueBoolean, factor valueDecimal
//	missing   valueCode     none (all must be answered), available (what there is counts), prorate (the mean of what
//	                        there is, times the number of items; for sums)
//	atLeast   valueInteger  how many items must be answered; all where it is not said and missing is none, else one
//	scale     from, to, low, high valueDecimal: the raw value from low..high is moved onto from..to
//	decimals  valueInteger  of the score; 0 to 10, default 2
//	row*      raw, score, error valueDecimal: the look-up table, after method, missing rule and scale
const URL = "https://kindred.example/fhir/StructureDefinition/score"

// ErrorURL is the extension on the read-only item that takes the standard error of a score; valueString is the linkId
// of the item with the score.
const ErrorURL = "https://kindred.example/fhir/StructureDefinition/score-error"

// AlgorithmURL is the extension on an answer that carries the version of the algorithm that computed it.
const AlgorithmURL = "https://kindred.example/fhir/StructureDefinition/score-algorithm"

// The faults of a definition, as values.
var (
	errPart     = fault.New(fault.Invalid, "score.part")
	errMissing  = fault.New(fault.Invalid, "score.missing")
	errValue    = fault.New(fault.Invalid, "score.value")
	errItem     = fault.New(fault.Invalid, "score.item")
	errTwice    = fault.New(fault.Invalid, "score.twice")
	errSelf     = fault.New(fault.Invalid, "score.self")
	errWeights  = fault.New(fault.Invalid, "score.weights")
	errReverse  = fault.New(fault.Invalid, "score.reverse")
	errProrate  = fault.New(fault.Invalid, "score.prorate")
	errRowTwice = fault.New(fault.Invalid, "score.row_twice")
	errRowError = fault.New(fault.Invalid, "score.row_error")
)

// maxItems and maxRows bound a definition.
const (
	maxItems = 500
	maxRows  = 5000
)

type term struct {
	link     string
	reversed bool
	factor   *apd.Decimal // nil for 1
	ends     *apd.Decimal // lowest plus highest weight, for a reversed item
}

type row struct{ score, deviation string }

type scale struct{ from, to, low, high *apd.Decimal }

// Definition is one score, immutable once Settle has passed.
type Definition struct {
	Version  string
	method   string
	missing  string
	atLeast  int
	decimals int
	terms    []term
	scale    *scale
	rows     map[string]row // by the raw value, reduced
	errors   int            // rows with a standard error
}

// Parse reads the extension. All faults come at once; their Field is empty.
func Parse(ext jsonscan.Value) (*Definition, fault.List) {
	p := parser{d: &Definition{missing: "none", decimals: 2, rows: map[string]row{}}}
	for _, part := range ext.Get("extension").All() {
		p.part(part)
	}
	d := p.d
	for name, lacks := range map[string]bool{"version": d.Version == "", "method": d.method == "", "item": len(d.terms) == 0} {
		if lacks {
			p.faults.Add(errMissing.With("Part", name))
		}
	}
	if d.missing == "prorate" && d.method != "sum" && d.method != "" {
		p.faults.Add(errProrate)
	}
	switch {
	case d.atLeast == 0 && d.missing == "none":
		d.atLeast = len(d.terms)
	case d.atLeast == 0:
		d.atLeast = 1
	case d.atLeast > len(d.terms), d.missing == "none" && d.atLeast != len(d.terms):
		p.faults.Add(errValue.With("Part", "atLeast", "Value", d.atLeast))
	}
	if d.errors > 0 && d.errors < len(d.rows) {
		p.faults.Add(errRowError)
	}
	return d, p.faults
}

// HasError tells whether the score comes with a standard error.
func (d *Definition) HasError() bool { return d.errors > 0 }

// Reads are the linkIds that the score depends on, in the order of the definition.
func (d *Definition) Reads() []string {
	links := make([]string, len(d.terms))
	for i, t := range d.terms {
		links[i] = t.link
	}
	return links
}

// Question is what a definition must know of an item that it reads.
type Question struct {
	Low, High string // lowest and highest weight, "" where there is no such bound
	Weighted  bool   // every answer has a number: a weight, or the answer itself
}

// Settle holds the definition against the questions of its form: each must exist (ask answers), have a number for each
// answer, and bounds where it is reversed. self is the item that takes the score.
func (d *Definition) Settle(self string, ask func(link string) (Question, bool)) fault.List {
	var faults fault.List
	for i := range d.terms {
		t := &d.terms[i]
		q, known := ask(t.link)
		switch {
		case t.link == self:
			faults.Add(errSelf)
		case !known:
			faults.Add(errItem.With("Link", t.link))
		case !q.Weighted:
			faults.Add(errWeights.With("Link", t.link))
		case t.reversed && (q.Low == "" || q.High == ""):
			faults.Add(errReverse.With("Link", t.link))
		case t.reversed:
			low, high := number(q.Low), number(q.High)
			if low == nil || high == nil {
				faults.Add(errReverse.With("Link", t.link))
				continue
			}
			t.ends = new(apd.Decimal)
			exact(apd.BaseContext.WithPrecision(digits).Add(t.ends, low, high))
		}
	}
	return faults
}
