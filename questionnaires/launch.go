package questionnaires

import (
	"context"
	"encoding/json"

	"kindred/internal/db"
	"kindred/internal/fhirpath"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// Launch gives what is known of a participant, as FHIR resources by the names of SDC's launch contexts: patient, user,
// clinical. Whoever acts for the participant may ask.
type Launch func(ctx context.Context, actor policies.Actor, p ident.ParticipantID) (map[string]json.RawMessage, error)

func launchContext(id ident.ResponseID) string { return "response.launch:" + string(id) }

// known asks for what a form wants to know of a participant; nil for a form that wants nothing.
func (s *Service) known(ctx context.Context, actor policies.Actor, p ident.ParticipantID, form *sdc.Form) (map[string]json.RawMessage, error) {
	names := form.Launches()
	if len(names) == 0 || s.launch == nil {
		return nil, nil
	}
	all, err := s.launch(ctx, actor, p)
	if err != nil {
		return nil, err
	}
	wanted := map[string]json.RawMessage{}
	for _, n := range names {
		if raw, ok := all[n]; ok {
			wanted[n] = raw
		}
	}
	return wanted, nil
}

// knownFor is known for the newest version of a questionnaire.
func (s *Service) knownFor(ctx context.Context, actor policies.Actor, p ident.ParticipantID, q ident.QuestionnaireID) (map[string]json.RawMessage, error) {
	var form *sdc.Form
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		versions, err := versionsOf(tx, q)
		if err != nil || len(versions) == 0 {
			return err
		}
		form, err = s.formIn(tx, versions[len(versions)-1].ID)
		return err
	})
	if err != nil || form == nil {
		return nil, err // that there is none is told where the draft is begun
	}
	return s.known(ctx, actor, p, form)
}

// keepKnown seals what a draft was begun with: it goes on with that, whatever changes in the meantime.
func (s *Service) keepKnown(id ident.ResponseID, known map[string]json.RawMessage) (vault.Sealed, error) {
	if len(known) == 0 {
		return vault.Sealed{}, nil
	}
	raw, err := json.Marshal(known)
	if err != nil {
		return vault.Sealed{}, err
	}
	return s.vault.Seal(raw, launchContext(id))
}

// contextOf is what the expressions of a draft see beside its answers.
func (s *Service) contextOf(row responseRow) (sdc.Context, error) {
	c := sdc.Context{Now: s.db.Now()}
	if row.Launch.Empty() {
		return c, nil
	}
	raw, err := s.vault.Open(row.Launch, launchContext(row.ID))
	if err != nil {
		return c, err
	}
	var known map[string]json.RawMessage
	if err := json.Unmarshal(raw, &known); err != nil {
		return c, err
	}
	c.Launch, err = LaunchNodes(known)
	return c, err
}

// LaunchNodes makes resources what expressions can see.
func LaunchNodes(known map[string]json.RawMessage) (map[string]fhirpath.Collection, error) {
	nodes := make(map[string]fhirpath.Collection, len(known))
	for name, raw := range known {
		n, err := fhirpath.Parse(raw)
		if err != nil {
			return nil, err
		}
		nodes[name] = fhirpath.Collection{n.Value()}
	}
	return nodes, nil
}
