# SPDX-License-Identifier: MIT
# What others put under an output's name while it is being made stays without -overwrite; so does a link that leads nowhere,
# and what is called like a temporary file. Two runs at once onto one output: one of them gives all of it.
. "$(dirname "$0")/common.sh"
command -v python3 >/dev/null || skip "python3 is not installed"
make_series series 300 300 4
fill_arguments series
first=$(basename "$(ls series/sim_*.tif | head -1)")
last=$(basename "$(ls series/sim_*.tif | tail -1)")

# halfway OPTIONS...: a run that is stopped as soon as it has begun to write, until COMMAND is done.
halfway() {
    local command=$1
    shift
    in_background "$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out "$@"
    wait_for_files out
    kill -STOP "$PID"
    $command
    kill -CONT "$PID"
    wait "$PID"
}
theirs() { echo theirs >"out/$last"; }
their_folder() { mkdir -p "out/$last" && echo theirs >"out/$last/notes"; }
their_link() { ln -s nowhere "out/$last"; }
their_page() { mkdir -p out/page && echo theirs >out/page/notes; }

for what in theirs their_folder their_link their_page; do
    rm -rf out
    halfway $what -masks -report out/page
    check "$what: status" test $? -eq 1
    check "$what: $(cat stderr)" one_error 'appeared|exists|is a folder|is not a regular file'
    check "$what: only theirs is there: $(ls -A out)" test "$(ls -A out | wc -l)" -eq 1
    check "$what: it is changed" test "$(cat "out/$last" 2>/dev/null || cat out/*/notes 2>/dev/null || readlink "out/$last")" = \
        "$([ $what = their_link ] && echo nowhere || echo theirs)"
done
rm -rf out
halfway theirs -overwrite
status=$?
check "with -overwrite: $(cat stderr)" test $status -eq 0
check "with -overwrite: all outputs are there: $(ls -A out)" test "$(ls -A out | wc -l)" -eq 4
check "with -overwrite: it is a raster" grep -qa '^II' "out/$last"
rm -rf out
halfway their_link -overwrite
check "a link, with -overwrite: $(cat stderr)" one_error 'is not a (regular )?file'
check "a link, with -overwrite: stays alone: $(ls -A out)" test "$(ls -A out)-$(readlink "out/$last")" = "$last-nowhere"

# A link that leads nowhere is told before the work.
rm -rf out && mkdir out && ln -s nowhere "out/$first"
"$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out 2>stderr
check "a dead link: status" test $? -eq 1
check "a dead link: $(cat stderr)" one_error 'not a regular file'
check "a dead link stays" test "$(readlink "out/$first")" = nowhere

# Two at once: the files are of one run.
for round in 1 2 3; do
    rm -rf out
    "$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out -masks 2>one &
    one=$!
    "$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out -masks -in_scale 0.0002 2>two &
    two=$!
    wait $one
    a=$?
    wait $two
    b=$?
    check "two at once, $round: one succeeds: $a $b $(cat one two)" test $((a + b)) -eq 1
    check "two at once, $round: all files, none hidden: $(ls -A out)" test "$(ls -A out | wc -l)" -eq 12
    check "two at once, $round: files of both" test "$(for f in out/*BGRN.tif; do grep -ac '0\.0002' "$f"; done | sort -u | wc -l)" -eq 1
done

# Things of a user that are called like temporary files of a run that is gone stay, and are named once.
rm -rf out && mkdir out
in_background "$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out
wait_for_files out
kill -KILL "$PID"
wait "$PID" 2>/dev/null
left=$(find out -name '*.tmp.tif' -printf '%f\n' | head -1)
token=$(echo "$left" | sed 's/.*\.\([^.]*\)\.tmp\.tif$/\1/')
mkdir -p "out/.outputs.$token.tmp.journal" "out/.thesis.$token.tmp" "out/.b.tif.$token.tmp.tif"
for folder in "out/.outputs.$token.tmp.journal" "out/.thesis.$token.tmp" "out/.b.tif.$token.tmp.tif"; do
    echo chapter >"$folder/1.tex"
done
ln -s nowhere "out/.link.$token.tmp"
"$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out 2>stderr
check "called like temporary files: status" test $? -eq 0
check "called like temporary files: named once: $(cat stderr)" test "$(grep -c 'and 3 more: has the name of a temporary file' stderr)" -eq 1
check "called like temporary files: they stay: $(ls -A out)" test "$(cat out/.*/1.tex | grep -c chapter)-$(find out -mindepth 1 -maxdepth 1 -name '.*' | wc -l)" = 3-4
finish
