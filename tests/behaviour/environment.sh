# SPDX-License-Identifier: MIT
# Odd environments give the same bytes: decimal commas, time zones, no HOME, no /tmp to write to, other umask, other
# folder.
. "$(dirname "$0")/common.sh"
make_series series 200 180 4
fill_arguments series
"$PROGRAM" "${ARGUMENTS[@]}" -q -o plain -quality -masks || fail "the plain run"

# same WHAT COMMAND...: the command's out/ equals plain/.
same() {
    local what=$1 file
    shift
    rm -rf out
    "$@" "$PROGRAM" "${ARGUMENTS[@]}" -q -o out -quality -masks >stdout 2>stderr
    status=$?
    check "$what: status $status, $(cat stderr)" test $status -eq 0
    for file in plain/*; do
        check "$what: $(basename "$file") differs" cmp -s "$file" out/"$(basename "$file")"
    done
}

comma=$(locale -a 2>/dev/null | grep -iE '^(de_DE|fr_FR|it_IT|ru_RU|pt_BR).*utf-?8$' | head -1)
if [ -z "$comma" ] && command -v localedef >/dev/null && [ -e /usr/share/i18n/locales/de_DE ]; then
    localedef -i de_DE -f UTF-8 "$WORK/de_DE.UTF-8" 2>/dev/null && export LOCPATH=$WORK && comma=de_DE.UTF-8
fi
if [ -n "$comma" ]; then
    same "LC_ALL=$comma" env LC_ALL="$comma" LC_NUMERIC="$comma"
else
    echo "no locale with a decimal comma here: not tried"
fi
same "TZ" env TZ=Pacific/Kiritimati
same "no HOME" env -u HOME
same "nothing at all in the environment" env -i "CLEARVISION_NET=${CLEARVISION_NET-}"
same "TMPDIR that does not exist" env TMPDIR=/nonexistent/folder
same "one thread" env GDAL_NUM_THREADS=1
same "small block cache" env GDAL_CACHEMAX=1
same "no PAM" env GDAL_PAM_ENABLED=YES

rm -rf out
(umask 027 && "$PROGRAM" "${ARGUMENTS[@]}" -q -o out)
check "umask decides on permissions" test "$(stat -c %a out/sim_*.tif | sort -u)" = 640

# A folder that cannot be written to, a file in the way, no such drive.
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked
    chmod 555 locked
    "$PROGRAM" "${ARGUMENTS[@]}" -o locked >stdout 2>stderr
    check "read-only folder: status" test $? -eq 1
    check "read-only folder: $(cat stderr)" one_error 'locked'
fi
: >file
"$PROGRAM" "${ARGUMENTS[@]}" -o file/out >stdout 2>stderr
check "a file where a folder should be: status" test $? -eq 1
check "a file where a folder should be: $(cat stderr)" one_error 'file'
"$PROGRAM" "${ARGUMENTS[@]}" -o /proc/nothing/out >stdout 2>stderr
check "a folder that cannot be made: status" test $? -eq 1
check "a folder that cannot be made: $(cat stderr)" one_error '/proc'
finish
