#!/usr/bin/env bash
# Line coverage of everything that reads bytes from outside: by the seeds, the inputs that a short fuzz run finds, the
# inputs that broke something once, and the components' unit tests. Prints a table and writes build/coverage/html.
# Exit 1 when a file is below the bound.
#
#   scripts/coverage.sh        FUZZ_SECONDS=10 for each target
set -uo pipefail
. "$(dirname "$0")/common.sh"

bound=90
parsers=(
    core/wire/{handshake_messages,typed_messages,message_framer,datagram,input,device_name,utf8,clock_sync}.cpp
    core/session/{session_config,packet_header,reassembler}.cpp
    core/crypto/{identity,x509,spake2,aead,replay_window}.cpp
    core/base/{hex,atomic_file}.cpp
    host/native/{paired_store,gamepad_events}.cpp host/gamepad/dualsense_report.cpp clients/cli/known_hosts.cpp
    gamestream/nvhttp/{request,calls,address,xml}.cpp
    gamestream/pairing/{client_certificate,ceremony,registrar,paired_list}.cpp
    gamestream/rtsp/{message,request_reader,sealed_message,session,announce,opus_layout}.cpp
    gamestream/gs_media/ping.cpp
    gamestream/gs_control/{input_decode,input_encode,client_messages,host_messages,cipher}.cpp
    gamestream/gs_video/{depacketizer,frame_header,fec_plan}.cpp
    gamestream/gs_audio/{depacketizer,cbc}.cpp
    host/moonlight/{apps,paired_clients,enet_link,client_input,client_pads}.cpp host/http/{connection,tcp_listener}.cpp
)
tests=(
    core/{base/core_base,crypto/core_crypto,wire/core_wire,session/core_session}_test
    gamestream/{nvhttp/gamestream_nvhttp,pairing/gamestream_pairing,rtsp/gamestream_rtsp}_test
    gamestream/{gs_media/gamestream_media,gs_control/gamestream_control,gs_video/gamestream_video,gs_audio/gamestream_audio}_test
)

for parser in "${parsers[@]}"; do [[ -f $parser ]] || die "$parser is gone: correct the list in scripts/coverage.sh"; done
scripts/install-deps.sh build fuzz coverage || exit 1
FUZZ_SECONDS=${FUZZ_SECONDS:-10} scripts/fuzz.sh || die "a fuzz target broke"
build_preset coverage fuzz_targets "${tests[@]##*/}" || die "the build for coverage failed"

out=$root/build/coverage
parsers+=("$out/include/core_base/punktfunk/base/bytes.hpp") # the compiler sees a header by the name it was included by
work=$root/build/fuzz-work
rm -rf "$out/profiles" "$out/html"
mkdir -p "$out/profiles"
programs=()
# measure PROGRAM [argument...]
measure() {
    programs+=("$1")
    LLVM_PROFILE_FILE=$out/profiles/$(basename "$1").profraw "$@" >"$out/profiles/$(basename "$1").log" 2>&1 ||
        die "$1 failed: see $out/profiles/$(basename "$1").log"
}
say "running: $(fuzz_target_names | wc -l) fuzz targets over their corpora, ${#tests[@]} test programs"
for name in $(fuzz_target_names); do
    folders=("$work/found/$name" "$work/seeds/$name")
    [[ -d tests/fuzz/regressions/$name ]] && folders+=("tests/fuzz/regressions/$name")
    measure "$out/tests/fuzz/fuzz_$name" -runs=0 -max_len=4096 "${folders[@]}"
done
for program in "${tests[@]}"; do measure "$out/$program"; done

llvm-profdata-19 merge -sparse "$out"/profiles/*.profraw -o "$out/all.profdata" || die "the profiles cannot be merged"
coverage=(-instr-profile="$out/all.profdata" "${programs[0]}")
for program in "${programs[@]:1}"; do coverage+=(-object "$program"); done
llvm-cov-19 show "${coverage[@]}" -format=html -output-dir="$out/html" "${parsers[@]}" 2>"$out/show.log" ||
    die "the pages cannot be written: see $out/show.log"
# Of llvm-cov's columns: the file, its lines, those never run, and the share of the others.
llvm-cov-19 report "${coverage[@]}" -show-region-summary=false -show-branch-summary=false "${parsers[@]}" 2>"$out/report.log" |
    awk -v bound="$bound" -v expected="${#parsers[@]}" '
        $1 ~ /\.(cpp|hpp)$/ {
            sub(/^.*include\/core_base\/punktfunk/, "core", $1)
            share = $7 + 0; files++
            printf "%-42s %5d lines %4d never run %8s%s\n", $1, $5, $6, $7, share < bound ? "  BELOW THE BOUND" : ""
            below += share < bound
        }
        $1 == "TOTAL" { printf "%-42s %5d lines %4d never run %8s\n", "all", $5, $6, $7 }
        END {
            printf "%d of %d files at %d %% or more; pages: build/coverage/html/index.html\n", files - below, expected, bound
            exit files != expected || below > 0
        }'
