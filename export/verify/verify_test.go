package verify

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzDir: whatever stands in a folder, the answer is a report or ErrNoManifest; a folder whose files are not those of
// the manifest is never found to be right.
func FuzzDir(f *testing.F) {
	var book bytes.Buffer
	z := zip.NewWriter(&book)
	for name, body := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Participants" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData><row r="1"><c><is><t>pseudonym</t></is></c></row><row><c><f>1</f></c></row></sheetData></worksheet>`,
	} {
		w, _ := z.Create(name)
		_, _ = w.Write([]byte(body))
	}
	_ = z.Close()
	f.Add([]byte(`{"kind":"kindred-release","format":1,"participants":1,"files":[{"name":"workbook.xlsx","format":"xlsx","sha256":"x"}]}`), book.Bytes())
	f.Add([]byte(`{"kind":"kindred-release","format":1,"files":[{"name":"../x","format":"fhir"},{"name":"workbook.xlsx","format":"fhir","resource":"Patient"}]}`), []byte("{}\n{"))
	f.Add([]byte(`{`), []byte(nil))
	f.Fuzz(func(t *testing.T, manifest, file []byte) {
		dir := t.TempDir()
		for name, b := range map[string][]byte{"manifest.json": manifest, "workbook.xlsx": file} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r, err := Dir(dir)
		if err != nil {
			if !errors.Is(err, ErrNoManifest) {
				t.Fatal(err)
			}
			return
		}
		if r.OK() {
			t.Fatalf("%s was found right with %q beside it", manifest, file)
		}
	})
}

func TestPseudonymForm(t *testing.T) {
	for s, want := range map[string]bool{"7K3M-Q2XF-9TBA-H4ZC-W": true, "7K3M-Q2XF-9TBA-H4ZC": false, "7K3MXQ2XF-9TBA-H4ZC-W": false, "7I3M-Q2XF-9TBA-H4ZC-W": false, "": false} {
		if isPseudonym(s) != want {
			t.Errorf("isPseudonym(%q)", s)
		}
	}
}
