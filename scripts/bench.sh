#!/usr/bin/env bash
# Every figure beside what it is compared with: prints a table and writes bench/results.json. None makes it fail.
#
#   scripts/bench.sh [--only gf8|gf16|aead|loop|gamestream|udp|convert|encode|stream|moonlight]
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run bench
configure_options=(-DPUNKTFUNK_BENCH=ON)
build_preset release punktfunk-bench
# Some of the rows do not replace all of them.
(($# > 0)) || set -- --json bench/results.json
exec build/release/bench/punktfunk-bench "$@"
