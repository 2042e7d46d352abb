# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes clearvision_qgis/program_table.py, what the program's option table says about the commands that QGIS runs:

    python3 src/qgis/update.py path/to/clearvision [--check]

With --check nothing is written; the exit status is 1 when the file would change. Run it after a change of
src/cli/options.c or src/gapfill/methods.c, as man/update.sh.
"""
import argparse
import json
import os
import subprocess
import sys
import textwrap

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clearvision_qgis")
TABLE = os.path.join(FOLDER, "program_table.py")
WIDTH = 118
HEAD = '''# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the program's option table for the commands that the algorithms run. Made by src/qgis/update.py; do not edit.

flag, commands, help; where a row has them choices, texts (a phrase on each choice), open (other values are possible too),
minimum and maximum, default (a text).
"""

ROWS = (
'''


def literal(value):
    """A value as Python text, the same from every version of Python."""
    if isinstance(value, list):
        return "({}{})".format(", ".join(map(literal, value)), "," if len(value) == 1 else "")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def lines_of(key, value):
    """A member of a row, on as many lines as it takes."""
    start = '"{}": '.format(key)
    text = literal(value)
    if len(start) + len(text) <= WIDTH or not isinstance(value, (list, str)):
        return [start + text]
    if isinstance(value, list):
        quoted = [literal(item) + "," for item in value]
        return [start + "(" + quoted[0]] + [" " * (len(start) + 1) + more for more in quoted[1:-1]] + \
            [" " * (len(start) + 1) + quoted[-1][:-1] + ")"]
    pieces = textwrap.wrap(value, WIDTH - len(start) - 8, break_on_hyphens=False)
    quoted = [literal(piece + " ") for piece in pieces[:-1]] + [literal(pieces[-1])]
    return [start + quoted[0]] + [" " * len(start) + more for more in quoted[1:]]


def made(rows, commands):
    """The file's text."""
    text = HEAD
    for row in rows:
        row = dict(row, commands=[command for command in row["commands"] if command in commands])
        if not row["commands"]:
            continue
        members = [lines_of(key, value) for key, value in row.items()]
        text += "    {" + ",\n     ".join("\n     ".join(member) for member in members) + "},\n"
    return text + ")\n"


def main():
    parser = argparse.ArgumentParser(description="Make clearvision_qgis/program_table.py")
    parser.add_argument("program")
    parser.add_argument("--check", action="store_true", help="write nothing, say whether it would change")
    given = parser.parse_args()
    said = subprocess.run([given.program, "help", "--table"], stdout=subprocess.PIPE, check=True).stdout
    rows = json.loads(said.decode("utf-8"))
    text = made(rows, ("info", "detect", "remove", "evaluate remove"))
    current = None
    if os.path.exists(TABLE):
        with open(TABLE, encoding="utf-8") as file:
            current = file.read()
    if text == current:
        return 0
    if given.check:
        print("{} is not up to date: run src/qgis/update.py".format(TABLE), file=sys.stderr)
        return 1
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write(text)
    print("{} updated".format(TABLE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
