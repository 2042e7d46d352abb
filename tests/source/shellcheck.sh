#!/bin/sh
# SPDX-License-Identifier: MIT
# Every shell script of the tree, by shellcheck at level warning.
set -eu
cd "$(dirname "$0")/../.."
if ! command -v shellcheck >/dev/null; then
    echo "skipped: shellcheck is not installed"
    exit 77
fi
# A script with a fault has to be found, or nothing is checked here. Fields are not quoted there on purpose.
if printf '#!/bin/sh\ncd $1\nunused=1\n' | shellcheck -S warning - >/dev/null; then
    echo "shellcheck finds nothing in a script with faults"
    exit 1
fi
# Scripts without a first line "#!" are run by bash (CMakeLists.txt) or read by another script.
status=0
for script in setup .ci/run $(find tests src man -name '*.sh' | sort); do
    shell=""
    head -n 1 "$script" | grep -q '^#!' || shell="-s bash"
    # shellcheck disable=SC2086 # one option and its value, or none
    shellcheck -S warning -x -P SCRIPTDIR $shell "$script" || status=1
done
exit $status
