# SPDX-License-Identifier: MIT
# Every option on how inputs are read, by what it changes in info and remove.
. "$(dirname "$0")/common.sh"
need_python
a=${SERIES[0]}
REGRESSION=(-method regression "${KNOWN[@]}" -q)

# value KEY-PATH: a member of the JSON on stdout, by Python expression on i.
value() {
    python3 -c "import json; i = json.load(open('stdout')); print($1)"
}
expect_value() {
    done=$((done + 1))
    local found
    found=$(value "$1" 2>&1)
    [ "$found" = "$2" ] || fail "$1 is $found instead of $2"
}

# -b
expect_ok info "$a" -json -b 3,2,1
expect_value "[b['index'] for b in i['dates'][0]['bands'][:3]]" '[3, 2, 1]'
expect_ok info "$a" -json -b 1 -b 2 -b 3 -b 4
expect_value "[b['index'] for b in i['dates'][0]['bands'][:4]]" '[1, 2, 3, 4]'
expect_error 'band' info "$a" -b 9,2,1
# -date
expect_ok info "${SERIES[@]:0:2}" -json -date 2021-05-09 -date 2021-05-04
expect_value "[d['date'][:10] for d in i['dates']]" "['2021-05-04', '2021-05-09']"
expect_value "[d['input'] for d in i['dates']]" '[1, 0]'
expect_ok info "${SERIES[@]:0:2}" -json -date 2021-05-09,2021-05-04
expect_value "[d['date'][:10] for d in i['dates']]" "['2021-05-04', '2021-05-09']"
expect_error 'date' info "${SERIES[@]:0:2}" -date 2021-05-09
expect_error 'date' info "$a" -date 2021-13-09
expect_error 'date' info "$a" -date yesterday
# -in_scale, -in_offset
expect_ok info "$a" -json -in_scale 0.0002 -in_offset -0.1
expect_value "[(b['scale'], b['offset']) for b in i['dates'][0]['bands'][:1]]" '[(0.0002, -0.1)]'
expect_ok info "$a" -json -in_scale=1/20000
expect_value "i['dates'][0]['bands'][0]['scale']" '5e-05'
expect_error 'scale' info "$a" -in_scale 0
# -srcnodata
expect_ok info "$a" -json -srcnodata none
expect_value "i['dates'][0]['bands'][0]['nodata']" 'None'
common=$(python3 -c "
from osgeo import gdal; import numpy as np, sys
v, n = np.unique(gdal.Open(sys.argv[1]).ReadAsArray()[0], return_counts=True); print(v[n.argmax()])" "$a")
expect_ok info "$a" -json -srcnodata "$common"
expect_value "i['dates'][0]['bands'][0]['nodata'] == $common" 'True'
expect_value "i['dates'][0]['nodata_share'] > 0" 'True'
expect_error 'srcnodata' info "$a" -srcnodata few
# -mask, -scl, -mask_mode
expect_ok info "${SERIES[@]}" -json "${KNOWN[@]}"
expect_value "{d['cloud_share_from'] for d in i['dates']}" "{'mask'}"
for k in 0 1 2 3 4; do
    # As scene classification: 4 vegetation, 9 cloud, 3 shadow.
    python3 - "${MASKS[k]}" "scl_$k.tif" <<'END'
import sys
import numpy as np
from osgeo import gdal
source = gdal.Open(sys.argv[1])
copy = gdal.GetDriverByName('GTiff').CreateCopy(sys.argv[2], source)
copy.GetRasterBand(1).WriteArray(np.array([4, 9, 3], np.uint8)[source.ReadAsArray()])
END
done
SCL=(-scl scl_0.tif -scl scl_1.tif -scl scl_2.tif -scl scl_3.tif -scl scl_4.tif)
expect_ok info "${SERIES[@]}" -json "${SCL[@]}"
expect_value "{d['cloud_share_from'] for d in i['dates']}" "{'mask'}"
expect_ok detect "${SERIES[@]}" "${SCL[@]}" -mask_mode replace -dilate 0 -o scl -q
first=$(basename "${MASKS[0]}")
expect_python 'classes of -scl' "
m = read('scl/${first%_mask.tif}_BGRN_mask.tif'); t = read('${MASKS[0]}')
# A classification is not exact: specks of fewer than four pixels are dropped.
assert ((m == 1) == (t == 1)).mean() > 0.99 and ((m == 2) == (t == 2)).mean() > 0.99 and (m > 0).any()"
expect_ok detect "${SERIES[@]}" "${SCL[@]}" -mask_mode replace -dilate 3 -o scl3 -q
expect_python '-dilate' "
import glob
narrow, wide = [np.concatenate([read(f).ravel() for f in sorted(glob.glob(d + '/*.tif'))]) for d in ('scl', 'scl3')]
assert (wide[narrow > 0] == narrow[narrow > 0]).all() and (wide > 0).sum() > 1.02 * (narrow > 0).sum()"
# Metres become pixels of the working grid: 20 m here, others where the same pixels are said to be larger, or to be of no place.
on_grid() { # FOLDER OPTION... of gdal_translate
    local folder=$1 file
    shift
    mkdir -p "$folder"
    for file in "${SERIES[@]}" scl_?.tif; do
        gdal_translate -q "$@" "$file" "$folder/$(basename "$file")"
    done
}
dilated() { # FOLDER, OUT, OPTION...
    local folder=$1 out=$2
    shift 2
    local scls=() k
    for k in 0 1 2 3 4; do scls+=(-scl "$folder/scl_$k.tif"); done
    expect_ok detect "$folder"/sim_*.tif "${scls[@]}" -mask_mode replace -o "$out" -json "$@"
    cp stdout "$out.json"
}
on_grid grid_20
on_grid grid_60 -a_ullr 600000 5204800 605760 5200000
on_grid grid_120 -a_ullr 600000 5209600 611520 5200000
on_grid grid_degrees -a_srs EPSG:4326 -a_ullr 11 60.008 11.0384 59.992 # 0.0004 by 0.0002 degrees, 22 m at 60 degrees north
dilated grid_20 m20
dilated grid_20 m20_2 -dilate 2
dilated grid_20 m20_60 -dilate 60m
dilated grid_20 m20_3 -dilate 3
dilated grid_20 m20_0 -dilate 9m
dilated grid_60 m60
dilated grid_60 m60_1 -dilate 1
dilated grid_120 m120
dilated grid_120 m120_0 -dilate 0
dilated grid_degrees degrees -dilate 45m
dilated grid_degrees degrees_2 -dilate 2
expect_python 'dilation in metres' "
import glob
def masks(d): return np.concatenate([read(f).ravel() for f in sorted(glob.glob(d + '/*.tif'))])
for a, b, pixels, metres in (('m20', 'm20_2', 2, 40), ('m20_60', 'm20_3', 3, 60), ('m60', 'm60_1', 1, 40), ('m120', 'm120_0', 0, 40), ('degrees', 'degrees_2', 2, 45)):
    assert (masks(a) == masks(b)).all(), (a, b)
    said, other = (json.load(open(n + '.json'))['detect'] for n in (a, b))
    assert said['dilate'] == other['dilate'] == pixels and said['dilate_m'] == metres and other['dilate_m'] is None, (said, other)
assert (masks('m20_0') > 0).sum() < (masks('m20') > 0).sum() < (masks('m20_3') > 0).sum()"
expect_error '2000m: is 100 pixels of the working grid; at most 64' detect grid_20/sim_*.tif -dilate 2000m -o out
expect_python 'pictures of no place' "
import glob, os
os.mkdir('placeless')
for f in sorted(glob.glob('grid_20/*.tif')):
    s = gdal.Open(f)
    o = gdal.GetDriverByName('GTiff').Create(f.replace('grid_20', 'placeless'), s.RasterXSize, s.RasterYSize, s.RasterCount, s.GetRasterBand(1).DataType)
    o.WriteArray(s.ReadAsArray())
    for b in range(s.RasterCount):
        o.GetRasterBand(b + 1).SetDescription(s.GetRasterBand(b + 1).GetDescription())
    o = None"
dilated placeless placeless_3 -dilate 60m
expect_text stderr 'dilate 60m: nothing says how large the pixels are; taken for 20 m, so dilated by 3'
expect_error 'mask' info "${SERIES[@]}" -mask "${MASKS[0]}"
expect_error 'no such file' info "$a" -mask nothing.tif
expect_error 'scl' info "${SERIES[@]}" -scl scl_0.tif
gdal_translate -q -srcwin 0 0 40 40 -a_srs '' "${MASKS[0]}" small.tif 2>/dev/null
python3 -c "
from osgeo import gdal; import numpy as np
d = gdal.GetDriverByName('GTiff').Create('bare.tif', 40, 40, 1, gdal.GDT_Byte)"
expect_error 'bare.tif.*(size|pixels)' info "$a" -mask bare.tif
# join needs the network where replace does not.
if [ "$CLEARVISION_NET" = none ]; then
    expect_error 'network|libtorch' detect "$a" -mask "${MASKS[0]}" -o out
fi
expect_ok detect "$a" -mask "${MASKS[0]}" -mask_mode=replace -o replaced -q

# -ref, -tr, -r
gdal_translate -q -srcwin 16 16 64 48 "$a" part_20200101_BGRN.tif
expect_ok info "${SERIES[@]:1}" -json -ref part_20200101_BGRN.tif
expect_value "(i['grid']['width'], i['grid']['height'])" '(64, 48)'
expect_error 'no such file|cannot be opened' info "$a" -ref nothing.tif
for k in 0 1 2 3 4; do
    gdal_translate -q -r nearest -outsize 200% 200% "${SERIES[k]}" "fine_2020010$((k + 1))_BGRN.tif"
    gdal_translate -q -r nearest -outsize 200% 200% "${MASKS[k]}" "finemask_$k.tif"
done
expect_ok info fine_*.tif -json
expect_value "(i['grid']['width'], round(i['grid']['pixel_m']), i['dates'][0]['grid']['width'])" '(96, 20, 192)'
expect_ok info fine_*.tif -json -tr 10 10
expect_value "(i['grid']['width'], round(i['grid']['pixel_m']))" '(192, 10)'
expect_ok info fine_*.tif -json -tr input
expect_value "i['grid']['width']" '96'
FINE=(-mask finemask_0.tif -mask finemask_1.tif -mask finemask_2.tif -mask finemask_3.tif -mask finemask_4.tif -mask_mode replace
    -method regression -q)
expect_ok remove fine_*.tif "${FINE[@]}" -o own
expect_ok remove fine_*.tif "${FINE[@]}" -o coarse -tr 20
expect_python '-tr decides the grid of the outputs' "
own, coarse = gdal.Open('own/fine_20200101_BGRN.tif'), gdal.Open('coarse/fine_20200101_BGRN.tif')
assert (own.RasterXSize, own.RasterYSize) == (192, 160), own.RasterXSize
assert (coarse.RasterXSize, coarse.RasterYSize) == (96, 80), coarse.RasterXSize
assert abs(coarse.GetGeoTransform()[1] - 20) < 0.01"
# A date half a pixel off is resampled, by the method of -r.
geo=$(python3 -c "
from osgeo import gdal; import sys
g = gdal.Open(sys.argv[1]).GetGeoTransform(); x, y, p = g[0] + 7.3, g[3] - 6.1, g[1]
print(x, y, x + 96 * p, y - 80 * p)" "$a")
# shellcheck disable=SC2086
gdal_translate -q -a_ullr $geo "${SERIES[1]}" shifted_20200102_BGRN.tif
MOVED=("$a" shifted_20200102_BGRN.tif "${SERIES[@]:2}")
expect_ok info "${MOVED[@]}" -json
expect_value "sum(d['warped'] for d in i['dates'])" '1'
expect_ok info "${MOVED[@]}"
expect_text stdout 'note +1 of 5 dates lie on another grid'
for method in near bilinear cubic cubicspline lanczos average; do
    expect_ok remove "${MOVED[@]}" "${REGRESSION[@]}" -r $method -o "by_$method"
done
expect_ok remove "${MOVED[@]}" "${REGRESSION[@]}" -o by_default
output=$(basename "$a")
expect_same by_default/"$output" by_bilinear/"$output"
expect_different by_default/"$output" by_near/"$output"
expect_different by_cubic/"$output" by_near/"$output"
expect_different by_lanczos/"$output" by_cubicspline/"$output"

# Inputs by text file, VRT and archive.
printf '# a comment\n\n%s\n' "${SERIES[@]}" >list.txt
expect_ok info list.txt -json
expect_value "len(i['dates'])" '5'
if command -v zip >/dev/null; then
    (cd "$CLV_DATA" && zip -q "$SCRATCH/series.zip" sim_*.tif)
else
    python3 -c "
import sys, zipfile, os
z = zipfile.ZipFile('series.zip', 'w')
for f in sys.argv[1:]: z.write(f, os.path.basename(f))" "${SERIES[@]}"
fi
expect_ok info "${SERIES[@]/#$CLV_DATA/\/vsizip\/series.zip}" -json
expect_value "len(i['dates'])" '5'
gdalbuildvrt -q part.vrt "$a" >/dev/null
expect_ok info part.vrt -json -date 2020-01-01 -b 3,2,1
expect_value "i['dates'][0]['grid']['width']" '96'
# One raster with all dates as bands.
expect_ok remove "${SERIES[@]}" "${REGRESSION[@]}" -stack -o stack.tif
expect_ok info stack.tif -json
expect_value "(len(i['dates']), i['inputs'], i['stack'])" '(5, 1, True)'
# Threads inside GDAL: bands stored apart, with a predictor, by one thread and by two.
predicted=()
for file in "${SERIES[@]}"; do
    gdal_translate -q -co COMPRESS=DEFLATE -co PREDICTOR=2 -co INTERLEAVE=BAND "$file" "predicted_${file##*/}"
    predicted+=("predicted_${file##*/}")
done
expect_ok remove "${predicted[@]}" "${REGRESSION[@]}" -o by_one --config GDAL_NUM_THREADS 1
expect_ok remove "${predicted[@]}" "${REGRESSION[@]}" -o by_two --config GDAL_NUM_THREADS 2
gdalbuildvrt -q lazy_20230406_BGRN.vrt "${predicted[0]}"
expect_ok remove lazy_20230406_BGRN.vrt "${predicted[@]:1}" "${REGRESSION[@]}" -o lazy_one --config GDAL_NUM_THREADS 1
expect_ok remove lazy_20230406_BGRN.vrt "${predicted[@]:1}" "${REGRESSION[@]}" -o lazy_two --config GDAL_NUM_THREADS 2
expect_python 'threads inside GDAL change no pixel' "
import glob
for one in glob.glob('by_one/*.tif') + glob.glob('lazy_one/*.tif'):
    assert (read(one) == read(one.replace('_one', '_two'))).all(), one
assert len(glob.glob('by_one/*.tif')) == 5"
finish
