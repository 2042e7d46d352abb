# SPDX-License-Identifier: GPL-2.0-or-later
# Cancel from QGIS: the program ends within two seconds and leaves no file.
. "$(dirname "$0")/common.sh"
"$CLV_PROGRAM" simulate -o big -size 900 900 -dates 6 -q || fail "no data"
done=$((done + 1))
timeout -k 5 300 /usr/bin/python3 "$CLV_SOURCE/tests/qgis/cancel.py" big >stdout 2>stderr || fail "cancel.py"
grep cancelled stdout
finish
