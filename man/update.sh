#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Puts the options and methods of the program's tables into the man pages:  man/update.sh path/to/clearvision [--check]
# With --check nothing is written; pages that would change are named and the exit status is 1.
set -eu
program=$1 check=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
stale=0
for page in "$here"/*.1; do
    name=$(basename "$page" .1)
    case $name in
    clearvision) words= ;;
    *) words=$(echo "${name#clearvision-}" | tr - ' ') ;;
    esac
    # shellcheck disable=SC2086 # words are words
    "$program" help --man $words > "$scratch/Options"
    # shellcheck disable=SC2086
    "$program" help --man-methods $words > "$scratch/Methods"
    awk -v folder="$scratch" '
        function take(part, line) { while ((getline line < (folder "/" part)) > 0) print line; found[part] = inside = 1 }
        /^\.\\" Options:/ { print; take("Options"); next }
        /^\.\\" Methods:/ { print; take("Methods"); next }
        /^\.\\" End of (options|methods)/ { inside = 0 }
        !inside { print }
        END {
            methods = (getline line < (folder "/Methods")) > 0
            if (!found["Options"] || (methods && !found["Methods"])) exit 3
        }' "$page" > "$scratch/page" || { echo "$page: has no place for its options or methods" >&2; exit 1; }
    if cmp -s "$scratch/page" "$page"; then
        continue
    elif [ "$check" = --check ]; then
        echo "$page is not up to date: run man/update.sh" >&2
        stale=1
    else
        cat "$scratch/page" > "$page"
        echo "$page updated"
    fi
done
exit $stale
