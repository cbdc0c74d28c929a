#!/usr/bin/env bash
# Every page of the console as a picture, both themes, at a desktop's and a phone's width, from a real host with a real stream.
#
#   scripts/screenshots.sh [DIRECTORY]      default: build/screenshots
set -euo pipefail
. "$(dirname "$0")/common.sh"
folder=$(realpath -m "${1:-build/screenshots}")
scripts/install-deps.sh build run web test
build_preset release punktfunk-host punktfunk-client punktfunk-demo-motion
scripts/web.sh
rm -rf "$folder"
say "taking the pictures"
SCREENSHOTS=$folder quietly build/logs/screenshots.log npx --prefix web --no-install playwright test --config web/playwright.config.ts --project screenshots ||
    die "not every page could be shown"
say "$(find "$folder" -name '*.png' | wc -l) pictures are in $folder"
