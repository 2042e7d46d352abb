# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests that need QGIS: a scratch folder, a profile of its own, the plug-in switched on.
. "$CLV_SOURCE/tests/cli/common.sh"

. "$CLV_SOURCE/tests/qgis/environment.sh"
export QGIS_PLUGINPATH="$CLV_SOURCE/src/qgis" CLEARVISION_BIN="$CLV_PROGRAM"

# Copies: where a file is given as a layer, QGIS itself leaves its statistics (.aux.xml) beside it.
mkdir data
cp "$CLV_DATA"/sim_*.tif data/
DATA="$SCRATCH/data"
# shellcheck disable=SC2034 # used by those who read this
SERIES=("$DATA"/sim_*.tif)

# qgis ARGUMENTS...: runs qgis_process; stdout, stderr, STATUS.
qgis() {
    timeout -k 5 "$TIME" "$QGIS_PROCESS" "$@" >stdout 2>stderr </dev/null
    STATUS=$?
}

# expect_run ALGORITHM PARAMETERS...: the algorithm succeeds.
expect_run() {
    local algorithm=$1
    shift
    done=$((done + 1))
    qgis run "clearvision:$algorithm" -- "$@"
    [ "$STATUS" -eq 0 ] || fail "status $STATUS: $algorithm $*"
}

# expect_refusal PATTERN ALGORITHM PARAMETERS...: the algorithm fails with exit status 1 and a message; out/ has no file.
expect_refusal() {
    local pattern=$1 algorithm=$2
    shift 2
    done=$((done + 1))
    rm -rf out
    qgis run "clearvision:$algorithm" -- "$@"
    if [ "$STATUS" -ne 1 ]; then
        fail "status $STATUS instead of 1: $algorithm $*"
    elif ! grep -A1 '^ERROR:' stderr | grep -qE -- "$pattern"; then
        fail "the error does not say \"$pattern\": $algorithm $*"
    elif [ -n "$(find . -path './out*' -type f 2>/dev/null)" ]; then
        fail "left behind $(find . -path './out*' -type f): $algorithm $*"
    fi
}

qgis plugins enable clearvision_qgis
[ "$STATUS" -eq 0 ] || fail "the plug-in cannot be enabled"
