#!/usr/bin/env bash
# Sees to it that the programs the tests drive are there: chromium (pages) and PostgreSQL's server (the second engine).
# On Debian, as root, what is missing is installed from the system's packages. Elsewhere it says which tests will be
# skipped; with CI=true a missing program is a failure, so that a green run always means that everything ran.
set -euo pipefail

chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
postgres() {
	command -v initdb && return
	local dir
	for dir in /usr/lib/postgresql/*/bin; do
		[ -x "$dir/initdb" ] && echo "$dir/initdb" && return
	done
	return 1
}

missing=()
chromium >/dev/null || missing+=(chromium)
postgres >/dev/null || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "prepare: installing ${missing[*]} from the system's packages" >&2
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } </dev/null >&2 || true
fi

lacking=0
if ! chromium >/dev/null; then
	lacking=1
	echo "prepare: SKIPPED: no chromium. Tests that drive a browser will be skipped (install the package chromium)." >&2
fi
if ! postgres >/dev/null; then
	lacking=1
	echo "prepare: SKIPPED: no PostgreSQL server. Tests run on SQLite alone (install the package postgresql)." >&2
fi
if [ $lacking = 1 ] && [ "${CI:-}" = true ]; then
	echo "prepare: CI=true and something is missing: stopping." >&2
	exit 1
fi
