package scrub

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const canary = "CANARY-7f3a"

// picture has a red corner at the top left.
func picture(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.Set(x, y, color.RGBA{20, 20, 200, 255})
			if x < w/2 && y < h/2 {
				m.Set(x, y, color.RGBA{220, 20, 20, 255})
			}
		}
	}
	return m
}

func pngBytes(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// jpegBytes is a JPEG with camera data: an orientation, a place and a comment.
func jpegBytes(m image.Image, orientation uint16) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	exif = binary.BigEndian.AppendUint16(exif, orientation)
	exif = append(append(exif, 0, 0, 0, 0, 0, 0), canary...)
	out := []byte{0xFF, 0xD8, 0xFF, 0xE1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	out = append(out, exif...)
	out = append(out, 0xFF, 0xFE, 0, byte(len(canary)+2))
	out = append(out, canary...)
	return append(append(out, b.Bytes()[2:]...), canary...)
}

// pngWithText puts a comment into a PNG.
func pngWithText() []byte {
	b := pngBytes(picture(8, 8))
	text := append([]byte("tEXtComment\x00"), canary...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(text)-4))
	chunk = append(chunk, text...)
	chunk = append(chunk, 0, 0, 0, 0)
	return append(append(append([]byte{}, b[:33]...), withChecksum(chunk)...), b[33:]...)
}

func withChecksum(chunk []byte) []byte {
	sum := crcOf(chunk[4 : len(chunk)-4])
	binary.BigEndian.PutUint32(chunk[len(chunk)-4:], sum)
	return chunk
}

func crcOf(b []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			if crc&1 == 1 {
				crc = crc>>1 ^ 0xEDB88320
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

// simplePDF is a page of one picture, with everything in it that must go. extra stands in the catalogue.
func simplePDF(extra string) []byte {
	photo := jpegBytes(picture(16, 16), 1)
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R/Metadata 6 0 R " + extra + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>/PieceInfo<</App<</Private(" + canary + ")>>>>>>",
		"<</Length 30>>\nstream\nq 90 0 0 90 5 5 cm /I Do Q    \nendstream",
		fmt.Sprintf("<</Type/XObject/Subtype/Image/Width 16/Height 16/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream", len(photo), photo),
		fmt.Sprintf("<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream", len(canary), canary),
		"<</Author(" + canary + ")/Title(" + canary + ")>>",
		"(an earlier revision: " + canary + ")",
	} {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	fmt.Fprintf(&b, "trailer\n<</Root 1 0 R/Info 7 0 R/Size 9>>\nstartxref\n0\n%%%%EOF\n%s", canary)
	return b.Bytes()
}

// packedPDF keeps its dictionaries in a compressed object stream, as newer programs do.
func packedPDF(catalogue string) []byte {
	parts := []string{"<</Type/Catalog/Pages 2 0 R" + catalogue + ">>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", "<</Author(" + canary + ")>>"}
	var head, body strings.Builder
	for i, p := range parts {
		fmt.Fprintf(&head, "%d %d ", i+1, body.Len())
		body.WriteString(p + " ")
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write([]byte(head.String() + body.String()))
	_ = z.Close()
	return fmt.Appendf(nil, "%%PDF-1.5\n9 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n"+
		"10 0 obj\n<</Type/XRef/Root 1 0 R/Info 4 0 R/Size 11/W[1 2 1]/Length 0>>\nstream\n\nendstream\nendobj\nstartxref\n0\n%%%%EOF", len(parts), head.Len(), packed.Len(), packed.Bytes())
}

func TestNothingHiddenStays(t *testing.T) {
	for name, b := range map[string][]byte{
		"jpeg": jpegBytes(picture(40, 20), 1), "png": pngWithText(), "pdf": simplePDF(""), "packed pdf": packedPDF(""),
	} {
		r, err := File(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Pages != 1 || bytes.Contains(r.Bytes, []byte(canary)) || bytes.Contains(r.Bytes, []byte("Exif")) || bytes.Contains(r.Bytes, []byte("Author")) {
			t.Errorf("%s: %d pages, or something hidden is still there", name, r.Pages)
		}
		again, err := File(r.Bytes)
		if err != nil || again.MediaType != r.MediaType || again.Pages != 1 {
			t.Errorf("%s: what came out is not accepted: %v", name, err)
		}
		if r.MediaType == "application/pdf" && !bytes.Equal(again.Bytes, r.Bytes) {
			t.Errorf("%s: scrubbing twice gives another file", name)
		}
	}
}

func TestOrientationIsKeptInThePicture(t *testing.T) {
	for o, corner := range map[uint16][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}} {
		r, err := File(jpegBytes(picture(48, 24), o))
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := image.Decode(bytes.NewReader(r.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if (w > h) != (o < 5) {
			t.Errorf("orientation %d: %d by %d", o, w, h)
		}
		red, _, blue, _ := m.At(corner[0]*(w-1), corner[1]*(h-1)).RGBA()
		if red < blue {
			t.Errorf("orientation %d: the red corner is not at %v", o, corner)
		}
	}
}

func TestRefusals(t *testing.T) {
	huge := pngBytes(image.NewGray(image.Rect(0, 0, 2, 2)))
	binary.BigEndian.PutUint32(huge[16:], 60_000)
	binary.BigEndian.PutUint32(huge[20:], 60_000)
	withChecksum(huge[8:33])
	many := simplePDF("")
	for i := range MaxPages + 1 {
		many = bytes.Replace(many, []byte("[3 0 R"), fmt.Appendf(nil, "[3 0 R %d 0 R", 100+i), 1)
		many = append(many, fmt.Sprintf("\n%d 0 obj\n<</Type/Page>>\nendobj\n", 100+i)...)
	}
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":            {nil, ErrKind},
		"text":               {[]byte("I am a PDF, believe me"), ErrKind},
		"html":               {[]byte("<html><script>alert(1)</script>"), ErrKind},
		"svg":                {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), ErrKind},
		"gif":                {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrKind},
		"cut jpeg":           {jpegBytes(picture(9, 9), 1)[:80], ErrBroken},
		"cut png":            {pngBytes(picture(9, 9))[:40], ErrBroken},
		"huge png":           {huge, ErrPixels},
		"cut pdf":            {simplePDF("")[:200], ErrBroken},
		"pdf without root":   {[]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"), ErrBroken},
		"pdf without pages":  {[]byte("%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>"), ErrBroken},
		"too many pages":     {many, ErrPages},
		"javascript":         {simplePDF("/OpenAction<</S/JavaScript/JS(app.alert)>>"), ErrActive},
		"hidden javascript":  {simplePDF("/Names<</J#61vaScript 8 0 R>>"), ErrActive},
		"packed javascript":  {packedPDF("/OpenAction<</S/JavaScript/JS(x)>>"), ErrActive},
		"attachment":         {simplePDF("/Names<</EmbeddedFiles 8 0 R>>"), ErrActive},
		"launch":             {simplePDF("/OpenAction<</S/Launch>>"), ErrActive},
		"encrypted":          {bytes.Replace(simplePDF(""), []byte("/Info 7"), []byte("/Encrypt 8 0 R/Info 7"), 1), ErrLocked},
		"deep":               {append(simplePDF(""), "\n50 0 obj\n"+strings.Repeat("[", 500)...), ErrBroken},
		"an unclosed string": {append(simplePDF(""), "\n50 0 obj\n(("...), ErrBroken},
	} {
		if _, err := File(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A PDF that a browser printed comes out whole, without its title and its program's name.
func TestARealPDF(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED: no chromium on this machine")
	}
	dir := t.TempDir()
	page, out := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	html := "<title>" + canary + "</title><h1>Informe genético</h1><p style='page-break-after:always'>SMN1</p><p>Página 2</p>"
	if err := os.WriteFile(page, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(dir, "profile"), "--print-to-pdf="+out, "--no-pdf-header-footer", "file://"+page)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: chromium does not print here: %v %s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(canary)) {
		t.Fatal("the title is not where the test thinks it is")
	}
	r, err := File(b)
	if err != nil || r.Pages != 2 || bytes.Contains(r.Bytes, []byte(canary)) || bytes.Contains(r.Bytes, []byte("Chromium")) {
		t.Fatalf("%d pages, %v", r.Pages, err)
	}
	if keep := os.Getenv("KINDRED_KEEP"); keep != "" {
		_ = os.WriteFile(filepath.Join(keep, "scrubbed.pdf"), r.Bytes, 0o600)
	}
}

// Whatever comes out can go in again, and holds no active name.
func FuzzFile(f *testing.F) {
	f.Add(simplePDF(""))
	f.Add(packedPDF(""))
	f.Add(jpegBytes(picture(8, 8), 6))
	f.Add(pngWithText())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := File(b)
		if err != nil {
			return
		}
		again, err := File(r.Bytes)
		if err != nil || again.Pages != r.Pages {
			t.Fatalf("what came out is refused: %v\n%q\n%q", err, b, r.Bytes)
		}
	})
}
