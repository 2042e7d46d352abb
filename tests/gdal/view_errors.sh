#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a CLEARVISION: dataset refuses, and how it says so.
. "$CLV_SOURCE/tests/gdal/common.sh"

printf '%s\n' "${SERIES[@]}" >series.txt
STEM=$(basename "${SERIES[0]}" .tif)
MANY="$(printf '%s;' "${MASKS[@]}")"
KNOWN_VIEW="mask_mode=replace&mask=${MANY%;}"

expect_gdal_error 'date=1999-01-01: no such date; the series has' gdalinfo "CLEARVISION:series.txt?date=1999-01-01"
expect_gdal_error 'product=picture: must be one of clear, mask, quality' gdalinfo "CLEARVISION:series.txt?date=$STEM&product=picture"
expect_gdal_error 'colour: is not a setting of a view' gdalinfo "CLEARVISION:series.txt?colour=red"
expect_gdal_error 'window=1: must be 2 to 64' gdalinfo "CLEARVISION:series.txt?window=1"
expect_gdal_error 'window=2.5: must be a whole number' gdalinfo "CLEARVISION:series.txt?window=2.5"
expect_gdal_error 'threshold=much: is not a number' gdalinfo "CLEARVISION:series.txt?threshold=much"
expect_gdal_error 'full=maybe: must be YES or NO' gdalinfo "CLEARVISION:series.txt?full=maybe"
expect_gdal_error 'bands=1,2: give three or four' gdalinfo "CLEARVISION:series.txt?bands=1,2"
expect_gdal_error 'dilate=nan: is not a number' gdalinfo "CLEARVISION:series.txt?dilate=nan"
for model in /etc/passwd ../models/detect detect.safetensors .hidden 'a b' ''; do
    expect_gdal_error 'must be the name of a model' gdalinfo "CLEARVISION:series.txt?detect_model=$model"
done
expect_gdal_error 'model .nothing.: no nothing.safetensors in' gdalinfo "CLEARVISION:series.txt?detect_model=nothing"
expect_gdal_error 'names no inputs' gdalinfo "CLEARVISION:"
expect_gdal_error 'no such file' gdalinfo "CLEARVISION:nowhere.tif;nor.tif"
expect_gdal_error 'only one date' gdalinfo "CLEARVISION:${SERIES[0]}"
expect_gdal_error 'cache=tape: must be one of' gdalinfo "CLEARVISION:series.txt?cache=tape"
expect_gdal_error 'cannot be written' gdal_edit.py -a_nodata 1 "CLEARVISION:series.txt?date=$STEM"
expect_gdal_error 'switched off' gdalinfo --config CLEARVISION_ENABLE NO "CLEARVISION:series.txt"
expect_gdal_error 'cannot be loaded' gdalinfo --config CLEARVISION_LIBRARY /nowhere/lib.so "CLEARVISION:series.txt"

# Files.
write() { # NAME TEXT
    printf '%s' "$2" >"$1"
}
write empty.cvrt.json ''
write other.cvrt.json '{"type": "something else"}'
write broken.cvrt.json '{"type": "clearvision-view", "inputs": ['
write none.cvrt.json '{"type": "clearvision-view"}'
write number.cvrt.json '{"type": "clearvision-view", "inputs": [1, 2]}'
write nested.cvrt.json '{"type": "clearvision-view", "inputs": ["a.tif"], "date": {"a": 1}}'
write unknown.cvrt.json '{"type": "clearvision-view", "inputs": ["a.tif"], "command": "rm"}'
write model.cvrt.json '{"type": "clearvision-view", "inputs": ["a.tif"], "model": "/tmp/evil.safetensors"}'
printf '{"type": "clearvision-view", "inputs": %s1%s}' "$(printf '[%.0s' {1..5000})" "$(printf ']%.0s' {1..5000})" >deep.cvrt.json
expect_gdal_error 'not recognized|unable to open' gdalinfo empty.cvrt.json
expect_gdal_error 'other.cvrt.json: is not a view' gdalinfo other.cvrt.json
expect_gdal_error 'broken.cvrt.json: ' gdalinfo broken.cvrt.json
expect_gdal_error 'has no "inputs"' gdalinfo none.cvrt.json
expect_gdal_error 'must hold names of files' gdalinfo number.cvrt.json
expect_gdal_error '"date" must be a text' gdalinfo nested.cvrt.json
expect_gdal_error 'command: is not a setting' gdalinfo unknown.cvrt.json
expect_gdal_error 'must be the name of a model' gdalinfo model.cvrt.json
expect_gdal_error 'deep.cvrt.json: ' gdalinfo deep.cvrt.json
expect_gdal_error 'cannot be read as a view' gdalinfo CLEARVISION:missing.cvrt.json
write listed.cvrt.json "{\"type\": \"clearvision-view\", \"inputs\": [\"series.txt\"], \"date\": \"$STEM\", \"window\": 6, \"full\": false}"
check "a good file" gdalinfo listed.cvrt.json
check "its settings can be overridden" gdalinfo "CLEARVISION:listed.cvrt.json?date=$(basename "${SERIES[1]}" .tif)&product=mask"
check "by open options too" gdalinfo -oo PRODUCT=quality listed.cvrt.json

# A view is no input of a view: neither directly, nor through a VRT that is opened when pixels are asked for.
expect_gdal_error 'cannot be an input of a view' gdalinfo "CLEARVISION:listed.cvrt.json;${SERIES[1]}"
write self.cvrt.json '{"type": "clearvision-view", "inputs": ["self.cvrt.json", "listed.cvrt.json"]}'
expect_gdal_error 'cannot be an input of a view|recursively' gdalinfo self.cvrt.json
gdal_translate -q -of VRT "${SERIES[0]}" source.vrt
sed "s|<SourceFilename[^>]*>[^<]*</SourceFilename>|<SourceFilename>CLEARVISION:loop.txt?date=$(basename "${SERIES[1]}" .tif)</SourceFilename>|" source.vrt >"$STEM.vrt"
printf '%s\n' "$STEM.vrt" "${SERIES[@]:1}" >loop.txt
expect_gdal_error 'cannot be an input of a view' gdal_translate -q -if CLEARVISION "CLEARVISION:loop.txt?date=$(basename "${SERIES[1]}" .tif)" loop.tif

# Reading that fails is an error of the read, and the next one is tried anew.
expect_gdal_error 'network module' env CLEARVISION_NET=/nowhere.so gdal_translate -q "CLEARVISION:series.txt?date=$STEM" failed.tif
check "views that need no network work without it" env CLEARVISION_NET=/nowhere.so gdal_translate -q "CLEARVISION:series.txt?date=$STEM&$KNOWN_VIEW" works.tif
expect_error 'views take models by name' remove series.txt -of CLEARVISION -o out -detect_model ./models/detect.safetensors
expect_error 'stack: is not possible' remove series.txt -of CLEARVISION -o out -stack
finish
