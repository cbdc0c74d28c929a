#!/usr/bin/env bash
# Every test: the optimised build with core's unit suites, the integration suites, and those of kernel devices in a machine
# of their own; the console's, in a browser too; all unit suites under ASan and UBSan; the erasure codes' on AArch64; and a
# short fuzz run of every parser. The last line is the count. (Under TSan: scripts/test-threads.sh.)
set -uo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run web test fuzz cross || exit 1

results=$root/build/test-results
rm -rf "$results"
mkdir -p "$results"
# x265 never frees what its worker threads allocate.
export LSAN_OPTIONS=suppressions=$root/tests/lsan-suppressions.txt:print_suppressions=0

# run_suite PRESET PROGRAM [runner...]: the program's own report, what it said, and a file when it ended badly without saying so.
run_suite() {
    local preset=$1 program=$2 started=$SECONDS
    shift 2
    local name
    name=$(basename "$program")
    local report=$results/$preset-$name
    if timeout 1200 "$@" "$program" --gtest_output="xml:$report.xml" >"$report.log" 2>&1; then
        say "$preset $name: passed ($((SECONDS - started)) s)"
    else
        say "$preset $name: FAILED ($((SECONDS - started)) s)"
        grep -vE '^\[ +OK|^\[ RUN' "$report.log" | tail -n 80
        grep -q '<failure' "$report.xml" 2>/dev/null || touch "$report.broken"
    fi
    [[ -s $report.xml ]] || { say "$preset $name: left no report"; touch "$report.broken"; }
}

# run_suites PRESET LABEL [at a time]
run_suites() {
    local preset=$1 label=$2 jobs=${3:-1} command program runner
    while read -r command; do
        [[ -n $command ]] || continue
        # PROGRAM, or RUNNER "PROGRAM"
        program=${command##* \"} program=${program%\"}
        runner=()
        [[ $command != *' "'* ]] || runner=("${command%% \"*}")
        (($(jobs -rp | wc -l) < jobs)) || wait -n
        run_suite "$preset" "$program" "${runner[@]}" </dev/null &
    done < <(ctest --test-dir "build/$preset" -L "$label" -N -V 2>/dev/null | sed -n 's/^[0-9]*: Test command: //p')
    wait
}

# Unit tests run under the sanitizers, below; those of core/ as every client links it too.
build_preset release all core_tests integration_tests guest_tests || die "the release build failed"
run_suites release core 2
run_suites release integration
if command -v apt-get >/dev/null && [[ $(uname -m) == x86_64 ]]; then
    PUNKTFUNK_GUEST_REQUIRED=1 run_suites release guest
else
    say "left out: the tests of kernel devices, which run on Debian's kernel for x86-64"
fi
# The console: what has logic, then every page in Chromium against the host that was just built.
run_web() { # LABEL command...
    local label=$1 started=$SECONDS
    shift
    if (cd web && timeout 1200 "$@") >"$results/web-$label.log" 2>&1; then
        say "web $label: passed ($((SECONDS - started)) s)"
    else
        say "web $label: FAILED ($((SECONDS - started)) s)"
        tail -n 80 "$results/web-$label.log"
        grep -q '<failure' "$results/web-$label.xml" 2>/dev/null || touch "$results/web-$label.broken"
    fi
    [[ -s $results/web-$label.xml ]] || { say "web $label: left no report"; touch "$results/web-$label.broken"; }
}
if scripts/web.sh; then
    run_web unit npx --no-install vitest run --reporter=junit --outputFile="$results/web-unit.xml"
    if [[ -x ${CHROMIUM:-/usr/bin/chromium} ]]; then
        JUNIT=$results/web-console.xml run_web console npx --no-install playwright test --project console
    else
        say "left out: the console in a browser (CHROMIUM=PATH says where one is)"
    fi
else
    touch "$results/web.broken"
fi
build_preset asan unit_tests fuzz_targets || die "the build with sanitizers failed"
run_suites asan unit 2
scripts/test-neon.sh || touch "$results/neon.broken"
scripts/fuzz.sh --smoke --report "$results/fuzz.xml"
[[ -s $results/fuzz.xml ]] || die "the fuzz targets left no report"

count() { cat "$results"/*.xml 2>/dev/null | sed -n "s/^<testsuites .*$1=\"\([0-9]*\)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }
total=$(count tests)
failed=$(($(count failures) + $(count errors) + $(find "$results" -name '*.broken' | wc -l)))
passed=$((total - $(count failures) - $(count errors)))
# By name once more: what each of them said stands far above.
find "$results" -name '*.xml' -exec awk '
    /<testcase / { name = $0; sub(/.*<testcase.* name="/, "", name); sub(/".*/, "", name)
                   class = $0; sub(/.*classname="/, "", class); sub(/".*/, "", class) }
    /<(failure|error)[ >]/ { if (name != "") print "== failed: " class ": " name; name = "" }' {} +
find "$results" -name '*.broken' -printf '== ended without a report of its failure: %f\n' | sed 's/\.broken$//'
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
