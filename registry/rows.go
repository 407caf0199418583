package registry

import (
	"encoding/json"
	"time"

	"kindred/internal/ident"
	"kindred/internal/vault"
)

type participantRow struct {
	ID         string `gorm:"primaryKey;<-:create"`
	Revision   int
	Relation   string
	SelfIndex  *string
	Name       vault.Sealed
	Birth      vault.Sealed
	BirthIndex *string
	BirthYear  *int
	Sex        string
	Country    string
	Dot        int
	Step       string
	EnrolledAt *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (participantRow) TableName() string     { return "participants" }
func (participantRow) SubjectColumn() string { return "id" }

type representationRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	AccountID     string
	Relation      string
	StartsAt      time.Time
	EndsAt        *time.Time
	CreatedAt     time.Time
	GrantedBy     *string `gorm:"<-:create"`
}

func (r representationRow) representative() Representative {
	v := Representative{Account: ident.AccountID(r.AccountID), Relation: Relation(r.Relation), From: r.StartsAt}
	if r.EndsAt != nil {
		v.Until = *r.EndsAt
	}
	if r.GrantedBy != nil {
		v.GrantedBy = ident.AccountID(*r.GrantedBy)
	}
	return v
}

func (representationRow) TableName() string     { return "representations" }
func (representationRow) SubjectColumn() string { return "participant_id" }

type diagnosisRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Revision      int
	Code          string
	Undiagnosed   bool
	Status        string
	Onset         string
	OnsetDate     string
	Diagnosed     string
	DiagnosedDate string
	Source        string
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

func (diagnosisRow) TableName() string     { return "diagnoses" }
func (diagnosisRow) SubjectColumn() string { return "participant_id" }

type symptomRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Revision      int
	Term          string
	Presence      string
	OnsetClass    string
	OnsetDate     string
	Course        string
	Severity      string
	Source        string
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

func (symptomRow) TableName() string     { return "symptoms" }
func (symptomRow) SubjectColumn() string { return "participant_id" }

type elementRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Revision      int
	Element       string
	Value         string // of elements that identify nobody
	Sealed        vault.Sealed
	Missing       string
	Source        string
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

func (elementRow) TableName() string     { return "data_elements" }
func (elementRow) SubjectColumn() string { return "participant_id" }

type evidenceRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Revision      int
	DiagnosisID   string
	BlobID        string
	MediaType     string
	Size          int64
	Pages         int
	State         string
	Reason        vault.Sealed
	Replaces      *string
	SubmittedBy   string
	SubmittedAt   time.Time
	DecidedBy     *string
	DecidedAt     *time.Time
}

func (evidenceRow) TableName() string     { return "evidence" }
func (evidenceRow) SubjectColumn() string { return "participant_id" }

type changeRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Kind          string
	RowID         string
	Act           string
	Was           vault.Sealed
	Source        string
	AccountID     string
	At            time.Time
}

func (changeRow) TableName() string     { return "registry_changes" }
func (changeRow) SubjectColumn() string { return "participant_id" }

// place names where a sealed value stands, so that a ciphertext moved elsewhere does not open.
func place(column, id string) string { return column + ":" + id }

func (s *Service) sealParticipant(p Participant, self string) (participantRow, error) {
	row := participantRow{
		ID: string(p.ID), Revision: p.Revision, Relation: string(p.Relation), Sex: string(p.About.Sex), Country: p.About.Country,
		Dot: p.Dot, Step: string(p.Step), CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt,
	}
	if self != "" {
		index := s.vault.Index("participants.self", self)
		row.SelfIndex = &index
	}
	if !p.EnrolledAt.IsZero() {
		row.EnrolledAt = &p.EnrolledAt
	}
	var err error
	if row.Name, err = s.vault.SealText(p.Who, place("participants.name", row.ID)); err != nil {
		return row, err
	}
	if b := p.About.Birth; !b.IsZero() {
		row.Birth, err = s.vault.SealText(b.String(), place("participants.birth", row.ID))
		index, year := s.vault.Index("participants.birth", b.String()), b.InYear()
		row.BirthIndex, row.BirthYear = &index, &year
	}
	return row, err
}

func (s *Service) openParticipant(r participantRow) (Participant, error) {
	p := Participant{
		ID: ident.ParticipantID(r.ID), Revision: r.Revision, Relation: Relation(r.Relation), Dot: r.Dot, Step: Step(r.Step),
		About: About{Sex: Sex(r.Sex), Country: r.Country}, CreatedAt: r.CreatedAt,
	}
	if r.EnrolledAt != nil {
		p.EnrolledAt = *r.EnrolledAt
	}
	var err error
	if p.Who, err = s.vault.OpenText(r.Name, place("participants.name", r.ID)); err != nil {
		return p, err
	}
	birth, err := s.vault.OpenText(r.Birth, place("participants.birth", r.ID))
	if err != nil {
		return p, err
	}
	p.About.Birth, err = ParseDate(birth)
	return p, err
}

func rowOfDiagnosis(p ident.ParticipantID, d Diagnosis) diagnosisRow {
	return diagnosisRow{
		ID: string(d.ID), ParticipantID: string(p), Revision: d.Revision, Code: d.Code, Undiagnosed: d.Undiagnosed, Status: string(d.Status),
		Onset: string(d.Onset.Kind), OnsetDate: d.Onset.Date.String(), Diagnosed: string(d.Diagnosed.Kind), DiagnosedDate: d.Diagnosed.Date.String(),
		Source: string(d.Source), CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

func (r diagnosisRow) diagnosis() Diagnosis {
	return Diagnosis{
		ID: ident.DiagnosisID(r.ID), Revision: r.Revision, Code: r.Code, Undiagnosed: r.Undiagnosed, Status: DiagnosisStatus(r.Status),
		Onset: Age{AgeKind(r.Onset), stored(r.OnsetDate)}, Diagnosed: Age{AgeKind(r.Diagnosed), stored(r.DiagnosedDate)},
		Source: Source(r.Source), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// stored reads a date that was checked before it was written; one that cannot be read is none.
func stored(s string) Date { d, _ := ParseDate(s); return d }

func rowOfSymptom(p ident.ParticipantID, s Symptom) symptomRow {
	return symptomRow{
		ID: string(s.ID), ParticipantID: string(p), Revision: s.Revision, Term: s.Term, Presence: string(s.Presence), OnsetClass: s.OnsetClass,
		OnsetDate: s.OnsetDate.String(), Course: s.Course, Severity: s.Severity, Source: string(s.Source), CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
}

func (r symptomRow) symptom() Symptom {
	return Symptom{
		ID: ident.SymptomID(r.ID), Revision: r.Revision, Term: r.Term, Presence: Presence(r.Presence), OnsetClass: r.OnsetClass,
		OnsetDate: stored(r.OnsetDate), Course: r.Course, Severity: r.Severity, Source: Source(r.Source), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

func (s *Service) sealElement(p ident.ParticipantID, id string, e Element, created time.Time) (elementRow, error) {
	row := elementRow{
		ID: id, ParticipantID: string(p), Revision: e.Revision, Element: e.Key, Missing: string(e.Missing), Source: string(e.Source),
		CreatedAt: created, UpdatedAt: e.UpdatedAt,
	}
	d, f := definition(e.Key)
	if f != nil {
		return row, f
	}
	if !d.Identifying {
		row.Value = e.Value
		return row, nil
	}
	var err error
	row.Sealed, err = s.vault.SealText(e.Value, place("data_elements.sealed", id))
	return row, err
}

func (s *Service) openElement(r elementRow) (Element, error) {
	e := Element{Key: r.Element, Value: r.Value, Missing: MissingReason(r.Missing), Revision: r.Revision, Source: Source(r.Source), UpdatedAt: r.UpdatedAt}
	if r.Sealed.Empty() {
		return e, nil
	}
	var err error
	e.Value, err = s.vault.OpenText(r.Sealed, place("data_elements.sealed", r.ID))
	return e, err
}

func (s *Service) openEvidence(r evidenceRow) (Evidence, error) {
	e := Evidence{
		ID: ident.EvidenceID(r.ID), Participant: ident.ParticipantID(r.ParticipantID), Diagnosis: ident.DiagnosisID(r.DiagnosisID), Revision: r.Revision,
		MediaType: r.MediaType, Size: r.Size, Pages: r.Pages, State: EvidenceState(r.State), SubmittedAt: r.SubmittedAt,
		blob: ident.BlobID(r.BlobID), submittedBy: ident.AccountID(r.SubmittedBy),
	}
	if r.Replaces != nil {
		e.Replaces = ident.EvidenceID(*r.Replaces)
	}
	if r.DecidedAt != nil {
		e.DecidedAt = *r.DecidedAt
	}
	var err error
	e.Reason, err = s.vault.OpenText(r.Reason, place("evidence.reason", r.ID))
	return e, err
}

func (s *Service) sealChange(p ident.ParticipantID, c Change) (changeRow, error) {
	row := changeRow{
		ID: string(ident.New[ident.EntryID]()), ParticipantID: string(p), Kind: string(c.Kind), RowID: c.Row, Act: string(c.Act),
		Source: string(c.Source), AccountID: string(c.Account), At: c.At,
	}
	if c.Was == (Was{}) {
		return row, nil
	}
	b, err := json.Marshal(c.Was)
	if err != nil {
		return row, err
	}
	row.Was, err = s.vault.Seal(b, place("registry_changes.was", row.ID))
	return row, err
}

func (s *Service) openChange(r changeRow) (Change, error) {
	c := Change{At: r.At, Kind: ChangeKind(r.Kind), Act: ChangeAct(r.Act), Row: r.RowID, Source: Source(r.Source), Account: ident.AccountID(r.AccountID)}
	b, err := s.vault.Open(r.Was, place("registry_changes.was", r.ID))
	if err != nil || b == nil {
		return c, err
	}
	return c, json.Unmarshal(b, &c.Was)
}
