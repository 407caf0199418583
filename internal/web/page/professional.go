package page

import (
	"errors"

	"kindred/internal/account"
	"kindred/internal/fault"
)

// errChoose answers a form in which none of the choices was made.
var errChoose = fault.New(fault.Invalid, "page_reviewer.choose")

// errUnknownName answers a name that no account has, beside the box it was typed in.
var errUnknownName = fault.New(fault.Invalid, "page_steward.unknown")

// ofForm tells a name that is unknown, or one's own, as a fault of the form it was typed into.
func ofForm(err error) error {
	switch {
	case errors.Is(err, account.ErrUnknown):
		return errUnknownName.At("name")
	case errors.Is(err, account.ErrOwnRoles):
		return errOwnName.At("name")
	}
	return err
}

var errOwnName = fault.New(fault.Invalid, "account.own_roles")
