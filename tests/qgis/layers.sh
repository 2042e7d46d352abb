# SPDX-License-Identifier: GPL-2.0-or-later
# How results look in a project: one stretch for all dates, legends, groups, dates.
. "$(dirname "$0")/common.sh"
done=$((done + 1))
timeout -k 5 300 /usr/bin/python3 "$CLV_SOURCE/tests/qgis/layers.py" data map.png >stdout 2>stderr || fail "layers.py"
expect_file map.png
check "inputs are not touched" test -z "$(find data -name '*.aux.xml')"
finish
