#!/usr/bin/env bash
# clang-tidy and clang-format over our own sources. Changes nothing, except with --fix-format, which formats in place.
# Exit 1 when a file is not formatted, or clang-tidy cannot digest one, or finds something that .clang-tidy calls an error.
#
#   scripts/lint.sh [--fix-format | --format-only] [part of a path...]      a path picks the files clang-tidy looks at
set -uo pipefail
. "$(dirname "$0")/common.sh"

mode=all
patterns=()
for argument in "$@"; do
    case $argument in
        --fix-format) mode=fix ;;
        --format-only) mode=format ;;
        -*) die "unknown option '$argument'; there are --fix-format and --format-only" ;;
        *) patterns+=("$argument") ;;
    esac
done
scripts/install-deps.sh build lint || exit 1

mapfile -t sources < <(find include core gamestream host clients tools tests bench -name '*.cpp' -o -name '*.hpp' -o -name '*.c' -o -name '*.h' | sort)
if [[ $mode == fix ]]; then
    clang-format-19 -i "${sources[@]}" && say "formatted: ${#sources[@]} files"
    exit
fi
unformatted=0
for source in "${sources[@]}"; do
    clang-format-19 --dry-run -Werror "$source" >/dev/null 2>&1 || {
        echo "$source: not formatted; make format does it"
        unformatted=$((unformatted + 1))
    }
done
if [[ $mode == format ]]; then
    echo "${#sources[@]} files, $unformatted not formatted"
    exit $((unformatted > 0))
fi

# clang reads the code with GCC's own headers and std::expected; clang 19 is the first that can (it says __cpp_concepts as
# libstdc++ asks for it). Headers that the build makes must be there; nothing else is built.
say "configuring: debug"
quietly build/logs/debug-configure.log cmake --preset debug || die "the debug preset cannot be configured"
mapfile -t made < <(ninja -C build/debug -t targets all | sed -n 's/^\([^/].*\.h\): CUSTOM_COMMAND$/\1/p')
quietly build/logs/debug-headers.log ninja -C build/debug "${made[@]}" || die "the protocol headers cannot be made"

say "clang-tidy: two files at a time, some minutes in all"
mkdir -p build/logs
log=build/logs/clang-tidy.log
((${#patterns[@]})) || patterns=("^$root/(core|gamestream|host|clients|tools|tests|bench)/.*\\.cpp\$")
run-clang-tidy-19 -quiet -p build/debug -j 2 "${patterns[@]}" >"$log" 2>build/logs/clang-tidy-errors.log
tidy=$?
# A pattern that picks nothing, or only files outside the debug preset (tests/fuzz is one), must not read as a clean result.
examined=$(grep -cE '^\[ *[0-9]+/[0-9]+\]' "$log")
((examined > 0)) || die "clang-tidy was given no file: nothing in build/debug/compile_commands.json fits ${patterns[*]}"
# A finding in a header comes once for every file that includes it.
findings=$(grep -E '^/[^ ]+:[0-9]+:[0-9]+: (warning|error):' "$log" | sed "s|^$root/||" | sort -u)
[[ -z $findings ]] || printf '%s\n' "$findings"
((tidy == 0)) || grep -hE 'rror:|rror while' "$log" build/logs/clang-tidy-errors.log | sort -u | head -n 40
echo "$(grep -c . <<<"$findings") findings in $examined files (details: $log); $unformatted of ${#sources[@]} files not formatted"
((unformatted == 0 && tidy == 0))
