# Sourced by the other scripts: where things are, how they speak, how a preset is built.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
configure_options=()

say() { printf '== %s\n' "$*"; }
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# quietly LOG command...: on a terminal the command speaks for itself; elsewhere only a failure is shown.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if [[ -t 1 ]]; then
        "$@"
    elif ! "$@" >"$log" 2>&1; then
        tail -n 200 "$log"
        return 1
    fi
}

# build_preset NAME [target...], configured with the array configure_options
build_preset() {
    local preset=$1
    shift
    local targets=()
    (($#)) && targets=(--target "$@")
    say "building: $preset"
    quietly "build/logs/$preset-configure.log" cmake --preset "$preset" "${configure_options[@]}" || return 1
    quietly "build/logs/$preset-build.log" cmake --build --preset "$preset" "${targets[@]}"
}
