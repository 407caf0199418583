package policies

import (
	"slices"
	"time"

	"kindred/internal/ident"
)

// Role is what an account may be. Accounts hold roles; only constants of this package reach the enforcer.
type Role string

// The roles.
const (
	RoleParticipant Role = "participant"
	RoleCaregiver   Role = "caregiver"
	RoleReviewer    Role = "reviewer"
	RoleResearcher  Role = "researcher"
	RoleEthics      Role = "ethics"
	RoleEditor      Role = "editor"
	RoleModerator   Role = "moderator"
	RoleSteward     Role = "steward"

	roleDemonstration Role = "demonstration"
)

// Roles that an account can hold, in the order they are shown.
var Roles = []Role{RoleParticipant, RoleCaregiver, RoleReviewer, RoleResearcher, RoleEthics, RoleEditor, RoleModerator, RoleSteward}

// Valid tells whether an account can hold the role.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Purpose is why something is done.
type Purpose string

// The purposes.
const (
	PurposeOwn       Purpose = "own"       // a person about their own data, or those they act for
	PurposeReview    Purpose = "review"    // proof of diagnosis
	PurposeResearch  Purpose = "research"  // a study that a committee approved
	PurposeOversight Purpose = "oversight" // the ethics committee
	PurposeAuthoring Purpose = "authoring" // questionnaires
	PurposeCommunity Purpose = "community"
	PurposeMatching  Purpose = "matching"
	PurposeOperation Purpose = "operation" // running the registry
)

// Purposes lists all.
var Purposes = []Purpose{PurposeOwn, PurposeReview, PurposeResearch, PurposeOversight, PurposeAuthoring, PurposeCommunity, PurposeMatching, PurposeOperation}

// Object is a kind of thing that acts are done to.
type Object string

// The objects.
const (
	ObjectParticipant    Object = "participant"
	ObjectRepresentation Object = "representation"
	ObjectDiagnosis      Object = "diagnosis"
	ObjectSymptom        Object = "symptom"
	ObjectElement        Object = "element" // EU common data elements
	ObjectEvidence       Object = "evidence"
	ObjectConsent        Object = "consent"
	ObjectResponse       Object = "response"
	ObjectQuestionnaire  Object = "questionnaire"
	ObjectProposal       Object = "proposal" // of another wording or a new question
	ObjectStudy          Object = "study"
	ObjectRelease        Object = "release"
	ObjectAudit          Object = "audit"
	ObjectAccount        Object = "account"
)

// Objects lists all.
var Objects = []Object{ObjectParticipant, ObjectRepresentation, ObjectDiagnosis, ObjectSymptom, ObjectElement, ObjectEvidence, ObjectConsent, ObjectResponse, ObjectQuestionnaire, ObjectProposal, ObjectStudy, ObjectRelease, ObjectAudit, ObjectAccount}

// Act is what is done. Acts on personal rows have a type too (Read, Write, Export, Match, Audit), which a Grant names.
type Act string

// The acts.
const (
	ActRead    Act = "read"
	ActWrite   Act = "write"
	ActExport  Act = "export"
	ActMatch   Act = "match"
	ActAudit   Act = "audit"
	ActPublish Act = "publish"
	ActPropose Act = "propose"
	ActApprove Act = "approve"
	ActRelease Act = "release"
)

// Acts lists all.
var Acts = []Act{ActRead, ActWrite, ActExport, ActMatch, ActAudit, ActPublish, ActPropose, ActApprove, ActRelease}

// The acts that a Grant can be for.
type (
	Read   struct{}
	Write  struct{}
	Export struct{}
	Match  struct{}
	Audit  struct{}
)

func (Read) act() Act   { return ActRead }
func (Write) act() Act  { return ActWrite }
func (Export) act() Act { return ActExport }
func (Match) act() Act  { return ActMatch }
func (Audit) act() Act  { return ActAudit }

// Action is an act on personal rows.
type Action interface {
	Read | Write | Export | Match | Audit
	act() Act
}

// Actor is who acts: an account with the roles it holds now, and the request it acts in. It comes from a session, a
// token or, in a job, from the account that asked for the job, loaded again when the job runs.
type Actor struct {
	Account ident.AccountID
	Roles   []Role
	Request ident.RequestID
}

// Has tells whether the actor holds a role.
func (a Actor) Has(r Role) bool { return slices.Contains(a.Roles, r) }

// Demonstration is the actor that writes a synthetic population. Only a data folder made for demonstration takes it.
func Demonstration() Actor {
	return Actor{Account: "00000000-0000-7000-8000-000000000000", Roles: []Role{roleDemonstration}}
}

// Scope is one purpose that a person can consent to.
type Scope string

// The scopes of the consent document.
const (
	ScopeRegistry       Scope = "registry"
	ScopeQuestionnaires Scope = "questionnaires"
	ScopeResearch       Scope = "research"
	ScopeOutsideEU      Scope = "outside_eu"
	ScopeRecontact      Scope = "recontact"
	ScopeMatching       Scope = "matching"
	ScopeCommunity      Scope = "community"
)

// Scopes lists all, in the order they are asked.
var Scopes = []Scope{ScopeRegistry, ScopeQuestionnaires, ScopeResearch, ScopeOutsideEU, ScopeRecontact, ScopeMatching, ScopeCommunity}

// Study is what an export request says of its study: which, the scopes it needs beyond those of the policy, and the
// lowest version of a consent document that it accepts (0 for any).
type Study struct {
	ID         ident.StudyID
	Scopes     []Scope
	Document   string // consent document; empty for any
	MinVersion int
}

// Request is a question to the authority. A job stores the Request, never the Grant, and asks again when it runs.
type Request struct {
	Actor   Actor
	Purpose Purpose
	Object  Object
	// Subject narrows the Grant to one person. Optional.
	Subject ident.ParticipantID
	// Founding is, in an enrolment, the new person's id, which nobody represents yet.
	Founding ident.ParticipantID
	// Study is needed wherever the policy says "consented".
	Study *Study
	// AsOf asks in addition that the consents were in force at that instant. It never widens what is in force now.
	AsOf time.Time
}
