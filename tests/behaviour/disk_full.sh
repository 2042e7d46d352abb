# SPDX-License-Identifier: MIT
# A disk that is too small, and a quota (RLIMIT_FSIZE): one error line, soon, nothing left, what was there stays.
. "$(dirname "$0")/common.sh"
make_series series 640 640 4
fill_arguments series
"$PROGRAM" "${ARGUMENTS[@]}" -q -o whole || fail "the undisturbed run"

# expect_full WHAT: judges status, stderr and out/ after a run.
expect_full() {
    check "$1: status $status instead of 1" test "$status" -eq 1
    check "$1: $(cat stderr)" one_error 'full|no space|too large|cannot be written|temporary|error'
    check "$1: left $(files_in out | tr '\n' ' ')" test -z "$(files_in out)"
}

for options in "" "-of COG" "-stack -o out/all.tif" "-masks -quality -preview out/p.png"; do
    mkdir -p out
    # 600 blocks of 1024 bytes are less than one output.
    # shellcheck disable=SC2086
    (ulimit -f 600 && exec timeout 120 "$PROGRAM" "${ARGUMENTS[@]}" -o out $options) >stdout 2>stderr
    status=$?
    expect_full "quota $options"
    rm -rf out
done

mkdir small
if ! mount -t tmpfs -o size=2m tmpfs small 2>/dev/null; then
    echo "no right to mount a small file system: only the quota was tried"
    finish
fi
trap 'umount "$WORK/small" 2>/dev/null' EXIT
ln -s small/out out
for options in "" "-of COG" "-co COMPRESS=NONE" "-co INTERLEAVE=PIXEL" "-stack -o small/out/all.tif"; do
    rm -rf small/out
    mkdir small/out
    # shellcheck disable=SC2086
    timeout 120 "$PROGRAM" "${ARGUMENTS[@]}" -o small/out $options >stdout 2>stderr
    status=$?
    expect_full "full disk $options"
done
echo old >small/out/sim_kept.tif
check "the disk is usable afterwards" grep -qx old small/out/sim_kept.tif
umount small
finish
