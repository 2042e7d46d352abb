# SPDX-License-Identifier: MIT
# -srcwin, -projwin, -te: what is written equals the same pixels of the whole result, on every grid; bad values.
. "$(dirname "$0")/common.sh"
need_python

# same PART FULL: every raster of PART equals its window of the raster of that name in FULL, in place too.
same() {
    expect_python "$1 is a window of $2" "
import glob, os
files = sorted(glob.glob('$1/*.tif'))
assert files
for f in files:
    a, b = gdal.Open(f), gdal.Open('$2/' + os.path.basename(f))
    s, t = a.GetGeoTransform(), b.GetGeoTransform()
    x, y = (s[0] - t[0]) / t[1], (s[3] - t[3]) / t[5]
    assert abs(x - round(x)) < 1e-6 and abs(y - round(y)) < 1e-6 and s[1] == t[1], (f, x, y)
    assert a.RasterXSize < b.RasterXSize or a.RasterYSize < b.RasterYSize, f
    assert (a.ReadAsArray() == b.ReadAsArray(round(x), round(y), a.RasterXSize, a.RasterYSize)).all(), f"
}
# size FILE: "x y width height" on the grid of the simulation (origin 660000 5160000).
size() {
    python3 -c "
from osgeo import gdal; import sys
d = gdal.Open(sys.argv[1]); t = d.GetGeoTransform()
print(round((t[0] - 660000) / t[1]), round((t[3] - 5160000) / t[5]), d.RasterXSize, d.RasterYSize)" "$1"
}

# Large enough that windows, what they look at and the margin end inside the scene on both sides.
expect_ok simulate -size 1700 420 -dates 5 -o big -q
BIG=(big/sim_*.tif)
name=$(basename "${BIG[0]}")
NETWORK=()
if [ "$CLEARVISION_NET" = none ]; then
    for f in big/mask/*.tif; do NETWORK+=(-mask "$f"); done
    NETWORK+=(-mask_mode replace)
fi
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -quality -masks -o whole -q
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -quality -masks -o window -q -srcwin 901 100 200 150 -preview window/p.png
check "size of -srcwin" test "$(size window/"$name")" = "901 100 200 150"
same window whole
expect_python "clouds lie in the window" "
import glob
assert sum((read(f) > 0).sum() for f in glob.glob('window/*_mask.tif')) > 1000"
# The same box in map units, in degrees, with commas; in a corner; in strips of memory.
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -o box -q -projwin 678020 5158000 682020 5155000
check "size of -projwin" test "$(size box/"$name")" = "901 100 200 150"
expect_same box/"$name" window/"$name"
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -o te -q --te=678020,5155000,682020,5158000
expect_same te/"$name" window/"$name"
expect_ok info "${BIG[@]}" -te 11.25 46.5 11.26 46.51 -te_srs EPSG:4326 -json
expect_text stdout '"width":4[0-9],"height":5[0-9]'
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -o corner -q -srcwin 1650 390 50 30 -mem 20
same corner whole
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -stack -o all.tif -q
expect_ok remove "${BIG[@]}" "${NETWORK[@]}" -stack -o all_window.tif -q -srcwin 901 100 200 150
expect_python "-stack" "assert (read('all_window.tif') == gdal.Open('all.tif').ReadAsArray(901, 100, 200, 150)).all()"
if [ "$CLEARVISION_NET" != none ]; then
    expect_ok detect "${BIG[@]}" -prob -o prob -q
    expect_ok detect "${BIG[@]}" -prob -o prob_window -q -srcwin 901 100 200 150
    same prob_window prob
fi

# 10 m pictures with a date of 20 m, one of another extent, one that ends above the crop; odd offsets.
mkdir ten
k=0
for f in "${BIG[@]}"; do
    to=ten/$(basename "$f")
    case $k in
    1) gdal_translate -q -srcwin 500 0 700 420 "$f" "$to" ;;
    2) gdal_translate -q -r cubic -outsize 200% 200% -srcwin 550 7 600 400 "$f" "$to" ;;
    3) gdal_translate -q -r cubic -outsize 200% 200% -srcwin 500 0 700 100 "$f" "$to" ;;
    *) gdal_translate -q -r cubic -outsize 200% 200% -srcwin 500 0 700 420 "$f" "$to" ;;
    esac
    k=$((k + 1))
done
TENNET=()
if [ "$CLEARVISION_NET" = none ]; then TENNET=("${NETWORK[@]}"); fi
expect_ok remove ten/*.tif "${TENNET[@]}" -quality -o ten_whole -q
expect_ok remove ten/*.tif "${TENNET[@]}" -quality -o ten_window -srcwin 551 333 401 301
expect_text stderr 'shows nothing of the crop'
same ten_window ten_whole
check "no output without pixels" test "$(ls ten_window/*.tif | wc -l)" -eq 8
expect_python "exact on the grid it counts, outward on the coarser" "
a, b = gdal.Open('ten_window/$name'), gdal.Open('ten_window/$(basename "${BIG[1]}")')
assert (a.RasterXSize, a.RasterYSize) == (401, 301) and (b.RasterXSize, b.RasterYSize) == (201, 151)"
expect_ok remove ten/*.tif "${TENNET[@]}" -tr 20 -o tr_whole -q
expect_ok remove ten/*.tif "${TENNET[@]}" -tr 20 -o tr_window -q -srcwin 551 333 401 301
same tr_window tr_whole
check "shares are those of the crop" test "$(ls tr_window/*.tif | wc -l)" -eq 5

# A picture without georeference, with a mask band and points.
python3 - "${SERIES[@]}" <<'END'
import sys
import numpy as np
from osgeo import gdal
gdal.SetConfigOption('GDAL_TIFF_INTERNAL_MASK', 'YES')
for k, f in enumerate(sys.argv[1:]):
    s = gdal.Open(f)
    d = gdal.GetDriverByName('GTiff').Create(f'bare_2020010{k + 1}_BGRN.tif', s.RasterXSize, s.RasterYSize, 4, gdal.GDT_UInt16)
    d.WriteRaster(0, 0, s.RasterXSize, s.RasterYSize, s.ReadRaster())
    for b in range(1, 5):
        d.GetRasterBand(b).SetDescription(s.GetRasterBand(b).GetDescription())
    d.SetGCPs([gdal.GCP(1, 2, 0, 30, 40), gdal.GCP(3, 4, 0, 70, 10), gdal.GCP(3, 9, 0, 10, 70)], s.GetProjection())
    d.CreateMaskBand(gdal.GMF_PER_DATASET)
    m = np.full((s.RasterYSize, s.RasterXSize), 255, np.uint8)
    m[50:60, 40:60] = 0
    d.GetRasterBand(1).GetMaskBand().WriteArray(m)
END
expect_ok remove bare_*.tif "${KNOWN[@]}" -method regression -keep_nodata -o bare -q
expect_ok remove bare_*.tif "${KNOWN[@]}" -method regression -keep_nodata -o bare_window -q -srcwin 20 30 50 40
expect_python "mask and points of a picture without georeference" "
a, b = gdal.Open('bare_window/bare_20200101_BGRN.tif'), gdal.Open('bare/bare_20200101_BGRN.tif')
assert (a.ReadAsArray() == b.ReadAsArray(20, 30, 50, 40)).all()
m = a.GetRasterBand(1).GetMaskBand().ReadAsArray()
assert (m == b.GetRasterBand(1).GetMaskBand().ReadAsArray(20, 30, 50, 40)).all() and (m == 0).any() and (m != 0).any()
p, q = a.GetGCPs()[0], b.GetGCPs()[0]
assert (p.GCPPixel, p.GCPLine, p.GCPX) == (q.GCPPixel - 20, q.GCPLine - 30, q.GCPX)"
expect_error 'no georeference.*-srcwin' remove bare_*.tif "${KNOWN[@]}" -te 1 2 3 4 -o out

# Bad values.
a=${SERIES[0]}
for words in '-te 1 2 3|four numbers' '-te 3 2 1 4|is empty' '-te 0 0 1 1|outside' '-srcwin 0 0 5000 5|96x80 pixels' \
    '-srcwin 1.5 0 5 5|whole pixels' '-srcwin 1 1 0 5|empty' '-projwin 1 2 3 4|empty' '-te_srs EPSG:4326|give -te' \
    '-projwin_srs EPSG:4326|give -projwin' '-te 11 46 12 47 -te_srs nonsense|not a coordinate system' \
    '-te 1 2 3 4 -srcwin 1 2 3 4|exclude' '-te 1 2 3 x|four numbers' '-te=1,2,3|four numbers' '-te=1,2,3,4,5|number' '-srcwin|needs a value'; do
    # shellcheck disable=SC2086
    expect_error "${words#*|}" remove "${SERIES[@]}" ${words%|*} -o out
done
expect_ok info "$a" -te 600000 5000000 700000 5200000
expect_text stderr 'reaches beyond'
finish
