#!/bin/sh
# Takes the vendored front-end files from npm at pinned versions and writes them, with their licences, beside this
# script. `make assets` calls it; its result is committed, so building Kindred needs neither npm nor a network.
set -eu
HTMX=2.0.11
FONT=5.3.0
AXE=4.14.1
here=$(cd "$(dirname "$0")" && pwd)
axe_dir="$here/../../webtest/axe"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund \
  "htmx.org@$HTMX" "@fontsource-variable/atkinson-hyperlegible-next@$FONT" "axe-core@$AXE"
font=node_modules/@fontsource-variable/atkinson-hyperlegible-next
mkdir -p "$here/vendor" "$axe_dir"
cp node_modules/htmx.org/dist/htmx.min.js "$here/vendor/htmx.js"
cp node_modules/htmx.org/LICENSE "$here/vendor/htmx.LICENSE"
cp $font/files/atkinson-hyperlegible-next-latin-wght-normal.woff2 "$here/vendor/atkinson-latin.woff2"
cp $font/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2 "$here/vendor/atkinson-latin-ext.woff2"
cp $font/LICENSE "$here/vendor/atkinson.LICENSE"
cp node_modules/axe-core/axe.min.js "$axe_dir/axe.min.js"
cp node_modules/axe-core/LICENSE "$axe_dir/LICENSE"
cp node_modules/axe-core/LICENSE-3RD-PARTY.txt "$axe_dir/LICENSE-3RD-PARTY.txt"
cat > "$here/vendor/VERSIONS" <<END
htmx.org $HTMX (0BSD), dist/htmx.min.js as htmx.js
@fontsource-variable/atkinson-hyperlegible-next $FONT (OFL-1.1), latin and latin-ext, upright, weights 200 to 800
END
echo "axe-core $AXE (MPL-2.0), for tests only" > "$axe_dir/VERSION"
