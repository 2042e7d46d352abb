#!/bin/sh
# SPDX-License-Identifier: MIT
# installed.sh PACKAGES: in a fresh Debian (debian.sh), as root: installs the packages of that folder with what they depend on, runs
# the sample that they ship, purges them again. Nothing of theirs must be left, and nothing of others be gone.
set -eu
packages=$1
export DEBIAN_FRONTEND=noninteractive

fail() {
    echo "FAILED: $*"
    exit 1
}

# Every name in the system but those of the kernel, of /tmp and of what apt and dpkg note for themselves.
names() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path "$packages" -o -path /var/log -o -path /var/cache/apt \
        -o -path /var/lib/apt -o -path /var/backups -o -path '/var/lib/dpkg/*-old' \) -prune -o -print | sort
}

apt-get update -qq
apt-get install -y -qq --no-install-recommends "$packages"/*.deb >/tmp/apt.log 2>&1 || { tail -n 30 /tmp/apt.log; fail "apt-get install"; }
cd /tmp # what is found from here was installed
dpkg -L clearvision clearvision-dev | sort -u >ours

clearvision --version
clearvision --formats | grep -q CLEARVISION || fail "GDAL does not find its plug-in"
clearvision remove /usr/share/clearvision/sample/*.tif -masks -o out 2>err || { cat err; fail "the sample"; }
[ ! -s err ] || { cat err; fail "the sample: a run without faults says something on standard error"; }
[ "$(ls out/sim_*_BGRN.tif | wc -l)" -eq 8 ] || fail "not eight outputs: $(ls out)"
view="CLEARVISION:$(ls /usr/share/clearvision/sample/*.tif | paste -sd ';')?date=2023-05-13"
clearvision info "$view" >info 2>&1 || { cat info; fail "a view through the plug-in"; }
for name in clearvision-remove.1 clearvision-views.7; do
    gzip -t "/usr/share/man/man${name##*.}/$name.gz" || fail "manual page $name"
done
[ -s /usr/include/clearvision/clearvision.h ] || fail "clearvision-dev has no header"
[ -e /usr/lib/libclearvision.so ] || fail "clearvision-dev has no library to link to"

names >before
apt-get purge -y -qq clearvision clearvision-dev >/tmp/apt.log 2>&1 || { tail -n 30 /tmp/apt.log; fail "apt-get purge"; }
names >after
if grep -i clearvision after; then fail "left behind"; fi
comm -13 before after >added
[ ! -s added ] || { cat added; fail "these were not there before"; }
comm -23 before after | grep -v '^/var/lib/dpkg/info/clearvision' >gone
comm -23 gone ours >others
[ ! -s others ] || { cat others; fail "these belong to others"; }
echo "installed: ok ($(wc -l <gone) files and folders came and went)"
