#!/bin/bash
# SPDX-License-Identifier: MIT
# What takes hours, by hand: long.sh BUILD_FOLDER [PART...]. Parts: kills (every call that changes a name), faults (places of
# read errors and allocations), damaged (pictures through serve; SEED and COUNT may be set), soak (COUNT rounds of serve and of views).
set -u
BUILD=$(realpath "${1:?usage: $0 BUILD_FOLDER [PART...]}")
shift
[ $# -gt 0 ] || set -- kills faults damaged soak
here=$(cd "$(dirname "$0")" && pwd)
program=$BUILD/bin/clearvision
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CLV_LONG=1 OMP_WAIT_POLICY=passive CLEARVISION_NET=$BUILD/bin/clearvision_net.so
status=0

# part COMMAND...: runs it, says how long it took.
part() {
    local begun=$SECONDS
    "$@"
    local result=$?
    echo "$(basename "$2"): status $result, $((SECONDS - begun)) s"
    [ $result -eq 0 ] || status=1
}

for name in "$@"; do
    case $name in
    kills)
        part bash "$here/parts_killed.sh" "$program" "$work/parts_killed"
        part bash "$here/outputs_killed.sh" "$program" "$work/outputs_killed"
        ;;
    faults) part bash "$here/faulty.sh" "$program" "$work/faulty" "$BUILD/tests/clv_faulty.so" ;;
    damaged) part python3 "$here/../web/damaged.py" "$program" "$here/../.." "${COUNT:-500}" "${SEED:-1}" ;;
    soak) part python3 "$here/soak.py" "$program" "$work/soak" "${COUNT:-500}" "$BUILD/bin" ;;
    *)
        echo "$name: no such part"
        status=1
        ;;
    esac
done
exit $status
