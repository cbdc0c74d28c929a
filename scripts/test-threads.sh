#!/usr/bin/env bash
# The unit tests of components with threads, under TSan. Building them takes some minutes.
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run test
build_preset tsan threaded_tests
exec ctest --test-dir build/tsan -L threads --output-on-failure
