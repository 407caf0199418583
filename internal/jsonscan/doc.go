// Package jsonscan reads JSON that came from outside, in one pass and without recursion, and refuses it before anything
// expensive looks at it: too many bytes, too deep, too many values, too wide, too long a string, invalid UTF-8, NUL,
// lone surrogates, numbers that no double holds, keys that stand twice in an object, also when only their case differs
// (other readers would pick one of the two at random). Whatever it accepts, encoding/json decodes.
//
// Scan only judges. Parse judges and gives a Document: a flat record of where each value stands in the bytes, from
// which strings are unescaped only when asked for and numbers keep their text.
package jsonscan

import "kindred/internal/fault"

// Limits bound what is accepted. A zero limit refuses everything it counts; start from Default.
type Limits struct {
	Bytes  int // whole text
	Depth  int // nested arrays and objects
	Values int // objects, arrays and simple values together
	Width  int // members of one object or elements of one array
	String int // bytes of one string as written, quotes not counted
}

// Default fits the largest questionnaires in use with a wide margin.
var Default = Limits{Bytes: 4 << 20, Depth: 64, Values: 250_000, Width: 10_000, String: 256 << 10}

// What Scan and Parse answer. Each carries the byte Offset; limits also carry the Limit.
var (
	ErrBytes  = fault.New(fault.TooLarge, "jsonscan.bytes")
	ErrDepth  = fault.New(fault.TooLarge, "jsonscan.depth")
	ErrValues = fault.New(fault.TooLarge, "jsonscan.values")
	ErrWidth  = fault.New(fault.TooLarge, "jsonscan.width")
	ErrString = fault.New(fault.TooLarge, "jsonscan.string")
	ErrSyntax = fault.New(fault.Invalid, "jsonscan.syntax")
	ErrText   = fault.New(fault.Invalid, "jsonscan.text")
	ErrNumber = fault.New(fault.Invalid, "jsonscan.number")
	ErrKeys   = fault.New(fault.Invalid, "jsonscan.keys")
	ErrEnd    = fault.New(fault.Invalid, "jsonscan.end")
)
