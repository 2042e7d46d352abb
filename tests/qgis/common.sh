# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests that need QGIS: a scratch folder, a profile of its own, the plug-in switched on. Debian 12's wrapper
# qgis_process passes an option that the program refuses, so that the program itself is called.
. "$CLV_SOURCE/tests/cli/common.sh"

QGIS_PROCESS=
for name in qgis_process.bin qgis_process; do
    if [ -z "$QGIS_PROCESS" ] && command -v $name >/dev/null; then
        QGIS_PROCESS=$(command -v $name)
    fi
done
[ -n "$QGIS_PROCESS" ] || skip "QGIS is not installed (qgis_process)"
/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || skip "QGIS for Python is not installed (python3-qgis)"

export QT_QPA_PLATFORM=offscreen HOME="$SCRATCH/home" XDG_RUNTIME_DIR="$SCRATCH/run" LC_ALL=C.UTF-8
export QGIS_PLUGINPATH="$CLV_SOURCE/src/qgis" CLEARVISION_BIN="$CLV_PROGRAM"
unset XDG_CONFIG_HOME XDG_DATA_HOME
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"

# Copies: where a file is given as a layer, QGIS itself leaves its statistics (.aux.xml) beside it.
mkdir data
cp "$CLV_DATA"/sim_*.tif data/
DATA="$SCRATCH/data"
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
