#!/usr/bin/env bash
# Rewrites the golden files: runs the tests of each package that declares the flag -update, with it.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=$(git ls-files '*_test.go' | xargs grep -lE 'flag\.Bool\("update"' | xargs -n1 dirname | sort -u | sed 's|^|./|')
for p in $packages; do
	go test -count=1 "$p" -update
done
git status --short -- '*/testdata/*' >&2
