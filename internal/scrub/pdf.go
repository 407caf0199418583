package scrub

import (
	"bytes"
	"fmt"
)

// active are the names that make a PDF more than pages: any of them, anywhere, and it is refused.
var active = map[pdfName]bool{
	"JavaScript": true, "JS": true, "Launch": true, "EmbeddedFile": true, "EmbeddedFiles": true, "RichMedia": true, "XFA": true,
	"SubmitForm": true, "ImportData": true, "Movie": true, "Rendition": true, "GoToR": true, "GoToE": true, "3D": true, "Sound": true,
}

// silent are the entries that say something about the document, its author or its program, or that act by themselves.
var silent = map[pdfName]bool{
	"Metadata": true, "PieceInfo": true, "Info": true, "LastModified": true, "OpenAction": true, "AA": true, "StructTreeRoot": true,
	"Threads": true, "SpiderInfo": true, "AF": true, "Thumb": true, "Collection": true, "Legal": true, "DSS": true,
}

// rebuildPDF writes a PDF anew from the objects that its catalogue leads to.
func rebuildPDF(b []byte) ([]byte, int, error) {
	f, err := readPDF(b)
	if err != nil {
		return nil, 0, err
	}
	switch {
	case f.locked:
		return nil, 0, ErrLocked
	case !f.rooted:
		return nil, 0, ErrBroken
	}
	for _, o := range f.objects {
		if isActive(o.value) {
			return nil, 0, ErrActive
		}
	}
	w := &pdfWriter{file: f, numbers: map[int]int{}}
	w.number(f.root.number)
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	for i := 0; i < len(w.order); i++ { // grows while the objects name others
		if err := w.object(w.order[i]); err != nil {
			return nil, 0, err
		}
	}
	if w.pages == 0 {
		return nil, 0, ErrBroken
	}
	if w.pages > MaxPages {
		return nil, 0, ErrPages
	}
	w.finish()
	return w.out.Bytes(), w.pages, nil
}

func isActive(v pdfValue) bool {
	switch v := v.(type) {
	case pdfName:
		return active[v]
	case pdfArray:
		for _, e := range v {
			if isActive(e) {
				return true
			}
		}
	case pdfDict:
		for _, e := range v {
			if active[e.key] || isActive(e.value) {
				return true
			}
		}
	}
	return false
}

// pdfWriter numbers objects anew, in the order in which they are met.
type pdfWriter struct {
	file    *pdfFile
	out     bytes.Buffer
	numbers map[int]int // old to new
	order   []int       // old numbers
	offsets []int
	pages   int
}

func (w *pdfWriter) number(old int) int {
	if n, ok := w.numbers[old]; ok {
		return n
	}
	w.order = append(w.order, old)
	w.numbers[old] = len(w.order)
	return len(w.order)
}

func (w *pdfWriter) object(old int) error {
	o := w.file.objects[old]
	w.offsets = append(w.offsets, w.out.Len())
	fmt.Fprintf(&w.out, "%d 0 obj\n", w.numbers[old])
	d, isDict := o.value.(pdfDict)
	if isDict && d.name("Type") == "Page" {
		w.pages++
	}
	if !o.is {
		w.value(o.value)
		w.out.WriteString("\nendobj\n")
		return nil
	}
	data := o.stream
	if filters := filtersOf(d); len(filters) == 1 && filters[0] == "DCTDecode" {
		if data = bareJPEG(data); data == nil {
			return ErrBroken
		}
	} else {
		for _, name := range filters {
			if name == "Crypt" {
				return ErrLocked
			}
		}
	}
	if d.get("F") != nil { // its data lies in another file
		return ErrActive
	}
	kept := pdfDict{}
	for _, e := range d {
		if e.key != "Length" {
			kept = append(kept, e)
		}
	}
	w.value(append(kept, pdfEntry{"Length", pdfRaw(itoa(len(data)))}))
	w.out.WriteString("\nstream\n")
	w.out.Write(data)
	w.out.WriteString("\nendstream\nendobj\n")
	return nil
}

func filtersOf(d pdfDict) []pdfName {
	switch f := d.get("Filter").(type) {
	case pdfName:
		return []pdfName{f}
	case pdfArray:
		var names []pdfName
		for _, v := range f {
			if n, ok := v.(pdfName); ok {
				names = append(names, n)
			}
		}
		return names
	}
	return nil
}

func (w *pdfWriter) value(v pdfValue) {
	switch v := v.(type) {
	case pdfDict:
		w.out.WriteString("<<")
		for _, e := range v {
			if !silent[e.key] {
				w.name(e.key)
				w.out.WriteByte(' ')
				w.value(e.value)
			}
		}
		w.out.WriteString(">>")
	case pdfArray:
		w.out.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				w.out.WriteByte(' ')
			}
			w.value(e)
		}
		w.out.WriteByte(']')
	case pdfRef:
		if _, ok := w.file.objects[v.number]; !ok {
			w.out.WriteString("null")
			return
		}
		fmt.Fprintf(&w.out, "%d 0 R", w.number(v.number))
	case pdfName:
		w.name(v)
	case pdfRaw:
		w.out.Write(v)
	default:
		w.out.WriteString("null")
	}
}

func (w *pdfWriter) name(n pdfName) {
	w.out.WriteByte('/')
	for i := range len(n) {
		if c := n[i]; c > ' ' && c < 0x7f && c != '#' && !isDelimiter(c) {
			w.out.WriteByte(c)
		} else {
			fmt.Fprintf(&w.out, "#%02x", c)
		}
	}
}

func (w *pdfWriter) finish() {
	start := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, at := range w.offsets {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&w.out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, start)
}
