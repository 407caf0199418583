package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// Folder is where the files of a release are written: an encrypted spool, or a plain folder for the command line.
type Folder interface {
	Create(name string) (io.WriteCloser, error)
	Open(name string) (io.ReadCloser, error)
}

// FileInfo is what the manifest says of a file.
type FileInfo struct {
	Name     string      `json:"name"`
	Format   string      `json:"format"`
	Resource string      `json:"resource,omitempty"`
	Rows     int         `json:"rows"`
	Bytes    int64       `json:"bytes"`
	SHA256   string      `json:"sha256"`
	Sheets   []SheetInfo `json:"sheets,omitempty"`
}

// SheetInfo is what the manifest says of a sheet; the header is not a row.
type SheetInfo struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
}

// file is a file of a release that is being written.
type file struct {
	out  io.WriteCloser
	buf  *bufio.Writer
	sum  hash.Hash
	info FileInfo
}

func create(to Folder, name string) (*file, error) {
	out, err := to.Create(name)
	if err != nil {
		return nil, err
	}
	f := &file{out: out, sum: sha256.New(), info: FileInfo{Name: name}}
	f.buf = bufio.NewWriterSize(io.MultiWriter(f.out, f.sum), 64<<10)
	return f, nil
}

func (f *file) Write(b []byte) (int, error) {
	f.info.Bytes += int64(len(b))
	return f.buf.Write(b)
}

func (f *file) finish() (FileInfo, error) {
	if err := f.buf.Flush(); err != nil {
		return FileInfo{}, err
	}
	f.info.SHA256 = hex.EncodeToString(f.sum.Sum(nil))
	return f.info, f.out.Close()
}
