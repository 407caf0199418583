package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// killRounds is how often the server is killed: KINDRED_KILL_ROUNDS, or n.
func killRounds(t *testing.T, n int) int {
	given := os.Getenv("KINDRED_KILL_ROUNDS")
	if given == "" {
		return n
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// integers reads the answers of a response about numbers.
func integers(t *testing.T, body []byte) map[string]int {
	t.Helper()
	var r struct {
		FHIR struct {
			Item []struct {
				LinkID string
				Answer []struct{ ValueInteger int }
			}
		}
	}
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, i := range r.FHIR.Item {
		for _, a := range i.Answer {
			got[i.LinkID] = a.ValueInteger
		}
	}
	return got
}

// writer is one person who answers: what was acknowledged, and what was on its way when the server was killed.
type writer struct {
	token, draft string
	acknowledged map[string]int
	item         string
	value        int
	seq          int
}

// answers goes on until the server is gone. Every acknowledged answer is noted before the next is sent.
func (w *writer) answers(p *process, items int, heard func()) {
	for {
		w.value++
		item := w.value % items
		w.item = fmt.Sprintf("n%d", item)
		r, err := p.call(w.token, "POST", "/api/v1/responses/"+w.draft+"/answers", integer(item, w.value))
		if err != nil {
			return
		}
		var s struct{ Saved []struct{ Seq int } }
		if err := json.Unmarshal(r.body, &s); r.status != 200 || err != nil || len(s.Saved) != 1 {
			p.Errorf("%d %v: %.300s", r.status, err, r.body)
			return
		}
		w.acknowledged[w.item], w.seq = w.value, s.Saved[0].Seq
		heard()
	}
}

// check compares what is there with what was acknowledged. The answer that was on its way may have arrived or not.
func (w *writer) check(p *process) {
	p.Helper()
	got := integers(p.T, p.want(200, w.token, "GET", "/api/v1/responses/"+w.draft, nil, nil).body)
	if maps.Equal(got, w.acknowledged) {
		return
	}
	with := maps.Clone(w.acknowledged)
	with[w.item] = w.value
	if !maps.Equal(got, with) {
		p.Errorf("acknowledged %v, on its way %s=%d; there is %v", w.acknowledged, w.item, w.value, got)
	}
	w.acknowledged = with
}

// TestNoAcknowledgedAnswerIsLost kills the server while people answer, at another moment each time.
func TestNoAcknowledgedAnswerIsLost(t *testing.T) {
	const people, items = 4, 20
	p := newProcess(t)
	p.start()
	aisha, maria := p.account("aisha", "editor"), p.account("maria", "caregiver")
	form := p.published(aisha, numbers(items))
	var writers []*writer
	for i := range people {
		child := p.enrolled(maria, fmt.Sprintf("Lucía %d", i), "2019-03-04", "María")
		writers = append(writers, &writer{token: maria, draft: p.draft(maria, child, form), acknowledged: map[string]int{}})
	}
	total := 0
	for range killRounds(t, 8) {
		var count atomic.Int64
		enough, once := make(chan struct{}), sync.Once{}
		after := 1 + rand.Int64N(120)
		var answering sync.WaitGroup
		for _, w := range writers {
			answering.Go(func() {
				w.answers(p, items, func() {
					if count.Add(1) >= after {
						once.Do(func() { close(enough) })
					}
				})
			})
		}
		stopped := make(chan struct{})
		go func() { answering.Wait(); close(stopped) }()
		select {
		case <-enough:
		case <-stopped:
			t.Fatal("nobody could answer")
		}
		p.kill()
		<-stopped
		total += int(count.Load())
		p.start()
		for _, w := range writers {
			w.check(p)
		}
		if t.Failed() {
			t.Fatal(p.output.text())
		}
	}
	p.kill()
	p.program.want(yes, "audit", "verify")
	t.Logf("%d acknowledged answers, none lost", total)
}

// readable are bytes that stand in a released file, or in the registry, and never in a sealed one.
var readable = [][]byte{[]byte("resourceType"), []byte("PK\x03\x04"), []byte("<worksheet"), []byte("HP:00"), []byte("ORPHA"), []byte("Luc\u00eda")}

// nothingReadable looks at every byte below folders.
func nothingReadable(t *testing.T, dirs ...string) (files int) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			files++
			b, err := os.ReadFile(path)
			for _, r := range readable {
				if bytes.Contains(b, r) {
					t.Errorf("%s: %q can be read", path, r)
				}
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return files
}

type releaseState struct {
	ID       string
	State    string
	Progress struct{ Done, Total int }
	Files    []struct{ Name, Href string }
}

// approved is a study of Dr. Okoye's, with Ingrid's approval.
func (p *process) approved(okoye, ingrid, reason string, more map[string]any) string {
	p.Helper()
	proposal := map[string]any{"title": "Weakness in childhood", "purpose": "To learn how it begins.",
		"fields": []string{"birth_year", "sex", "country", "relation", "diagnoses", "symptoms", "elements"}}
	maps.Copy(proposal, more)
	var s made
	p.want(201, okoye, "POST", "/api/v1/studies", proposal, &s)
	p.want(201, ingrid, "POST", "/api/v1/studies/"+s.ID+"/decisions", map[string]any{"approve": true, "reason": reason, "protocol": 1}, nil)
	return "/api/v1/studies/" + s.ID
}

// questionnaires are the versions that a demonstration brings along.
func (p *process) questionnaires(token string) (all []string) {
	p.Helper()
	var list struct {
		Items []struct{ URL, Version string }
	}
	p.want(200, token, "GET", "/api/v1/questionnaires", nil, &list)
	for _, v := range list.Items {
		if v.URL != "" {
			all = append(all, v.URL+"|"+v.Version)
		}
	}
	return all
}

// TestNoHalfReleaseIsSeen kills the server again and again while it makes a release of a synthetic population. Until it
// is finished there is nothing to download; whatever lies on the disk cannot be read; in the end it is made whole.
func TestNoHalfReleaseIsSeen(t *testing.T) {
	p := newProcess(t)
	p.program.want(yes, "demo", "--participants", "800", "--seed", "5")
	token := func(name string) string { return p.program.want(yes, "token", "create", "--user", name) }
	okoye, ingrid := trim(token("okoye")), trim(token("ingrid"))
	p.start()
	study := p.approved(okoye, ingrid, "Well protected.", map[string]any{"questionnaires": p.questionnaires(okoye)})
	temporary := p.TempDir()
	rounds, killed, seen := killRounds(t, 4), 0, 0
	var r releaseState
	p.want(202, okoye, "POST", study+"/releases", nil, &r)
	one := "/api/v1/releases/" + r.ID
	for killed < rounds {
		p.until("the release runs", func() bool {
			p.want(200, okoye, "GET", one, nil, &r)
			return r.State == "running" && (killed%2 == 0 || r.Progress.Done > 0) || r.State == "finished"
		})
		if r.State == "finished" {
			break
		}
		for _, name := range []string{"Patient.ndjson", "manifest.json", "workbook.xlsx"} {
			if got, err := p.call(okoye, "GET", one+"/files/"+name, nil); err == nil && got.status == 200 && p.unfinished(okoye, one) {
				t.Errorf("%s of a half release was given", name)
			}
		}
		for range rand.IntN(40) { // the moment at which the power fails is anyone's
			p.want(200, okoye, "GET", one, nil, &r)
			if r.State != "finished" && len(r.Files) > 0 {
				t.Fatal("files of a release that is not finished")
			}
		}
		p.kill()
		killed++
		seen += nothingReadable(t, filepath.Join(p.data, "releases"), filepath.Join(p.data, "temp"), filepath.Join(p.data, "files"), temporary)
		p.start()
	}
	p.until("the release is made", func() bool {
		p.want(200, okoye, "GET", one, nil, &r)
		return r.State == "finished"
	})
	for _, f := range r.Files {
		p.want(200, okoye, "GET", f.Href, nil, nil)
	}
	if len(r.Files) < 6 || killed == 0 {
		t.Fatalf("%d files, killed %d times", len(r.Files), killed)
	}
	nothingReadable(t, filepath.Join(p.data, "releases"), filepath.Join(p.data, "temp"))
	t.Logf("killed %d times, %d sealed files looked at, %d files in the end", killed, seen, len(r.Files))
}

func (p *process) unfinished(token, release string) bool {
	var r releaseState
	p.want(200, token, "GET", release, nil, &r)
	return r.State != "finished"
}

func trim(s string) string { return string(bytes.TrimSpace([]byte(s))) }
