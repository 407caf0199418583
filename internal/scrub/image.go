package scrub

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// quality of a JPEG written again: what a scanner writes, so that small print stays legible.
const quality = 90

func reencodeJPEG(b []byte) ([]byte, error) {
	m, err := decode(b, "jpeg")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright(m, orientation(b)), &jpeg.Options{Quality: quality}); err != nil {
		return nil, ErrBroken
	}
	return out.Bytes(), nil
}

func reencodePNG(b []byte) ([]byte, error) {
	m, err := decode(b, "png")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		return nil, ErrBroken
	}
	return out.Bytes(), nil
}

func decode(b []byte, format string) (image.Image, error) {
	c, got, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || got != format {
		return nil, ErrBroken
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels {
		return nil, ErrPixels
	}
	m, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, ErrBroken
	}
	return m, nil
}

// segment is one part of a JPEG before its picture data.
type segment struct {
	marker byte
	data   []byte // without marker and length
	end    int    // where the next begins
}

// segments walks the parts of a JPEG up to the start of the picture data.
func segments(b []byte, visit func(segment) bool) {
	at := 2
	for at+4 <= len(b) && b[at] == 0xFF {
		marker := b[at+1]
		if marker == 0xFF {
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if size < 2 || at+2+size > len(b) {
			return
		}
		if !visit(segment{marker, b[at+4 : at+2+size], at + 2 + size}) || marker == 0xDA {
			return
		}
		at += 2 + size
	}
}

// orientation reads the one thing of the camera data that matters for how the picture looks: 1 to 8.
func orientation(b []byte) int {
	found := 1
	segments(b, func(s segment) bool {
		exif, ok := bytes.CutPrefix(s.data, []byte("Exif\x00\x00"))
		if s.marker != 0xE1 || !ok || len(exif) < 8 {
			return true
		}
		var order binary.ByteOrder = binary.LittleEndian
		if exif[0] == 'M' {
			order = binary.BigEndian
		}
		at := int(order.Uint32(exif[4:]))
		if at < 8 || at+2 > len(exif) {
			return false
		}
		for n := int(order.Uint16(exif[at:])); n > 0 && at+14 <= len(exif); n, at = n-1, at+12 {
			if order.Uint16(exif[at+2:]) == 0x0112 {
				if v := int(order.Uint16(exif[at+10:])); v >= 1 && v <= 8 {
					found = v
				}
			}
		}
		return false
	})
	return found
}

// upright turns a picture as its orientation says.
func upright(m image.Image, orientation int) image.Image {
	if orientation == 1 {
		return m
	}
	from := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(from, from.Bounds(), m, m.Bounds().Min, draw.Src)
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			var tx, ty int
			switch orientation {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			default:
				tx, ty = y, w-1-x
			}
			copy(to.Pix[to.PixOffset(tx, ty):][:4], from.Pix[from.PixOffset(x, y):][:4])
		}
	}
	return to
}

// bareJPEG drops what a JPEG inside a PDF says beside its picture, without decoding it: camera data, comments,
// previews. What colours depend on (APP0, APP2 with a profile, APP14) stays.
func bareJPEG(b []byte) []byte {
	if len(b) < 4 || b[0] != 0xFF || b[1] != 0xD8 {
		return b
	}
	out := append(make([]byte, 0, len(b)), 0xFF, 0xD8)
	whole := false
	segments(b, func(s segment) bool {
		start := s.end - len(s.data) - 4
		profile := s.marker == 0xE2 && bytes.HasPrefix(s.data, []byte("ICC_PROFILE"))
		descriptive := s.marker >= 0xE1 && s.marker <= 0xEF && s.marker != 0xEE && !profile || s.marker == 0xFE
		if s.marker == 0xDA {
			out = append(out, b[start:]...)
			whole = true
			return false
		}
		if !descriptive {
			out = append(out, b[start:s.end]...)
		}
		return true
	})
	if !whole {
		return nil
	}
	if end := bytes.LastIndex(out, []byte{0xFF, 0xD9}); end >= 0 {
		out = out[:end+2] // whatever was hidden behind the picture
	}
	return out
}
