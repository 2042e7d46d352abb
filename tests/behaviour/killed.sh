# SPDX-License-Identifier: MIT
# SIGKILL at any moment: names that are there are whole files; what is left is hidden; a second run goes through.
. "$(dirname "$0")/common.sh"
command -v python3 >/dev/null || skip "python3 is not installed"
make_series series 500 400 5
fill_arguments series
"$PROGRAM" "${ARGUMENTS[@]}" -q -o whole || fail "the undisturbed run"

for delay in 0 0.1 0.2 0.4 0.8; do
    rm -rf out
    in_background "$PROGRAM" "${ARGUMENTS[@]}" -q -o out
    wait_for_files out
    sleep $delay
    kill -KILL "$PID" 2>/dev/null
    wait "$PID" 2>/dev/null
    for file in out/*.tif; do
        [ -e "$file" ] && check "after $delay s $file is not whole" cmp -s "$file" whole/"$(basename "$file")"
    done
    check "after $delay s something visible is left" test -z "$(files_in out | grep -v '/\.' | grep -v '/sim_[0-9]*_BGRN\.tif$')"
done
check "a second run after a killed one" "$PROGRAM" "${ARGUMENTS[@]}" -q -o out -overwrite
check "the second run removes what the killed one had left: $(find out -name '.*')" test -z "$(find out -name '.*')"
for file in whole/*.tif; do
    check "$file differs after the second run" cmp -s "$file" out/"$(basename "$file")"
done
finish
