# Sourced by the other scripts: where things are, how they speak, how a preset is built.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
configure_options=()
# A cache of compilations serves every clone, wherever it lies.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=true

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
    local preset=$1 started=$SECONDS
    shift
    local targets=()
    (($#)) && targets=(--target "$@")
    say "building: $preset"
    quietly "build/logs/$preset-configure.log" cmake --preset "$preset" "${configure_options[@]}" || return 1
    quietly "build/logs/$preset-build.log" cmake --build --preset "$preset" "${targets[@]}" || return 1
    say "built: $preset ($((SECONDS - started)) s)"
}

# start_host DIRECTORY option...: a host on a free port of this machine with all its state in DIRECTORY, ended when the
# script ends; sets host_port. On failure of the script, the end of its log is shown.
start_host() {
    host_directory=$1
    shift
    build/release/host/app/punktfunk-host serve --embedded --no-mdns --bind 127.0.0.1 --port 0 \
        --config-dir "$host_directory/host" --runtime-dir "$host_directory/run" --ready-file "$host_directory/ready.json" "$@" \
        >"$host_directory/host.log" 2>&1 &
    host_pid=$!
    trap stop_host EXIT
    trap 'exit 130' INT TERM
    for ((i = 0; i < 200; i++)); do
        [[ -s $host_directory/ready.json ]] && break
        kill -0 "$host_pid" 2>/dev/null || die "the host ended at once"
        sleep 0.1
    done
    [[ -s $host_directory/ready.json ]] || die "the host was not ready after 20 s"
    host_port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$host_directory/ready.json")
}
stop_host() {
    local status=$?
    kill "$host_pid" 2>/dev/null || true
    wait "$host_pid" 2>/dev/null || true
    if ((status != 0)); then
        printf -- '-- the host said:\n' >&2
        tail -n 40 "$host_directory/host.log" >&2 2>/dev/null || true
    fi
    rm -rf "$host_directory"
    exit "$status"
}

# The fuzz targets by name, one a line.
fuzz_target_names() { sed -n 's/^punktfunk_fuzz(\([a-z0-9_]*\).*/\1/p' tests/fuzz/CMakeLists.txt; }
