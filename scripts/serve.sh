#!/usr/bin/env bash
# The host for real, with its console: builds what is missing and serves until Ctrl+C.
#
#   scripts/serve.sh [options of `punktfunk-host serve`]
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run web
build_preset release punktfunk-host punktfunk-demo-motion
scripts/web.sh
exec build/release/host/app/punktfunk-host serve "$@"
