package export

import (
	"fmt"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// Sent is Answers over the questionnaires that were published and the responses that were sent.
type Sent struct {
	Responses interface {
		Published(tx *db.Tx, url, version string) ([]byte, error)
		Extract(*db.Tx, policies.Grant[policies.Export], []ident.ParticipantID, []ident.VersionID, func(questionnaires.Extracted) error) error
	}
}

type questionnaireRow struct {
	ID  string `gorm:"primaryKey"`
	URL string
}

func (questionnaireRow) TableName() string { return "questionnaires" }
func (questionnaireRow) NotPersonal()      {}

type versionRow struct {
	ID              string `gorm:"primaryKey"`
	QuestionnaireID string
	Version         string
}

func (versionRow) TableName() string { return "questionnaire_versions" }
func (versionRow) NotPersonal()      {}

// Published finds a version by its address and name, exactly. The bytes are those that are served: with the url, version
// and status that a file without them was published under.
func (s Sent) Published(tx *db.Tx, url, version string) (ident.VersionID, []byte, error) {
	var q questionnaireRow
	if err := db.Public[questionnaireRow](tx).Where("url = ?", url).Take(&q).Error; err != nil {
		return "", nil, err
	}
	var v versionRow
	if err := db.Public[versionRow](tx).Select("id", "questionnaire_id", "version").Where("questionnaire_id = ? AND version = ?", q.ID, version).Take(&v).Error; err != nil {
		return "", nil, err
	}
	raw, err := s.Responses.Published(tx, url, version)
	return ident.VersionID(v.ID), raw, err
}

// Fill reads the newest document of each sent response of a batch.
func (s Sent) Fill(tx *db.Tx, g policies.Grant[policies.Export], people []*Subject, plan *Plan) error {
	ids := make([]ident.ParticipantID, len(people))
	by := make(map[ident.ParticipantID]*Subject, len(people))
	for i, p := range people {
		ids[i] = p.Participant
		by[p.Participant] = p
	}
	versions := make([]ident.VersionID, len(plan.Forms))
	forms := make(map[ident.VersionID]*Form, len(plan.Forms))
	for i, f := range plan.Forms {
		versions[i], forms[f.ID] = f.ID, f
	}
	return s.Responses.Extract(tx, g, ids, versions, func(e questionnaires.Extracted) error {
		f, p := forms[e.Version], by[e.Participant]
		if f == nil || p == nil {
			return fmt.Errorf("export: response %s was not asked for", e.Response)
		}
		r := Response{Questionnaire: f.URL, Version: f.Version, Status: string(e.Status), Language: e.Language}
		r.Items, r.Hidden = branches(e.Answers)
		p.Responses = append(p.Responses, SubjectResponse{ID: string(e.Response), At: e.At, Raw: r})
		return nil
	})
}

// branches turns what was answered into items.
func branches(a sdc.Answered) ([]Item, []string) {
	if len(a.Items) == 0 {
		return nil, a.Hidden
	}
	items := make([]Item, len(a.Items))
	for i := range a.Items {
		from := &a.Items[i]
		n := Item{LinkID: from.LinkID}
		n.Items, n.Hidden = branches(from.Answered)
		for k := range from.Answers {
			v := Answer{Value: valueOf(from.Answers[k].Value)}
			v.Items, v.Hidden = branches(from.Answers[k].Answered)
			n.Answers = append(n.Answers, v)
		}
		items[i] = n
	}
	return items, a.Hidden
}

var kinds = map[sdc.ValueType]Kind{
	sdc.Boolean: Boolean, sdc.Integer: Integer, sdc.Decimal: Decimal, sdc.Date: Date,
	sdc.DateTime: DateTime, sdc.Time: Time, sdc.String: Text, sdc.URI: Link,
	sdc.CodingType: Coded, sdc.Quantity: Quantity, sdc.File: Attached,
}

func valueOf(v sdc.Value) Value {
	switch {
	case v.Declines():
		return Value{Kind: Declined}
	case v.Type == sdc.Absent: // why, may be told in words
		return Value{Kind: Unsaid}
	}
	kind, known := kinds[v.Type]
	if !known {
		kind = Attached // a kind that is new to us stays in
	}
	out := Value{Kind: kind, Text: v.Text, Comparator: v.Comparator, Code: Coding{System: v.Coding.System, Code: v.Coding.Code, Display: v.Coding.Display}}
	if kind == Attached {
		out = Value{Kind: Attached}
	}
	return out
}
