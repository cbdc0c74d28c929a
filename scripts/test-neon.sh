#!/usr/bin/env bash
# The erasure codes' unit tests as an AArch64 machine runs them: cross-compiled, under QEMU's user emulation. Only headers
# of other libraries are needed, so nothing is installed for the other architecture but its compiler.
set -uo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build cross || exit 1

out=build/neon
report=build/test-results/neon-core_fec_test.xml
include=$out/include
gtest=/usr/src/googletest/googletest
mkdir -p "$out" "$include/punktfunk" build/test-results
# /usr/include as a whole belongs to this machine's C library.
for folder in fmt nlohmann; do ln -sfn "/usr/include/$folder" "$include/$folder"; done
for folder in base fec; do ln -sfn "$root/core/$folder" "$include/punktfunk/$folder"; done

compile() { # source; its object is named after the whole path
    ${ccache:-} aarch64-linux-gnu-g++ -std=c++23 -O2 -DFMT_HEADER_ONLY "-DPUNKTFUNK_VECTORS=\"$root/tests/vectors\"" \
        -I"$include" -isystem "$gtest/include" -I"$gtest" -c "$1" -o "$out/${1//\//_}.o"
}
ccache=$(command -v ccache)
export -f compile
export root out include gtest ccache
build() {
    local sources=(core/fec/*.cpp "$gtest"/src/gtest-all.cc "$gtest"/src/gtest_main.cc) source
    for source in core/base/*.cpp; do [[ $source == *_test.cpp ]] || sources+=("$source"); done
    rm -f "$out"/*.o
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -I{} bash -c 'compile {}' &&
        aarch64-linux-gnu-g++ -static "$out"/*.o -pthread -o "$out/core_fec_test"
}
say "building: core/fec for AArch64"
quietly build/logs/neon-build.log build || die "the build for AArch64 failed"
if qemu-aarch64 "$out/core_fec_test" --gtest_output="xml:$root/$report" >build/test-results/neon-core_fec_test.log 2>&1; then
    say "neon core_fec_test: passed"
else
    say "neon core_fec_test: FAILED"
    grep -vE '^\[ +OK|^\[ RUN' build/test-results/neon-core_fec_test.log | tail -n 80
    exit 1
fi
