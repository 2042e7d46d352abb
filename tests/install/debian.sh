#!/bin/sh
# SPDX-License-Identifier: MIT
# debian.sh SUITE [COMMAND]
#
# Makes that Debian (bookworm, trixie) in a temporary folder, from the package source that this machine is set up with, copies this
# source tree there as git sees it, and runs there what README tells a new user: the demonstration, a run that must say nothing on
# standard error, all tests, the installation. Nothing is shared with this machine but the kernel, the package source and its
# certificates, so that a missing step of installation shows. COMMAND, a line of sh, runs instead in the folder of the copy. Where it made
# packages (`./setup package`), these are installed, used and purged in a second, untouched Debian (installed.sh).
#
# Needs root, debootstrap and namespaces for mounts; ends with status 77 and a reason where one is missing. TMPDIR (/var/tmp)
# needs room for about 6 GB; the folder is removed at the end.
set -eu
suite=${1:?usage: debian.sh SUITE [COMMAND]}
source=$(cd "$(dirname "$0")/../.." && pwd)

new_user() {
    cat <<'END'
./setup demo
[ -s out/demo/before_after.png ] || { echo "the demonstration made no picture"; exit 1; }
build/release/bin/clearvision remove data/sample/*_BGRN.tif -masks -quality -o x 2>err
[ ! -s err ] || { echo "a run without faults says on standard error:"; cat err; exit 1; }
rm -r x err
./setup extras
./setup test
./setup package
cmake --install build/release >install.log
ldconfig
cd / # what is found from here was installed
clearvision --version
GDAL_DRIVER_PATH=$(dirname "$(grep -o '/[^ ]*/gdal_CLEARVISION.so' "$OLDPWD/install.log")") gdalinfo --formats | grep CLEARVISION
clearvision remove "$OLDPWD"/data/sample/*_BGRN.tif -q -o /tmp/installed 2>/tmp/err
[ ! -s /tmp/err ] || { cat /tmp/err; exit 1; }
END
}
command=${2:-$(new_user)}

skip() {
    echo "skipped: debian.sh $suite: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "only root can make a Debian in a folder"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"
unshare --mount --pid --fork true 2>/dev/null || skip "this machine allows no namespaces for mounts and processes"

folder=$(mktemp -d "${TMPDIR:-/var/tmp}/clearvision-$suite.XXXXXX")
trap 'rm -rf --one-file-system "$folder"' EXIT
trap 'exit 130' INT TERM HUP
root=$folder/root

# What apt-get of this machine knows of Debian, as lines "URI RELEASE COMPONENT"; another release's names begin with its own.
sources() {
    . /etc/os-release
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        sed -n "s/^Debian \([^ ]*\) ${VERSION_CODENAME:-none}\([^ ]*\) /\1 $suite\2 /p" | sort -u
}
sources >"$folder/sources"
awk -v suite="$suite" '$2 == suite {found = 1} END {exit !found}' "$folder/sources" ||
    echo "http://deb.debian.org/debian $suite main" >"$folder/sources"
mirror=$(awk -v suite="$suite" '$2 == suite {print $1; exit}' "$folder/sources")

echo "== debootstrap $suite from $mirror"
start=$(date +%s)
debootstrap --variant=minbase --include=ca-certificates,git "$suite" "$root" "$mirror" >"$folder/log" 2>&1 ||
    { tail -n 20 "$folder/log"; exit 1; }
sed 's/^/deb /' "$folder/sources" >"$root/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(https?|Check-)' >"$root/etc/apt/apt.conf.d/90machine" || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
for certificate in /usr/local/share/ca-certificates/*.crt; do
    [ ! -e "$certificate" ] || cp "$certificate" "$root/usr/local/share/ca-certificates/"
done
mkdir "$root/root/clearvision"
git -C "$source" ls-files -z --cached --others --exclude-standard >"$folder/files"
tar -C "$source" --ignore-failed-read --null -T "$folder/files" -c 2>/dev/null | tar -C "$root/root/clearvision" -x

# For the packages; a copy is quicker than a second debootstrap.
fresh=""
case $command in
*"./setup package"*)
    fresh=$folder/fresh
    cp -a "$root" "$fresh"
    rm -r "$fresh/root/clearvision"
    ;;
esac

# in_root ROOT COMMAND: mounts and processes of the namespaces end with them, however this script ends.
in_root() {
    unshare --mount --pid --fork --kill-child --propagation private sh -eu -c '
        mount -t proc proc "$1/proc"
        mount -t sysfs sysfs "$1/sys"
        mount --rbind /dev "$1/dev"
        exec chroot "$1" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
            sh -eu -c "update-ca-certificates >/dev/null 2>&1; $2"' sh "$1" "$2"
}

echo "== $suite: $(tr '\n' ' ' <"$root/etc/debian_version")"
status=0
in_root "$root" "cd /root/clearvision; $command" || status=$?
if [ "$status" -eq 0 ] && [ -n "$fresh" ]; then
    echo "== $suite: packages after $(($(date +%s) - start)) seconds"
    mkdir "$fresh/root/packages"
    cp "$root"/root/clearvision/out/debian/*.deb "$source/tests/install/installed.sh" "$fresh/root/packages/"
    # What the first one has downloaded need not be downloaded again.
    cp -l "$root"/var/cache/apt/archives/*.deb "$fresh/var/cache/apt/archives/" 2>/dev/null || true
    in_root "$fresh" "sh /root/packages/installed.sh /root/packages" || status=$?
fi
echo "== $suite: status $status after $(($(date +%s) - start)) seconds"
exit "$status"
