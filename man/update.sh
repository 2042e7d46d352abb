#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Puts the options of the option table into the man pages:  man/update.sh path/to/clearvision [--check]
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
    "$program" help --man $words > "$scratch/options"
    awk -v options="$scratch/options" '
        /^\.\\" Options:/ { print; while ((getline line < options) > 0) print line; inside = 1; found = 1; next }
        /^\.\\" End of options/ { inside = 0 }
        !inside { print }
        END { if (!found) exit 3 }' "$page" > "$scratch/page" || { echo "$page: has no place for its options" >&2; exit 1; }
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
