package api_test

import (
	"kindred/internal/db"
	"kindred/internal/web/api"
	"kindred/policies"
)

// services are those that a test reaches for beside the API.
type services struct{}

// more adds the domains.
func (s *stand) more(*db.DB, *policies.Authority, *api.Services) {}
