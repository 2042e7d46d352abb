# SPDX-License-Identifier: MIT
# PROGRAM WORK_FOLDER PRELOAD: a disk that fails while an input is read, an input that is cut meanwhile, and the n-th
# allocation that fails: one line and exit status 1, or the right result; nothing half-written, nothing left.
# CLV_LONG=1 tries more places.
PRELOAD=$(realpath "$3" 2>/dev/null)
. "$(dirname "$0")/common.sh"
[ -e "$PRELOAD" ] || skip "the library of faults is not built"
nm -D "$PROGRAM" 2>/dev/null | grep -q '__asan' && skip "AddressSanitizer has an allocator of its own"
make_series series 200 180 4
fill_arguments series
ARGUMENTS+=(-method linear)
"$PROGRAM" "${ARGUMENTS[@]}" -q -o whole || fail "the undisturbed run"
cp -a series kept
LD_PRELOAD=$PRELOAD "$PROGRAM" "${ARGUMENTS[@]}" -q -o out 2>stderr || skip "the library of faults cannot be loaded: $(cat stderr)"
tried=0 happened=0

# with_fault WHAT VARIABLES...: a run with these set.
with_fault() {
    local what=$1 result file
    shift
    rm -rf out happened
    timeout -k 20 300 env "$@" FAULTY_REPORT="$WORK/happened" LD_PRELOAD="$PRELOAD" "$PROGRAM" "${ARGUMENTS[@]}" -q -o out \
        >stdout 2>stderr
    result=$?
    sed -i '/^Warning/d' stderr
    tried=$((tried + 1))
    [ -e happened ] && happened=$((happened + 1))
    if [ $result -eq 0 ]; then
        for file in whole/*; do
            check "$what: $(basename "$file") differs" cmp -s "$file" out/"$(basename "$file")"
        done
    else
        check "$what: status $result: $(cat stderr)" test $result -eq 1
        check "$what: $(cat stderr)" test "$(wc -l <stderr)" -eq 1
        check "$what: $(cat stderr)" grep -q '^ERROR [0-9]*: ' stderr
        check "$what: left $(files_in out)" test -z "$(files_in out)"
    fi
}

first=$(basename "$(ls series/sim_*.tif | sed -n 2p)")
mask=$(basename "$(ls series/mask/*.tif | sed -n 2p)")
size=$(stat -c %s "series/$first")
places=(1 5000 $((size / 2)) $((size - 1)) $((size + 3000)) $((2 * size)))
[ -n "${CLV_LONG:-}" ] && mapfile -t places < <(seq 1 $((size / 20)) $((3 * size)))
for after in "${places[@]}"; do
    with_fault "read error after $after bytes" FAULTY_FILE="/$first" FAULTY_AFTER="$after"
    check "read error after $after bytes: the file is named: $(cat stderr)" \
        test ! -e happened -o ! -s stderr -o "$(grep -c "${first%.tif}" stderr)" -eq 1
done
with_fault "read error in a mask" FAULTY_FILE="/$mask" FAULTY_AFTER=500
check "inputs are as they were" diff -r series kept
for after in "${places[@]}"; do
    with_fault "cut after $after bytes" FAULTY_FILE="/$first" FAULTY_AFTER="$after" FAULTY_WHAT=truncate
    cp "kept/$first" "series/$first"
done
check "the fault happened in $happened of $tried runs" test "$happened" -ge 6

numbers=(1 2 3 5 9 17 33 65 129 200 300 500 800)
[ -n "${CLV_LONG:-}" ] && mapfile -t numbers < <(seq 1 1 300; seq 301 23 3000)
for n in "${numbers[@]}"; do
    with_fault "allocation $n of 4 kB or more" FAULTY_ALLOCATION="$n" FAULTY_SIZE=4096
done
for n in 1 2 3 4 6 8 12 16 24 32; do
    with_fault "allocation $n of 100 kB or more" FAULTY_ALLOCATION="$n" FAULTY_SIZE=100000
done
check "inputs are as they were" diff -r series kept
echo "$tried runs, the fault happened in $happened"
finish
