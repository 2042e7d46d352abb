# SPDX-License-Identifier: MIT
# Sourced by every test script. Gives a scratch folder (the current folder), the simulated series and the helpers below.
# A script ends with `finish`.
set -u
: "${CLV_PROGRAM:?}" "${CLV_DATA:?}" "${CLV_SOURCE:?}"
export LC_ALL=C
export PATH=/usr/bin:/bin:$PATH # the system's python3 knows GDAL

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/clearvision-test.XXXXXX")
trap 'chmod -R u+w "$SCRATCH"; rm -rf "$SCRATCH"' EXIT
cd "$SCRATCH" || exit 1

failed=0 done=0
TIME=120 # seconds a run may take

# shellcheck disable=SC2034 # used by those who read this
SERIES=("$CLV_DATA"/sim_*.tif)
MASKS=("$CLV_DATA"/mask/sim_*.tif)
# Options with which the masks of the simulation are used and no network is needed.
KNOWN=(-mask_mode replace)
for mask in "${MASKS[@]}"; do
    KNOWN+=(-mask "$mask")
done

# skip REASON: ends the script as skipped.
skip() {
    echo "skipped: $*"
    exit 77
}

# need TOOL...: skips unless all are there.
need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

need_python() {
    python3 -c 'import numpy; from osgeo import gdal' 2>/dev/null || skip "python3 with numpy and GDAL is not installed"
}

fail() {
    echo "FAILED: $*"
    [ -s stdout ] && sed 's/^/  stdout: /' stdout | head -20
    [ -s stderr ] && sed 's/^/  stderr: /' stderr | head -20
    failed=$((failed + 1))
}

# check WHAT COMMAND...: the command succeeds.
check() {
    local what=$1
    shift
    done=$((done + 1))
    "$@" >check.log 2>&1 || fail "$what ($* $(tail -c 400 check.log))"
}

# run ARGUMENTS...: runs the program; stdout, stderr and STATUS tell what came of it.
run() {
    timeout -k 5 "$TIME" "$CLV_PROGRAM" "$@" >stdout 2>stderr </dev/null
    STATUS=$?
}

# expect_ok ARGUMENTS...: exit status 0 and no error line.
expect_ok() {
    done=$((done + 1))
    run "$@"
    if [ "$STATUS" -ne 0 ]; then
        fail "status $STATUS: clearvision $*"
    elif grep -q '^ERROR' stderr; then
        fail "an error line although the status is 0: clearvision $*"
    fi
}

# expect_error PATTERN ARGUMENTS...: exit status 1, exactly one error line, which matches the extended regular expression, nothing else
# on stderr but warnings, and nothing left in out/ or beside it.
expect_error() {
    local pattern=$1
    shift
    done=$((done + 1))
    rm -rf out
    run "$@"
    if [ "$STATUS" -ne 1 ]; then
        fail "status $STATUS instead of 1: clearvision $*"
    elif [ "$(grep -c '^ERROR [0-9]*: ' stderr)" -ne 1 ]; then
        fail "not exactly one error line: clearvision $*"
    elif ! grep '^ERROR' stderr | grep -qiE -- "$pattern"; then
        fail "the error does not say \"$pattern\": clearvision $*"
    elif grep -qvE '^(ERROR|Warning) [0-9]+: ' stderr; then
        fail "something else on stderr: clearvision $*"
    elif [ -n "$(find . -path './out*' -type f 2>/dev/null)$(find . -name '.*tmp*' -type f)" ]; then
        fail "left behind $(find . -path './out*' -type f) $(find . -name '.*tmp*' -type f): clearvision $*"
    fi
}

# expect_same A B: two files have the same bytes.
expect_same() {
    done=$((done + 1))
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# expect_different A B
expect_different() {
    done=$((done + 1))
    if [ ! -s "$1" ] || [ ! -s "$2" ] || cmp -s "$1" "$2"; then
        fail "$1 and $2 do not differ (or are not there)"
    fi
}

# expect_text FILE PATTERN: some line matches the extended regular expression.
expect_text() {
    done=$((done + 1))
    grep -qE -- "$2" "$1" || fail "$1 has no \"$2\""
}

expect_no_text() {
    done=$((done + 1))
    if grep -qE -- "$2" "$1"; then
        fail "$1 has \"$2\""
    fi
}

# expect_file FILE...
expect_file() {
    local file
    for file in "$@"; do
        done=$((done + 1))
        [ -s "$file" ] || fail "$file was not written"
    done
}

# expect_python WHAT CODE: the Python code ends without an exception (gdal, np and read(file) are at hand).
expect_python() {
    done=$((done + 1))
    python3 -c "
import json, sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
def read(name):
    return gdal.Open(name).ReadAsArray()
$2" >python.log 2>&1 || fail "$1: $(tail -n 2 python.log)"
}

finish() {
    if [ "$failed" -gt 0 ]; then
        echo "$failed of $done checks failed"
        exit 1
    fi
    echo "$done checks passed"
    exit 0
}
