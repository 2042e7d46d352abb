#!/bin/sh
# SPDX-License-Identifier: MIT
# long.sh [bookworm] [no-torch] [wheel] [user]: installations that take too long for every change, all of them by default. Each is a
# fresh Debian in a folder (debian.sh); README's lines are run as they stand there. tests/README.md says when it ran last.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# README's lines whose first one begins with $1.
lines() {
    awk -v first="    $1" 'index($0, first) == 1 {on = 1} on && !/^    / {exit} on {print substr($0, 5)}' "$here/../../README.md"
}

others="cmake ninja-build gcc g++ pkg-config libgdal-dev libproj-dev zlib1g-dev libopenblas-dev libopenblas0-pthread libmicrohttpd-dev"
tests="libcmocka-dev gdal-bin python3-gdal python3-numpy"
install="apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
no_torch_here="! dpkg-query -W libtorch-dev 2>/dev/null | grep -q ."
networks="unit.net|cli.make_data|cli.remove|cli.detect|cli.train_remove"

[ $# -gt 0 ] || set -- bookworm no-torch wheel user
for what in "$@"; do
    echo "== $what"
    case $what in
    bookworm) "$here/debian.sh" bookworm ;;
    no-torch)
        "$here/debian.sh" trixie "$install $others $tests >/dev/null 2>&1
$no_torch_here
$(lines 'cmake --preset no-torch')
ls out/no-torch/sim_20230612_BGRN.tif
cmake --preset no-torch -DCLV_TESTS=ON >/dev/null
cmake --build --preset no-torch
ctest --preset no-torch -j 2"
        ;;
    wheel)
        "$here/debian.sh" trixie "$install $others $tests python3-venv >/dev/null 2>&1
$(lines 'python3 -m venv build/torch')
$no_torch_here
build/release/bin/clearvision remove data/sample/*_BGRN.tif -o x 2>err
[ ! -s err ] || { cat err; exit 1; }
cmake --preset release -DCLV_TESTS=ON >/dev/null
cmake --build --preset release
ctest --preset release -R '$networks'"
        ;;
    user)
        # Neither root nor sudo, no libtorch-dev: ./setup goes on with the libtorch that CMAKE_PREFIX_PATH names.
        "$here/debian.sh" trixie "$install $others python3-venv >/dev/null 2>&1
useradd -m someone
chown -R someone: .
chmod 755 /root
cat >/tmp/lines <<'END'
set -eu
$(lines 'python3 -m venv build/torch' | grep -v '^cmake ')
./setup demo
END
su someone -c 'sh /tmp/lines' 2>err
cat err
grep -c '^setup: ' err | grep -qx 1
grep -q 'libtorch-dev' err
[ -s out/demo/before_after.png ]"
        ;;
    *) echo "usage: long.sh [bookworm] [no-torch] [wheel] [user]"; exit 1 ;;
    esac
done
