package account

import "kindred/internal/fault"

// Faults of this package. What a stranger may see says nothing about whether an account exists.
var (
	errNameMissing    = fault.New(fault.Invalid, "account.name.missing").At("name")
	errNameShort      = fault.New(fault.Invalid, "account.name.short").At("name")
	errNameLong       = fault.New(fault.Invalid, "account.name.long").At("name")
	errNameCharacters = fault.New(fault.Invalid, "account.name.characters").At("name")
	errNameMixed      = fault.New(fault.Invalid, "account.name.mixed").At("name")
	errNameMail       = fault.New(fault.Invalid, "account.name.mail").At("name")
	errNameReserved   = fault.New(fault.Invalid, "account.name.reserved").At("name")

	errPasswordShort   = fault.New(fault.Invalid, "account.password.short").At("password")
	errPasswordLong    = fault.New(fault.Invalid, "account.password.long").At("password")
	errPasswordText    = fault.New(fault.Invalid, "account.password.text").At("password")
	errPasswordCommon  = fault.New(fault.Invalid, "account.password.common").At("password")
	errPasswordPattern = fault.New(fault.Invalid, "account.password.pattern").At("password")
	errPasswordSame    = fault.New(fault.Invalid, "account.password.same").At("password")

	errMail     = fault.New(fault.Invalid, "account.mail").At("mail")
	errLanguage = fault.New(fault.Invalid, "account.language").At("language")
	errRole     = fault.New(fault.Invalid, "account.role").At("role")
	errLabel    = fault.New(fault.Invalid, "account.token.label").At("label")
	errTTL      = fault.New(fault.Invalid, "account.token.ttl").At("ttl")

	// ErrCredentials is the one answer to a sign-in that fails, whatever the reason.
	ErrCredentials = fault.New(fault.Unauthenticated, "account.credentials")
	// ErrPassword answers a wrong password from somebody who is signed in.
	ErrPassword = fault.New(fault.Invalid, "account.password.wrong").At("current")
	// ErrDisabled is said only to somebody who gave the right password.
	ErrDisabled = fault.New(fault.Denied, "account.disabled")
	// ErrSignedOut answers a session or token that is not, or no longer, good.
	ErrSignedOut = fault.New(fault.Unauthenticated, "account.signed_out")
	// ErrWait answers a try that comes too early; Seconds says how long to wait.
	ErrWait = fault.New(fault.Busy, "account.wait")
	// ErrHashing answers when more people sign in at once than the memory for hashing allows.
	ErrHashing = fault.New(fault.Unready, "account.hashing")
	// ErrTaken is said only to an operator; registering answers the same for a name that is taken.
	ErrTaken = fault.New(fault.Conflict, "account.name.taken").At("name")
	// ErrUnknown is said only to an operator.
	ErrUnknown = fault.New(fault.Missing, "account.unknown").At("name")
	// ErrReset is the one answer to a reset code that is not good: never made, used, expired, replaced.
	ErrReset = fault.New(fault.Invalid, "account.reset").At("code")
	// ErrOwnRoles refuses to let anybody change their own roles or state.
	ErrOwnRoles = fault.New(fault.Denied, "account.own_roles")
)
