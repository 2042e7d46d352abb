# SPDX-License-Identifier: MIT
# Standard output and error: data, JSON, progress and remarks never mix; closed and full streams are errors, not crashes.
. "$(dirname "$0")/common.sh"
need_python
FILL=("${KNOWN[@]}" -method regression)

# An output to standard output: its bytes and nothing else.
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -o all.tif -q
for target in - /vsistdout/; do
    expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -o $target
    cp stdout piped.tif
    expect_python "raster through $target" "assert (read('piped.tif') == read('all.tif')).all()"
done
expect_ok detect "${SERIES[0]}" -mask "${MASKS[0]}" -mask_mode replace -o -
cp stdout piped.tif
expect_python 'mask through a pipe' "assert read('piped.tif').shape == (80, 96)"
expect_error 'one output|one file|folder' remove "${SERIES[@]}" "${FILL[@]}" -o -
expect_error 'exclude each other' remove "${SERIES[@]}" "${FILL[@]}" -stack -o - -json

# Progress is GDAL's, in one piece; remarks come before or after it.
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o shown
check "one bar" test "$(grep -c '^0\.\.\.10\.\.\.20\.\.\.30\.\.\.40\.\.\.50\.\.\.60\.\.\.70\.\.\.80\.\.\.90\.\.\.100 - done\.$' stdout)" -eq 1
check "nothing on stderr" test ! -s stderr
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o quiet -q
check "-q prints nothing" test ! -s stdout

# Errors and warnings go to stderr, and to GDAL's log when there is one.
CPL_LOG=$SCRATCH/log.txt run info nothing.tif
expect_text log.txt 'ERROR 4: nothing.tif'

# Closed and full.
if [ -e /dev/full ]; then
    for words in --help --version 'info -json' info; do
        files=()
        case $words in info*) files=("${SERIES[@]}") ;; esac
        # shellcheck disable=SC2086
        "$CLV_PROGRAM" $words "${files[@]}" >/dev/full 2>stderr
        check "status 1 for a full stdout ($words)" test $? -eq 1
        expect_text stderr '^ERROR 3: Standard output'
    done
fi
"$CLV_PROGRAM" info "${SERIES[@]}" >&- 2>stderr
status=$?
check "status 1 for a closed stdout" test $status -eq 1
"$CLV_PROGRAM" remove "${SERIES[@]}" "${FILL[@]}" -o closed -q >&- 2>&- <&-
status=$?
check "no text needs no stdout" test $status -eq 0
for file in shown/*; do
    expect_same "$file" closed/"$(basename "$file")"
done
"$CLV_PROGRAM" remove "${SERIES[@]}" "${FILL[@]}" -o closed2 >&- 2>&- <&-
expect_same shown/"$(basename "${SERIES[0]}")" closed2/"$(basename "${SERIES[0]}")"
# A reader that goes away.
"$CLV_PROGRAM" --help 2>stderr | head -n 1 >/dev/null
status=${PIPESTATUS[0]}
check "no death by SIGPIPE" test "$status" -le 1
finish
