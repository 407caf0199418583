package codesign

import "kindred/internal/fault"

// Those with a capital are met by callers; the rest are shown as they come.
var (
	ErrNoProposal   = fault.New(fault.Missing, "codesign.missing")
	errKind         = fault.New(fault.Invalid, "codesign.kind")
	errText         = fault.New(fault.Invalid, "codesign.text")
	errTooLong      = fault.New(fault.Invalid, "codesign.too_long")
	errReason       = fault.New(fault.Invalid, "codesign.reason")
	errItem         = fault.New(fault.Invalid, "codesign.item")
	errLanguage     = fault.New(fault.Invalid, "codesign.language")
	errAnswers      = fault.New(fault.Invalid, "codesign.answers")
	errDecided      = fault.New(fault.Conflict, "codesign.decided")
	errOwnVote      = fault.New(fault.Conflict, "codesign.own_vote")
	errTooMany      = fault.New(fault.Busy, "codesign.too_many")
	errNothingTaken = fault.New(fault.Conflict, "codesign.nothing_taken")
)
