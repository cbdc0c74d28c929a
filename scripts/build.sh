#!/usr/bin/env bash
# Host and client, optimised, in build/release.
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run
build_preset release
say "build/release/host/app/punktfunk-host and build/release/clients/cli/punktfunk-client are ready"
