# SPDX-License-Identifier: MIT
# Ctrl-C and SIGTERM (QGIS's way to cancel) at different moments: within a second nothing is left and the shell sees
# the signal; outputs that were there before are still the old ones.
. "$(dirname "$0")/common.sh"
command -v python3 >/dev/null || skip "python3 is not installed"
make_series big 1200 1200 5
fill_arguments big

slowest=0
# interrupt SIGNAL STATUS DELAY OPTIONS...
interrupt() {
    local signal=$1 status=$2 delay=$3 begin took result
    shift 3
    rm -rf out
    mkdir out
    echo "old" >out/sim_20220601.tif
    in_background "$PROGRAM" "${ARGUMENTS[@]}" -o out -overwrite "$@"
    wait_for_files out || { fail "SIG$signal: the run ended before it could be interrupted"; cat stderr; return; }
    sleep "$delay"
    begin=$(now_ms)
    kill -"$signal" "$PID"
    wait "$PID"
    result=$?
    took=$(($(now_ms) - begin))
    [ "$took" -gt "$slowest" ] && slowest=$took
    check "SIG$signal after $delay s $*: status $result instead of $status" test "$result" -eq "$status"
    check "SIG$signal after $delay s $*: left $(files_in out | tr '\n' ' ')" test "$(files_in out)" = out/sim_20220601.tif
    check "SIG$signal after $delay s $*: the old file was touched" grep -qx old out/sim_20220601.tif
    check "SIG$signal after $delay s $*: took $took ms" test "$took" -lt 3000
}

for delay in 0 0.3 1; do
    interrupt INT 130 $delay
    interrupt TERM 143 $delay -masks -quality
done
interrupt INT 130 1 -of COG
interrupt TERM 143 0.6 -of ENVI
interrupt TERM 143 1 -stack -o out/sim_20220601.tif
echo "slowest end after a signal: $slowest ms (wanted: at most 1000)"
[ "$slowest" -le 1000 ] || echo "slower than wanted; a busy machine?"
finish
