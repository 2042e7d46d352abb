# SPDX-License-Identifier: GPL-2.0-or-later
# Every algorithm through qgis_process: on the simulated series, on odd names, on real series, and with bad inputs.
. "$(dirname "$0")/common.sh"

inputs=()
for file in "${SERIES[@]}"; do
    inputs+=("INPUT=$file")
done
count=${#SERIES[@]}

qgis list
for algorithm in remove detect info evaluate_remove; do
    expect_text stdout "clearvision:$algorithm"
done
check "nothing but a warning of Python's at the start" test -z "$(grep -v DeprecationWarning stderr)"
for algorithm in remove detect info evaluate_remove; do
    qgis help clearvision:$algorithm
    expect_text stdout '^INPUT: '
done

# The same pixels as the program's own.
"$CLV_PROGRAM" remove "${SERIES[@]}" -o direct -masks -quality -q || fail "the program itself"
expect_run remove "${inputs[@]}" OUTPUT=out MASKS=true QUALITY=true
expect_text stdout '^0\.\.\.10\.\.\.20'
expect_text stdout 'clearvision remove .* -masks -quality -o out$'
for file in direct/*.tif; do
    expect_same "$file" "out/$(basename "$file")"
done
expect_text stdout "^MASK_RASTERS:.*_mask.tif"
expect_text stdout "^QUALITY_RASTERS:.*_quality.tif"
check "all dates in RASTERS" test "$(grep '^RASTERS:' stdout | tr , '\n' | grep -c .)" -eq "$count"

# Results that exist.
qgis run clearvision:remove -- "${inputs[@]}" OUTPUT=out
check "existing results are refused" test "$STATUS" -eq 1
expect_text stderr 'exists; use -overwrite'
expect_run remove "${inputs[@]}" OUTPUT=out OVERWRITE=true METHOD=linear
check "only what is new is a result" test "$(grep '^RASTERS:' stdout | tr , '\n' | grep -c .)" -eq "$count"
check "no mask of the run before" grep -qE '^MASK_RASTERS:\s*$' stdout

# Stack, preview, options by name and by number, the folder, a text list, further words.
expect_run remove "${inputs[@]}" STACK=stack.tif PREVIEW=preview.png METHOD=2 THRESHOLD=0.6 "CREATION=COMPRESS=LZW|ZLEVEL=5"
expect_file stack.tif preview.png
expect_text stdout '-method gaussian -threshold 0.6 -co COMPRESS=LZW -co ZLEVEL=5 -stack -o .*stack.tif'
rm -f data/*.aux.xml
printf '%s\n' "${SERIES[@]}" > list.txt
expect_run detect FILES=list.txt OUTPUT=masks EXTRA='-dilate 4'
check "a mask per date" test "$(ls masks/*_mask.tif | wc -l)" -eq "$count"
check "inputs are not touched" test -z "$(find data -name '*.aux.xml')"
expect_run detect FOLDER="$DATA" OUTPUT=probabilities PROBABILITY=true
check "a folder gives every date" test "$(ls probabilities/*.tif | wc -l)" -eq "$count"
expect_run remove FOLDER="$DATA" OUTPUT=shown REPORT=page METHOD=linear
expect_file page/index.html
expect_run remove FOLDER="$DATA" OUTPUT=crop EXTENT=660200,660900,5159300,5159700 METHOD=linear
expect_text stdout ' -te 660200 5159300 660900 5159700 '
check "a part of 35 by 20 pixels" test "$(gdalinfo "$(ls crop/*.tif | head -1)" | grep '^Size is')" = "Size is 35, 20"
expect_run detect FOLDER="$DATA" OUTPUT=laea TARGET_CRS=EPSG:3035 EXTENT='660200,660900,5159300,5159700 [EPSG:32632]'
expect_text stdout ' -te 660200 5159300 660900 5159700 -te_srs EPSG:32632 -t_srs EPSG:3035 '
known=()
for mask in "${MASKS[@]}"; do
    known+=("MASK=$mask")
done
expect_run remove "${inputs[@]}" "${known[@]}" MASK_MODE=replace METHOD=regression OUTPUT=known
"$CLV_PROGRAM" remove "${SERIES[@]}" "${KNOWN[@]}" -method regression -o known_direct -q || fail "the program itself"
for file in known_direct/*.tif; do
    expect_same "$file" "known/$(basename "$file")"
done

# Names.
odd="o'd \"n\$me\" ä;&|"
mkdir "$odd"
odd_inputs=()
for file in "${SERIES[@]}"; do
    cp "$file" "$odd/ü $(basename "$file")"
    odd_inputs+=("INPUT=$odd/ü $(basename "$file")")
done
expect_run detect "${odd_inputs[@]}" OUTPUT="$odd/out"
check "odd names" test "$(ls "$odd"/out/*_mask.tif | wc -l)" -eq "$count"

expect_run info "${inputs[@]}" OUTPUT=info.html
expect_text info.html 'How that is known'
expect_text info.html '<pre>'

# Bad inputs: the program's own message, exit status 1, nothing written.
expect_refusal '/no/such.tif: no such file' remove INPUT=/no/such.tif OUTPUT=out
expect_refusal 'Give the dates' remove OUTPUT=out
expect_refusal 'is not one of auto, clear, gaussian, regression, linear' remove "${inputs[@]}" OUTPUT=out METHOD=magic
expect_refusal 'quotation mark' remove "${inputs[@]}" OUTPUT=out EXTRA="'a"
expect_refusal 'Unknown option -bogus' remove "${inputs[@]}" OUTPUT=out EXTRA=-bogus
expect_refusal 'THRESHOLD' remove "${inputs[@]}" OUTPUT=out THRESHOLD=7
expect_refusal 'no such' remove "${inputs[@]}" OUTPUT=out REF=/no/such.tif
echo text > text.tif
expect_refusal 'text.tif' detect INPUT=text.tif OUTPUT=out
expect_refusal '/no/such/folder: no such file' remove FOLDER=/no/such/folder OUTPUT=out
mkdir empty
expect_refusal 'empty: is a folder that holds no rasters' remove FOLDER=empty OUTPUT=out
expect_refusal 'empty|folder' info INPUT=empty
echo file > occupied
expect_refusal 'occupied' remove "${inputs[@]}" OUTPUT=occupied/out

# The program: missing, not where it is said to be.
CLEARVISION_BIN=/no/such expect_refusal 'CLEARVISION_BIN names "/no/such"' info "${inputs[@]}"
CLEARVISION_BIN=/no/such qgis list
check "no noise at the start where the program is missing" test -z "$(grep -v DeprecationWarning stderr)"
expect_text stdout 'clearvision:remove'

# Real series.
if [ -d "$CLV_SHARED/data/series/rome_l1c" ]; then
    real=()
    mkdir rome_in # copies, see common.sh
    for file in "$CLV_SHARED"/data/series/rome_l1c/S2_L1C_2018010*.tif "$CLV_SHARED"/data/series/rome_l1c/S2_L1C_2018[12]*.tif \
        "$CLV_SHARED"/data/series/rome_l1c/S2_L1C_20180[4-6]*.tif; do
        [ -e "$file" ] && cp "$file" rome_in/ && real+=("INPUT=$PWD/rome_in/$(basename "$file")")
    done
    expect_run info "${real[@]}"
    expect_run remove "${real[@]}" OUTPUT=rome MASKS=true
    check "a raster per date of Rome" test "$(grep '^RASTERS:' stdout | tr , '\n' | grep -c .)" -eq "${#real[@]}"
    expect_run evaluate_remove "${real[@]}" METHODS=linear METHODS=regression OUTPUT=table.html REPORT=report
    expect_file report/index.html
    expect_text table.html 'regression'
    cube=$(find "$CLV_SHARED/data/earthnet2021" -name '*.npz' | sort | head -1)
    if [ -n "$cube" ]; then
        expect_run detect FILES="$cube" OUTPUT=cube
        check "masks of a cube" test "$(ls cube/*.tif | wc -l)" -gt 1
    fi
else
    echo "real series are not at hand: left out"
fi
finish
