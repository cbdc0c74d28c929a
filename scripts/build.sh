#!/usr/bin/env bash
# Host and client, optimised, in build/release; and the console, where npm is installed.
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run
build_preset release
if command -v npm >/dev/null; then
    scripts/web.sh
else
    say "left out: the web console, because npm is not installed ('make web' installs it and builds the console)"
fi
say "build/release/host/app/punktfunk-host and build/release/clients/cli/punktfunk-client are ready"
