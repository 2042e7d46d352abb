#!/bin/sh
# SPDX-License-Identifier: MIT
# lint.sh BUILD [clang-tidy] [cppcheck] [FILE...]: clang-tidy (.clang-tidy) and cppcheck (cppcheck.txt) over the C and C++ files that BUILD
# compiles, or over FILEs alone. Each has reasons beside what it suppresses. Takes tens of minutes for the whole tree, so it is run by
# hand; tests/README.md says when it ran last. Exits with 77 where neither is installed.
set -eu
build=$(realpath "${1:?usage: lint.sh BUILD [clang-tidy] [cppcheck] [FILE...]}")
shift
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
version=19 # of clang-tidy: each finds a little else; Debian's clang-tidy-19
tools="" files=""
for word in "$@"; do
    case $word in
    clang-tidy | cppcheck) tools="$tools $word" ;;
    *) files="$files $word" ;;
    esac
done
[ -n "$tools" ] || tools="clang-tidy cppcheck"
[ -e "$build/compile_commands.json" ] || { echo "$build has no compile_commands.json: not a build tree?"; exit 1; }
given=$files # "" for all
[ -n "$files" ] || files=$(git ls-files 'src/*.c' 'src/*.cpp')

run_clang_tidy() {
    command -v clang-tidy-$version >/dev/null || { echo "skipped: clang-tidy-$version is not installed"; return 77; }
    # shellcheck disable=SC2086 # names without spaces
    printf '%s\n' $files | xargs -P "$(nproc)" -n 4 clang-tidy-$version --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option \
        --extra-arg=-Wno-unused-command-line-argument
}

run_cppcheck() {
    command -v cppcheck >/dev/null || { echo "skipped: cppcheck is not installed"; return 77; }
    # cppcheck takes one filter a run.
    result=0
    set -f
    for filter in ${given:-src/*}; do
        cppcheck --project="$build/compile_commands.json" --file-filter="$PWD/$filter" -D__GNUC__=12 -j "$(nproc)" --quiet --error-exitcode=1 \
            --inline-suppr --enable=warning,performance,portability --suppressions-list="$here/cppcheck.txt" \
            --template='{file}:{line}: {severity}: {message} [{id}]' || result=1
    done
    return $result
}

status=0 ran=0
for tool in $tools; do
    result=0
    case $tool in
    clang-tidy) run_clang_tidy || result=$? ;;
    cppcheck) run_cppcheck || result=$? ;;
    esac
    [ "$result" -eq 77 ] || ran=1
    [ "$result" -eq 0 ] || [ "$result" -eq 77 ] || status=1
done
[ "$ran" -eq 1 ] || exit 77
exit $status
