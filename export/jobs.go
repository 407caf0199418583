package export

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/jobs"
)

// RunRelease is the job that makes a release. It holds no right: the run asks for its own.
type RunRelease struct {
	Release ident.ReleaseID `json:"release"`
}

// Kind names the job.
func (RunRelease) Kind() string { return "export.release" }

// longest is how long one run may take; its Grant lasts as long.
const longest = 2 * time.Hour

// Register says how the jobs of this package are worked.
func (s *Service) Register(w *jobs.Workers) {
	jobs.Handle(w, longest, s.Work)
}
