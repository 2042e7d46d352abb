#!/bin/bash
# SPDX-License-Identifier: MIT
# memcheck.sh BUILD: the fast unit tests of the rooms without GDAL under valgrind: values that were never set, memory that is lost,
# descriptors that stay open. A dev build gives lines. tests/README.md says when it ran last.
set -u
build=$(realpath "${1:?usage: $0 BUILD}")
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed"; exit 77; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT

tests=$(ctest --test-dir "$build" -N -L fast -R '^unit\.(base|formats|sentinel2|image|synth|gapfill)\.' | sed -n 's/.*: unit\.//p')
[ -n "$tests" ] || { echo "no tests in $build"; exit 1; }
count=0 failures=0
for test in $tests; do
    program=$build/tests/$(echo "$test" | sed 's/\./_/')
    count=$((count + 1))
    # What other libraries keep until the end is theirs; a test that forks answers for its children too.
    if ! OPENBLAS_NUM_THREADS=1 CLEARVISION_NET=none valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect --trace-children=yes "$program" >"$log" 2>&1; then
        echo "FAILED: $test"
        cat "$log"
        failures=$((failures + 1))
    fi
done
echo "$failures of $count tests failed under valgrind"
[ "$failures" -eq 0 ]
