package codesign

import (
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
)

func insertProposal(tx *db.Tx, row proposalRow) error {
	return db.Public[proposalRow](tx).Create(&row).Error
}

// proposalsOf lists those about one questionnaire, or all for an empty id, newest first.
func proposalsOf(tx *db.Tx, q ident.QuestionnaireID) ([]proposalRow, error) {
	var rows []proposalRow
	query := db.Public[proposalRow](tx).Order("created_at DESC, id DESC").Limit(1000)
	if q != "" {
		query = query.Where("questionnaire_id = ?", q)
	}
	return rows, query.Find(&rows).Error
}

func proposalByID(tx *db.Tx, id ident.ProposalID) (proposalRow, error) {
	var row proposalRow
	err := db.Public[proposalRow](tx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNoProposal
	}
	return row, err
}

func openOf(tx *db.Tx, account ident.AccountID) (int64, error) {
	var n int64
	err := db.Public[proposalRow](tx).Where("account_id = ? AND state = ?", account, string(Open)).Count(&n).Error
	return n, err
}

// decide writes a verdict, if the proposal is still as it was read.
func decide(tx *db.Tx, row proposalRow) error {
	q := db.Public[proposalRow](tx).Where("id = ? AND revision = ?", row.ID, row.Revision).
		Select("state", "verdict", "decided_by", "decided_at", "revision").
		Updates(&proposalRow{State: row.State, Verdict: row.Verdict, DecidedBy: row.DecidedBy, DecidedAt: row.DecidedAt, Revision: row.Revision + 1})
	if q.Error == nil && q.RowsAffected == 0 {
		return errDecided
	}
	return q.Error
}

func insertVote(tx *db.Tx, row voteRow) error {
	return db.Public[voteRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
}

func deleteVote(tx *db.Tx, p ident.ProposalID, a ident.AccountID) error {
	return db.Public[voteRow](tx).Where("proposal_id = ? AND account_id = ?", p, a).Delete(&voteRow{}).Error
}

// votesFor gives the votes of the proposals, by proposal.
func votesFor(tx *db.Tx, ids []ident.ProposalID) (map[ident.ProposalID][]ident.AccountID, error) {
	var rows []voteRow
	if err := in(db.Public[voteRow](tx), ids, &rows); err != nil {
		return nil, err
	}
	by := map[ident.ProposalID][]ident.AccountID{}
	for _, r := range rows {
		by[r.ProposalID] = append(by[r.ProposalID], r.AccountID)
	}
	return by, nil
}

// in finds the rows of the proposals, in batches that both engines take.
func in[R any](query *gorm.DB, ids []ident.ProposalID, rows *[]R) error {
	for len(ids) > 0 {
		n := min(len(ids), 500)
		var some []R
		if err := query.Session(&gorm.Session{}).Where("proposal_id IN ?", ids[:n]).Find(&some).Error; err != nil {
			return err
		}
		*rows, ids = append(*rows, some...), ids[n:]
	}
	return nil
}

func insertComment(tx *db.Tx, row commentRow) error {
	return db.Public[commentRow](tx).Create(&row).Error
}

func commentsOf(tx *db.Tx, p ident.ProposalID) ([]commentRow, error) {
	var rows []commentRow
	return rows, db.Public[commentRow](tx).Where("proposal_id = ?", p).Order("created_at, id").Find(&rows).Error
}

// shownComments counts the comments that all may read, by proposal.
func shownComments(tx *db.Tx, ids []ident.ProposalID) (map[ident.ProposalID]int, error) {
	var rows []commentRow
	if err := in(db.Public[commentRow](tx).Select("proposal_id", "hidden"), ids, &rows); err != nil {
		return nil, err
	}
	n := map[ident.ProposalID]int{}
	for _, r := range rows {
		if !r.Hidden {
			n[r.ProposalID]++
		}
	}
	return n, nil
}

func hideComment(tx *db.Tx, p ident.ProposalID, id ident.CommentID) error {
	q := db.Public[commentRow](tx).Where("proposal_id = ? AND id = ?", p, id).Update("hidden", true)
	if q.Error == nil && q.RowsAffected == 0 {
		return ErrNoProposal
	}
	return q.Error
}
