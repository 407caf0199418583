// Package fhir asks the one question that other packages must not answer about their own work: is this FHIR R4? It is
// the only importer of google/fhir, the independent oracle, whose 164 packages nobody else should pay for.
//
// It is slow (about 2 ms for an answered questionnaire) and reads without bounds, so it stands behind the limits of
// jsonscan, off the per-answer and per-row paths: at publication, at the import of whole resources, and where released
// files are verified.
package fhir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// maxDepth is above what any resource of ours nests to, and far below what would exhaust the reader.
const maxDepth = 64

var pool = sync.Pool{New: func() any {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		return err
	}
	u.MaxNestingDepth = maxDepth
	return u
}}

// ErrInvalid is what Check answers for anything that is not a resource of FHIR R4; its cause says where.
var ErrInvalid = fault.New(fault.Invalid, "fhir.invalid")

// Check answers nil for one resource of FHIR R4 in JSON: known elements, right types, valid primitives, required
// elements, reference targets. It says nothing of how a questionnaire behaves.
func Check(resource []byte) error {
	if err := jsonscan.Scan(resource, jsonscan.Default); err != nil {
		return ErrInvalid.With("Reason", err.Error()).Because(err)
	}
	u, ok := pool.Get().(*jsonformat.Unmarshaller)
	if !ok {
		return fault.New(fault.Internal, "fault.internal").Because(errors.New("google/fhir gave no reader"))
	}
	defer pool.Put(u)
	if _, err := u.Unmarshal(resource); err != nil {
		return ErrInvalid.With("Reason", err.Error()).Because(err)
	}
	return nil
}

// CheckLines checks NDJSON: a resource a line. It gives the number of lines that passed, and the first that did not.
func CheckLines(r io.Reader) (int, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), 16<<20)
	n := 0
	for lines.Scan() {
		if err := Check(lines.Bytes()); err != nil {
			return n, fmt.Errorf("line %d: %w", n+1, err)
		}
		n++
	}
	return n, lines.Err()
}
