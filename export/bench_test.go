package export

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"kindred/internal/ident"
)

// sequence names people in the order in which they come, so that a benchmark need not sort.
type sequence struct{ n int }

func (s *sequence) Pseudonym(ident.StudyID, ident.ParticipantID) string {
	s.n++
	return fmt.Sprintf("%04d-%04d-0000-0000-0", s.n/10000, s.n%10000)
}
func (s *sequence) Rekey(_ ident.StudyID, kind, id string) string {
	return fmt.Sprintf("%s-%d-%s", kind, s.n, id)
}
func (s *sequence) ShiftDays(ident.StudyID, ident.ParticipantID) int { return s.n%180 + 1 }

// BenchmarkPress writes releases of two sizes from memory to encrypted files: people and rows (resources and rows of
// the workbook) per second, and the highest heap while writing, which must not grow with the number of people.
func BenchmarkPress(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := testVault(b)
			people := append(village(1000), lucia())
			rows := 0
			peak, stop := watch()
			for i := range b.N {
				out, err := sealedFolder(filepath.Join(b.TempDir(), fmt.Sprint("out", i)), v, "bench")
				if err != nil {
					b.Fatal(err)
				}
				spool, err := sealedFolder(filepath.Join(b.TempDir(), fmt.Sprint("spool", i)), v, "bench")
				if err != nil {
					b.Fatal(err)
				}
				p := testPlan(b, false, everything...)
				m, keys := cover(p), &sequence{}
				press, err := newPress(p, m, []Format{FHIR, Excel}, out, spool)
				if err != nil {
					b.Fatal(err)
				}
				for k := range n {
					r, err := p.Reduce(people[k%len(people)], keys)
					if err != nil {
						b.Fatal(err)
					}
					if err := press.add(r); err != nil {
						b.Fatal(err)
					}
				}
				if err := press.finish(func(...string) string { return "" }); err != nil {
					b.Fatal(err)
				}
				for _, f := range m.Files {
					rows += f.Rows
				}
			}
			stop()
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "people/s")
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MiB")
		})
	}
}

// watch looks at the heap until stopped.
func watch() (*atomic.Uint64, func()) {
	var peak atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var m runtime.MemStats
		for t := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-done:
				t.Stop()
				return
			case <-t.C:
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	return &peak, func() { close(done); <-ended }
}
