#!/usr/bin/env bash
# The web console: from web/ into web/dist, static files that the host serves. Does nothing when they are newer than their
# sources.
#
#   scripts/web.sh [--force]
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh web

# The packages, exactly as package-lock.json says.
installed=web/node_modules/.package-lock.json
if [[ ! -e $installed || web/package-lock.json -nt $installed ]]; then
    say "installing the console's packages"
    quietly build/logs/web-packages.log npm --prefix web ci --no-audit --no-fund --loglevel=error ||
        die "npm could not install them; the output is above"
    touch "$installed"
fi

if [[ ${1:-} != --force && -e web/dist/index.html ]] &&
    [[ -z $(find api/openapi.json web -newer web/dist/index.html -type f \
        -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/e2e/*' -not -path 'web/test-results/*' \
        -not -name '*.test.ts' -not -name schema.d.ts -print -quit) ]]; then
    exit 0
fi
say "building the web console"
quietly build/logs/web-build.log npm --prefix web run --silent build || die "the console did not build"
[[ -t 1 ]] || tail -n 1 build/logs/web-build.log
