# SPDX-License-Identifier: MIT
# Limits of the system and crashes of libraries: one line and exit status 1, or a right result; nothing is waited for, nothing
# half-written stays.
. "$(dirname "$0")/common.sh"
command -v setpriv >/dev/null || [ "$(id -u)" -ne 0 ] || skip "setpriv is not installed"
make_series series 200 180 4
fill_arguments series
"$PROGRAM" "${ARGUMENTS[@]}" -q -o whole || fail "the undisturbed run"
chmod 777 . # for who is not root
user=()
[ "$(id -u)" -eq 0 ] && user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# limited WHAT COMMAND-OF-BASH: status 0 and the same files, or status 1 and one error line; within 40 s.
limited() {
    local what=$1 result file
    rm -rf out
    timeout -k 5 60 "${user[@]}" bash -c "$2"'; exec "$@"' bash "$PROGRAM" "${ARGUMENTS[@]}" -q -o out >stdout 2>stderr
    result=$?
    if [ $result -eq 0 ]; then
        for file in whole/*; do
            check "$what: $(basename "$file") differs" cmp -s "$file" out/"$(basename "$file")"
        done
    else
        check "$what: status $result" test $result -eq 1
        check "$what: $(wc -l <stderr) lines: $(cat stderr)" test "$(wc -l <stderr)" -eq 1
        check "$what: no error line" grep -q '^ERROR [0-9]*: ' stderr
        check "$what: left $(files_in out)" test -z "$(files_in out)"
    fi
}

"${user[@]}" true 2>/dev/null || skip "no other user can be taken"
"${user[@]}" test -x "$PROGRAM" || skip "the program cannot be run by another user"
for processes in 1 2 3 4 6; do
    limited "ulimit -u $processes" "ulimit -u $processes"
done
for stack in 64 100 300 1000; do
    limited "ulimit -s $stack" "ulimit -s $stack"
done
user=()
for memory in 320000 520000 700000 980000 1150000 4000000; do # below these not even the libraries are loaded
    limited "ulimit -v $memory" "ulimit -v $memory"
done

# A crash in the middle, as of a library with a damaged file.
for signal in SEGV BUS ABRT; do
    rm -rf out
    "$PROGRAM" "${ARGUMENTS[@]}" -q -o out >stdout 2>stderr &
    PID=$!
    wait_for_files out
    kill -$signal $PID
    wait $PID
    result=$?
    [ $result -eq 0 ] && continue # it had ended
    check "SIG$signal: status $result" test $result -eq 1
    check "SIG$signal: $(cat stderr)" one_error 'stopped by a fault'
    check "SIG$signal: left $(files_in out)" test -z "$(files_in out)"
done
finish
