package export

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"kindred/export/sheet"
)

// Format is a form in which a release is written.
type Format string

// The formats.
const (
	FHIR  Format = "fhir"
	Excel Format = "xlsx"
)

// press writes one release: the same records go to every encoder, in the order in which they come, which is that of
// the pseudonyms.
type press struct {
	plan   *Plan
	cover  *Manifest
	bundle *bundle
	book   *workbook
	crowd  *crowd
	sum    hash.Hash
	last   string
	names  []string
}

// newPress opens the files of a release. out takes the files, spool what does not fit in memory while they are written.
func newPress(plan *Plan, cover *Manifest, formats []Format, out Folder, spool sheet.Store) (p *press, err error) {
	p = &press{plan: plan, cover: cover, crowd: newCrowd(plan), sum: sha256.New()}
	for _, f := range formats {
		switch f {
		case FHIR:
			p.bundle, err = newBundle(plan, cover.Copy, out)
		case Excel:
			p.book, err = newWorkbook(plan, cover, out, spool)
		default:
			err = fmt.Errorf("export: there is no format %q", f)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// add writes one person. Pseudonyms must come in order and once.
func (p *press) add(r *Record) error {
	if r.Pseudonym.text <= p.last {
		return fmt.Errorf("export: %s does not come after %s", r.Pseudonym, p.last)
	}
	p.last = r.Pseudonym.text
	p.names = append(p.names, p.last)
	_, _ = io.WriteString(p.sum, p.last+"\n")
	p.crowd.add(r)
	p.cover.Participants++
	if p.bundle != nil {
		if err := p.bundle.add(r); err != nil {
			return err
		}
	}
	if p.book != nil {
		return p.book.add(r)
	}
	return nil
}

// finish closes the files and completes the manifest.
func (p *press) finish(digest func(names ...string) string) error {
	p.cover.Kind, p.cover.Format = "kindred-release", 1
	p.cover.Pseudonyms = PseudonymInfo{Keyed: digest(p.names...), SHA256: hex.EncodeToString(p.sum.Sum(nil))}
	p.cover.SmallCells = p.crowd.info()
	p.cover.Files = []FileInfo{}
	if p.bundle != nil {
		infos, err := p.bundle.close()
		if err != nil {
			return err
		}
		p.cover.Files = append(p.cover.Files, infos...)
	}
	if p.book != nil {
		info, err := p.book.close()
		if err != nil {
			return err
		}
		p.cover.Files = append(p.cover.Files, info)
	}
	return nil
}
