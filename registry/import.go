package registry

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ontology"
	"kindred/schemas"
)

// The faults of an import. Both name the file.
var (
	ErrOntologyFile  = fault.New(fault.Invalid, "registry.ontology.file") // File
	ErrOntologyNoHPO = fault.New(fault.Invalid, "registry.ontology.no_hpo")
	ErrOntologyNone  = fault.New(fault.Invalid, "registry.ontology.none")
)

// OntologyFiles are official files on the operator's disk. All may be packed with gzip.
type OntologyFiles struct {
	HPO          string // hp.json
	Translations string // folder with hp-xx.babelon.tsv, hp-xx.synonyms.tsv and layperson-synonyms.tsv; needs HPO
	// Orpha is a nomenclature table, an Orphanet XML or a whole nomenclature pack (zip). Beside a table, tables of other
	// languages (orpha_nomenclature_xx_*) and of edges (orpha_classification_edges_*) are taken along.
	Orpha string
}

// OntologyPart says what an import brought of one vocabulary.
type OntologyPart struct {
	Version   string   `json:"version"`
	Terms     int      `json:"terms"`
	Languages []string `json:"languages"`
	Files     []string `json:"files"` // names, without their folders
	Credit    string   `json:"credit"`
}

// OntologyReport says what an import brought; a part that was not imported is nil.
type OntologyReport struct {
	Symptoms  *OntologyPart `json:"symptoms,omitempty"`
	Diagnoses *OntologyPart `json:"diagnoses,omitempty"`
}

// ImportOntology reads official files and keeps them under the data folder, where LoadVocabulary finds them. Nothing is
// kept unless every file could be read and checked. The lay and Spanish names of the starter set stay in force beside
// the official ones. It is for the operator; a running server loads the new vocabulary when it starts again.
func ImportOntology(data string, files OntologyFiles) (OntologyReport, error) {
	var report OntologyReport
	switch {
	case files.HPO == "" && files.Translations != "":
		return report, ErrOntologyNoHPO
	case files.HPO == "" && files.Orpha == "":
		return report, ErrOntologyNone
	}
	var symptoms, diagnoses ontology.Set
	var err error
	if files.HPO != "" {
		if symptoms, report.Symptoms, err = importSymptoms(files.HPO, files.Translations); err != nil {
			return report, err
		}
	}
	if files.Orpha != "" {
		if diagnoses, report.Diagnoses, err = importDiagnoses(files.Orpha); err != nil {
			return report, err
		}
	}
	if report.Symptoms != nil {
		if err := writeVocabulary(data, symptomsFile, symptoms); err != nil {
			return report, err
		}
	}
	if report.Diagnoses != nil {
		return report, writeVocabulary(data, diagnosesFile, diagnoses)
	}
	return report, nil
}

func importSymptoms(file, translations string) (set ontology.Set, part *OntologyPart, err error) {
	part = &OntologyPart{}
	err = part.read(file, func(r io.Reader) error { set, err = ontology.ReadHPO(r); return err })
	if err != nil {
		return set, nil, err
	}
	var names []string
	if translations != "" {
		entries, err := os.ReadDir(translations)
		if err != nil {
			return set, nil, ErrOntologyFile.With("File", translations).Because(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		lang := ontology.LanguageOf(name)
		lay := strings.HasPrefix(name, "layperson-synonyms.tsv")
		if lang == "" && !lay {
			continue
		}
		err := part.read(filepath.Join(translations, name), func(r io.Reader) (err error) {
			if lay {
				_, err = set.AddLay(r)
			} else {
				_, err = set.AddTranslations(r, lang)
			}
			return err
		})
		if err != nil {
			return set, nil, err
		}
	}
	return set, part, part.finish(&set, schemas.StarterSymptoms)
}

func importDiagnoses(file string) (set ontology.Set, part *OntologyPart, err error) {
	part = &OntologyPart{}
	switch kind, err := kindOf(file); {
	case err != nil:
		return set, nil, err
	case kind == "zip":
		if set, err = part.pack(file); err != nil {
			return set, nil, err
		}
	case kind == "xml":
		if err := part.read(file, func(r io.Reader) error { set, err = ontology.ReadOrphaXML(r); return first(err, english(&set)) }); err != nil {
			return set, nil, err
		}
	default:
		if set, err = part.tables(file); err != nil {
			return set, nil, err
		}
	}
	return set, part, part.finish(&set, schemas.StarterDiagnoses)
}

// finish adds what the starter set calls the terms, checks that an index can be made, and sums up.
func (p *OntologyPart) finish(set *ontology.Set, starter []byte) error {
	ours, err := ontology.Read(bytes.NewReader(starter))
	if err != nil {
		return err
	}
	set.AddNames(ours)
	x, err := ontology.New(*set)
	if err != nil {
		return err
	}
	p.Version, p.Terms, p.Languages, p.Credit = x.Version, x.Len(), x.Languages(), x.Credit
	return nil
}

// read opens a file, unpacked where it is packed, and names it in whatever goes wrong.
func (p *OntologyPart) read(file string, fn func(io.Reader) error) error {
	f, err := os.Open(file)
	if err != nil {
		return ErrOntologyFile.With("File", file).Because(err)
	}
	defer f.Close()
	var r io.Reader = bufio.NewReader(f)
	if head, _ := r.(*bufio.Reader).Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return ErrOntologyFile.With("File", file).Because(err)
		}
	}
	if err := fn(r); err != nil {
		return inFile(file, err)
	}
	p.Files = append(p.Files, filepath.Base(file))
	return nil
}

// inFile keeps a fault that says what is wrong and adds where; anything else is a file that cannot be read.
func inFile(file string, err error) error {
	if fault.KindOf(err) == fault.Internal {
		return ErrOntologyFile.With("File", file).Because(err)
	}
	for _, f := range fault.All(err) {
		return f.At(filepath.Base(file))
	}
	return err
}

func kindOf(file string) (string, error) {
	kind := ""
	err := (&OntologyPart{}).read(file, func(r io.Reader) error {
		head := make([]byte, 64)
		n, _ := io.ReadFull(r, head) // a short file is none of the two
		switch head = head[:n]; {
		case bytes.HasPrefix(head, []byte("PK\x03\x04")):
			kind = "zip"
		case bytes.HasPrefix(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("<")):
			kind = "xml"
		}
		return nil
	})
	return kind, err
}

var (
	tableLanguage = regexp.MustCompile(`^orpha_nomenclature_([a-z]{2})_.*\.tsv(\.gz)?$`)
	yearIn        = regexp.MustCompile(`(?:19|20)[0-9]{2}`)
)

// tables reads a nomenclature table and what lies beside it.
func (p *OntologyPart) tables(file string) (set ontology.Set, err error) {
	if err = p.read(file, func(r io.Reader) error { set, err = ontology.ReadOrpha(r); return first(err, english(&set)) }); err != nil {
		return set, err
	}
	set.Version = yearIn.FindString(filepath.Base(file))
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return set, ErrOntologyFile.With("File", file).Because(err)
	}
	for _, e := range entries {
		beside := filepath.Join(filepath.Dir(file), e.Name())
		switch m := tableLanguage.FindStringSubmatch(e.Name()); {
		case e.Name() == filepath.Base(file):
		case m != nil && m[1] != "en":
			err = p.read(beside, func(r io.Reader) error { _, err := set.AddOrphaNames(r, m[1]); return err })
		case strings.HasPrefix(e.Name(), "orpha_classification_edges"):
			err = p.read(beside, func(r io.Reader) error { _, _, err := set.AddOrphaEdges(r); return err })
		}
		if err != nil {
			return set, err
		}
	}
	return set, nil
}

// english refuses a nomenclature whose labels are of another language: they would stand in for English ones everywhere.
func english(s *ontology.Set) error {
	if lang := s.LabelLanguage(); lang != "" && lang != "en" {
		return ontology.ErrLanguage.With("Language", lang)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// maxEntries is how many files a nomenclature pack may have; that of 2023 has 35.
const maxEntries = 500

// pack reads a whole Orphanet nomenclature pack: the nomenclature, English first, then the classifications.
func (p *OntologyPart) pack(file string) (set ontology.Set, err error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return set, ErrOntologyFile.With("File", file).Because(err)
	}
	defer z.Close()
	if len(z.File) > maxEntries {
		return set, ontology.ErrTooLarge.With("Limit", maxEntries).At(filepath.Base(file))
	}
	sort.Slice(z.File, func(i, j int) bool { return packOrder(z.File[i].Name) < packOrder(z.File[j].Name) })
	for _, f := range z.File {
		name := path.Base(f.Name)
		nomenclature, classification := strings.HasPrefix(name, "ORPHAnomenclature_"), strings.HasPrefix(name, "ORPHAclassification_")
		if !nomenclature && !classification || !strings.HasSuffix(name, ".xml") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return set, ErrOntologyFile.With("File", name).Because(err)
		}
		switch {
		case classification:
			_, _, err = set.AddOrphaClassificationXML(r)
		case len(set.Terms) == 0:
			set, err = ontology.ReadOrphaXML(r)
			err = first(err, english(&set))
		default:
			var other ontology.Set
			if other, err = ontology.ReadOrphaXML(r); err == nil {
				set.AddNames(other)
			}
		}
		_ = r.Close()
		if err != nil {
			return set, inFile(name, err)
		}
		p.Files = append(p.Files, name)
	}
	return set, nil
}

// packOrder puts the English nomenclature first and the classifications last.
func packOrder(name string) string {
	name = path.Base(name)
	switch {
	case strings.HasPrefix(name, "ORPHAnomenclature_en"):
		return "0"
	case strings.HasPrefix(name, "ORPHAnomenclature_"):
		return "1" + name
	}
	return "2" + name
}

// Describe says in one line what a vocabulary is, for logs and the credit line of pages.
func Describe(x *ontology.Index) string {
	return fmt.Sprintf("%s, version %s, %d terms", x.Credit, x.Version, x.Len())
}
