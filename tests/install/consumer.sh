#!/bin/sh
# consumer.sh BUILD SOURCE CMAKE GENERATOR CC: installs into a temporary prefix, builds examples/ both ways and runs them.
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

# Exported are the functions of the public headers, and only they.
library=$(find "$work/prefix" -name libclearvision.so)
grep -oh '\<clv_[a-z0-9_]*(' "$work"/prefix/include/clearvision/*.h | tr -d '(' | sort -u >"$work/public"
grep -h '^CLV_.*\<clv_[a-z0-9_]*(' "$work"/prefix/include/clearvision/*.h | grep -o '\<clv_[a-z0-9_]*(' | tr -d '(' | sort -u >"$work/declared"
nm -D --defined-only "$library" | awk '$2 == "T" {print $3}' | sort >"$work/exported"
extra=$(comm -13 "$work/public" "$work/exported")
[ -z "$extra" ] || { echo "exported but not public: $extra"; exit 1; }
missing=$(comm -23 "$work/declared" "$work/exported")
[ -z "$missing" ] || { echo "public but not exported: $missing"; exit 1; }
for name in clv_remove clv_fill clv_view_open; do
    grep -qx $name "$work/declared" || { echo "$name is not in the public headers"; exit 1; }
done

# CMake
"$cmake" -G "$generator" -S "$source/examples" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
"$cmake" --build "$work/consumer" >/dev/null
# Until 1.0 a program fits the library of its own minor version.
mkdir "$work/older"
printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(older LANGUAGES NONE)' 'find_package(clearvision 0.0 QUIET)' \
    'if(clearvision_FOUND)' 'message(FATAL_ERROR "0.0 is taken for the same")' 'endif()' >"$work/older/CMakeLists.txt"
"$cmake" -G "$generator" -S "$work/older" -B "$work/older/build" -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null

# pkg-config; the prefix was chosen at install time
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name clearvision.pc)")
export PKG_CONFIG_PATH
flags=$(pkg-config --define-prefix --cflags --libs clearvision)
# shellcheck disable=SC2086 # flags
for example in remove fill_arrays; do
    "$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror "$source/examples/$example.c" $flags -lm -o "$work/$example"
done
printf '#include <clearvision/view.h>\nint main() { return clv_version()[0] == 0 || CLV_VERSION_NUM < 100; }\n' >"$work/header.cc"
# shellcheck disable=SC2086
c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$work/header.cc" $flags -o "$work/header"

LD_LIBRARY_PATH=$(dirname "$library")
export LD_LIBRARY_PATH
"$work/header"
for example in "$work/consumer/remove" "$work/remove"; do
    "$example" "$work/out" "$source"/data/sample/*_BGRN.tif -- "$source"/data/sample/mask/*.tif >"$work/report.json" 2>"$work/log" || { cat "$work/log"; exit 1; }
    [ "$(ls "$work"/out/*_BGRN.tif | wc -l)" = "$(ls "$source"/data/sample/*_BGRN.tif | wc -l)" ] || { echo "outputs missing"; exit 1; }
    rm -r "$work/out"
done
for example in "$work/consumer/fill_arrays" "$work/fill_arrays"; do
    "$example" >"$work/filled" || exit 1
    [ "$(grep -c ' [1-9][0-9]* filled' "$work/filled")" -eq 6 ] || { cat "$work/filled"; exit 1; }
done
PATH=/usr/bin:/bin:$PATH # the system's python3 knows GDAL
if python3 -c 'import numpy; from osgeo import gdal' 2>/dev/null; then
    mkdir "$work/arrays"
    python3 "$source/tests/install/fill_arrays.py" "$program" "$work/consumer/fill_arrays" "$source/data/sample" "$work/arrays"
else
    echo "fill_arrays is not compared with remove: python3 with numpy and GDAL is not installed"
fi
echo "consumer: ok"
