package codesign

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// CreditURL is the extension on an item whose wording, or which as a whole, a member proposed. Its parts: proposal
// valueString (the id), by valueString (the name to thank; left out where the member stays unnamed).
const CreditURL = "https://kindred.example/fhir/StructureDefinition/proposed-by"

const translationURL = "http://hl7.org/fhir/StructureDefinition/translation"

// Draft gives the newest published version of a questionnaire with the taken proposals worked in that no version has
// yet: other wordings in the language they were proposed in, new questions at the end, each with its credit. Its status is
// draft and it has no version: an editor gives it one. For editors; a Conflict where nothing was taken.
func (s *Service) Draft(ctx context.Context, actor policies.Actor, q ident.QuestionnaireID) ([]byte, error) {
	if err := s.may(ctx, actor, policies.ActApprove); err != nil {
		return nil, err
	}
	list, err := s.List(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(p Proposal) bool { return p.State != Taken })
	if len(list) == 0 {
		return nil, errNothingTaken
	}
	slices.Reverse(list) // the oldest first
	newest, _, err := s.newest(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	version, err := s.Questionnaires.Version(ctx, actor, newest.ID)
	if err != nil {
		return nil, err
	}
	raw, err := version.Resource()
	if err != nil {
		return nil, err
	}
	out, err := worked(raw, list)
	if err != nil {
		return nil, err
	}
	return out, s.DB.Do(ctx, func(tx *db.Tx) error {
		tx.Log(entry(actor, "proposal.drafted", policies.ActApprove, list[0].ID))
		return nil
	})
}

// worked puts proposals into the JSON of a questionnaire.
func worked(raw []byte, list []Proposal) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var q map[string]any
	if err := d.Decode(&q); err != nil {
		return nil, err
	}
	delete(q, "version")
	delete(q, "id")
	q["status"] = "draft"
	own, _ := q["language"].(string)
	links := map[string]map[string]any{}
	gather(q, links)
	for _, p := range list {
		if p.Kind == Wording {
			if item := links[p.LinkID]; item != nil {
				reword(item, p, own)
			}
			continue
		}
		item := question(p, links, own)
		items, _ := q["item"].([]any)
		q["item"] = append(items, item)
		links[item["linkId"].(string)] = item
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(q)
	return out.Bytes(), err
}

// gather notes each item by its linkId.
func gather(in map[string]any, links map[string]map[string]any) {
	items, _ := in["item"].([]any)
	for _, i := range items {
		if item, ok := i.(map[string]any); ok {
			link, _ := item["linkId"].(string)
			if links[link] == nil {
				links[link] = item
			}
			gather(item, links)
		}
	}
}

// reword sets the text of an item, in the form's own language or as a translation.
func reword(item map[string]any, p Proposal, own string) {
	if own == "" || strings.EqualFold(base(own), base(p.Language)) {
		item["text"] = p.Text
	} else {
		beside, _ := item["_text"].(map[string]any)
		if beside == nil {
			beside = map[string]any{}
			item["_text"] = beside
		}
		extensions, _ := beside["extension"].([]any)
		extensions = slices.DeleteFunc(extensions, func(e any) bool { return translates(e, p.Language) })
		beside["extension"] = append(extensions, map[string]any{"url": translationURL, "extension": []any{
			map[string]any{"url": "lang", "valueCode": p.Language}, map[string]any{"url": "content", "valueString": p.Text},
		}})
	}
	credit(item, p)
}

func base(language string) string { l, _, _ := strings.Cut(language, "-"); return l }

// translates tells whether an extension is the translation into a language.
func translates(e any, language string) bool {
	x, _ := e.(map[string]any)
	if x["url"] != translationURL {
		return false
	}
	parts, _ := x["extension"].([]any)
	for _, part := range parts {
		p, _ := part.(map[string]any)
		if code, ok := p["valueCode"].(string); ok && p["url"] == "lang" && strings.EqualFold(code, language) {
			return true
		}
	}
	return false
}

// question is a new item; it is optional, until an editor decides otherwise.
func question(p Proposal, links map[string]map[string]any, own string) map[string]any {
	link := "proposed-" + string(p.ID)[len(p.ID)-8:]
	for n := 2; links[link] != nil; n++ {
		link = fmt.Sprintf("proposed-%s-%d", string(p.ID)[len(p.ID)-8:], n)
	}
	item := map[string]any{"linkId": link, "type": string(p.Answer), "text": p.Text}
	if own != "" && !strings.EqualFold(base(own), base(p.Language)) {
		reword(item, p, own) // shown in its own language until somebody translates it
	} else {
		credit(item, p)
	}
	var options []any
	for _, o := range p.Options {
		options = append(options, map[string]any{"valueString": o})
	}
	if options != nil {
		item["answerOption"] = options
	}
	return item
}

func credit(item map[string]any, p Proposal) {
	parts := []any{map[string]any{"url": "proposal", "valueString": string(p.ID)}}
	if p.Credit != "" {
		parts = append(parts, map[string]any{"url": "by", "valueString": p.Credit})
	}
	extensions, _ := item["extension"].([]any)
	item["extension"] = append(extensions, map[string]any{"url": CreditURL, "extension": parts})
}

// credited tells, for each proposal that a published version credits, the first such version.
func (s *Service) credited(ctx context.Context, actor policies.Actor) (map[ident.ProposalID]string, error) {
	all, err := s.Questionnaires.Versions(ctx, actor)
	if err != nil {
		return nil, err
	}
	first := map[ident.ProposalID]string{}
	numbers := map[ident.ProposalID]int{}
	for _, v := range all {
		ids, ok := s.credits.Load(v.ID)
		if !ok {
			whole, err := s.Questionnaires.Version(ctx, actor, v.ID)
			if err != nil {
				return nil, err
			}
			ids = creditsIn(whole.Raw)
			s.credits.Store(v.ID, ids)
		}
		for _, id := range ids.([]ident.ProposalID) {
			if numbers[id] == 0 || v.Number < numbers[id] {
				first[id], numbers[id] = v.Version, v.Number
			}
		}
	}
	return first, nil
}

// creditsIn lists the proposals that a questionnaire's items credit.
func creditsIn(raw []byte) []ident.ProposalID {
	ids := []ident.ProposalID{}
	doc, err := jsonscan.Parse(raw, sdc.FormLimits)
	if err != nil {
		return ids // published: it was parsed before
	}
	var walk func(v jsonscan.Value)
	walk = func(v jsonscan.Value) {
		for _, ext := range v.Get("extension").All() {
			if ext.Get("url").Text() != CreditURL {
				continue
			}
			for _, part := range ext.Get("extension").All() {
				if part.Get("url").Text() == "proposal" {
					ids = append(ids, ident.ProposalID(part.Get("valueString").Text()))
				}
			}
		}
		for _, item := range v.Get("item").All() {
			walk(item)
		}
	}
	walk(doc.Root())
	return ids
}
