#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh check | write: whether .clang-format's style is kept, or brings every C and C++ file to it. One version of clang-format
# alone, since each formats a little differently: Debian's clang-format-19 or PyPI's clang-format==19.1.7.
set -eu
cd "$(dirname "$0")/../.."
version=19

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
    # shellcheck disable=SC2046 # names without spaces
    changed=$("$tool" --style=file --dry-run $(list_files) 2>&1 | sed -n 's/:[0-9]*:[0-9]*: warning: .*//p' | sort -u)
    [ -n "$changed" ] || exit 0
    # shellcheck disable=SC2086 # likewise
    printf 'not formatted: %s\n' $changed
    echo "cmake --build --preset dev --target format"
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
