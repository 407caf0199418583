package account

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
)

// BenchmarkSignInTellsNothingByTime measures failed sign-ins in pairs, one to an account that exists and one to none,
// and reports the median of each and the difference of the medians, with the hashing of production.
func BenchmarkSignInTellsNothingByTime(b *testing.B) {
	for name, open := range map[string]func(testing.TB, dbtest.Options) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b, dbtest.Options{})
			limits := DefaultLimits
			limits.Account.Free, limits.Peer.Free = 1<<20, 1<<20
			s, err := New(Config{DB: d, Vault: dbtest.Vault(b), Authority: dbtest.Authority(b), Limits: limits})
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Register(b.Context(), Registration{Name: "maria", Password: mariasPassword, Caller: home}); err != nil {
				b.Fatal(err)
			}
			times := map[string][]time.Duration{}
			peer := uint32(0x0a000000)
			pair := []string{"maria", "nobody-here"}
			for b.Loop() {
				slices.Reverse(pair) // neither always goes first
				for _, who := range pair {
					peer++
					var raw [4]byte
					binary.BigEndian.PutUint32(raw[:], peer)
					start := clock.System().Now()
					_, err := s.SignIn(b.Context(), Credentials{Name: who, Password: "a wrong password indeed", Caller: Caller{Peer: netip.AddrFrom4(raw)}})
					times[who] = append(times[who], clock.System().Now().Sub(start))
					if err == nil {
						b.Fatal("signed in")
					}
				}
			}
			median := func(who string) float64 {
				slices.Sort(times[who])
				return float64(times[who][len(times[who])/2].Microseconds()) / 1000
			}
			b.ReportMetric(median("maria"), "ms-known")
			b.ReportMetric(median("nobody-here"), "ms-unknown")
			b.ReportMetric(median("maria")-median("nobody-here"), "ms-difference")
		})
	}
}
