#!/bin/sh
# SPDX-License-Identifier: MIT
# reproducible.sh [PRESET]: this tree is built twice from nothing, in two folders, one after the other, without ccache; programs,
# libraries and Debian packages must be the same bytes. PRESET is release, or no-torch (then without packages). By hand: it takes
# two whole builds. tests/README.md says when it ran last.
set -eu
preset=${1:-release}
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/clearvision-twice.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export CCACHE_DISABLE=1
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
git -C "$source" ls-files -z --cached --others --exclude-standard >"$work/files"

# make_in FOLDER
make_in() {
    mkdir -p "$1"
    tar -C "$source" --null -T "$work/files" -c | tar -C "$1" -x
    (
        cd "$1"
        cmake --preset "$preset" -DCLV_TESTS=OFF >log 2>&1 && cmake --build --preset "$preset" -j "$(nproc)" >log 2>&1 || { tail -n 30 log; exit 1; }
        [ "$preset" != release ] || (umask 022 && cpack -G DEB --config build/release/CPackConfig.cmake -B packages) >log 2>&1 || { cat log; exit 1; } # CPack gives its umask to the package
        rm -rf packages/_CPack_Packages
    )
}
start=$(date +%s)
(umask 022 && export TZ=UTC && make_in "$work/a")
(umask 077 && export TZ=Asia/Kathmandu LC_ALL=C && make_in "$work/another/deeper/folder")

status=0
for file in $(cd "$work/a" && find "build/$preset/bin" packages -type f 2>/dev/null | sort); do
    cmp "$work/a/$file" "$work/another/deeper/folder/$file" && sha256sum "$work/a/$file" | sed "s|$work/a/||" || status=1
done
echo "two builds: $([ $status -eq 0 ] && echo the same bytes || echo differ), $(($(date +%s) - start)) seconds"
exit $status
