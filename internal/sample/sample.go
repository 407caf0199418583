// Package sample finds the real inputs that tests read by path: questionnaires, ontologies and conformance suites that
// nobody here wrote. They stand beside the project in ../shared, or where KINDRED_SHARED says, and are never copied in.
package sample

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Root is the folder of the shared inputs, or "" where there is none.
func Root() string {
	if dir := os.Getenv("KINDRED_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			shared := filepath.Join(filepath.Dir(dir), "shared")
			if _, err := os.Stat(shared); err == nil {
				return shared
			}
			return ""
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// Path is the path of one input, given as folders below the root. The test is skipped, saying so, where it is absent.
func Path(tb testing.TB, parts ...string) string {
	tb.Helper()
	path := filepath.Join(append([]string{Root()}, parts...)...)
	if _, err := os.Stat(path); Root() == "" || err != nil {
		tb.Skipf("SKIPPED: no shared input %s beside the project (set KINDRED_SHARED)", filepath.Join(parts...))
	}
	return path
}

// Read gives the bytes of one input, unpacked when its name ends in .gz.
func Read(tb testing.TB, parts ...string) []byte {
	tb.Helper()
	f, err := os.Open(Path(tb, parts...))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(f.Name(), ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	b, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
