package scrub

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
)

// pdfObject is one numbered object: a value, and its data where it is a stream.
type pdfObject struct {
	value  pdfValue
	stream []byte
	is     bool // a stream, which may be empty
}

// pdfFile is a PDF taken apart.
type pdfFile struct {
	objects  map[int]pdfObject
	root     pdfRef
	rooted   bool
	locked   bool
	lengths  map[int]int // whole numbers that stand alone: lengths of streams
	inflated int
	read     int // trailers
}

const (
	maxObjects  = 200_000
	maxInflated = 64 << 20 // bytes of all object streams
	// A file has one trailer a revision; more, or longer ones, are there to cost time.
	maxTrailers    = 1000
	longestTrailer = 64 << 10
)

var (
	objectStart = regexp.MustCompile(`([0-9]{1,9})[ \t\r\n\f\x00]+[0-9]{1,5}[ \t\r\n\f\x00]+obj`)
	loneNumber  = regexp.MustCompile(`([0-9]{1,9})[ \t\r\n]+[0-9]{1,5}[ \t\r\n]+obj[ \t\r\n]+([0-9]{1,9})[ \t\r\n]+endobj`)
)

// readPDF takes a file apart. It trusts no table of contents: it reads the objects where they stand, the later of two
// with one number being the valid one.
func readPDF(b []byte) (*pdfFile, error) {
	f := &pdfFile{objects: map[int]pdfObject{}, lengths: map[int]int{}}
	for _, m := range loneNumber.FindAllSubmatch(b, maxObjects) {
		number, _ := wholeNumber(m[1])
		if n, ok := wholeNumber(m[2]); ok {
			f.lengths[number] = n
		}
	}
	l := &lexer{b: b}
	for {
		m := objectStart.FindSubmatchIndex(b[l.at:])
		end := len(b)
		if m != nil {
			end = l.at + m[0]
		}
		f.trailers(l, end)
		if m == nil {
			break
		}
		number, _ := wholeNumber(b[l.at+m[2] : l.at+m[3]])
		l.at += m[1]
		if err := f.object(l, number); err != nil {
			return nil, err
		}
		if len(f.objects) > maxObjects {
			return nil, ErrBroken
		}
	}
	return f, nil
}

// trailers reads the dictionaries after the word trailer, up to a place.
func (f *pdfFile) trailers(l *lexer, end int) {
	for at := l.at; at < end && f.read < maxTrailers; f.read++ {
		i := bytes.Index(l.b[at:end], []byte("trailer"))
		if i < 0 {
			return
		}
		at += i + len("trailer")
		t := &lexer{b: l.b[:min(end, at+longestTrailer)], at: at}
		if v, err := t.value(0); err == nil {
			if d, ok := v.(pdfDict); ok {
				f.trailer(d)
			}
		}
	}
}

func (f *pdfFile) trailer(d pdfDict) {
	if d.get("Encrypt") != nil {
		f.locked = true
	}
	if r, ok := d.get("Root").(pdfRef); ok {
		f.root, f.rooted = r, true
	}
}

// object reads one numbered object and steps over it.
func (f *pdfFile) object(l *lexer, number int) error {
	v, err := l.value(0)
	if err != nil {
		return err
	}
	o := pdfObject{value: v}
	l.space()
	d, isDict := v.(pdfDict)
	if isDict && l.has("stream") {
		if o.stream, err = f.data(l, d); err != nil {
			return err
		}
		o.is = true
	}
	switch d.name("Type") {
	case "XRef":
		f.trailer(d)
		return nil
	case "ObjStm":
		return f.unpack(d, o.stream)
	}
	f.objects[number] = o
	return nil
}

// data reads a stream's bytes: as long as it says where that is true, else up to its end mark.
func (f *pdfFile) data(l *lexer, d pdfDict) ([]byte, error) {
	if !l.has("\r\n") && !l.has("\n") {
		l.has("\r")
	}
	length, ok := d.number("Length")
	if r, indirect := d.get("Length").(pdfRef); indirect {
		length, ok = f.lengths[r.number]
	}
	if start := l.at; ok && length >= 0 && start+length <= len(l.b) {
		t := &lexer{b: l.b, at: start + length}
		for t.at < len(t.b) && isSpace(t.b[t.at]) {
			t.at++
		}
		if t.has("endstream") {
			l.at = t.at
			return l.b[start : start+length], nil
		}
	}
	start := l.at
	end := bytes.Index(l.b[start:], []byte("endstream"))
	if end < 0 {
		return nil, ErrBroken
	}
	l.at = start + end + len("endstream")
	data := l.b[start : start+end]
	if n := len(data); n >= 2 && data[n-2] == '\r' && data[n-1] == '\n' {
		return data[:n-2], nil
	}
	return bytes.TrimSuffix(data, []byte("\n")), nil
}

// unpack reads the objects inside an object stream.
func (f *pdfFile) unpack(d pdfDict, data []byte) error {
	if d.get("DecodeParms") != nil || d.get("F") != nil {
		return ErrBroken // nothing writes object streams so
	}
	switch filter := d.get("Filter").(type) {
	case nil:
	case pdfName:
		if filter != "FlateDecode" {
			return ErrBroken
		}
		var err error
		if data, err = f.inflate(data); err != nil {
			return err
		}
	case pdfArray:
		if len(filter) != 1 || filter[0] != pdfName("FlateDecode") {
			return ErrBroken
		}
		var err error
		if data, err = f.inflate(data); err != nil {
			return err
		}
	default:
		return ErrBroken
	}
	count, ok := d.number("N")
	first, known := d.number("First")
	if !ok || !known || count < 0 || count > maxObjects || first < 0 || first > len(data) {
		return ErrBroken
	}
	head := &lexer{b: data[:first]}
	for range count {
		number, ok := head.number()
		offset, known := head.number()
		if !ok || !known || first+offset > len(data) {
			return ErrBroken
		}
		l := &lexer{b: data, at: first + offset}
		v, err := l.value(0)
		if err != nil {
			return err
		}
		f.objects[number] = pdfObject{value: v}
	}
	return nil
}

func (l *lexer) number() (int, bool) {
	l.space()
	start := l.at
	for l.at < len(l.b) && isDigit(l.b[l.at]) {
		l.at++
	}
	return wholeNumber(l.b[start:l.at])
}

func (f *pdfFile) inflate(data []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, ErrBroken
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(maxInflated-f.inflated)+1))
	f.inflated += len(out)
	if f.inflated > maxInflated || err != nil && len(out) == 0 {
		return nil, ErrBroken
	}
	return out, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
