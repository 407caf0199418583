package registry

import "kindred/internal/fault"

// The faults of this package. Those with At in the comment are given with the field they belong to.
var (
	ErrNameNeeded      = fault.New(fault.Invalid, "registry.name.needed")
	ErrNameLong        = fault.New(fault.Invalid, "registry.name.long") // Max
	ErrRelation        = fault.New(fault.Invalid, "registry.relation.unknown")
	ErrSelfTwice       = fault.New(fault.Conflict, "registry.relation.self_twice")
	ErrSex             = fault.New(fault.Invalid, "registry.sex.unknown")
	ErrCountry         = fault.New(fault.Invalid, "registry.country.unknown")
	ErrBirthNeeded     = fault.New(fault.Invalid, "registry.birth_date.needed")
	ErrBirthFuture     = fault.New(fault.Invalid, "registry.birth_date.future")
	ErrBirthOld        = fault.New(fault.Invalid, "registry.birth_date.old")
	ErrBirthWhole      = fault.New(fault.Invalid, "registry.birth_date.whole")
	ErrMinorSelf       = fault.New(fault.Invalid, "registry.birth_date.minor_self")
	ErrAdultChild      = fault.New(fault.Invalid, "registry.birth_date.adult_child")
	ErrDate            = fault.New(fault.Invalid, "registry.date.invalid")
	ErrDateFuture      = fault.New(fault.Invalid, "registry.date.future")
	ErrDateBeforeBirth = fault.New(fault.Invalid, "registry.date.before_birth")
	ErrDateNeeded      = fault.New(fault.Invalid, "registry.date.needed")
	ErrDateUnneeded    = fault.New(fault.Invalid, "registry.date.unneeded")
	ErrOnset           = fault.New(fault.Invalid, "registry.onset.unknown")
	ErrOnsetTwice      = fault.New(fault.Invalid, "registry.onset.twice")
	ErrDiagnosisCode   = fault.New(fault.Invalid, "registry.diagnosis.code")
	ErrDiagnosisNeeded = fault.New(fault.Invalid, "registry.diagnosis.needed")
	ErrDiagnosisStatus = fault.New(fault.Invalid, "registry.diagnosis.status")
	ErrDiagnosisTwice  = fault.New(fault.Conflict, "registry.diagnosis.twice")
	ErrDiagnosisProven = fault.New(fault.Conflict, "registry.diagnosis.proven")
	ErrSymptomTerm     = fault.New(fault.Invalid, "registry.symptom.term")
	ErrSymptomTwice    = fault.New(fault.Conflict, "registry.symptom.twice")
	ErrPresence        = fault.New(fault.Invalid, "registry.symptom.presence")
	ErrCourse          = fault.New(fault.Invalid, "registry.symptom.course")
	ErrSeverity        = fault.New(fault.Invalid, "registry.symptom.severity")
	ErrOnlyPresent     = fault.New(fault.Invalid, "registry.symptom.only_present")
	ErrElement         = fault.New(fault.Invalid, "registry.element.unknown")
	ErrElementConsent  = fault.New(fault.Invalid, "registry.element.consent")
	ErrElementValue    = fault.New(fault.Invalid, "registry.element.value")
	ErrElementShape    = fault.New(fault.Invalid, "registry.element.shape") // Example
	ErrElementLong     = fault.New(fault.Invalid, "registry.element.long")  // Max
	ErrElementNeeds    = fault.New(fault.Invalid, "registry.element.needs")
	ErrMissing         = fault.New(fault.Invalid, "registry.element.missing")
	ErrMissingAndValue = fault.New(fault.Invalid, "registry.element.missing_and_value")
	ErrTooMany         = fault.New(fault.Invalid, "registry.too_many") // Max
	ErrStep            = fault.New(fault.Conflict, "registry.step.early")
	ErrLastOne         = fault.New(fault.Conflict, "registry.representation.last")
	ErrNotYours        = fault.New(fault.Denied, "registry.representation.not_yours")
	ErrAccount         = fault.New(fault.Invalid, "registry.representation.account")
	ErrNotFound        = fault.New(fault.Missing, "fault.missing")
	ErrStale           = fault.New(fault.Stale, "fault.stale")

	ErrEvidenceKind    = fault.New(fault.Invalid, "registry.evidence.kind")
	ErrEvidenceBroken  = fault.New(fault.Invalid, "registry.evidence.broken")
	ErrEvidenceActive  = fault.New(fault.Invalid, "registry.evidence.active")
	ErrEvidenceLocked  = fault.New(fault.Invalid, "registry.evidence.locked")
	ErrEvidencePages   = fault.New(fault.TooLarge, "registry.evidence.pages")  // Max
	ErrEvidencePixels  = fault.New(fault.TooLarge, "registry.evidence.pixels") // Max
	ErrEvidenceLarge   = fault.New(fault.TooLarge, "registry.evidence.large")  // Max
	ErrEvidenceQuota   = fault.New(fault.TooLarge, "registry.evidence.quota")  // Max
	ErrEvidenceTarget  = fault.New(fault.Invalid, "registry.evidence.target")
	ErrEvidenceDecided = fault.New(fault.Conflict, "registry.evidence.decided")
	ErrReasonNeeded    = fault.New(fault.Invalid, "registry.evidence.reason")
)
