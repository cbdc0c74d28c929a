#!/usr/bin/env bash
# The main job, on this machine: a host with its embedded desktop, a client that pairs with the PIN, ten seconds of stream.
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run
build_preset release punktfunk-host punktfunk-client punktfunk-demo-motion

host=$root/build/release/host/app/punktfunk-host
client=$root/build/release/clients/cli/punktfunk-client
work=$(mktemp -d) # the host's and the client's state; not below demo/, which another user may not reach
chmod 0711 "$work"
host_pid=
finish() {
    local status=$?
    if [[ -n $host_pid ]]; then
        kill "$host_pid" 2>/dev/null || true
        wait "$host_pid" 2>/dev/null || true
    fi
    if ((status != 0)); then
        printf -- '-- the host said:\n' >&2
        tail -n 40 "$work/host.log" >&2 2>/dev/null || true
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir -p demo
rm -f demo/stream.mp4 demo/frame.png demo/report.json

say "starting the host with its embedded desktop"
"$host" serve --embedded --no-mdns --bind 127.0.0.1 --port 0 --config-dir "$work/host" --runtime-dir "$work/run" \
    --ready-file "$work/ready.json" >"$work/host.log" 2>&1 &
host_pid=$!
for ((i = 0; i < 200; i++)); do
    [[ -s $work/ready.json ]] && break
    kill -0 "$host_pid" 2>/dev/null || die "the host ended at once"
    sleep 0.1
done
[[ -s $work/ready.json ]] || die "the host was not ready after 20 s"
port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$work/ready.json")

say "pairing a client with the PIN the host shows"
pin=$("$host" pair --control-socket "$work/run/control.sock" --json | sed -n 's/.*"pin": *"\([0-9]*\)".*/\1/p')
"$client" pair "127.0.0.1:$port" --pin "$pin" --name demo --config-dir "$work/client"

say "streaming 1280x720 at 60 for 10 s, and typing into the terminal"
"$client" connect "127.0.0.1:$port" --name demo --config-dir "$work/client" --mode 1280x720x60 --duration 10 \
    --type 'echo "Hello from the client."; uname -sr\n' --record demo/stream.mp4 --screenshot demo/frame.png

say "the recording is demo/stream.mp4, its last picture demo/frame.png"
