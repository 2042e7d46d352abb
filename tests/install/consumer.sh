#!/bin/sh
# consumer.sh BUILD SOURCE CMAKE GENERATOR CC: installs into a temporary prefix, builds the example both ways and runs it.
set -eu
build=$1 source=$2 cmake=$3 generator=$4 cc=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/prefix" >/dev/null
program=$work/prefix/bin/clearvision
[ -x "$program" ] || { echo "no $program"; exit 1; }
for page in clearvision clearvision-info clearvision-detect clearvision-remove clearvision-simulate; do
    [ -n "$(find "$work/prefix" -name "$page.1")" ] || { echo "no man page $page.1"; exit 1; }
done

# Only the public functions are exported.
library=$(find "$work/prefix" -name libclearvision.so)
extra=$(nm -D --defined-only "$library" | awk '$2 == "T" {print $3}' | grep -vxF "$(grep -o 'clv_[a-z_]*(' "$source/include/clearvision/clearvision.h" | tr -d '(' | sort -u)" || true)
[ -z "$extra" ] || { echo "exported but not public: $extra"; exit 1; }

# CMake
"$cmake" -G "$generator" -S "$source/tests/install/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
"$cmake" --build "$work/consumer" >/dev/null

# pkg-config; the prefix was chosen at install time
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name clearvision.pc)")
export PKG_CONFIG_PATH
flags=$(pkg-config --define-prefix --cflags --libs clearvision)
# shellcheck disable=SC2086 # flags
"$cc" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Werror "$source/tests/install/example.c" $flags -o "$work/example"
printf '#include <clearvision/clearvision.h>\nint main() { return clv_version()[0] == 0; }\n' >"$work/header.cc"
# shellcheck disable=SC2086
c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$work/header.cc" $flags -o "$work/header"

LD_LIBRARY_PATH=$(dirname "$library")
export LD_LIBRARY_PATH
"$work/header"
for example in "$work/consumer/example" "$work/example"; do
    "$example" "$work/out" "$source"/data/sample/*_BGRN.tif -- "$source"/data/sample/mask/*.tif >"$work/report.json" 2>"$work/log" || { cat "$work/log"; exit 1; }
    [ "$(ls "$work"/out/*_BGRN.tif | wc -l)" = "$(ls "$source"/data/sample/*_BGRN.tif | wc -l)" ] || { echo "outputs missing"; exit 1; }
    rm -r "$work/out"
done
echo "consumer: ok"
