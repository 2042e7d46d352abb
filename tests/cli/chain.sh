# SPDX-License-Identifier: MIT
# Habits of GDAL: pipes in and out, -if, -oo, -ovr, -mo, -nomd, -a_srs, -t_srs, -tap, COG, what survives gdal_translate, and the
# recipes of clearvision-recipes(7).
. "$(dirname "$0")/common.sh"
need_python
need gdal_translate gdaladdo gdalwarp
FILL=("${KNOWN[@]}" -method gaussian -q)
name=$(basename "${SERIES[0]}")
a=${SERIES[0]}

# ---- Pipes ----
# gdal_translate's streams are damaged with libtiff 4.7 where the directory ends at an odd byte (see below): metadata of one character
# more or less decide.
for word in a aa; do
    expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -o all.tif -mo "WORD=$word" -overwrite
    gdal_translate -q all.tif /vsistdout/ >streamed.tif
    python3 -c "
import sys
from osgeo import gdal
gdal.UseExceptions()
a, b = (gdal.Open(f).ReadAsArray() for f in ('all.tif', 'streamed.tif'))
sys.exit(not (a == b).all())" 2>/dev/null && break
done
gdalbuildvrt -q -separate masks.vrt "${MASKS[@]}"
STACKED=(-method linear -mask masks.vrt -mask_mode replace -stack -q)
expect_ok remove all.tif "${STACKED[@]}" -o direct.tif
gdal_translate -q all.tif /vsistdout/ | CPL_TMPDIR=$SCRATCH "$CLV_PROGRAM" remove - "${STACKED[@]}" -o - | gdal_translate -q /vsistdin/ piped.tif
check "three programs in a pipe" test "${PIPESTATUS[*]}" = "0 0 0"
expect_python "the pipe's result and what it tells" "
p, d = gdal.Open('piped.tif'), gdal.Open('direct.tif')
assert (p.ReadAsArray() == d.ReadAsArray()).all()
for k in range(1, 21):
    x, y = p.GetRasterBand(k), d.GetRasterBand(k)
    assert x.GetDescription() == y.GetDescription() and x.GetNoDataValue() == y.GetNoDataValue()
    assert x.GetMetadataItem('ACQUISITIONDATETIME') == y.GetMetadataItem('ACQUISITIONDATETIME') != None
assert p.GetMetadataItem('CLEARVISION_METHOD') == 'linear'"
check "no copy is left" test -z "$(find "$SCRATCH" -name '.clearvision-input*')"
expect_ok info piped.tif -json
expect_text stdout '"stack":true'
"$CLV_PROGRAM" info <(cat "$a") "${SERIES[1]}" "${SERIES[2]}" -json >stdout 2>stderr
expect_text stdout '"source":"/dev/fd/'
"$CLV_PROGRAM" info /vsistdin/ "${SERIES[1]}" -json <"$a" >stdout 2>stderr
expect_text stdout '"source":"/vsistdin/","name":"stdin"'
"$CLV_PROGRAM" detect - "${SERIES[1]}" -mask - -mask "${MASKS[1]}" -o out <"$a" >stdout 2>stderr
expect_text stderr '^ERROR 5: standard input is named more than once'
"$CLV_PROGRAM" detect "$a" -mask - -mask_mode replace -q -o masked <"${MASKS[0]}" 2>stderr
expect_file masked/"${name%.tif}"_mask.tif
expect_error 'no data; did' info -
echo nonsense | "$CLV_PROGRAM" info - 2>stderr >stdout
expect_text stderr '^ERROR 4: /vsistdin/: not a raster'
CPL_TMPDIR=/nowhere "$CLV_PROGRAM" info - <"$a" 2>stderr >stdout
check "one line for a folder that is not there" test "$(grep -c . stderr)" -eq 1
mkfifo pipe
(timeout 60 cat pipe >from_pipe.tif) &
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -o pipe
wait
expect_python "a named pipe" "assert (read('from_pipe.tif') == read('all.tif')).all()"
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -co COMPRESS=LZW -o -
cp stdout packed.tif
expect_python "a compression that is asked for" "
d = gdal.Open('packed.tif')
assert d.GetMetadataItem('COMPRESSION', 'IMAGE_STRUCTURE') == 'LZW' and (d.ReadAsArray() == read('all.tif')).all()"

# A directory may end at an odd or an even byte (its last part is the metadata, or a nodata value of four characters and more):
# GDAL's own streamable files are damaged with libtiff 4.7 where it is odd.
for nodata in 0 -999 -9999; do
    for i in 0 1 2 3 4; do
        gdal_translate -q -ot Int16 -a_nodata $nodata "${SERIES[i]}" "signed$i.tif"
    done
    for word in a aa; do
        ODD=(signed?.tif "${FILL[@]}" -stack -mo "WORD=$word" -co INTERLEAVE=PIXEL -co COMPRESS=NONE -overwrite)
        expect_ok remove "${ODD[@]}" -o odd.tif
        "$CLV_PROGRAM" remove "${ODD[@]}" -o - 2>stderr | gdal_translate -q -co COMPRESS=DEFLATE /vsistdin/ odd_piped.tif
        check "a pipe, nodata $nodata, $word" test "${PIPESTATUS[*]}" = "0 0"
        expect_ok remove "${ODD[@]}" -co STREAMABLE_OUTPUT=YES -o odd_file.tif
        expect_no_text stderr .
        check "a streamable file, nodata $nodata, $word" sh -c 'gdal_translate -q /vsistdin/ odd_copy.tif <odd_file.tif'
        expect_python "their pixels, nodata $nodata, $word" "
x = read('odd.tif')
for name in ('odd_piped.tif', 'odd_file.tif', 'odd_copy.tif'):
    d = gdal.Open(name)
    assert (d.ReadAsArray() == x).all() and d.GetRasterBand(1).GetNoDataValue() == $nodata and d.GetMetadataItem('WORD') == '$word', name"
    done
done

# ---- How inputs are opened ----
expect_ok info "$a" -if GTiff -if PNG
expect_error 'no such format.*GTiff' info "$a" -if Nothing
expect_error 'not recognized' info "$a" -if PNG
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -if GTiff -o opened
expect_error 'opened as a raster' remove "${SERIES[@]}" "${FILL[@]}" -if PNG -o out
expect_ok info "$a" -oo NUM_THREADS=2
expect_no_text stderr Warning
expect_ok info "${SERIES[@]}" -oo NONSENSE=1
check "one warning for an option that no driver has" test "$(grep -c 'NONSENSE' stderr)" -eq 1
expect_error 'NAME=VALUE' info "$a" -oo NONSENSE

mkdir pyramid
cp "${SERIES[@]}" pyramid
for f in pyramid/*.tif; do gdaladdo -q -r average "$f" 2 4; done
COARSE=(-method linear -q)
for m in "${MASKS[@]}"; do COARSE+=(-mask "$m"); done
expect_ok remove pyramid/*.tif "${COARSE[@]}" -mask_mode replace -ovr 0 -o look
expect_python "-ovr reads the overview" "
d, o = gdal.Open('look/$name'), gdal.OpenEx('pyramid/$name', open_options=['OVERVIEW_LEVEL=0'])
m = read('${MASKS[0]}')
h, w = m.shape
seen = m.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3)) == 0
assert (d.RasterXSize, d.RasterYSize) == (48, 40) and d.GetGeoTransform() == o.GetGeoTransform()
assert (d.ReadAsArray()[:, seen] == o.ReadAsArray()[:, seen]).all() and 0 < seen.sum() < seen.size
s = gdal.Open('$a')
assert [d.GetRasterBand(k).GetDescription() for k in (1, 4)] == [s.GetRasterBand(k).GetDescription() for k in (1, 4)]"
expect_ok info pyramid/*.tif -ovr AUTO -tr 40 -json
expect_text stdout '"width":48,"height":40'
expect_ok info pyramid/*.tif -ovr AUTO -json
expect_text stdout '"width":96,"height":80'
expect_error 'ovr 0: it has 0 overviews' info "${SERIES[@]}" -ovr 0
expect_error 'ovr 2: it has 2 overviews' info pyramid/*.tif -ovr 2
for level in x -1 1.5 'AUTO-1'; do expect_error 'ovr' info pyramid/*.tif -ovr="$level"; done

# ---- What outputs tell ----
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -masks -quality -o told -mo OWNER=me -mo 'NOTE=a = b'
gdal_translate -q told/"$name" copy.tif
gdal_translate -q told/"${name%.tif}"_quality.tif copy_quality.tif
expect_python "what survives gdal_translate" "
d, o = gdal.Open('copy.tif'), gdal.Open('told/$name')
items = d.GetMetadata()
assert items['OWNER'] == 'me' and items['NOTE'] == 'a = b' and items['CLEARVISION_METHOD'] == 'gaussian'
assert items['ACQUISITIONDATETIME'] == o.GetMetadataItem('ACQUISITIONDATETIME', 'IMAGERY')
assert items['CLEARVISION_DATES'].count(',') == 4 and 'CLEARVISION_VERSION' in items
for k in range(1, 5):
    x, y = d.GetRasterBand(k), o.GetRasterBand(k)
    for get in ('GetDescription', 'GetNoDataValue', 'GetScale', 'GetOffset', 'GetColorInterpretation'):
        assert getattr(x, get)() == getattr(y, get)(), get
q = gdal.Open('copy_quality.tif')
assert q.GetRasterBand(1).GetDescription() == 'source' and q.GetRasterBand(2).GetUnitType() == 'days'
assert gdal.Open('told/${name%.tif}_mask.tif').GetMetadataItem('OWNER') == 'me'"
expect_ok info copy.tif -json
expect_text stdout '"date":"metadata|ACQUISITIONDATETIME'
gdal_edit.py -mo SECRET=yes -scale 0.0001 0.0001 0.0001 0.0001 pyramid/"$name" 2>/dev/null
expect_ok remove pyramid/*.tif "${FILL[@]}" -o kept
expect_ok remove pyramid/*.tif "${FILL[@]}" -nomd -o dropped
expect_python "-nomd" "
k, d = gdal.Open('kept/$name'), gdal.Open('dropped/$name')
assert k.GetMetadataItem('SECRET') == 'yes' and d.GetMetadataItem('SECRET') is None
assert d.GetMetadataItem('ACQUISITIONDATETIME') == k.GetMetadataItem('ACQUISITIONDATETIME') != None
assert d.GetRasterBand(1).GetDescription() == k.GetRasterBand(1).GetDescription() != ''
assert d.GetRasterBand(1).GetScale() == k.GetRasterBand(1).GetScale()
assert (d.ReadAsArray() == k.ReadAsArray()).all()"
expect_error 'NAME=VALUE' remove "${SERIES[@]}" "${FILL[@]}" -mo OWNER -o out
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -a_srs EPSG:32633 -o assigned
expect_python "-a_srs moves nothing" "
d, o = gdal.Open('assigned/$name'), gdal.Open('told/$name')
assert d.GetSpatialRef().GetAuthorityCode(None) == '32633' and d.GetGeoTransform() == o.GetGeoTransform()
assert (d.ReadAsArray() == o.ReadAsArray()).all()"
expect_error 'a_srs.*not a coordinate system' remove "${SERIES[@]}" "${FILL[@]}" -a_srs nonsense -o out

# A COG that says so is one: its directories come first, then the data, overviews before the full size.
expect_ok simulate -size 700 600 -dates 3 -o wide -q
WIDE=()
for f in wide/mask/*.tif; do WIDE+=(-mask "$f"); done
expect_ok remove wide/sim_*.tif -method linear -mask_mode replace "${WIDE[@]}" -of COG -o cog -q
expect_python "a COG" "
import glob
for f in glob.glob('cog/*.tif'):
    d = gdal.Open(f)
    assert d.GetMetadataItem('LAYOUT', 'IMAGE_STRUCTURE') == 'COG'
    b = d.GetRasterBand(1)
    assert b.GetOverviewCount() >= 1 and b.GetBlockSize() == [512, 512]
    head = int(b.GetMetadataItem('IFD_OFFSET', 'TIFF')), [int(b.GetOverview(i).GetMetadataItem('IFD_OFFSET', 'TIFF')) for i in range(b.GetOverviewCount())]
    data = int(b.GetMetadataItem('BLOCK_OFFSET_0_0', 'TIFF')), [int(b.GetOverview(i).GetMetadataItem('BLOCK_OFFSET_0_0', 'TIFF')) for i in range(b.GetOverviewCount())]
    assert head[0] < min(head[1]) and max([head[0]] + head[1]) < min([data[0]] + data[1])
    assert data[1] == sorted(data[1], reverse=True) and data[0] > max(data[1]), data
    assert b.GetDescription() and d.GetMetadataItem('ACQUISITIONDATETIME') and d.GetMetadataItem('CLEARVISION_METHOD') == 'linear'
    s = gdal.Open(f.replace('cog', 'wide'))
    assert b.GetNoDataValue() == s.GetRasterBand(1).GetNoDataValue()"

# ---- Another grid ----
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -masks -t_srs EPSG:4326 -r cubic -o degrees
# Pixels of the result per pixel of the source, along the source's columns and rows: what the warper's kernel has to be scaled by.
# SYSTEM SOURCE RESULT
kernel_scales() {
    python3 - "$@" <<'PY'
import math, sys
from osgeo import gdal, osr
gdal.UseExceptions()
systems = [osr.SpatialReference(), osr.SpatialReference()]
systems[0].SetFromUserInput(sys.argv[1])
source, result = gdal.Open(sys.argv[2]), gdal.Open(sys.argv[3])
systems[1].ImportFromWkt(source.GetProjection())
for s in systems: s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
to, g, s = osr.CoordinateTransformation(*systems), result.GetGeoTransform(), source.GetGeoTransform()
def at(x, y):
    p = to.TransformPoint(g[0] + g[1] * x, g[3] + g[5] * y)
    return (p[0] - s[0]) / s[1], (p[1] - s[3]) / s[5]
x, y = result.RasterXSize / 2, result.RasterYSize / 2
o, a, b = at(x, y), at(x + 1, y), at(x, y + 1)
print('-wo XSCALE=%.8f -wo YSCALE=%.8f' % (1 / math.hypot(a[0] - o[0], b[0] - o[0]), 1 / math.hypot(a[1] - o[1], b[1] - o[1])))
PY
}
# shellcheck disable=SC2046
gdalwarp -q -t_srs EPSG:4326 -r cubic $(kernel_scales EPSG:4326 told/"$name" degrees/"$name") told/"$name" warped.tif
gdalwarp -q -t_srs EPSG:4326 -r near told/"${name%.tif}"_mask.tif warped_mask.tif
expect_python "-t_srs is gdalwarp at the end" "
d, w = gdal.Open('degrees/$name'), gdal.Open('warped.tif')
assert (d.RasterXSize, d.RasterYSize) == (w.RasterXSize, w.RasterYSize)
assert np.allclose(d.GetGeoTransform(), w.GetGeoTransform(), rtol=1e-12)
x, y = d.ReadAsArray().astype(int), w.ReadAsArray().astype(int)
assert (abs(x - y) <= 1).mean() > 0.999, abs(x - y).max()
m, n = read('degrees/${name%.tif}_mask.tif'), read('warped_mask.tif')
assert (m == n).mean() > 0.999 and set(np.unique(m)) <= {0, 1, 2, 255}
assert d.GetRasterBand(1).GetDescription() and d.GetMetadataItem('ACQUISITIONDATETIME') and d.GetRasterBand(1).GetNoDataValue() == 0"
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -tap -tr 60 -te 660070 5158890 661450 5159930 -o aligned
expect_python "-tap, -te" "
d = gdal.Open('aligned/$name'); t = d.GetGeoTransform()
assert t[1] == 60 and t[0] == 660060 and t[3] == 5159940 and (d.RasterXSize, d.RasterYSize) == (24, 18), (t, d.RasterXSize, d.RasterYSize)"
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -t_srs EPSG:3857 -of COG -o mercator -srcwin 10 10 60 50
expect_python "another grid and another format" "
d = gdal.Open('mercator/$name')
assert d.GetMetadataItem('LAYOUT', 'IMAGE_STRUCTURE') == 'COG' and d.GetSpatialRef().GetAuthorityCode(None) == '3857' and d.ReadAsArray().any()"
# Turned grids: the kernel is as wide as the pixels are far apart, in every block.
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -t_srs EPSG:3413 -o turned
# shellcheck disable=SC2046
gdalwarp -q -t_srs EPSG:3413 -r bilinear $(kernel_scales EPSG:3413 told/"$name" turned/"$name") told/"$name" turned.tif
expect_python "-t_srs to a turned grid is not blurred" "
x, w = read('turned/$name').astype(int), read('turned.tif').astype(int)
assert x.shape == w.shape and (x > 0).all(0).mean() > 0.3
assert abs(x - w).max() <= 10 and (abs(x - w) <= 1).mean() > 0.99, (abs(x - w).max(), (abs(x - w) <= 1).mean())"
# -tr is in units of -t_srs, whatever is worked with.
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -t_srs EPSG:4326 -tr 0.0003 -o fine
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -t_srs EPSG:3857 -tr 37 -tap -masks -o tapped
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -t_srs EPSG:4326 -tr 0.0005 -tap -o tapped_degrees
expect_python "-tr with -t_srs" "
t = gdal.Open('fine/$name').GetGeoTransform()
assert abs(t[1] - 3e-4) < 1e-12 and abs(t[5] + 3e-4) < 1e-12, t
for f in ('$name', '${name%.tif}_mask.tif'):
    d = gdal.Open('tapped/' + f); t = d.GetGeoTransform()
    assert t[1] == 37 and t[0] % 37 == 0 and t[3] % 37 == 0 and d.ReadAsArray().any(), t
t = gdal.Open('tapped_degrees/$name').GetGeoTransform()
assert abs(t[0] / 5e-4 - round(t[0] / 5e-4)) < 1e-6 and abs(t[1] - 5e-4) < 1e-12, t"
# -tap alone stays in the input's system, where -tr is in metres.
mkdir feet
IN_FEET=(-mask_mode replace)
for i in "${!SERIES[@]}"; do
    gdalwarp -q -t_srs EPSG:2229 -tr 65.6166666 65.6166666 "${SERIES[i]}" feet/"$(basename "${SERIES[i]}")"
    gdalwarp -q -t_srs EPSG:2229 -tr 65.6166666 65.6166666 "${MASKS[i]}" "feet_mask$i.tif"
    IN_FEET+=(-mask "feet_mask$i.tif")
done
expect_ok remove feet/*.tif "${IN_FEET[@]}" -method gaussian -tap -tr 40 -o feet_out -q
expect_python "-tap alone, in feet" "
t = gdal.Open('feet_out/$name').GetGeoTransform()
assert abs(t[1] - 40 / (1200 / 3937)) < 0.01, t"
# Across 180 degrees: a line with bounds to copy, and with them what gdalwarp gives.
mkdir east
for f in "${SERIES[@]}"; do
    gdal_translate -q -a_srs EPSG:32601 -a_ullr 269000 5160000 272000 5157000 "$f" east/"$(basename "$f")"
done
expect_error '180 degrees.*-te 179\.[0-9]+ 46\.[0-9]+ 180\.[0-9]+ 46\.' remove east/*.tif "${FILL[@]}" -t_srs EPSG:4326 -o out
expect_error '180 degrees' remove east/*.tif "${FILL[@]}" -t_srs EPSG:3857 -o out
expect_ok remove east/*.tif "${FILL[@]}" -o west
TE=(-te 179.98 46.5 180.05 46.56)
expect_ok remove east/*.tif "${FILL[@]}" -t_srs EPSG:4326 "${TE[@]}" -tr 0.0003 -o both_sides
gdalwarp -q -t_srs EPSG:4326 "${TE[@]}" -tr 0.0003 0.0003 -r bilinear west/"$name" west.tif
expect_python "-te beyond 180" "
d, w = gdal.Open('both_sides/$name'), gdal.Open('west.tif')
assert np.allclose(d.GetGeoTransform(), w.GetGeoTransform()), d.GetGeoTransform()
x, y = d.ReadAsArray().astype(int), w.ReadAsArray().astype(int)
column = round((180 - 179.98) / 0.0003)
assert x[:, :, :column].any() and x[:, :, column:].any() and ((x > 0) == (y > 0)).mean() > 0.99
assert abs(x - y)[(x > 0) & (y > 0)].mean() < 10"
for words in '-t_srs nonsense|not a coordinate system' '-tap|give -tr' '-tr 20 -t_srs EPSG:4326|in degrees there' \
    '-t_srs EPSG:3857 -te 5 5 1 1|is empty' '-t_srs EPSG:3857 -a_srs EPSG:3857|exclude' '-t_srs EPSG:32632 -tr 20 -te 0 0 1e9 1e9|out/sim.*target grid'; do
    # shellcheck disable=SC2086
    expect_error "${words#*|}" remove "${SERIES[@]}" "${FILL[@]}" ${words%|*} -o out
done

# ---- Classes and days are never averaged ----
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -masks -quality -of COG -co OVERVIEW_RESAMPLING=AVERAGE -co OVERVIEW_COUNT=1 -o averaged
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -masks -quality -of VRT -o in_parts
expect_python "overviews, VRTs and readers who ask for means" "
def values(a): return set(np.unique(a))
cog, vrt = 'averaged/${name%.tif}_%s.tif', 'in_parts/${name%.tif}_%s.vrt'
for product in ('mask', 'quality'):
    d, v = gdal.Open(cog % product), gdal.Open(vrt % product)
    for k in range(1, d.RasterCount + 1):
        b = d.GetRasterBand(k)
        assert b.GetOverviewCount() and values(b.GetOverview(0).ReadAsArray()) <= values(b.ReadAsArray()), (product, k)
        for how in (gdal.GRIORA_Bilinear, gdal.GRIORA_Average, gdal.GRIORA_Cubic):
            assert values(v.GetRasterBand(k).ReadAsArray(buf_xsize=47, buf_ysize=41, resample_alg=how)) <= values(v.GetRasterBand(k).ReadAsArray())
d = gdal.Open('averaged/$name'); p = d.GetRasterBand(1)
a, o = p.ReadAsArray(), p.GetOverview(0).ReadAsArray()
assert not values(o) <= values(a)"

# ---- What the metadata say of how it was made ----
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -masks -o plain
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -masks -full -dilate 4 -threshold 0.35 -in_offset -0.01 -srcnodata none -window 4 -o options
expect_ok detect "${SERIES[@]}" "${KNOWN[@]}" -q -dilate 1 -o options_detect
expect_python "options that change pixels" "
def said(f): return gdal.Open(f).GetMetadataItem('CLEARVISION_OPTIONS')
assert said('plain/$name') == '-mask (5 files) -mask_mode replace', said('plain/$name')
for f in ('options/$name', 'options/${name%.tif}_mask.tif'):
    assert said(f) == '-in_offset -0.01 -srcnodata none -mask (5 files) -mask_mode replace -threshold 0.35 -dilate 4 -window 4 -full', said(f)
assert said('options_detect/${name%.tif}_mask.tif').endswith('-dilate 1')"

# ---- The recipes of the manual ----
recipe() {
    sed -n "/^\.\\\\\" recipe: $1\$/,/^\.\\\\\" end/p" "$CLV_SOURCE/man/clearvision-recipes.7" | grep -v '^\.' | sed 's/\\-/-/g; s/\\e$/\\/'
}
mkdir bin
printf '#!/bin/sh\nc=$1; shift\nexec "%s" "$c" "$@" -method linear\n' "$CLV_PROGRAM" >bin/clearvision
chmod +x bin/clearvision
export PATH=$SCRATCH/bin:$PATH
if [ "$CLEARVISION_NET" != none ]; then
    mkdir scenes tiles tiles/x tiles/y
    cp "${SERIES[@]}" scenes
    cp "${SERIES[@]}" tiles/x
    cp "${SERIES[@]}" tiles/y
    if command -v make >/dev/null; then
        mkdir clear
        recipe make >Makefile
        check "recipe: make" make clear/small.tif
        check "nothing to do twice" test "$(make -s clear/small.tif 2>&1 | grep -c clearvision)" -eq 0
        check "made again" sh -c "sleep 1; touch scenes/$name; make clear/all.tif | grep -q clearvision"
        expect_python "what make made" "assert gdal.Open('clear/small.tif').RasterXSize == 48"
        rm -r clear
    fi
    recipe loop >loop.sh
    check "recipe: loop" bash loop.sh
    expect_file done/x/"$name" done/y/"$name"
    check "the loop has nothing left to do" bash loop.sh
    recipe xargs >xargs.sh
    check "recipe: xargs" bash xargs.sh
    expect_same work/x/"$name" done/x/"$name"
    recipe pipe >pipe.sh
    check "recipe: pipe" bash pipe.sh
    expect_python "what the pipe made" "assert gdal.Open('clear.tif').RasterCount == 20"
    k=0
    for day in 20220601 20220611 20220621 20220701 20220711; do
        for band in 'B04 3' 'B03 2' 'B02 1'; do
            gdal_translate -q -b "${band#* }" "${SERIES[k]}" "${day}_${band% *}.tif"
        done
        k=$((k + 1))
    done
    recipe vrt >vrt.sh
    check "recipe: VRTs" bash vrt.sh
    expect_python "what the VRTs are" "
assert gdal.Open('mosaic.vrt').RasterCount == 3 and (read('mosaic.vrt') == read('clear/20220621.vrt')).all()"
    rm -rf look
    recipe look >look.sh
    check "recipe: look" bash look.sh
    expect_python "the quick look" "
assert gdal.Open('look/$name').RasterXSize == 24 and gdal.Open('corner/$name').RasterXSize == 64"
fi
finish
