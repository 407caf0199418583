package questionnaires

import (
	"context"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/compare"
	"kindred/questionnaires/sdc"
)

// Difference is what a file that is not published yet changes.
type Difference struct {
	Against  *Version // the newest version of the same url; nil where this is the first
	Changes  compare.Changes
	Refusals fault.List // what changes the meaning of a linkId that was published, against any version
}

// Differences compares a file with the versions of its url, without publishing it. Editors may. id names a
// questionnaire whose file has no url or version of its own.
func (s *Service) Differences(ctx context.Context, actor policies.Actor, raw []byte, id sdc.Identity) (Difference, error) {
	if err := s.authority.May(ctx, actor, policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActPublish); err != nil {
		return Difference{}, err
	}
	form, found := sdc.Compile(raw)
	if form == nil {
		return Difference{}, found.Refusals.Err()
	}
	url := form.URL
	if url == "" {
		url = id.URL
	}
	var d Difference
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		all, err := allVersions(tx)
		if err != nil {
			return err
		}
		for _, v := range Newest(all) {
			if v.URL == url {
				d.Against = &v
			}
		}
		if d.Against == nil {
			return nil
		}
		bodies, err := bodiesOf(tx, d.Against.Questionnaire)
		if err != nil {
			return err
		}
		if d.Changes, err = compare.Compare(bodies[len(bodies)-1], raw); err != nil {
			return err
		}
		d.Refusals, err = compare.Refusals(raw, bodies...)
		return err
	})
	return d, err
}

// sameMeaning refuses a version in which a linkId that was published means something else: answers to both would stand
// in one column.
func sameMeaning(tx *db.Tx, q ident.QuestionnaireID, raw []byte) error {
	bodies, err := bodiesOf(tx, q)
	if err != nil || len(bodies) == 0 {
		return err
	}
	refused, err := compare.Refusals(raw, bodies...)
	if err != nil {
		return err
	}
	return refused.Err()
}
