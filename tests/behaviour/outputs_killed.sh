# SPDX-License-Identifier: MIT
# Killed at the calls that change a name while several outputs (pictures, masks, quality rasters, a report) get their
# names: after the next run in that folder, a run of something else, the folder shows the old outputs or the new ones, all
# of them, and no hidden file. CLV_LONG=1 tries every call; otherwise those around the journal and some of the others.
. "$(dirname "$0")/common.sh"
command -v strace >/dev/null || skip "strace is not installed"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
CALLS=rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat,rmdir
make_series series 80 70 2
fill_arguments series
# What the next run writes there: a file of its own. It reads nothing of the folder.
OTHER=("$PROGRAM" "${ARGUMENTS[@]}" -method linear -stack -q -o out/other.tif -overwrite)
finished=0 before_it=0

# tree FOLDER: what it shows, but for the other run's file.
tree() {
    [ -d "$1" ] || return 0
    (cd "$1" && find . -type f ! -name 'other.tif*' ! -name '*.hdr' -print0 | sort -z | xargs -0 -r sha256sum
        for header in *.hdr; do # GDAL writes the name that the file had when it was made
            [ -e "$header" ] && echo "$header $(sed '/^description/,/}/d' "$header" | sha256sum)"
        done)
}

# try NAME START OPTIONS...: START makes what is there before. Kills at one call after the other.
try() {
    local name=$1 start=$2 all n before wanted seen point status
    shift 2
    local run=("$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out "$@")
    rm -rf out && $start 2>stderr
    before=$(tree out)
    check "$name: undisturbed" "${run[@]}" 2>stderr
    wanted=$(tree out)
    check "$name: nothing hidden" test -z "$(find out -name '.*.tmp*')"
    rm -rf out && $start
    strace -f -o calls -e trace=$CALLS "${run[@]}" 2>stderr
    main=$(grep -m1 '(' calls | cut -d' ' -f1)
    grep "^$main .*(" calls >own
    mapfile -t points < <(sed -n "s/^$main *\\([a-z0-9]*\\)(.*/\\1/p" own | awk '{print $1, ++k[$1]}')
    # The journal's own name first shows when it goes; renamings to names that are not hidden begin before that.
    first=$(grep -nE '(rename[a-z0-9]*|link)\(.*"out/[^".]' own | grep -v '/\.[^"]*", *[^"]*"out/\.' | head -1 | cut -d: -f1)
    all=${#points[@]}
    echo "$name: $all calls, names change from call ${first:-0} on"
    for ((n = 1; n <= all; n++)); do
        [ -n "${CLV_LONG:-}" ] || { [ "$n" -ge $((${first:-1} - 1)) ] && [ $(((all - n) % 3)) -eq 0 ]; } ||
            [ $((n % 29)) -eq 1 ] || continue
        point=${points[n - 1]}
        rm -rf out && $start
        { strace -f -o /dev/null -e trace=$CALLS -e inject="${point% *}:signal=KILL:when=${point#* }" \
            "${run[@]}" >/dev/null 2>&1; } 2>/dev/null
        check "$name, call $n ($point): it was killed" test $? -eq 137
        before_it=$((before_it + 1))
        "${OTHER[@]}" 2>stderr
        status=$?
        check "$name, call $n ($point): the next run: $(cat stderr)" test $status -eq 0
        grep -q 'finished now' stderr && finished=$((finished + 1))
        seen=$(tree out)
        check "$name, call $n ($point): a mixture: $(diff <(echo "$seen") <(echo "$wanted") | head -3)" \
            test "$seen" = "$wanted" -o "$seen" = "$before"
        check "$name, call $n ($point): left: $(find out -name '.*.tmp*')" test -z "$(find out -name '.*.tmp*')"
    done
}
nothing() { :; }
try fresh nothing -masks -quality

rm -rf out
"$PROGRAM" "${ARGUMENTS[@]}" -q -o out -masks -quality -in_scale 0.0002 || fail "the old result"
for file in out/*.tif; do # sidecars, which go with what they describe
    echo '<PAMDataset/>' >"$file.aux.xml"
done
mv out old
old_result() { cp -a old out; }
try overwrite old_result -masks -quality -overwrite
rm -rf old out

# A page is one of them, with what a user has put into it.
try 'with a page' nothing -masks -report out/page
rm -rf out
"$PROGRAM" "${ARGUMENTS[@]}" -method linear -q -o out -masks -report out/page -in_scale 0.0002 || fail "the old page"
echo mine >out/page/notes.txt
mkdir out/page/thesis && echo chapter >out/page/thesis/1.tex
mv out old
try 'over a page' old_result -masks -report out/page -overwrite
check "notes stay" test "$(cat out/page/notes.txt out/page/thesis/1.tex)" = "$(printf 'mine\nchapter')"
rm -rf old out

"$PROGRAM" "${ARGUMENTS[@]}" -q -o out -of ENVI -in_scale 0.0002 || fail "the old ENVI files"
mv out old
try ENVI old_result -of ENVI -overwrite
rm -rf old out

if "$PROGRAM" "${ARGUMENTS[@]}" -q -o out -of Zarr -in_scale 0.0002 2>/dev/null; then # each a folder
    mv out old
    try Zarr old_result -of Zarr -overwrite
fi
rm -rf old out
echo "$before_it kills, $finished of them finished by the next run"
check "no run was finished by the next one" test "$finished" -gt 3
finish
