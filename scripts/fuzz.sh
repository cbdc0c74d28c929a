#!/usr/bin/env bash
# Feeds every parser with made-up bytes. One line a target; the last line is the count. Exit 1 when one of them broke.
#
#   scripts/fuzz.sh [--smoke] [--report FILE] [target...]
#
# FUZZ_SECONDS=60 for each target; --smoke: 5 seconds, as part of `make test`. --report: the results as a JUnit file.
set -uo pipefail
. "$(dirname "$0")/common.sh"

seconds=${FUZZ_SECONDS:-60}
report=
wanted=()
while (($#)); do
    case $1 in
        --smoke) seconds=5 ;;
        --report) shift && report=${1:?} ;;
        -*) die "unknown option '$1'; there are --smoke and --report FILE" ;;
        *) wanted+=("$1") ;;
    esac
    shift
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "FUZZ_SECONDS=$seconds is not a number of seconds"

scripts/install-deps.sh build fuzz || exit 1
build_preset asan fuzz_targets || die "the fuzz targets could not be built"
programs=build/asan/tests/fuzz
((${#wanted[@]})) || mapfile -t wanted < <(fuzz_target_names)
for name in "${wanted[@]}"; do [[ -x $programs/fuzz_$name ]] || die "there is no fuzz target '$name'"; done

# Seeds are made anew; what earlier runs found stays beside them and makes the next run start deeper.
work=$root/build/fuzz-work
rm -rf "$work/seeds" "$work/results"
mkdir -p "$work/seeds" "$work/results" "$work/crashes" "$work/logs"
"$programs/fuzz_seeds" "$work/seeds" || die "the seed corpus could not be made"

# Memory: more than 512 MB in all, or 128 MB at once, is a finding, since every parser here promises a bound. An input
# over 10 seconds is one too.
limits=(-max_len=4096 -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=128)
export ASAN_OPTIONS=quarantine_size_mb=16

run_target() {
    local name=$1 log=$work/logs/$1.log verdict=ok
    local found=$work/found/$name seeds=$work/seeds/$name kept=(tests/fuzz/regressions/"$1"/*)
    mkdir -p "$found" "$seeds"
    [[ -e ${kept[0]} ]] || kept=()
    {
        # What broke it once comes first, each input by itself. The long stop is for a target that no longer answers its
        # own alarm.
        ((${#kept[@]} == 0)) || timeout -k 5 60 "$programs/fuzz_$name" "${limits[@]}" "${kept[@]}"
    } >"$log" 2>&1 &&
        timeout -k 5 $((seconds + 60)) "$programs/fuzz_$name" "${limits[@]}" -max_total_time="$seconds" \
            -print_final_stats=1 -artifact_prefix="$work/crashes/$name-" "$found" "$seeds" >>"$log" 2>&1 || verdict=CRASH
    local executions coverage reproducer
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    printf '%-14s %12s runs %6s edges  %s\n' "$name" "${executions:-?}" "${coverage:-?}" "$verdict"
    [[ $verdict == ok ]] || {
        reproducer=$(sed -n 's/.*Test unit written to //p; s/^Running: //p' "$log" | tail -n 1)
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
bad=$((${#wanted[@]} - good))
if [[ -n $report ]]; then
    counts="tests=\"${#wanted[@]}\" failures=\"$bad\" errors=\"0\""
    {
        printf '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites %s name="fuzz">\n<testsuite name="fuzz" %s>\n' "$counts" "$counts"
        for name in "${wanted[@]}"; do
            failure=
            [[ $(cat "$work/results/$name" 2>/dev/null) == ok ]] || failure="<failure message=\"see $work/logs/$name.log\"/>"
            printf '<testcase name="%s" classname="fuzz">%s</testcase>\n' "$name" "$failure"
        done
        printf '</testsuite>\n</testsuites>\n'
    } >"$report"
fi
echo "$good targets ok, $bad failed"
((bad == 0 && good > 0))
