# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by every test that runs QGIS, after tests/cli/common.sh: the program in QGIS_PROCESS, and a home of its own. Debian 12's
# script qgis_process passes an option that the program refuses, so that the program behind it is called there.
export QT_QPA_PLATFORM=offscreen HOME="$SCRATCH/home" XDG_RUNTIME_DIR="$SCRATCH/run" LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME XDG_DATA_HOME
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"

QGIS_PROCESS=
for name in qgis_process qgis_process.bin; do
    if [ -z "$QGIS_PROCESS" ] && $name --version >/dev/null 2>&1; then
        QGIS_PROCESS=$(command -v $name)
    fi
done
[ -n "$QGIS_PROCESS" ] || skip "QGIS is not installed (qgis_process)"
/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || skip "QGIS for Python is not installed (python3-qgis)"
