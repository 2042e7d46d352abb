#!/bin/sh
# SPDX-License-Identifier: MIT
# setup.sh SOURCE: what ./setup does where it may not install packages. cmake is a stand-in that notes how it was called.
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$source/setup" "$work/"
mkdir "$work/bin" "$work/empty"
for tool in sh dirname cat grep sed tail rm; do
    ln -s "$(command -v $tool)" "$work/bin/$tool"
done
printf '#!/bin/sh\nexit 0\n' >"$work/bin/ninja"
printf '#!/bin/sh\necho "cmake $*" >>"%s/calls"\n[ ! -e "%s/missing" ] || { echo "CMake Error: no GDAL"; exit 1; }\n' "$work" "$work" >"$work/bin/cmake"
cp "$work/bin/ninja" "$work/bin/cc"
cp "$work/bin/ninja" "$work/bin/c++"
printf '#!/bin/sh\necho 1000\n' >"$work/bin/id" # not root
chmod +x "$work"/bin/*

fail() {
    echo "FAILED: $*"
    sed 's/^/  /' "$work/out" "$work/err"
    exit 1
}

# build STATUS: runs ./setup build with nothing but the tools above.
build() {
    rm -f "$work/calls"
    status=0
    env -i PATH="$work/bin" "$work/setup" build >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$1" ] || fail "status $status instead of $1"
}

# No apt-get: one line with what is needed, then the build.
build 0
[ "$(grep -c . "$work/err")" -eq 1 ] || fail "not one line"
grep -q 'no apt-get.*libgdal-dev.*libtorch-dev' "$work/err" || fail "it does not say what is missing"
grep -q '^cmake --build' "$work/calls" || fail "it did not go on"

# CMake does not find all: its words, then one line that says what helps.
touch "$work/missing"
build 1
tail -n 1 "$work/err" | grep -q '^setup: .*CMAKE_PREFIX_PATH' || fail "it does not say what helps"
grep -q 'no GDAL' "$work/err" || fail "CMake's own words are missing"
rm "$work/missing"

# apt-get, but neither root nor sudo; then a sudo that refuses.
printf '#!/bin/sh\necho "apt-get $*" >>"%s/calls"\n' "$work" >"$work/bin/apt-get"
chmod +x "$work/bin/apt-get"
build 0
[ "$(grep -c . "$work/err")" -eq 1 ] || fail "not one line"
grep -q 'only root can: apt-get install.*libgdal-dev' "$work/err" || fail "it does not say what root is to do"
if grep -q apt-get "$work/calls"; then fail "apt-get was called without root"; fi
printf '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n' >"$work/bin/sudo"
chmod +x "$work/bin/sudo"
build 0
grep -q 'apt-get failed.*libgdal-dev' "$work/err" || fail "it does not say that apt-get failed"
grep -q '^cmake --build' "$work/calls" || fail "it did not go on"

# Nothing to build with: one line.
rm "$work/bin/ninja" "$work/bin/apt-get" "$work/bin/sudo"
build 1
tail -n 1 "$work/err" | grep -q '^setup: ninja is not installed' || fail "it does not say that ninja is missing"
[ ! -e "$work/calls" ] || fail "cmake was called without ninja"
echo "setup: ok"
