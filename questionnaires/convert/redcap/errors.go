package redcap

import (
	"fmt"

	"kindred/internal/fault"
)

var (
	errTooLarge   = fault.New(fault.TooLarge, "redcap.too_large")
	errEncoding   = fault.New(fault.Invalid, "redcap.encoding")
	errCSV        = fault.New(fault.Invalid, "redcap.csv")
	errHeader     = fault.New(fault.Invalid, "redcap.header")
	errColumn     = fault.New(fault.Invalid, "redcap.column_missing")
	errTwice      = fault.New(fault.Invalid, "redcap.column_twice")
	errNoFields   = fault.New(fault.Invalid, "redcap.no_fields")
	errCells      = fault.New(fault.Invalid, "redcap.cells")
	errCell       = fault.New(fault.TooLarge, "redcap.cell")
	errControl    = fault.New(fault.Invalid, "redcap.control")
	errName       = fault.New(fault.Invalid, "redcap.name")
	errNameTwice  = fault.New(fault.Invalid, "redcap.name_twice")
	errReserved   = fault.New(fault.Invalid, "redcap.name_reserved")
	errForm       = fault.New(fault.Invalid, "redcap.form")
	errFormApart  = fault.New(fault.Invalid, "redcap.form_apart")
	errType       = fault.New(fault.Invalid, "redcap.type")
	errValidation = fault.New(fault.Invalid, "redcap.validation")
	errNoChoices  = fault.New(fault.Invalid, "redcap.no_choices")
	errChoice     = fault.New(fault.Invalid, "redcap.choice")
	errChoiceTwo  = fault.New(fault.Invalid, "redcap.choice_twice")
	errChoices    = fault.New(fault.TooLarge, "redcap.choices")
	errFlag       = fault.New(fault.Invalid, "redcap.flag")
	errAlignment  = fault.New(fault.Invalid, "redcap.alignment")
	errBound      = fault.New(fault.Invalid, "redcap.bound")
	errBounds     = fault.New(fault.Invalid, "redcap.bounds")
	errLogic      = fault.New(fault.Invalid, "redcap.logic")
	errMatrix     = fault.New(fault.Invalid, "redcap.matrix")
	errRepeating  = fault.New(fault.Invalid, "redcap.repeating")
	errMany       = fault.New(fault.Invalid, "redcap.many")
	errEmpty      = fault.New(fault.Invalid, "redcap.empty")
)

// place names a cell as people find it in a spreadsheet or an editor: "line 12, Field Label".
func place(line int, c column) string { return fmt.Sprintf("line %d, %s", line, headers[c]) }
