# SPDX-License-Identifier: MIT
# Every option of clearvision remove that is not about reading.
. "$(dirname "$0")/common.sh"
need_python
TIME=300
FILL=("${KNOWN[@]}" -method gaussian)
name=$(basename "${SERIES[0]}")
stem=${name%.tif}

expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o plain
expect_text stdout '^0\.\.\.10\.\.\.20\.\.\..*100 - done\.$'
check "a raster a date and nothing else" test "$(ls plain/*.tif | wc -l)" -eq 5
python3 - "$CLV_DATA" <<'END' || fail "outputs are not what they should be"
import glob, os, sys
import numpy as np
from osgeo import gdal
errors, plain = [], []
for source in sorted(glob.glob(sys.argv[1] + '/sim_*.tif')):
    name = os.path.basename(source)
    a, b = gdal.Open(source), gdal.Open('plain/' + name)
    assert (a.RasterXSize, a.RasterYSize, a.RasterCount) == (b.RasterXSize, b.RasterYSize, b.RasterCount)
    assert a.GetGeoTransform() == b.GetGeoTransform() and a.GetSpatialRef().IsSame(b.GetSpatialRef())
    for i in range(1, a.RasterCount + 1):
        p, q = a.GetRasterBand(i), b.GetRasterBand(i)
        assert (p.DataType, p.GetDescription(), p.GetNoDataValue(), p.GetColorInterpretation()) == \
               (q.DataType, q.GetDescription(), q.GetNoDataValue(), q.GetColorInterpretation())
    mask = gdal.Open(sys.argv[1] + '/mask/' + name.replace('_BGRN', '_mask')).ReadAsArray() > 0
    x, y, t = (np.asarray(d.ReadAsArray(), float) for d in (a, b, gdal.Open(sys.argv[1] + '/truth/' + name)))
    assert (x[:, ~mask] == y[:, ~mask]).all(), name
    if mask.any():
        errors.append(np.abs(y - t)[:, mask].mean())
        plain.append(np.abs(x - t)[:, mask].mean())
assert np.mean(errors) < 0.25 * np.mean(plain), (errors, plain)
END
done=$((done + 1))

# int8: a data type of GDAL's own from 3.7 on, Byte with PIXELTYPE=SIGNEDBYTE before
mkdir int8
python3 - int8 "${SERIES[@]}" <<'END' || fail "int8 inputs cannot be made"
import os, sys
import numpy as np
from osgeo import gdal
kind, options = (gdal.GDT_Int8, []) if hasattr(gdal, 'GDT_Int8') else (gdal.GDT_Byte, ['PIXELTYPE=SIGNEDBYTE'])
for path in sys.argv[2:]:
    source = gdal.Open(path)
    x = source.ReadAsArray()
    x = np.where(x == 0, 100, np.minimum(x // 100, 99) - 20.).astype('i1')
    ds = gdal.GetDriverByName('GTiff').Create(os.path.join(sys.argv[1], os.path.basename(path)), x.shape[2], x.shape[1], 4, kind, options)
    ds.SetGeoTransform(source.GetGeoTransform())
    ds.SetProjection(source.GetProjection())
    for i, plane in enumerate(x):
        band = ds.GetRasterBand(i + 1)
        band.SetDescription(source.GetRasterBand(i + 1).GetDescription())
        band.SetNoDataValue(100)
        band.WriteRaster(0, 0, x.shape[2], x.shape[1], plane.tobytes(), buf_type=kind)
END
expect_ok remove int8/*.tif "${FILL[@]}" -in_scale 0.01 -in_offset 0.2 -q -o int8_out
expect_no_text stderr .
expect_python "int8" "
a, b = gdal.Open('int8/$name'), gdal.Open('int8_out/$name')
def kind(ds):
    band = ds.GetRasterBand(1)
    old = band.DataType == gdal.GDT_Byte and band.GetMetadataItem('PIXELTYPE', 'IMAGE_STRUCTURE')
    return band.DataType, band.GetNoDataValue(), old
assert kind(a) == kind(b), (kind(a), kind(b))
m = read('${MASKS[0]}') > 0
x, y = (ds.ReadAsArray().astype('u1').view('i1') for ds in (a, b))
assert (x[:, ~m] == y[:, ~m]).all() and (x[:, m] != y[:, m]).mean() > 0.5
full = read('plain/$name')[:, m] / 100. - 20
assert abs(np.minimum(full, 79) - y[:, m]).mean() < 1.5, abs(full - y[:, m]).mean()"
WIDE=(-tr 40 -te 660000 5158400 661920 5160000 -in_scale 0.01 -in_offset 0.2 -q)
mkdir int16
for f in int8/*.tif; do
    python3 - "$f" "int16/${f#*/}" <<'END' || fail "int16 inputs cannot be made"
import sys
from osgeo import gdal
source = gdal.Open(sys.argv[1])
ds = gdal.Translate(sys.argv[2], source, outputType=gdal.GDT_Int16)
for i in range(1, 5):
    ds.GetRasterBand(i).WriteArray(source.GetRasterBand(i).ReadAsArray().astype('u1').view('i1').astype('i2'))
END
done
for kind in int8 int16; do
    expect_ok remove $kind/*.tif "${FILL[@]}" "${WIDE[@]}" -o wide_$kind
done
expect_python "int8 on a coarser grid" "
x, y = (gdal.Open('wide_int%d/$name' % k).ReadAsArray() for k in (8, 16))
assert x.shape == (4, 40, 48) and (x.astype('u1').view('i1') == y).all()"
# Dates on a grid of their own are warped, which GDAL does with its own int8 only.
python3 -c "
import sys
from osgeo import gdal
for kind in ('int8', 'int16'):
    ds = gdal.Open(kind + '/$name', gdal.GA_Update)
    g = list(ds.GetGeoTransform())
    ds.SetGeoTransform([g[0] + 7] + g[1:])
sys.exit(not hasattr(gdal, 'GDT_Int8'))" && own_type=yes || own_type=
if [ -n "$own_type" ]; then
    for kind in int8 int16; do
        expect_ok remove $kind/*.tif "${FILL[@]}" -in_scale 0.01 -in_offset 0.2 -q -o shifted_$kind
    done
    expect_python "int8 dates on other grids" "
import glob
x, y = (np.stack([read(f) for f in sorted(glob.glob('shifted_int%d/*.tif' % k))]) for k in (8, 16))
assert len(x) == 5 and (x == y).all()"
else
    expect_error 'signed bands cannot be resampled' remove int8/*.tif "${FILL[@]}" -in_scale 0.01 -in_offset 0.2 -q -o out
fi

# -method
for method in linear auto; do
    expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -method $method -o $method -q
done
expect_different linear/"$name" plain/"$name"
expect_same auto/"$name" plain/"$name"
expect_python 'the method is written down' "
assert gdal.Open('plain/$name').GetMetadataItem('CLEARVISION_METHOD') == 'gaussian'
assert gdal.Open('linear/$name').GetMetadataItem('CLEARVISION_METHOD') == 'linear'"
expect_error 'not one of auto, clear, gaussian, regression, linear' remove "${SERIES[@]}" -method best -o out
expect_error 'model|network|libtorch|weights' remove "${SERIES[@]}" "${KNOWN[@]}" -method clear -model nothing_like_that -o out
expect_error '-model' remove "${SERIES[@]}" "${FILL[@]}" -model remove -o out
# -window
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -window 3 -o window -q
expect_different window/"$name" plain/"$name"
expect_error '-window' remove "${SERIES[@]}" "${FILL[@]}" -window 1 -o out
# -full
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -full -o full -q
expect_python '-full predicts everywhere' "
x, f, m = read('${SERIES[0]}'), read('full/$name'), read('${MASKS[0]}')
assert (x[:, m == 0] != f[:, m == 0]).mean() > 0.5"
# -quality, -masks
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -quality -masks -o marked -q
check "three rasters a date" test "$(ls marked/*.tif | wc -l)" -eq 15
expect_same marked/"$name" plain/"$name"
expect_python 'marks of masks and quality' "
m, q, t = read('marked/${stem}_mask.tif'), gdal.Open('marked/${stem}_quality.tif'), read('${MASKS[0]}')
assert ((m > 0) == (t > 0)).all()
s = q.GetRasterBand(1).ReadAsArray()
assert (s[t == 0] == 1).all() and np.isin(s[t > 0], (2, 3)).all(), np.unique(s)
assert q.RasterCount == 3 and (q.GetRasterBand(2).ReadAsArray()[t == 0] == 0).all()
d = q.GetRasterBand(3)
assert abs(d.GetScale() - 1e-4) < 1e-12 and d.GetUnitType() == 'reflectance' and d.GetNoDataValue() == 65535
d = d.ReadAsArray()
assert (d[t == 0] == 0).all() and (d[t > 0] > 0).all() and (d[t > 0] < 3000).all(), (d[t > 0].min(), d[t > 0].max())"
expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -method regression -quality -o doubtless -q
expect_python 'the regression tells no deviation' "
t, d = read('${MASKS[0]}'), read('doubtless/${stem}_quality.tif')[2]
assert (d[t == 0] == 0).all() and (d[t > 0] == 65535).all()"
# -keep_nodata
for k in 0 1 2 3 4; do
    python3 - "${SERIES[k]}" "hole_2020010$((k + 1))_BGRN.tif" $k <<'END'
import sys
from osgeo import gdal
copy = gdal.GetDriverByName('GTiff').CreateCopy(sys.argv[2], gdal.Open(sys.argv[1]))
for b in range(1, 5):
    x = copy.GetRasterBand(b).ReadAsArray()
    if sys.argv[3] == '0':
        x[10:30, 20:50] = 0
    copy.GetRasterBand(b).WriteArray(x)
    copy.GetRasterBand(b).SetNoDataValue(0)
END
done
expect_ok remove hole_*.tif "${FILL[@]}" -o filled -q
expect_ok remove hole_*.tif "${FILL[@]}" -keep_nodata -o kept -q
expect_python '-keep_nodata' "
f, k = read('filled/hole_20200101_BGRN.tif'), read('kept/hole_20200101_BGRN.tif')
assert (k[:, 10:30, 20:50] == 0).all() and (f[:, 10:30, 20:50] > 0).all()"
# -stack
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -o all.tif -q
expect_python '-stack' "
s, x = gdal.Open('all.tif'), read('plain/$name')
assert s.RasterCount == 20 and (s.ReadAsArray()[:4] == x).all()"
expect_error 'one file|several outputs|one output|folder' remove "${SERIES[@]}" "${FILL[@]}" -o single.tif
# -preview
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -preview before_after.png -o shown -q
expect_python '-preview' "
p = gdal.Open('before_after.png')
assert p.GetDriver().ShortName == 'PNG' and p.RasterCount >= 3 and p.ReadAsArray().std() > 5"
# -of, -co
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -of COG -co COMPRESS=DEFLATE -co OVERVIEWS=NONE -o cog -q
expect_python 'COG' "
d = gdal.Open('cog/$name')
assert d.GetMetadataItem('LAYOUT', 'IMAGE_STRUCTURE') == 'COG'
assert (d.ReadAsArray() == read('plain/$name')).all()"
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -co TILED=NO -co COMPRESS=NONE -o strips -q
expect_python '-co' "
d = gdal.Open('strips/$name')
assert d.GetMetadataItem('COMPRESSION', 'IMAGE_STRUCTURE') is None
assert d.GetRasterBand(1).GetBlockSize()[0] == d.RasterXSize"
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -of ENVI -o envi -q
check "another format" test "$(ls envi/*.hdr | wc -l)" -eq 5
expect_error 'driver|format|written' remove "${SERIES[@]}" "${FILL[@]}" -of SENTINEL2 -o out
# -overwrite
expect_error 'exists; use -overwrite' remove "${SERIES[@]}" "${FILL[@]}" -o plain
cp plain/"$name" first.tif
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o plain -overwrite -q
expect_same plain/"$name" first.tif
# -threshold, -dilate and the like reach stage 1 (their effect is shown in detect.sh)
expect_error '-threshold' remove "${SERIES[@]}" "${FILL[@]}" -threshold 7 -o out
# -mem, -device, -precision: no effect on what is written without a network
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -mem 20 -device cpu -precision fp32 --config GDAL_NUM_THREADS 1 -o small -q
expect_same small/"$name" plain/"$name"
# -json
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -json -masks -quality -preview p.png -o j
check "one line of JSON" test "$(wc -l <stdout)" -eq 1
cp stdout result.json
expect_python 'JSON of remove' "
r = json.load(open('result.json'))
assert r['method'] == 'gaussian' and len(r['dates']) == 5
for d in r['dates']:
    assert gdal.Open(d['output']) and gdal.Open(d['mask']) and gdal.Open(d['quality'])
    assert 0 <= d['filled'] <= 1
assert gdal.Open(r['preview'])"
# The inputs are as they were.
check "no sidecar beside the inputs" test -z "$(find "$CLV_DATA" -maxdepth 1 -name '*.aux.xml')"
finish
