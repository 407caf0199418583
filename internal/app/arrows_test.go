package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// module is the import path of everything that is ours.
const module = "kindred"

// longest is the number of lines at which a source file must have been split.
const longest = 600

// layer is a floor of the house: its packages may import those of their own line in may, and nothing else of ours.
// The first layer whose pattern matches a package is its own; a package that matches none fails the test.
type layer struct {
	name    string
	is      string // pattern over the path below the module
	may     string // pattern over what it may import
	because string
}

const leaves = `internal/(fault|ident|clock|locale|vault|fhirpath|ontology|outcome|terminology|scrub|sample|jsonscan)|schemas(/.*)?`

// forms are the pure packages about questionnaires: the engine, and what reads, writes and compares definitions.
const forms = `questionnaires/(sdc|cases|compare|score|extract|convert(/(xlsform|redcap))?)`

var layers = []layer{
	{"cmd", `cmd/kindred`, `internal/.*|policies(/.*)?|registry|questionnaires(/codesign)?|export(/verify)?|community|matching|schemas|` + forms,
		"a command only turns flags into one call of app or of a pure package"},
	{"app", `internal/app`, `.*`, "the wiring knows everyone"},
	{"test browser", `internal/web/webtest`, leaves, "only tests import it"},
	{"demo", `internal/demo`, `registry|questionnaires|export|policies(/consent)?|internal/(account|db|blob)|` + forms + `|` + leaves, "a synthetic population goes through the domains' own doors"},
	{"web", `internal/web(/.*)?`,
		`internal/web(/.*)?|internal/(account|audit|jobs|blob|mail|db)|policies(/consent)?|registry|questionnaires(/codesign)?|export(/verify)?|community|matching|` + forms + `|` + leaves,
		"pages and API drive the domains; FHIR stays behind an interface that app fills"},
	{"export's encoders", `export/(sheet|table)`, `export|` + leaves, "an encoder sees only what export gives it"},
	{"verifier", `export/verify`, `nothing`, "what checks a release shares nothing with what writes it"},
	{"export", `export`, `export/(sheet|table|verify)|registry|questionnaires|policies/consent|internal/(account|audit|jobs|blob|mail|db|db/dbtest)|policies|` + forms + `|` + leaves,
		"a release reads the registry and the questionnaires"},
	{"matching", `matching`, `registry|policies/consent|internal/(account|audit|jobs|blob|mail|db)|policies|` + leaves, "matching compares profiles of the registry"},
	{"converters", `questionnaires/convert(/.*)?`, `questionnaires/convert|` + leaves, "a converter turns one file into another; it knows neither engine nor database, nor its sister"},
	{"forms", forms, forms + `|` + leaves, "what a form does is decided without database, people or pages"},
	{"questionnaires", `questionnaires`, forms + `|internal/(account|audit|jobs|blob|mail|db)|policies|` + leaves,
		"answers to forms, kept for people; it meets the registry in export, matching and app"},
	{"codesign", `questionnaires/codesign`, `questionnaires|` + forms + `|internal/db|policies|` + leaves, "what members propose for questionnaires"},
	{"domains", `registry|community|policies/consent`, `policies/consent|internal/(account|audit|jobs|blob|mail|db)|policies|` + leaves,
		"domains do not know each other: they meet in export, matching and app"},
	{"fhir", `internal/fhir`, `registry|questionnaires|export|policies|policies/consent|internal/audit|` + forms + `|` + leaves, "the codec knows our types and nothing of the database"},
	{"services", `internal/(account|audit|jobs|blob|mail)`, `internal/(jobs|blob|mail|db)|policies|` + leaves, "services of the house stand on the database and on nobody's patients"},
	{"test database", `internal/db/dbtest`, `internal/(db|jobs|account|audit)|policies|` + leaves, "only tests import it"},
	{"db", `internal/db`, `policies|` + leaves, "the database demands Grants, so it knows policies"},
	{"policies", `policies`, leaves, "who may do what rests on leaves alone"},
	{"leaves", leaves, `internal/(fault|ident|clock|sample|jsonscan)|schemas`, "a leaf knows faults, identifiers, the clock and the reader of JSON at most"},
}

// owned says which packages may import a library that must not spread.
var owned = []struct {
	library string // pattern over the import path
	by      string // pattern over the path of ours below the module
	files   string // pattern over file names that may import it anywhere; empty for none
}{
	{`gorm\.io/.*|github\.com/glebarez/sqlite`, `internal/db(/dbtest)?`, `(store|rows)(_[a-z]+)?\.go`},
	{`github\.com/gin-gonic/.*`, `internal/web(/.*)?`, ``},
	{`github\.com/casbin/.*`, `policies`, ``},
	{`github\.com/xuri/excelize/.*`, `export/sheet`, ``},
	{`github\.com/google/fhir/.*`, `internal/fhir`, ``},
	{`github\.com/riverqueue/.*`, `internal/jobs`, ``},
	{`github\.com/tink-crypto/.*`, `internal/vault`, ``},
	{`github\.com/spf13/.*`, `cmd/kindred`, ``},
	{`github\.com/parquet-go/.*`, `export/table`, ``},
}

// listed is what `go list -json` says about a package.
type listed struct {
	ImportPath, Dir, ForTest string
	GoFiles                  []string
	Imports                  []string
}

// project lists the packages of the module.
func project(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func full(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

func below(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// TestArrows holds every import between our packages to the layers of docs/house.md.
func TestArrows(t *testing.T) {
	for _, p := range project(t) {
		if len(p.GoFiles) == 0 {
			continue // tests only
		}
		name := below(p.ImportPath)
		i := slices.IndexFunc(layers, func(l layer) bool { return full(l.is).MatchString(name) })
		if i < 0 {
			t.Errorf("%s stands on no floor of the house: name it in layers and in docs/house.md", name)
			continue
		}
		may := full(layers[i].may)
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module+"/") && !may.MatchString(below(imp)) {
				t.Errorf("%s must not import %s: %s", name, below(imp), layers[i].because)
			}
		}
	}
}

// TestArrowsOfLibraries holds heavy or dangerous libraries to the one package that hides them.
func TestArrowsOfLibraries(t *testing.T) {
	for _, p := range project(t) {
		name := below(p.ImportPath)
		for _, file := range p.GoFiles {
			path := filepath.Join(p.Dir, file)
			parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range parsed.Imports {
				imp, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range owned {
					if !full(o.library).MatchString(imp) || full(o.by).MatchString(name) {
						continue
					}
					if o.files == "" || !full(o.files).MatchString(file) {
						t.Errorf("%s/%s must not import %s: it belongs to %s", name, file, imp, o.by)
					}
				}
			}
		}
	}
}

// TestArrowsGolden compares who imports whom with the golden file, so that a new arrow is seen by whoever reviews it.
// `make golden` rewrites it.
func TestArrowsGolden(t *testing.T) {
	var lines []string
	for _, p := range project(t) {
		var ours []string
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module+"/") {
				ours = append(ours, below(imp))
			}
		}
		if len(p.GoFiles) > 0 {
			sort.Strings(ours)
			lines = append(lines, strings.TrimRight(below(p.ImportPath)+" -> "+strings.Join(ours, " "), " "))
		}
	}
	sort.Strings(lines)
	got := strings.Join(lines, "\n") + "\n"
	golden := filepath.Join("testdata", "arrows.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	for _, line := range lines {
		if !strings.Contains("\n"+string(want), "\n"+line+"\n") {
			t.Errorf("new or changed: %s", line)
		}
	}
	for line := range strings.Lines(string(want)) {
		if !strings.Contains("\n"+got, "\n"+line) {
			t.Errorf("was: %s", strings.TrimSpace(line))
		}
	}
	t.Error("the arrows changed: look at each, then `make golden`")
}

// TestArrowsOfTests: nothing that ships imports what only tests may.
func TestArrowsOfTests(t *testing.T) {
	only := full(`kindred/internal/(sample|db/dbtest|web/webtest)|testing|pgregory\.net/rapid|github\.com/chromedp/.*`)
	helpers := full(`internal/(sample|db/dbtest|web/webtest)`)
	for _, p := range project(t) {
		for _, imp := range p.Imports {
			if only.MatchString(imp) && !helpers.MatchString(below(p.ImportPath)) {
				t.Errorf("%s ships and must not import %s", below(p.ImportPath), imp)
			}
		}
	}
}

// TestFilesAreShort: a source file is split before it reaches the limit, so that each can be read in one sitting.
func TestFilesAreShort(t *testing.T) {
	for _, p := range project(t) {
		sources, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range sources {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(source, []byte("\n")); n >= longest {
				t.Errorf("%s/%s has %d lines: split it by noun before %d", below(p.ImportPath), filepath.Base(path), n, longest)
			}
		}
	}
}
