package questionnaires

import (
	"context"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// Items tells of every question of a questionnaire how it stands in one response: answered, declined, skipped, hidden by
// the logic of the form; and which questions of other versions are not in the version that was answered. Whoever acts
// for the participant may.
func (s *Service) Items(ctx context.Context, actor policies.Actor, id ident.ResponseID) ([]sdc.ItemStanding, Response, error) {
	grant, err := ask[policies.Read](ctx, s, actor, "")
	if err != nil {
		return nil, Response{}, err
	}
	var list []sdc.ItemStanding
	var resp Response
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		row, err := readResponse(tx, grant, id)
		if err != nil {
			return err
		}
		if resp, err = s.loaded(tx, row); err != nil {
			return err
		}
		list = resp.Form.Standings(resp.State)
		elsewhere, err := s.elsewhere(tx, row)
		list = append(list, elsewhere...)
		return err
	})
	return list, resp, err
}

// elsewhere are the questions that other versions ask and the one that was answered does not.
func (s *Service) elsewhere(tx *db.Tx, row responseRow) ([]sdc.ItemStanding, error) {
	versions, err := versionsOf(tx, row.QuestionnaireID)
	if err != nil {
		return nil, err
	}
	form, err := s.formIn(tx, row.VersionID)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, link := range form.Questions() {
		known[link] = true
	}
	var list []sdc.ItemStanding
	for _, v := range versions {
		other, err := s.formIn(tx, v.ID)
		if err != nil {
			return nil, err
		}
		for _, link := range other.Questions() {
			if !known[link] {
				known[link] = true
				list = append(list, sdc.ItemStanding{Path: link, LinkID: link, Standing: sdc.StandsNowhere})
			}
		}
	}
	return list, nil
}
