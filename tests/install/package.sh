#!/bin/sh
# SPDX-License-Identifier: MIT
# package.sh BUILD SOURCE CPACK: the Debian packages of this build tree. Packed twice they are the same bytes, whatever the hour and
# the time zone; they hold what they should and no path of this machine; lintian has nothing to say; unpacked anywhere,
# the program finds its module and weights. tests/install/installed.sh installs them in a fresh Debian.
set -eu
build=$1 source=$2 cpack=$3
for tool in dpkg-shlibdeps dpkg-deb file; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ -e "$build/bin/clearvision_net.so" ] || { echo "skipped: a build without the networks"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

# pack FOLDER: gzip, because it is quick.
pack() {
    "$cpack" -G DEB -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip --config "$build/CPackConfig.cmake" -B "$work/$1" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    rm -r "$work/$1/_CPack_Packages"
}
export SOURCE_DATE_EPOCH=1750000000 # else the last commit's, and there may be one between the two
umask 022 # CPack gives it to what lies outermost in a package
(TZ=Pacific/Auckland && export TZ && pack one)
sleep 1
(TZ=UTC && export TZ && pack another/folder)
[ "$(ls "$work/one" | wc -l)" -eq 2 ] || fail "not two packages: $(ls "$work/one")"
for package in "$work"/one/*.deb; do
    cmp "$package" "$work/another/folder/$(basename "$package")" || fail "two packings differ"
done
program=$(ls "$work"/one/clearvision_*.deb) development=$(ls "$work"/one/clearvision-dev_*.deb)

# What is inside.
dpkg-deb --contents "$program" >"$work/contents"
for file in bin/clearvision lib/libclearvision.so.0 lib/clearvision/clearvision_net.so 'lib/[^/]*/gdalplugins/gdal_CLEARVISION.so' \
    share/clearvision/models/detect.safetensors share/clearvision/models/remove.safetensors share/clearvision/sample/sim_20230408_BGRN.tif \
    share/clearvision/clearvision_qgis.zip share/bash-completion/completions/clearvision share/man/man1/clearvision-remove.1.gz \
    share/man/man7/clearvision-views.7.gz share/doc/clearvision/copyright share/doc/clearvision/changelog.gz \
    share/doc/clearvision/changelog.Debian.gz; do
    grep -q " \./usr/$file\( \|\$\)" "$work/contents" || fail "no /usr/$file in the package"
done
for name in detect-earthnet '\.pyc' '/usr/include' '/local/'; do
    if grep "$name" "$work/contents"; then fail "$name is in the package"; fi
done
if grep -v '^\(-rw-r--r--\|-rwxr-xr-x\|drwxr-xr-x\|lrwxrwxrwx\) root/root ' "$work/contents"; then fail "these rights or owners"; fi
dpkg-deb --contents "$development" >"$work/contents"
for file in include/clearvision/clearvision.h lib/libclearvision.so 'lib/[^/]*/pkgconfig/clearvision.pc' lib/cmake/clearvision/clearvisionConfig.cmake; do
    grep -q " \./usr/$file\( \|\$\)" "$work/contents" || fail "no /usr/$file in clearvision-dev"
done
dpkg-deb --field "$program" Depends >"$work/depends"
for library in libgdal libtorch libproj libc6; do
    grep -q "$library" "$work/depends" || fail "does not depend on $library: $(cat "$work/depends")"
done

# Neither the folder of the build nor that of the source is in a file.
mkdir "$work/root"
dpkg-deb -x "$program" "$work/root"
dpkg-deb -x "$development" "$work/root"
if grep -rlaF -e "$source" -e "$build" "$work/root"; then fail "these name the folder that they were made in"; fi
grep -q '^prefix=/usr$' "$work"/root/usr/lib/*/pkgconfig/clearvision.pc || fail "clearvision.pc is for another prefix"

# Unpacked, the program works from where it lies.
"$work/root/usr/bin/clearvision" remove --debug on "$work"/root/usr/share/clearvision/sample/*.tif -o "$work/out" >"$work/log" 2>&1 ||
    { cat "$work/log"; fail "the unpacked program"; }
[ "$(ls "$work"/out/*.tif | wc -l)" -eq 8 ] || fail "not eight outputs"
grep -q "network module $work/root/usr/.*: loaded" "$work/log" || { cat "$work/log"; fail "another network module was taken"; }

if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$program" "$development" >"$work/log" 2>&1 ||
        { cat "$work/log"; fail "lintian"; }
    cat "$work/log"
else
    echo "not looked at by lintian, which is not installed"
fi
echo "package: ok"
