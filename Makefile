# Kindred. `make help` lists what there is to do.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO            ?= go
LINT_VERSION  := v2.12.2
LINT          := bin/golangci-lint-$(LINT_VERSION)
TEST_TIMEOUT  ?= 18m
RACE_PACKAGES ?= ./...
FUZZTIME      ?= 10s
BENCHTIME     ?= 1s

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start with a demonstration population on http://127.0.0.1:8080 (data in ./data)
	$(GO) run ./cmd/kindred serve --demo

.PHONY: check
check: $(LINT) ## Formatting, go vet, golangci-lint, and the arrows between packages
	@bad=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$bad" ] || { echo "not formatted (gofmt -w):"; echo "$$bad"; exit 1; }
	$(GO) vet ./...
	$(LINT) run --allow-parallel-runners ./...
	$(GO) test -count=1 -run 'TestArrows' ./internal/app

$(LINT):
	@mkdir -p bin
	@echo "building golangci-lint $(LINT_VERSION) once (about two minutes) ..." >&2
	@tmp=$$(mktemp -d) && GOFLAGS= GOBIN=$$tmp $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION) && mv $$tmp/golangci-lint $@ && rmdir $$tmp

.PHONY: test
test: ## Every test, on SQLite and PostgreSQL and in chromium; installs both on Debian when it may
	@scripts/prepare.sh
	$(GO) test -timeout $(TEST_TIMEOUT) ./...

.PHONY: race
race: ## Every test under the race detector (RACE_PACKAGES=./internal/audit/... for a part)
	@scripts/prepare.sh
	CGO_ENABLED=1 $(GO) test -race -timeout 60m $(RACE_PACKAGES)

.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZTIME (10s) each
	@FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

.PHONY: bench
bench: ## Every benchmark, with memory (BENCHTIME=1s)
	@scripts/prepare.sh
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 60m ./...

.PHONY: golden
golden: ## Rewrite every golden file; read the difference before you commit it
	@scripts/golden.sh

.PHONY: assets
assets: ## Fetch the vendored fonts and scripts again from npm and compare their checksums
	@scripts/assets.sh

.PHONY: screens
screens: ## Take the screenshots of docs/screens in chromium
	@scripts/screens.sh
