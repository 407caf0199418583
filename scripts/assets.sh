#!/usr/bin/env bash
# Takes the vendored front-end files from npm again and says whether anything differs from what is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
internal/web/view/assets/update.sh
git --no-pager diff --stat -- internal/web/view/assets/vendor internal/web/webtest/axe
git diff --quiet -- internal/web/view/assets/vendor internal/web/webtest/axe && echo "the same bytes as committed"
