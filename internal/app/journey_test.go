package app

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/fhir"
	"kindred/internal/ident"
	"kindred/policies"
)

const secret = "quiet orchard by the lake 41"

// TestJourney drives the whole journey in a browser: Maria enrols Lucía, signs, describes and answers; a study is
// proposed, approved and released; Maria withdraws, and her child is in no later release.
func TestJourney(t *testing.T) {
	base := t.TempDir()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return dbtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			address := url(t)
			t.Setenv("TMPDIR", base) // the registry points it into its own folder
			w := run(t, dataFolder(t), address)
			if _, err := w.Demonstrate(t.Context(), 30, 1, nil); err != nil {
				t.Fatal(err)
			}
			maria := w.walk(t)
			maria.enrolsLucia()
			maria.answers()
			lucia := w.lucia(t)
			study := w.study(t)
			first := w.release(t, study)
			dir := w.download(t, first)
			said := readElsewhere(t, dir)
			pseudonym := w.Vault.Pseudonym(study, lucia)
			if n := strings.Count(said, pseudonym); n < 4 {
				t.Errorf("Lucía's pseudonym stands %d times in what was released", n)
			}
			for _, never := range []string{"Lucía", "Fernández", "maria.journey", string(lucia), "2017-03-04"} {
				if strings.Contains(said, never) {
					t.Errorf("the release says %q", never)
				}
			}
			maria.open("/people/" + string(lucia) + "/uses")
			maria.sees("Tiredness in muscle disease")
			maria.sees(pseudonym)
			maria.withdraws()
			if _, _, err := w.Studies.Download(t.Context(), w.actor(t, "okoye"), first.ID, first.Files[0].Name); fault.KindOf(err) != fault.Gone {
				t.Errorf("the first release after the withdrawal: %v", err)
			}
			second := w.release(t, study)
			if second.Participants != first.Participants-1 || strings.Contains(readElsewhere(t, w.download(t, second)), pseudonym) {
				t.Errorf("the next release holds %d of %d participants", second.Participants, first.Participants)
			}
			if report, err := w.Audit.Verify(t.Context()); err != nil || !report.OK() {
				t.Errorf("the audit: %+v %v", report, err)
			}
		})
	}
}

// lucia finds the child whom Maria enrolled: the one that nobody else represents.
func (r *running) lucia(t *testing.T) ident.ParticipantID {
	t.Helper()
	s, err := r.Accounts.SignIn(t.Context(), account.Credentials{Name: "maria.journey", Password: secret, Caller: account.Caller{Peer: netip.MustParseAddr("127.0.0.1")}})
	if err != nil {
		t.Fatal(err)
	}
	people, err := r.Registry.Cards(t.Context(), s.Actor(ident.New[ident.RequestID]()))
	if err != nil || len(people) != 1 {
		t.Fatalf("%d people: %v", len(people), err)
	}
	return people[0].ID
}

func (w *walker) enrolsLucia() {
	w.Helper()
	w.register("maria.journey", secret)
	w.open("/home")
	w.press("Begin")
	w.fill("relation", "parent")
	w.fill("name", "Lucía")
	w.press("Save and continue")
	w.fill("birth_date-day", "4")
	w.fill("birth_date-month", "3")
	w.fill("birth_date-year", "2017")
	w.fill("sex", "female")
	w.fill("country", "ES")
	w.press("Save and continue")
	w.fill("q", "duchene") // a slip of the pen
	w.sees("Duchenne")
	w.press("Duchenne")
	w.fill("status", "confirmed")
	w.fill("onset", "date")
	w.fill("onset.date-year", "2019")
	w.press("Save")
	w.press("Save and continue")
	w.fill("q", "floppy")
	w.sees("Hypotonia")
	w.press("Low muscle tone")
	w.fill("presence", "present")
	w.fill("onset_class", "HP:0003593")
	w.press("Save")
	w.press("That is all for now")
	for _, scope := range policies.Scopes {
		w.fill("scope-"+string(scope), "yes")
	}
	w.fill("name", "Maria Fernández")
	w.fill("password", secret)
	w.press("Sign")
	w.sees("You signed")
}

func (w *walker) answers() {
	w.Helper()
	w.open("/questionnaires")
	w.press("Begin", "Tiredness")
	if n := len(w.choose()); n != 6 {
		w.Fatalf("%d questions", n)
	}
	w.sees("Saved at")
	w.press("Save and read it all")
	w.press("Send my answers")
	w.sees("Tiredness")
}

func (w *walker) withdraws() {
	w.Helper()
	w.open("/consent")
	w.press("Take back everything")
	w.press("Take it back now")
}

// actor is what somebody's sign-in gives.
func (r *running) actor(t *testing.T, name string) policies.Actor {
	t.Helper()
	s, err := r.Accounts.SignIn(t.Context(), account.Credentials{Name: name, Password: DemoPassword, Caller: account.Caller{Peer: netip.MustParseAddr("127.0.0.1")}})
	if err != nil {
		t.Fatal(err)
	}
	return s.Actor(ident.New[ident.RequestID]())
}

// study is what Dr. Okoye proposes and Ingrid approves.
func (r *running) study(t *testing.T) ident.StudyID {
	t.Helper()
	s, err := r.Studies.Propose(t.Context(), r.actor(t, "okoye"), export.Proposal{
		Title: "Tiredness in muscle disease", Purpose: "To learn what tires whom.", Fields: []export.Field{export.FieldAge, export.FieldSex, export.FieldCountry, export.FieldDiagnoses, export.FieldSymptoms, export.FieldElements},
		Questionnaires: []string{"https://kindred.example/questionnaires/fatigue|1.0.0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Studies.Decide(t.Context(), r.actor(t, "ingrid"), s.ID, export.Verdict{Approve: true, Reason: "Asks for no more than it needs."}); err != nil {
		t.Fatal(err)
	}
	return s.ID
}

// release asks for one and waits for the worker.
func (r *running) release(t *testing.T, id ident.StudyID) *export.Release {
	t.Helper()
	okoye := r.actor(t, "okoye")
	asked, err := r.Studies.Request(t.Context(), okoye, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // waits for the worker, with a limit
		got, err := r.Studies.Release(t.Context(), okoye, asked.ID)
		if err != nil {
			t.Fatal(err)
		}
		switch got.State {
		case export.Finished:
			return got
		case export.Requested, export.Running:
		default:
			t.Fatalf("the release is %s: %s", got.State, got.Fault)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the release is still %s", got.State)
		}
	}
}

// download writes a release's files into a folder.
func (r *running) download(t *testing.T, rel *export.Release) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range rel.Files {
		_, in, err := r.Studies.Download(t.Context(), r.actor(t, "okoye"), rel.ID, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close(), os.WriteFile(filepath.Join(dir, f.Name), b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// readElsewhere opens the files with readers that share no code with their writers, and gives all that they say.
func readElsewhere(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	lines := 0
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		switch filepath.Ext(name) {
		case ".ndjson":
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			n, err := fhir.CheckLines(bytes.NewReader(b))
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
			lines += n
			all.Write(b)
		case ".xlsx":
			all.WriteString(readWorkbook(t, name))
		}
	}
	if lines == 0 {
		t.Error("no line of NDJSON was released")
	}
	return all.String()
}

func readWorkbook(t *testing.T, name string) string {
	t.Helper()
	f, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all.WriteString(strings.Join(r, "\t") + "\n")
		}
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Log("SKIPPED: no LibreOffice to reopen the workbook with")
		return all.String()
	}
	out := t.TempDir()
	if b, err := exec.Command(office, "--headless", "-env:UserInstallation=file://"+out+"/profile", "--convert-to", "csv", "--outdir", out, name).CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice: %v: %s", err, b)
	}
	if found, err := filepath.Glob(filepath.Join(out, "*.csv")); err != nil || len(found) == 0 {
		t.Fatalf("LibreOffice wrote nothing: %v", err)
	}
	return all.String()
}
