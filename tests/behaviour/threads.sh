#!/bin/bash
# SPDX-License-Identifier: MIT
# threads.sh BUILD: under ThreadSanitizer (preset tsan, so without networks): the unit tests that start threads, then commands with four
# threads on small series. tests/README.md says when it ran last.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:?usage: $0 BUILD}")
grep -q '^CLV_SANITIZE:[A-Z]*=thread$' "$build/CMakeCache.txt" || { echo "$build is not built with ThreadSanitizer"; exit 1; }
ctest --test-dir "$build" -L unit --output-on-failure || exit 1

export TSAN_OPTIONS="suppressions=$here/tsan.supp:exitcode=66:history_size=4" OPENBLAS_NUM_THREADS=1 CLEARVISION_NET=none
. "$here/common.sh" "$build/bin/clearvision" "$(mktemp -d)/work"

# clean WHAT ARGUMENT...: the command succeeds, and ThreadSanitizer has nothing to say.
clean() {
    local what=$1
    shift
    "$PROGRAM" "$@" >stdout 2>stderr
    local status=$?
    check "$what: status $status" [ "$status" -eq 0 ]
    check "$what: a report" [ "$(grep -c 'WARNING: ThreadSanitizer' stderr)" -eq 0 ]
    [ "$status" -eq 0 ] || cat stderr
}

make_series series 320 256 6
fill_arguments series
threads=(--config GDAL_NUM_THREADS 4)
for method in linear regression gaussian; do
    clean "remove -method $method" "${ARGUMENTS[@]}" -method $method "${threads[@]}" -quality -o "out_$method"
done
clean "remove in parts" "${ARGUMENTS[@]}" "${threads[@]}" -of VRT -o parts
clean "remove, COG" "${ARGUMENTS[@]}" "${threads[@]}" -of COG -o cog
clean "remove with a report" "${ARGUMENTS[@]}" "${threads[@]}" -o pictures -report pictures/report -preview pictures/p.png
clean "remove at 20 m" "${ARGUMENTS[@]}" "${threads[@]}" -tr 20 -o coarse
clean "info" info series/*.tif
clean "simulate" simulate -q -o other -size 300 200 -dates 4
clean "evaluate remove" evaluate remove series/sim_*.tif "${ARGUMENTS[@]:11}" -method gaussian "${threads[@]}" # the masks
finish
