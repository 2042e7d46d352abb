#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh check | write: whether .clang-format's style is kept, or brings every C and C++ file to it. One version of clang-format
# alone, since each formats a little differently: Debian 12's and 13's clang-format-14 or PyPI's clang-format==14.0.6.
set -eu
cd "$(dirname "$0")/../.."
version=14

tool=""
for candidate in "clang-format-$version" clang-format; do
    if "$candidate" --version 2>/dev/null | grep -q "version $version\."; then
        tool=$candidate
        break
    fi
done
if [ -z "$tool" ]; then
    echo "skipped: clang-format $version is not installed"
    exit 77
fi

list_files() {
    find src include tests examples -name '*.[ch]' -o -name '*.cpp' 2>/dev/null | grep -v '^tests/fuzz/corpus/' | sort
}

case "${1:-}" in
check)
    changed=0
    for file in $(list_files); do
        "$tool" --style=file "$file" | cmp -s - "$file" && continue
        echo "not formatted: $file"
        changed=$((changed + 1))
    done
    [ "$changed" -eq 0 ] && exit 0
    echo "$changed files differ: cmake --build --preset dev --target format"
    exit 1
    ;;
write)
    # shellcheck disable=SC2046 # names without spaces
    "$tool" -i --style=file $(list_files)
    ;;
*)
    echo "usage: format.sh check | write" >&2
    exit 2
    ;;
esac
