#!/usr/bin/env bash
# Every test: release build, all suites (those of kernel devices in a machine of their own); the console's, in a browser
# too; the unit suites again under ASan and UBSan, the erasure codes' on AArch64; and a short fuzz run of every parser. The last line is the count. (Under
# TSan: scripts/test-threads.sh.)
set -uo pipefail
. "$(dirname "$0")/common.sh"
scripts/install-deps.sh build run web test fuzz cross || exit 1

results=$root/build/test-results
rm -rf "$results"
mkdir -p "$results"
broken=0
# x265 never frees what its worker threads allocate.
export LSAN_OPTIONS=suppressions=$root/tests/lsan-suppressions.txt:print_suppressions=0

# run_suites PRESET LABEL: each test program writes its own report; one that ends without, or badly, counts as a failure.
run_suites() {
    local preset=$1 label=$2 command program name xml runner
    while read -r command; do
        [[ -n $command ]] || continue
        # PROGRAM, or RUNNER "PROGRAM"
        program=${command##* \"} program=${program%\"}
        runner=()
        [[ $command != *' "'* ]] || runner=("${command%% \"*}")
        name=$(basename "$program")
        xml=$results/$preset-$name.xml
        if timeout 1800 "${runner[@]}" "$program" --gtest_output="xml:$xml" >"$results/$preset-$name.log" 2>&1; then
            say "$preset $name: passed"
        else
            say "$preset $name: FAILED"
            grep -vE '^\[ +OK|^\[ RUN' "$results/$preset-$name.log" | tail -n 80
            grep -q '<failure' "$xml" 2>/dev/null || broken=$((broken + 1))
        fi
        [[ -s $xml ]] || { say "$preset $name: left no report"; broken=$((broken + 1)); }
    done < <(ctest --test-dir "build/$preset" -L "$label" -N -V 2>/dev/null | sed -n 's/^[0-9]*: Test command: //p')
}

build_preset release || die "the release build failed"
run_suites release unit
run_suites release integration
if command -v apt-get >/dev/null && [[ $(uname -m) == x86_64 ]]; then
    PUNKTFUNK_GUEST_REQUIRED=1 run_suites release guest
else
    say "left out: the tests of kernel devices, which run on Debian's kernel for x86-64"
fi
# The console: what has logic, then every page in Chromium against the host that was just built.
run_web() { # LABEL command...
    local label=$1
    shift
    if (cd web && timeout 1800 "$@") >"$results/web-$label.log" 2>&1; then
        say "web $label: passed"
    else
        say "web $label: FAILED"
        tail -n 80 "$results/web-$label.log"
        grep -q '<failure' "$results/web-$label.xml" 2>/dev/null || broken=$((broken + 1))
    fi
    [[ -s $results/web-$label.xml ]] || { say "web $label: left no report"; broken=$((broken + 1)); }
}
if scripts/web.sh; then
    run_web unit npx --no-install vitest run --reporter=junit --outputFile="$results/web-unit.xml"
    if [[ -x ${CHROMIUM:-/usr/bin/chromium} ]]; then
        JUNIT=$results/web-console.xml run_web console npx --no-install playwright test --project console
    else
        say "left out: the console in a browser (CHROMIUM=PATH says where one is)"
    fi
else
    broken=$((broken + 1))
fi
build_preset asan unit_tests || die "the build with sanitizers failed"
run_suites asan unit
scripts/test-neon.sh || broken=$((broken + 1))
scripts/fuzz.sh --smoke --report "$results/fuzz.xml"
[[ -s $results/fuzz.xml ]] || die "the fuzz targets left no report"

count() { cat "$results"/*.xml 2>/dev/null | sed -n "s/^<testsuites .*$1=\"\([0-9]*\)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }
total=$(count tests)
failed=$(($(count failures) + $(count errors) + broken))
passed=$((total - $(count failures) - $(count errors)))
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
