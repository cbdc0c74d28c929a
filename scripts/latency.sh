#!/usr/bin/env bash
# Click to pixel on this machine: a host with the test surface on its embedded desktop, and the probe.
#
#   scripts/latency.sh [options of latency-probe, such as --clicks 500 --mode 1920x1080x60]
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run
build_preset release punktfunk-host latency-probe latency-probe-surface

work=$(mktemp -d)
chmod 0711 "$work"
# The desktop's user need not be able to reach the build directory.
install -m 0755 build/release/tools/latency_probe/surface/latency-probe-surface "$work/"
start_host "$work" --open --no-demo-desktop --startup "$work/latency-probe-surface"
build/release/tools/latency_probe/latency-probe "127.0.0.1:$host_port" --tofu --config-dir "$work/client" "$@"
