# SPDX-License-Identifier: MIT
# -of VRT, killed at the calls that change a name (rename, unlink, mkdir ...): what was there is whole or replaced by
# what is whole, the user's files stay, and the same command again ends with the result of an undisturbed run.
# CLV_LONG=1 tries every call; otherwise the last ones, where names change places, and some of the others.
. "$(dirname "$0")/common.sh"
command -v strace >/dev/null || skip "strace is not installed"
command -v gdalinfo >/dev/null || skip "gdalinfo is not installed"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
CALLS=rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat,rmdir
make_series series 90 100 3
fill_arguments series
RUN=("${ARGUMENTS[@]}" -method linear -of VRT --config CLEARVISION_PART_ROWS 60 -q -o out)
FIRST=$(basename "$(ls series/sim_*.tif | head -1)" .tif)
TILES=out/${FIRST}_tiles

# The pixels that the VRTs of `out` show.
pixels() {
    for vrt in out/*.vrt; do
        [ -e "$vrt" ] || continue
        echo "$vrt $(gdalinfo -checksum "$vrt" 2>/dev/null | grep -E 'Size is|Checksum' | tr -d '\n')"
    done
}

# try NAME START OPTIONS...: START makes what is there before. Kills at one call after the other.
try() {
    local name=$1 start=$2 all before wanted n
    shift 2
    rm -rf out && $start
    before=$(pixels)
    check "$name: undisturbed" "$PROGRAM" "${RUN[@]}" "$@"
    wanted=$(pixels)
    check "$name: it has 3 VRTs" test "$(wc -l <<<"$wanted")" -eq 3
    tree=$(find out | sort)
    rm -rf out && $start
    strace -f -o calls -e trace=$CALLS "$PROGRAM" "${RUN[@]}" "$@"
    # Of the main thread: a call and its number among those of its name, as strace counts them.
    main=$(grep -m1 '(' calls | cut -d' ' -f1)
    mapfile -t points < <(sed -n "s/^$main *\\([a-z0-9]*\\)(.*/\\1/p" calls | awk '{print $1, ++k[$1]}')
    all=${#points[@]}
    echo "$name: $all calls"
    for ((n = 1; n <= all; n++)); do
        [ -n "${CLV_LONG:-}" ] || [ $((all - n)) -lt 12 ] || [ $((n % 7)) -eq 1 ] || continue
        local point=${points[n - 1]}
        rm -rf out && $start
        { strace -f -o /dev/null -e trace=$CALLS -e inject="${point% *}:signal=KILL:when=${point#* }" \
            "$PROGRAM" "${RUN[@]}" "$@" >/dev/null 2>&1; } 2>/dev/null
        check "$name, call $n ($point): it was killed" test $? -eq 137
        seen=$(pixels)
        check "$name, call $n: a VRT shows neither the old nor the new: $seen" \
            test -z "$(grep -vxF -e "$before" -e "$wanted" <<<"$seen" | grep .)"
        notes_are_there "$name, call $n, killed"
        check "$name, call $n: the same command again" "$PROGRAM" "${RUN[@]}" "$@" 2>/dev/null
        check "$name, call $n: the result after it" test "$(pixels)" = "$wanted"
        check "$name, call $n: what is left after it: $(find out | sort | diff - <(echo "$tree") | head -3)" \
            test "$(find out -name '.*' | wc -l)" -eq 0
        check "$name, call $n: no part of the old" test "$(find "$TILES" -maxdepth 1 -name '0*' | wc -l)" -eq "$(grep -c "_tiles/0[^/]*$" <<<"$tree")"
        notes_are_there "$name, call $n, after it"
    done
}
notes_are_there() {
    [ -e mine ] || return 0
    check "$1: the user's files" test "$(cat "$TILES"/0001/notes.txt "$TILES"/letter.txt "$TILES"/link/thesis.tex)" = "$(printf 'notes\nletter\nthesis')"
}

rm -f mine
nothing() { :; }
try fresh nothing

rm -rf out
"$PROGRAM" "${RUN[@]}" || fail "the old result"
mkdir home
echo thesis >home/thesis.tex
echo notes >"$TILES"/0001/notes.txt
echo letter >"$TILES"/letter.txt
ln -s "$WORK"/home "$TILES"/link
mv out old
touch mine
old_result() { cp -a old out; }
RUN+=(-in_scale 0.0002)
try overwrite old_result -overwrite
finish
