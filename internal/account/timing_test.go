package account

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
)

// TestAStrangerCostsTheSameWork: whether a name exists, is closed, cannot be one, or a code was ever made, the same
// number of hashes is computed and the same entry is written; with the words alike (elsewhere), time is all that could
// tell, and BenchmarkStrangersLearnNothingByTime measures that.
func TestAStrangerCostsTheSameWork(t *testing.T) {
	each(t, func(d *door) {
		d.register("maria")
		d.register("lucia")
		d.must(d.Disable(d.Context(), Operator(), "lucia"))
		d.register("pavel")
		code, err := d.IssueReset(d.Context(), Operator(), "pavel")
		d.must(err)
		d.clock.Add(ResetFor)
		work := func(try func(peer Caller) error, want error) (int64, string) {
			before, entries := d.hasher.computed.Load(), len(d.events())
			d.clock.Add(time.Hour)
			if err := try(abroad); want != nil {
				d.is(err, want)
			} else {
				d.must(err)
			}
			return d.hasher.computed.Load() - before, strings.Join(d.events()[entries:], ", ")
		}
		signIn := func(name, password string) func(Caller) error {
			return func(c Caller) error { _, err := d.try(name, password, c); return err }
		}
		register := func(name string) func(Caller) error {
			return func(c Caller) error {
				return d.Register(d.Context(), Registration{Name: name, Password: mariasPassword, Caller: c})
			}
		}
		redeem := func(code string) func(Caller) error {
			return func(c Caller) error {
				return d.Redeem(d.Context(), Redemption{Code: code, Password: newPassword, Caller: c})
			}
		}
		for _, group := range [][]struct {
			what string
			try  func(Caller) error
			want error
		}{
			{
				{"sign in, wrong password", signIn("maria", "a wrong password indeed"), ErrCredentials}, {"no such account", signIn("nobody-here", "a wrong password indeed"), ErrCredentials},
				{"closed account", signIn("lucia", "a wrong password indeed"), ErrCredentials}, {"no name at all", signIn("\x01", "a wrong password indeed"), ErrCredentials},
				{"empty", signIn("", ""), ErrCredentials}, {"a password that none can be", signIn("maria", "\xff\xfe"), ErrCredentials},
			},
			{{"a name that is taken", register("Maria"), nil}, {"taken by a closed account", register("lucia"), nil}},
			{{"a code too old", redeem(code.Code), ErrReset}, {"a code that never was", redeem("kdp_" + strings.Repeat("A", 43)), ErrReset}, {"no code", redeem(""), ErrReset}},
		} {
			hashes, entry := int64(0), ""
			for i, g := range group {
				n, e := work(g.try, g.want)
				if i == 0 {
					hashes, entry = n, e
				}
				if n != hashes || n == 0 || e != entry {
					d.Errorf("%s: %d hashes and %q; %s: %d and %q", group[0].what, hashes, entry, g.what, n, e)
				}
			}
		}
		if free, _ := work(register("ingrid"), nil); free != 1 {
			d.Errorf("a free name costs %d hashes, a taken one 1", free)
		}
	})
}

// BenchmarkStrangersLearnNothingByTime measures, in pairs and with the hashing of production, failed sign-ins to an
// account that exists and to none, and registrations of a name that is taken and of one that is free. It reports the
// medians and their difference: go test ./internal/account -run '^$' -bench NothingByTime -benchtime 200x
func BenchmarkStrangersLearnNothingByTime(b *testing.B) {
	for name, open := range map[string]func(testing.TB, dbtest.Options) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		d := open(b, dbtest.Options{})
		limits := DefaultLimits
		limits.Account.Free, limits.Peer.Free, limits.Register.Free = 1<<20, 1<<20, 1<<20
		s, err := New(Config{DB: d, Vault: dbtest.Vault(b), Authority: dbtest.Authority(b), Limits: limits})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Register(b.Context(), Registration{Name: "maria", Password: mariasPassword, Caller: home}); err != nil {
			b.Fatal(err)
		}
		serial := 0
		b.Run("sign-in/"+name, func(b *testing.B) {
			inPairs(b, func(known bool, c Caller) bool {
				who := map[bool]string{true: "maria", false: "nobody-here"}[known]
				_, err := s.SignIn(b.Context(), Credentials{Name: who, Password: "a wrong password indeed", Caller: c})
				return err != nil
			})
		})
		b.Run("register/"+name, func(b *testing.B) {
			inPairs(b, func(known bool, c Caller) bool {
				who := "maria"
				if serial++; !known {
					who = "maria-" + strconv.Itoa(serial)
				}
				return s.Register(b.Context(), Registration{Name: who, Password: newPassword, Caller: c}) == nil
			})
		})
	}
}

// inPairs tries with what exists and with what does not, in turns, each time from another network.
func inPairs(b *testing.B, try func(known bool, c Caller) bool) {
	times := map[bool][]time.Duration{}
	peer := uint32(0x0a000000)
	pair := []bool{true, false}
	for b.Loop() {
		slices.Reverse(pair) // neither always goes first
		for _, known := range pair {
			peer++
			var raw [4]byte
			binary.BigEndian.PutUint32(raw[:], peer)
			start := clock.System().Now()
			as := try(known, Caller{Peer: netip.AddrFrom4(raw)})
			times[known] = append(times[known], clock.System().Now().Sub(start))
			if !as {
				b.Fatal("another answer than expected")
			}
		}
	}
	median := func(known bool) float64 {
		slices.Sort(times[known])
		return float64(times[known][len(times[known])/2].Microseconds()) / 1000
	}
	b.ReportMetric(median(true), "ms-known")
	b.ReportMetric(median(false), "ms-unknown")
	b.ReportMetric(median(true)-median(false), "ms-difference")
}
