package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// numbers is a questionnaire of n whole numbers.
func numbers(n int) string {
	var items []string
	for i := range n {
		items = append(items, fmt.Sprintf(`{"linkId":"n%d","text":"Number %d","type":"integer"}`, i, i))
	}
	return `{"resourceType":"Questionnaire","url":"https://kindred.example/q/numbers","version":"1","status":"active","title":"Numbers","item":[` + strings.Join(items, ",") + `]}`
}

func integer(item, value int) map[string]any {
	return map[string]any{"answers": []any{map[string]any{"path": fmt.Sprintf("n%d", item), "values": []any{map[string]int{"valueInteger": value}}}}}
}

// crowdTime is how long the crowd answers: 30 s on a build machine, KINDRED_CROWD where it is given, or 5 s.
func crowdTime(t *testing.T) time.Duration {
	if given := os.Getenv("KINDRED_CROWD"); given != "" {
		d, err := time.ParseDuration(given)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if os.Getenv("CI") != "" {
		return 30 * time.Second
	}
	return 5 * time.Second
}

// TestFiftyPeopleAtOnce lets fifty people, each with an account and a draft of their own, save answers one after the
// other on SQLite. No request may fail, and what was saved last is there.
func TestFiftyPeopleAtOnce(t *testing.T) {
	const people, items = 50, 12
	p := newProcess(t)
	p.start()
	aisha, steward := p.account("aisha", "editor"), p.account("stella", "steward")
	form := p.published(aisha, numbers(items))
	tokens, drafts := make([]string, people), make([]string, people)
	var setting sync.WaitGroup
	turn := make(chan struct{}, 4)
	for i := range people {
		setting.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			name := fmt.Sprintf("maria%d", i)
			p.want(201, steward, "POST", "/api/v1/accounts", map[string]any{"name": name, "password": passphrase, "roles": []string{"caregiver"}}, nil)
			var token struct{ Secret string }
			p.want(201, "", "POST", "/api/v1/tokens", map[string]string{"name": name, "password": passphrase}, &token)
			tokens[i] = token.Secret
			drafts[i] = p.draft(token.Secret, p.enrolled(token.Secret, fmt.Sprintf("Lucía %d", i), "2019-03-04", "María"), form)
		})
	}
	setting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	took, saved := p.crowd(tokens, drafts, items, crowdTime(t))
	if t.Failed() {
		return
	}
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[int(share*float64(len(took)-1))].Round(time.Millisecond)
	}
	t.Logf("%d people, %d saves, %.0f/s, p50 %v, p95 %v, p99 %v, most %v", people, len(took), float64(len(took))/crowdTime(t).Seconds(), at(.5), at(.95), at(.99), at(1))
	for i, draft := range drafts {
		r := p.want(200, tokens[i], "GET", "/api/v1/responses/"+draft, nil, nil)
		if got := integers(t, r.body); fmt.Sprint(got) != fmt.Sprint(saved[i]) {
			t.Errorf("%d: %v was saved, %v is there", i, saved[i], got)
		}
	}
}

// crowd saves for a while and gives how long each save took, and what each person saved last.
func (p *process) crowd(tokens, drafts []string, items int, long time.Duration) ([]time.Duration, []map[string]int) {
	p.Helper()
	var lock sync.Mutex
	var all []time.Duration
	saved := make([]map[string]int, len(tokens))
	end := time.Now().Add(long)
	var crowd sync.WaitGroup
	for i := range tokens {
		saved[i] = map[string]int{}
		crowd.Go(func() {
			var took []time.Duration
			for n := 0; time.Now().Before(end); n++ {
				began := time.Now()
				r, err := p.call(tokens[i], "POST", "/api/v1/responses/"+drafts[i]+"/answers", integer(n%items, n))
				if err != nil || r.status != 200 {
					p.Errorf("save %d of person %d: %d %v %.300s", n, i, r.status, err, r.body)
					return
				}
				took = append(took, time.Since(began))
				saved[i][fmt.Sprintf("n%d", n%items)] = n
			}
			lock.Lock()
			defer lock.Unlock()
			all = append(all, took...)
		})
	}
	crowd.Wait()
	return all, saved
}
