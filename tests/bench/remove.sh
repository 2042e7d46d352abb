#!/bin/sh
# remove.sh BUILD [SIZE [DATES]]: time and peak memory of `clearvision remove` on a simulated scene (default 2196x2196, 10 dates),
# and on one twice as high: peak memory should be the same. Results go to standard output.
set -eu
build=$1 size=${2:-2196} dates=${3:-10}
program=$build/bin/clearvision
work=${CLV_BENCH_DIR:-$(mktemp -d)}
mkdir -p "$work"

measure() { # NAME WIDTH HEIGHT
    [ -d "$work/$1" ] || "$program" simulate -q -size "$2" "$3" -dates "$dates" -seed 7 -o "$work/$1"
    rm -rf "$work/out"
    /usr/bin/time -f '%e s wall, %U s user, %S s system, %M KB peak' -o "$work/time" \
        "$program" remove -q -o "$work/out" "$work/$1"/*_BGRN.tif
    printf '%-8s %sx%s, %s dates: %s\n' "$1" "$2" "$3" "$dates" "$(cat "$work/time")"
}

measure scene "$size" "$size"
measure twice "$size" "$((2 * size))"
[ -n "${CLV_BENCH_DIR:-}" ] || rm -rf "$work"
