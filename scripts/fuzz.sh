#!/usr/bin/env bash
# Runs every fuzz target of the module for FUZZTIME (10s) each; go test takes one target at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
ran=0
while read -r file; do
	dir=$(dirname "$file")
	for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file"); do
		echo "fuzz: $dir $target" >&2
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" "./$dir"
		ran=$((ran + 1))
	done
done < <(git ls-files '*_test.go' | xargs grep -lE '^func Fuzz' || true)
echo "fuzz: $ran targets" >&2
