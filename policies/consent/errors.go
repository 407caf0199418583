package consent

import "kindred/internal/fault"

var (
	errDocument = fault.New(fault.Invalid, "consent.document.unreadable").At("document")
	errEdition  = fault.New(fault.Invalid, "consent.document.edition").At("document")

	errName       = fault.New(fault.Invalid, "consent.name.missing").At("name")
	errNameLong   = fault.New(fault.Invalid, "consent.name.long").At("name")
	errPassword   = fault.New(fault.Invalid, "consent.password.missing").At("password")
	errChoice     = fault.New(fault.Invalid, "consent.choice.unknown")
	errChoiceNone = fault.New(fault.Invalid, "consent.choice.missing").At("choices")
	errScope      = fault.New(fault.Invalid, "consent.scope.unknown").At("scope")
	errProof      = fault.New(fault.Internal, "consent.proof.broken")
	errNoConfirm  = fault.New(fault.Internal, "fault.internal")

	// ErrNoDocument answers where no such document, version or language was published.
	ErrNoDocument = fault.New(fault.Missing, "consent.document.missing")
	// ErrSuperseded answers a signing under a text that is not the current one: show the current one and ask again.
	ErrSuperseded = fault.New(fault.Conflict, "consent.document.superseded")
	// ErrPublished answers the attempt to publish other bytes under a version that exists.
	ErrPublished = fault.New(fault.Conflict, "consent.document.published").At("document")
	// ErrVersion answers a version that does not follow the last one.
	ErrVersion = fault.New(fault.Conflict, "consent.document.version").At("document")
)
