#!/usr/bin/env bash
# Takes the screenshots of docs/screens: the browser tests leave them where KINDRED_SHOTS says.
set -euo pipefail
cd "$(dirname "$0")/.."
KINDRED_SHOTS="$PWD/docs/screens" CI=true go test -count=1 -run InABrowser ./internal/web/...
