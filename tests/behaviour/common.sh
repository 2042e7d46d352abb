# SPDX-License-Identifier: MIT
# Sourced by the scripts of this folder: PROGRAM WORK_FOLDER are their arguments. Gives an empty work folder (the
# current one) and the helpers below. A script ends with `finish`.
set -u
PROGRAM=$(realpath "${1:?usage: $0 PROGRAM WORK_FOLDER}")
WORK=${2:?usage: $0 PROGRAM WORK_FOLDER}
rm -rf "$WORK"
mkdir -p "$WORK" && cd "$WORK" || exit 1
WORK=$PWD
export LC_ALL=C

checks=0 failures=0

skip() {
    echo "skipped: $*"
    exit 77
}

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# check WHAT COMMAND...: the command succeeds.
check() {
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$what"
}

# make_series FOLDER WIDTH HEIGHT DATES: pictures in FOLDER, masks in FOLDER/mask.
make_series() {
    "$PROGRAM" simulate -q -o "$1" -size "$2" "$3" -dates "$4" -seed 3 || {
        echo "the series cannot be made"
        exit 1
    }
}

# fill_arguments FOLDER: ARGUMENTS becomes a run that needs no network.
fill_arguments() {
    local mask
    ARGUMENTS=(remove "$1"/sim_*.tif -method gaussian -mask_mode replace)
    for mask in "$1"/mask/*.tif; do
        ARGUMENTS+=(-mask "$mask")
    done
}

# in_background COMMAND...: with the signals of a terminal (bash lets background jobs ignore SIGINT); PID tells which.
in_background() {
    python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$@" >stdout 2>stderr &
    PID=$!
}

# wait_for_files FOLDER: until something hidden is being written there.
wait_for_files() {
    for _ in $(seq 1 400); do
        [ -n "$(find "$1" -name '.*.tmp*' -type f 2>/dev/null)" ] && return 0
        kill -0 "$PID" 2>/dev/null || return 1
        sleep 0.02
    done
    return 1
}

files_in() {
    find "$1" -type f 2>/dev/null
}

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}

# one_error PATTERN: stderr has exactly one error line, which matches.
one_error() {
    [ "$(grep -c '^ERROR [0-9]*: ' stderr)" -eq 1 ] && grep '^ERROR' stderr | grep -qiE -- "$1"
}

finish() {
    cd / && rm -rf "$WORK"
    if [ "$failures" -gt 0 ]; then
        echo "$failures of $checks checks failed"
        exit 1
    fi
    echo "$checks checks passed"
    exit 0
}
