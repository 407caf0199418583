package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kindred/export"
	"kindred/internal/db/dbtest"
	"kindred/internal/fhir"
	"kindred/internal/ident"
	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/schemas/instruments"
)

const secret = "quiet orchard by the lake 41"

// TestJourney drives the whole journey in a browser, each role on its own pages: Aisha publishes a questionnaire; Maria
// enrols Lucía, signs, proves the diagnosis, describes and answers; Tomás accepts the proof; Dr. Okoye proposes a study
// and Ingrid approves it; he counts, releases and downloads; Maria withdraws, the files are gone, and her child is in no
// later release.
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
			maria.beside("aisha").publishes()
			maria.enrolsLucia()
			lucia := maria.proves()
			maria.answers()
			maria.beside("tomas").accepts()
			maria.open("/people/" + string(lucia) + "/evidence")
			maria.sees("Proof accepted")
			okoye, ingrid := maria.beside("okoye"), maria.beside("ingrid")
			study := okoye.proposes()
			ingrid.approves()
			count := okoye.counts(study)
			first := okoye.releases(study)
			dir := okoye.downloads()
			if n := participants(t, dir); n != count {
				t.Errorf("%d people were counted, and %d released", count, n)
			}
			reopens(t, dir)
			pseudonym := w.Vault.Pseudonym(study, lucia)
			looksLikeLucia(t, readElsewhere(t, dir), pseudonym, string(lucia))
			maria.open("/people/" + string(lucia) + "/uses")
			maria.sees("Tiredness in muscle disease")
			maria.sees(pseudonym)

			maria.withdraws()
			okoye.findsItGone(first)
			ingrid.open("/oversight/studies/" + string(study))
			ingrid.sees("No longer available")
			okoye.releases(study)
			later := okoye.downloads()
			if n := participants(t, later); n != count-1 || strings.Contains(readElsewhere(t, later), pseudonym) {
				t.Errorf("the next release holds %d of %d participants", n, count)
			}
			if report, err := w.Audit.Verify(t.Context()); err != nil || !report.OK() {
				t.Errorf("the audit: %+v %v", report, err)
			}
		})
	}
}

// looksLikeLucia finds her in what was released by her pseudonym, and by nothing else.
func looksLikeLucia(t *testing.T, said, pseudonym, id string) {
	t.Helper()
	if n := strings.Count(said, pseudonym); n < 4 {
		t.Errorf("Lucía's pseudonym stands %d times in what was released", n)
	}
	for _, never := range []string{"Lucía", "Fernández", "maria.journey", id} {
		if strings.Contains(said, never) {
			t.Errorf("the release says %q", never)
		}
	}
	for line := range strings.Lines(said) { // somebody else may have a date, shifted, that is her birthday
		if strings.Contains(line, pseudonym) && strings.Contains(line, "2017-03-04") {
			t.Errorf("the release says when she was born: %s", line)
		}
	}
}

// publishes brings a new version of the questionnaire about tiredness, as a file from an editor's machine.
func (w *walker) publishes() {
	w.Helper()
	raw, err := instruments.Files.ReadFile("fatigue-1.0.0.json")
	if err != nil {
		w.Fatal(err)
	}
	file := filepath.Join(w.TempDir(), "tiredness.json")
	if err := os.WriteFile(file, bytes.Replace(raw, []byte(`"version": "1.0.0"`), []byte(`"version": "1.1.0"`), 1), 0o600); err != nil {
		w.Fatal(err)
	}
	w.open("/authoring/new")
	w.give(file)
	w.submit("/authoring/new")
	w.sees("Nothing is published yet")
	w.submit("/authoring/publish")
	w.sees("1.1.0")
	w.sees("SHA-256")
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

// proves sends a picture of the doctor's letter, and gives whom it is about.
func (w *walker) proves() ident.ParticipantID {
	w.Helper()
	w.open("/consent")
	id, _, _ := strings.Cut(strings.TrimPrefix(w.path(), "/people/"), "/")
	var letter bytes.Buffer
	if err := png.Encode(&letter, image.NewGray(image.Rect(0, 0, 320, 200))); err != nil {
		w.Fatal(err)
	}
	file := filepath.Join(w.TempDir(), "letter.png")
	if err := os.WriteFile(file, letter.Bytes(), 0o600); err != nil {
		w.Fatal(err)
	}
	w.open("/people/" + id + "/evidence")
	w.give(file)
	w.submit("")
	w.sees("The file arrived")
	return ident.ParticipantID(id)
}

// accepts opens the proof that came last, looks at it beside the claim, and accepts it.
func (w *walker) accepts() {
	w.Helper()
	w.open("/review")
	w.open(webtest.Eval[string](w.Browser, `[...document.querySelectorAll("main table a")].at(-1).pathname`))
	w.sees("Lucía")
	if !webtest.Eval[bool](w.Browser, `(async () => { const i = document.querySelector("main img"); await i.decode(); return i.naturalWidth === 320; })()`) {
		w.Error("the reviewer does not see the letter")
	}
	w.fill("decision", "accept")
	w.submit(w.path())
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

// proposes is what Dr. Okoye asks for.
func (w *walker) proposes() ident.StudyID {
	w.Helper()
	w.open("/research/new")
	w.fill("title", "Tiredness in muscle disease")
	w.fill("purpose", "To learn what tires whom.")
	for _, f := range []export.Field{export.FieldAge, export.FieldSex, export.FieldCountry, export.FieldDiagnoses, export.FieldSymptoms, export.FieldElements} {
		w.fill("fields", string(f))
	}
	w.fill("questionnaires", "https://kindred.example/questionnaires/fatigue|1.1.0")
	w.submit("/research/new")
	w.sees("Waits for the committee")
	return ident.StudyID(strings.TrimPrefix(w.path(), "/research/studies/"))
}

func (w *walker) approves() {
	w.Helper()
	w.open("/oversight")
	w.press("Tiredness in muscle disease")
	w.sees("To learn what tires whom.")
	w.fill("decision", "approve")
	w.fill("reason", "Asks for no more than it needs.")
	w.submit(w.path())
	w.sees("Approved")
}

// counts asks how many people qualify.
func (w *walker) counts(study ident.StudyID) int {
	w.Helper()
	w.open("/research/studies/" + string(study))
	w.press("Count now")
	said := webtest.Eval[string](w.Browser, `document.querySelector("main [role=status].lead").innerText`)
	n, err := strconv.Atoi(strings.Fields(said)[0])
	if err != nil || n < export.Floor {
		w.Fatalf("the count says %q", said)
	}
	return n
}

// releases asks for a release and waits on its page, which shows how far it is, until it is ready: the page's path.
func (w *walker) releases(study ident.StudyID) string {
	w.Helper()
	w.open("/research/studies/" + string(study))
	w.press("Make the release")
	if shown := webtest.Eval[bool](w.Browser, `!!document.querySelector("main progress") || document.querySelector("main .tag").innerText === "Ready"`); !shown {
		w.Errorf("the page does not say how far the release is:\n%s", w.text())
	}
	w.sees("Ready")
	return w.path()
}

// downloads presses each file of the release that is open, and gives the folder in which they lie. What arrived is what
// the page said.
func (w *walker) downloads() string {
	w.Helper()
	dir := w.TempDir()
	for _, file := range webtest.Eval[[][2]string](w.Browser, `[...document.querySelectorAll("main a[href*='/files/']")].map(a => [a.innerText, a.closest("tr").lastElementChild.lastElementChild.innerText])`) {
		w.Download(dir, `main a[href$="/files/`+file[0]+`"]`)
		b, err := os.ReadFile(filepath.Join(dir, file[0]))
		if err != nil {
			w.Fatal(err)
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != file[1] {
			w.Errorf("%s is not what the page says", file[0])
		}
	}
	return dir
}

// findsItGone asks once more for a file that was there.
func (w *walker) findsItGone(release string) {
	w.Helper()
	w.open(release)
	w.press("Patient.ndjson")
	w.sees("No longer available")
	if status := webtest.Eval[int](w.Browser, `performance.getEntriesByType("navigation")[0].responseStatus`); status != 410 {
		w.Errorf("the old download answers %d", status)
	}
	w.open(release)
	w.sees("Somebody in this release has withdrawn")
}

// participants is what a release's manifest says.
func participants(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, export.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m export.Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m.Participants
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
	return all.String()
}

// reopens gives the workbook to LibreOffice, where there is one.
func reopens(t *testing.T, dir string) {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Log("SKIPPED: no LibreOffice to reopen the workbook with")
		return
	}
	books, err := filepath.Glob(filepath.Join(dir, "*.xlsx"))
	if err != nil || len(books) != 1 {
		t.Fatalf("%d workbooks: %v", len(books), err)
	}
	out := t.TempDir()
	if b, err := exec.Command(office, "--headless", "-env:UserInstallation=file://"+out+"/profile", "--convert-to", "csv", "--outdir", out, books[0]).CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice: %v: %s", err, b)
	}
	if found, err := filepath.Glob(filepath.Join(out, "*.csv")); err != nil || len(found) == 0 {
		t.Fatalf("LibreOffice wrote nothing: %v", err)
	}
}
