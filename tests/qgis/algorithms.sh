# SPDX-License-Identifier: GPL-2.0-or-later
# Layers as inputs, failures of the program, models, the example script.
. "$(dirname "$0")/common.sh"
done=$((done + 1))
timeout -k 5 500 /usr/bin/python3 "$CLV_SOURCE/tests/qgis/algorithms.py" >stdout 2>stderr || fail "algorithms.py: $(tail -n 25 stderr)"
finish
