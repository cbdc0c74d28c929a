#!/usr/bin/env bash
# Benchmarks: prints a table and writes bench/results.json. Figures are for reading; none makes it fail.
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run
build_preset release

host=$root/build/release/host/app/punktfunk-host
client=$root/build/release/clients/cli/punktfunk-client
work=$(mktemp -d)
chmod 0711 "$work"
host_pid=
stop_host() {
    [[ -n $host_pid ]] || return 0
    kill "$host_pid" 2>/dev/null || true
    wait "$host_pid" 2>/dev/null || true
    host_pid=
}
trap 'stop_host; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

start_host() { # extra arguments
    rm -f "$work/ready.json"
    "$host" serve --embedded --open --no-mdns --bind 127.0.0.1 --port 0 --config-dir "$work/host" --runtime-dir "$work/run" \
        --ready-file "$work/ready.json" --log-level warn "$@" >"$work/host.log" 2>&1 &
    host_pid=$!
    for ((i = 0; i < 200; i++)); do
        [[ -s $work/ready.json ]] && break
        sleep 0.1
    done
    [[ -s $work/ready.json ]] || die "the host did not start: $(tail -n 3 "$work/host.log")"
    port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$work/ready.json")
}
stream() { # seconds, mode
    "$client" connect "127.0.0.1:$port" --tofu --config-dir "$work/client" --mode "$2" --codec h264 --duration "$1" --json
}
value() { # key of the stage, percentile
    sed -n "/\"$1\"/,/}/s/.*\"$2_us\": *\(-\{0,1\}[0-9]*\).*/\1/p" "$work/stream.json" | head -n 1
}
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$host_pid/stat"; }

say "data plane, in process"
build/release/bench/data_plane_bench --benchmark_format=json --benchmark_min_time=0.5 >"$work/data.json" 2>/dev/null

say "a moving desktop at 1280x720, 120 Hz, for 10 s"
start_host
stream 10 1280x720x120 >"$work/stream.json"
stop_host

say "a still desktop with a client, for 10 s"
start_host --no-demo-desktop
stream 14 1280x720x60 >"$work/idle.json" &
client_pid=$!
sleep 2 # the picture settles; this is a measurement, not a synchronisation
before=$(cpu_ticks)
sleep 10
after=$(cpu_ticks)
wait "$client_pid"
stop_host
idle=$(awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f", 100 * t / hz / 10 }')

row() { printf '%-58s %14s %14s\n' "$1" "$2" "$3"; }
data_rows() {
    awk -F'[:,]' '/"name"/ { gsub(/[ "]/, "", $2); name = $2 } /"ms_per_MiB"/ { ms = $2 } /"allocs_per_frame"/ { allocs = $2 }
        /^ *}/ { if (name != "") printf "%s %.3f %.2f\n", name, ms * 1, allocs; name = "" }' "$work/data.json"
}
echo
row 'what' 'measured' 'bound'
data_rows | while read -r name ms allocs; do
    bound=-
    [[ $name == loop/gf16/* ]] && bound='1.5 ms/MiB'
    row "$name bytes" "$ms ms/MiB" "$bound"
    row "  allocations per frame" "$allocs" "$([[ $name == packetize* ]] && echo 0 || echo -)"
done
row 'capture to last packet, less the encode, 720p120, p50' "$(value capture_to_sent_less_encode p50) us" '500 us'
row '  p95' "$(value capture_to_sent_less_encode p95) us" '-'
row '  p99' "$(value capture_to_sent_less_encode p99) us" '-'
row 'host process, still desktop, of one core' "$idle %" '2 %'
printf '{"data_plane": %s,\n "stream": %s,\n "idle_cpu_percent": %s}\n' "$(cat "$work/data.json")" "$(cat "$work/stream.json")" "$idle" >bench/results.json
say "everything is in bench/results.json"
