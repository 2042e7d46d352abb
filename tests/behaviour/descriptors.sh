# SPDX-License-Identifier: MIT
# Descriptors: more dates than descriptors to spare work or end with one clear line; none is lost from run to run
# inside one.
. "$(dirname "$0")/common.sh"
[ -d /proc/self/fd ] || skip "no /proc"
make_series some 64 64 12
fill_arguments some

# 12 dates: a picture, a mask and an output of each are open together.
(ulimit -n 64 && exec "$PROGRAM" "${ARGUMENTS[@]}" -q -o out) >stdout 2>stderr
status=$?
check "12 dates with 64 descriptors: $(cat stderr)" test $status -eq 0
check "12 outputs" test "$(files_in out | wc -l)" -eq 12

# Many more than there are descriptors: an error that says what to do, and nothing is left.
make_series many 64 64 40
fill_arguments many
(ulimit -n 64 && exec "$PROGRAM" "${ARGUMENTS[@]}" -q -o out2 -masks -quality) >stdout 2>stderr
status=$?
check "40 dates with 64 descriptors: status $status" test $status -eq 1
check "40 dates with 64 descriptors: $(cat stderr)" one_error 'too many open files'
check "left $(files_in out2 | head -3)" test ! -e out2

# Over a run of 120 dates the number of descriptors stays within what inputs and outputs need.
make_series more 48 48 120
fill_arguments more
"$PROGRAM" "${ARGUMENTS[@]}" -q -o out3 >stdout 2>stderr &
PID=$!
most=0
while kill -0 $PID 2>/dev/null; do
    n=$(ls /proc/$PID/fd 2>/dev/null | wc -l)
    [ "$n" -gt "$most" ] && most=$n
    sleep 0.02
done
wait $PID
status=$?
check "120 dates: $(cat stderr)" test $status -eq 0
check "120 outputs" test "$(files_in out3 | wc -l)" -eq 120
echo "most descriptors with 120 dates: $most"
check "$most descriptors for 120 dates" test "$most" -le 400
finish
