#!/usr/bin/env bash
# Installs the core library into a fresh prefix and builds programs outside the project that find it there: by
# pkg-config, by find_package (shared and static). install_check.sh BUILD_DIRECTORY
set -euo pipefail
build=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$prefix" --component core >/dev/null

pc=$(find "$prefix" -name punktfunk_core.pc)
export PKG_CONFIG_PATH=${pc%/*}
libdir=$(pkg-config --variable=libdir punktfunk_core)
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -Wall -Wextra -pedantic -Werror "$here/consumer/consumer.c" -o "$work/by-pkg-config" \
    $(pkg-config --cflags --libs punktfunk_core)
LD_LIBRARY_PATH=$libdir "$work/by-pkg-config"

cmake -G Ninja -S "$here/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/consumer" >/dev/null
"$work/consumer/shared"
"$work/consumer/static"
ldd "$work/consumer/static" | grep -q punktfunk && { echo "the static program loads the shared library"; exit 1; }
echo "found and used: pkg-config, CMake (shared, static)"
