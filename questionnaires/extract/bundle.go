package extract

import (
	"encoding/json"
	"time"

	"kindred/internal/fhirpath"
)

// resource is one that is being made.
type resource struct {
	typ     string
	body    map[string]any
	fullURL string
	headers map[string]string // ifNoneMatch, ifModifiedSince, ifMatch, ifNoneExist
	given   map[string]any    // a request that a template gives
	panel   bool              // an observation without a value of its own
	used    bool
	above   *resource // the observation that it is a member of
}

// add notes a new resource; nil once there are too many.
func (x *extraction) add(typ string, body map[string]any) *resource {
	if len(x.made) >= maxResources {
		x.full = true
		return nil
	}
	res := &resource{typ: typ, body: body, fullURL: "urn:uuid:" + x.o.ID()}
	x.made = append(x.made, res)
	return res
}

// request reads the parts that say how a resource is to be stored.
func (x *extraction) request(res *resource, s scope, def, at, ext fhirpath.Node) {
	if url := x.text(part(ext, "fullUrl").Text(), at, s, link(def)); url != "" {
		res.fullURL = url
	}
	for _, name := range []string{"ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist"} {
		if v := x.text(part(ext, name).Text(), at, s, link(def)); v != "" {
			if res.headers == nil {
				res.headers = map[string]string{}
			}
			res.headers[name] = v
		}
	}
}

// bundle writes what was made, in the order in which it was begun, and its Provenance.
func (x *extraction) bundle() ([]byte, error) {
	for _, r := range x.made { // a member keeps its panel
		for up := r; up.used && up.above != nil; up = up.above {
			up.above.used = true
		}
	}
	var entries, targets []any
	kept := x.made[:0]
	for _, r := range x.made {
		if r.panel && !r.used {
			continue
		}
		if len(r.body) == 1 && r.body["resourceType"] != nil {
			continue // nothing was answered that belongs to it
		}
		kept = append(kept, r)
	}
	x.made = kept
	for _, r := range x.made {
		if r.above != nil {
			all, _ := r.above.body["hasMember"].([]any)
			r.above.body["hasMember"] = append(all, map[string]any{"reference": r.fullURL})
		}
	}
	for _, r := range x.made {
		entries = append(entries, map[string]any{"fullUrl": r.fullURL, "resource": r.body, "request": r.how()})
		targets = append(targets, map[string]any{"reference": r.fullURL})
	}
	if len(entries) == 0 {
		return nil, nil
	}
	entries = append(entries, map[string]any{
		"fullUrl": "urn:uuid:" + x.o.ID(), "resource": x.provenance(targets), "request": map[string]any{"method": "POST", "url": "Provenance"},
	})
	return json.Marshal(map[string]any{"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

func (r *resource) how() map[string]any {
	if r.given != nil {
		return r.given
	}
	how := map[string]any{"method": "POST", "url": r.typ}
	if id, ok := r.body["id"].(string); ok && id != "" {
		how["method"], how["url"] = "PUT", r.typ+"/"+id
	}
	for name, v := range r.headers {
		how[name] = v
	}
	return how
}

// provenance says where the resources come from: the response, the person who answered, and the software.
func (x *extraction) provenance(targets []any) map[string]any {
	body := map[string]any{
		"resourceType": "Provenance", "target": targets, "recorded": x.o.Now.UTC().Format(time.RFC3339),
		"activity": map[string]any{"coding": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE"}}},
	}
	var agents []any
	if author := x.r.Child("author"); !author.IsZero() {
		agent := map[string]any{"type": agentType("author"), "who": plain(author)}
		if subject := x.r.Child("subject"); !subject.IsZero() && subject.Child("reference").Text() != author.Child("reference").Text() {
			agent["onBehalfOf"] = plain(subject)
		}
		agents = append(agents, agent)
	}
	agents = append(agents, map[string]any{"type": agentType("assembler"), "who": map[string]any{"display": x.o.Agent}})
	body["agent"] = agents
	if x.o.Reference != "" {
		body["entity"] = []any{map[string]any{"role": "source", "what": map[string]any{"reference": x.o.Reference}}}
	}
	return body
}

func agentType(code string) map[string]any {
	return map[string]any{"coding": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": code}}}
}
