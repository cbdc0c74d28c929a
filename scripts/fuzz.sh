#!/usr/bin/env bash
# Feeds every parser with made-up bytes. One line a target; the last line is the count. Exit 1 when one of them broke.
#
#   scripts/fuzz.sh [--smoke] [target...]      FUZZ_SECONDS=60 for each target; --smoke: 5 seconds, as part of `make test`
set -uo pipefail
. "$(dirname "$0")/common.sh"

seconds=${FUZZ_SECONDS:-60}
wanted=()
for argument in "$@"; do
    case $argument in
        --smoke) seconds=5 ;;
        -*) die "unknown option '$argument'; there is --smoke" ;;
        *) wanted+=("$argument") ;;
    esac
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "FUZZ_SECONDS=$seconds is not a number of seconds"

scripts/install-deps.sh build fuzz || exit 1
build_preset fuzz fuzz_targets || die "the fuzz targets could not be built"
programs=build/fuzz/tests/fuzz
if ((${#wanted[@]} == 0)); then
    for program in "$programs"/fuzz_*; do
        name=${program##*/fuzz_}
        [[ -f $program && -x $program && $name != seeds && -f tests/fuzz/$name.cpp ]] && wanted+=("$name")
    done
fi
for name in "${wanted[@]}"; do [[ -x $programs/fuzz_$name ]] || die "there is no fuzz target '$name'"; done

# Seeds are made anew; what earlier runs found stays beside them and makes the next run start deeper.
work=$root/build/fuzz-work
rm -rf "$work/seeds" "$work/results"
mkdir -p "$work/seeds" "$work/results" "$work/crashes" "$work/logs"
"$programs/fuzz_seeds" "$work/seeds" || die "the seed corpus could not be made"

run_target() {
    local name=$1 log=$work/logs/$1.log verdict=ok
    local found=$work/found/$name seeds=$work/seeds/$name
    mkdir -p "$found" "$seeds"
    # Memory: more than 512 MB in all, or 128 MB at once, is a finding, since every parser here promises a bound. An input
    # over 10 seconds is one too. The long stop is for a target that no longer answers its own alarm.
    ASAN_OPTIONS=quarantine_size_mb=16 timeout -k 5 $((seconds + 60)) "$programs/fuzz_$name" -max_total_time="$seconds" -max_len=4096 \
        -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=128 -print_final_stats=1 -artifact_prefix="$work/crashes/$name-" "$found" "$seeds" \
        >"$log" 2>&1 || verdict=CRASH
    local executions coverage reproducer
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    printf '%-14s %12s runs %6s edges  %s\n' "$name" "${executions:-?}" "${coverage:-?}" "$verdict"
    [[ $verdict == ok ]] || {
        reproducer=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        grep -E 'property broken|runtime error:|^==.*ERROR|^SUMMARY' "$log" | sed 's/^/    /'
        echo "    again with: ${programs#"$root/"}/fuzz_$name ${reproducer:-(no input was written; see $log)}"
    }
    echo "$verdict" >"$work/results/$name"
}

say "fuzzing: ${#wanted[@]} targets, $seconds s each, two at a time"
for name in "${wanted[@]}"; do
    (($(jobs -rp | wc -l) < 2)) || wait -n
    run_target "$name" &
done
wait

good=$(cat "$work/results"/* 2>/dev/null | grep -c '^ok$')
echo "$good targets ok, $((${#wanted[@]} - good)) failed"
((good == ${#wanted[@]} && good > 0))
