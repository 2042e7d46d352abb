# SPDX-License-Identifier: MIT
# Ctrl-C, SIGTERM and SIGHUP: nothing half-written stays, the shell sees the signal; ignored signals stay ignored.
. "$(dirname "$0")/common.sh"
"$CLV_PROGRAM" simulate -o big -size 1200 1200 -dates 6 -q || fail "no data"
MASKED=(-mask_mode replace)
for mask in big/mask/*.tif; do
    MASKED+=(-mask "$mask")
done

# start ARGUMENTS...: runs in the background with signals as a terminal gives them (a background job of bash ignores SIGINT).
start() {
    python3 -c "
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN if os.environ.get('IGNORE') else signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])" "$CLV_PROGRAM" "$@" >stdout 2>stderr &
    PID=$!
}

# Waits until the process is the program and no longer what starts it.
wait_for_program() {
    for _ in $(seq 1 200); do
        [ "$(readlink /proc/$PID/exe)" = "$(readlink -f "$CLV_PROGRAM")" ] && return 0
        sleep 0.02
    done
}

# Waits until the run has begun to write.
wait_for_work() {
    for _ in $(seq 1 200); do
        [ -n "$(find out -name '.*' -type f 2>/dev/null)" ] && return 0
        kill -0 "$PID" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

for signal in INT TERM HUP; do
    case $signal in INT) status=130 ;; TERM) status=143 ;; HUP) status=129 ;; esac
    rm -rf out
    start remove big/sim_*.tif "${MASKED[@]}" -method regression -o out
    wait_for_work || fail "SIG$signal: the run ended before it could be interrupted"
    sleep 0.3
    before=$(date +%s%N)
    kill -$signal $PID
    wait $PID
    result=$?
    took=$((($(date +%s%N) - before) / 1000000))
    check "SIG$signal: status $result instead of $status" test $result -eq $status
    check "SIG$signal: nothing stays" test -z "$(find out -type f 2>/dev/null)"
    check "SIG$signal: took $took ms" test $took -lt 10000
    expect_text stderr '^ERROR 9: '
done

# A second signal ends it at once, and nothing stays either.
rm -rf out
start remove big/sim_*.tif "${MASKED[@]}" -method regression -o out
wait_for_work || fail "the run ended before it could be interrupted"
kill -INT $PID
kill -INT $PID 2>/dev/null
wait $PID
result=$?
check "second signal: status $result" test $result -eq 130
check "second signal: nothing stays" test -z "$(find out -type f 2>/dev/null)"

# Two signals in a row at any moment: no thread makes a file behind the back of who removes them.
for delay in 0 0.02 0.1 0.3 0.6; do
    rm -rf out
    mkdir out
    start remove big/sim_*.tif "${MASKED[@]}" -method regression -o out -report out/page -quality -preview out/p.png
    wait_for_work || fail "the run ended before it could be interrupted"
    sleep $delay
    kill -TERM $PID
    kill -TERM $PID 2>/dev/null
    wait $PID
    result=$?
    check "two signals after $delay s: status $result" test $result -eq 143
    check "two signals after $delay s: left $(find out -type f | tr '\n' ' ')" test -z "$(find out -type f)"
done

# A library that does not return: a server that takes the connection and says nothing.
python3 -c "
import socket, time
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(8)
open('port.new', 'w').write(str(s.getsockname()[1]))
import os
os.rename('port.new', 'port')
time.sleep(60)" &
SERVER=$!
until [ -e port ]; do sleep 0.05; done
for command in info remove detect; do
    [ $command = info ] && output=() || output=(-o out)
    rm -rf out
    start $command "/vsicurl/http://127.0.0.1:$(cat port)/a_20200101.tif" "${SERIES[@]}" "${output[@]}"
    wait_for_program
    sleep 1
    before=$(date +%s%N)
    kill -TERM $PID
    wait $PID
    result=$?
    took=$((($(date +%s%N) - before) / 1000000))
    check "$command held up by a library: status $result" test $result -eq 143
    check "$command held up by a library: took $took ms" test $took -lt 1500
    check "$command held up by a library: left $(find out -type f 2>/dev/null)" test -z "$(find out -type f 2>/dev/null)"
done
kill $SERVER

# Ignored at the start: ignored throughout.
rm -rf out
IGNORE=1 start remove "${SERIES[@]}" "${KNOWN[@]}" -method regression -o out
wait_for_program
kill -INT $PID
wait $PID
result=$?
check "an ignored signal: status $result" test $result -eq 0
check "an ignored signal: all is written" test "$(ls out | wc -l)" -eq 5
finish
