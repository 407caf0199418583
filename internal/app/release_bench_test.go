package app

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kindred/export"
	"kindred/internal/db/dbtest"
)

// BenchmarkPopulation writes synthetic people through the domains' own doors.
func BenchmarkPopulation(b *testing.B) {
	b.Setenv("TMPDIR", b.TempDir())
	a := openDemo(b, "")
	seed := uint64(0)
	for b.Loop() {
		seed++
		if err := a.Populate(b.Context(), 1000, seed, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "participants/s")
}

// BenchmarkRelease makes whole releases of a synthetic population, from the database to readable files, with a minimum
// class: rows (FHIR resources and rows of the workbook) and people per second; the highest heap and the highest resident
// memory of the process while it runs; and how much longer it takes than reading every row of the same tables with
// plain SQL, decoding and writing nothing. KINDRED_BENCH_PEOPLE=8000,100000 adds sizes; -bench Release/sqlite/100000
// picks one.
func BenchmarkRelease(b *testing.B) {
	sizes := []int{1000}
	for _, text := range strings.Split(os.Getenv("KINDRED_BENCH_PEOPLE"), ",") {
		if n, err := strconv.Atoi(text); err == nil {
			sizes = append(sizes, n)
		}
	}
	for engine, url := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": dbtest.URL} {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/%d", engine, n), func(b *testing.B) {
				address := url(b) // before the folder for temporary files is one that a server may not enter
				b.Setenv("TMPDIR", b.TempDir())
				a := openDemo(b, address)
				if _, err := a.Demonstrate(b.Context(), n, 1, nil); err != nil {
					b.Fatal(err)
				}
				benchRelease(b, a)
			})
		}
	}
}

func benchRelease(b *testing.B, a *App) {
	study := approveEverything(b, a, func(p *export.Proposal) { p.MinimumClass = export.Floor })
	rows, people, dir := 0, 0, b.TempDir()
	floor := plainRead(b, a)
	runtime.GC()
	resident := residentPeak()
	peak, stop := highest()
	b.ResetTimer()
	for i := range b.N {
		r, err := a.Studies.RunNow(b.Context(), study, nil, filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			b.Fatal(err)
		}
		people += r.Participants
		for _, f := range r.Files {
			rows += f.Rows
		}
	}
	b.StopTimer()
	stop()
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(people)/b.Elapsed().Seconds(), "people/s")
	b.ReportMetric(float64(peak.Load())/(1<<20), "heap-MiB")
	b.ReportMetric(float64(resident())/(1<<20), "rss-MiB")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/floor.Seconds(), "x-plain-read")
}

// plainRead is the time that reading all the rows of a release's tables takes.
func plainRead(b *testing.B, a *App) time.Duration {
	began := time.Now()
	for _, query := range []string{
		"SELECT id, relation, birth_year, sex, country FROM participants",
		"SELECT id, participant_id, code, status, onset, onset_date, diagnosed, diagnosed_date FROM diagnoses",
		"SELECT id, participant_id, term, presence, onset_class, onset_date, course, severity FROM symptoms",
		"SELECT id, participant_id, element, value, missing FROM data_elements",
		"SELECT id, participant_id, diagnosis_id, state FROM evidence",
		"SELECT id, participant_id, scope, version FROM consent_facts",
		"SELECT * FROM response_documents",
	} {
		rows, err := a.DB.Queue().QueryContext(b.Context(), query)
		if err != nil {
			b.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			b.Fatal(err)
		}
		into := make([]any, len(names))
		for i := range into {
			into[i] = new(any)
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				b.Fatal(err)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// residentPeak begins to watch the resident memory of the process; the answer gives the highest since. Where the system
// cannot tell, it is 0.
func residentPeak() func() int {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		return func() int { return 0 }
	}
	return func() int {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return 0
		}
		_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
		fields := bytes.Fields(after)
		if len(fields) == 0 {
			return 0
		}
		kib, _ := strconv.Atoi(string(fields[0]))
		return kib << 10
	}
}

// highest watches the heap until stopped.
func highest() (*atomic.Uint64, func()) {
	var peak atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var m runtime.MemStats
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	return &peak, func() { close(done); <-ended }
}
