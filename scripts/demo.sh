#!/usr/bin/env bash
# The main job, on this machine: a host with its embedded desktop, a client that pairs with the PIN, ten seconds of stream.
set -euo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run
build_preset release punktfunk-host punktfunk-client punktfunk-demo-motion

host=build/release/host/app/punktfunk-host
client=build/release/clients/cli/punktfunk-client
work=$(mktemp -d) # the host's and the client's state; not below demo/, which another user may not reach
chmod 0711 "$work"
mkdir -p demo
rm -f demo/stream.mp4 demo/frame.png demo/report.json

say "starting the host with its embedded desktop"
start_host "$work"

say "pairing a client with the PIN the host shows"
pin=$("$host" pair --control-socket "$work/run/control.sock" --json | sed -n 's/.*"pin": *"\([0-9]*\)".*/\1/p')
"$client" pair "127.0.0.1:$host_port" --pin "$pin" --name demo --config-dir "$work/client"

say "streaming 1280x720 at 60 for 10 s, and typing into the terminal"
"$client" connect "127.0.0.1:$host_port" --name demo --config-dir "$work/client" --mode 1280x720x60 --duration 10 \
    --type 'echo "Hello from the client."; uname -sr\n' --record demo/stream.mp4 --screenshot demo/frame.png

say "the recording is demo/stream.mp4, its last picture demo/frame.png"
say "the host's console: 'make serve', then https://localhost:47990/ in a browser here; its Play button shows the desktop there"
