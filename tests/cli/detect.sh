# SPDX-License-Identifier: MIT
# Every option of clearvision detect that is not about reading.
. "$(dirname "$0")/common.sh"
need_python
TIME=300
REPLACE=("${KNOWN[@]}" -q)
name=$(basename "${SERIES[0]}" .tif)

expect_ok detect "${SERIES[@]}" "${KNOWN[@]}" -o masks
expect_text stdout '^0\.\.\.10\.\.\.20\.\.\..*100 - done\.$'
check "a mask a date" test "$(ls masks/*.tif | wc -l)" -eq 5
# -dilate
expect_ok detect "${SERIES[@]}" "${REPLACE[@]}" -o d0 -dilate 0
expect_python 'masks on the grid of the input, known masks as they are' "
import glob, os
m, s = gdal.Open('d0/${name}_mask.tif'), gdal.Open('${SERIES[0]}')
assert (m.RasterXSize, m.RasterYSize) == (s.RasterXSize, s.RasterYSize)
assert m.GetGeoTransform() == s.GetGeoTransform() and m.GetSpatialRef().IsSame(s.GetSpatialRef())
t = read('${MASKS[0]}')
assert ((m.ReadAsArray() > 0) == (t > 0)).all()"
# -dilate widens what the network or a classification finds: see reading.sh and below.
# -o FILE for one date, -of, -co, -overwrite
expect_ok detect "${SERIES[0]}" -mask "${MASKS[0]}" -mask_mode replace -o one.tif -q
expect_file one.tif
expect_error 'exists; use -overwrite' detect "${SERIES[0]}" -mask "${MASKS[0]}" -mask_mode replace -o one.tif
cp one.tif before.tif
expect_ok detect "${SERIES[0]}" -mask "${MASKS[0]}" -mask_mode replace -o one.tif -overwrite -q
expect_same one.tif before.tif
expect_ok detect "${SERIES[@]}" "${REPLACE[@]}" -o cog -of COG -co COMPRESS=LZW
expect_python 'COG with LZW' "
i = gdal.Info('cog/${name}_mask.tif', format='json')['metadata']['IMAGE_STRUCTURE']
assert i['LAYOUT'] == 'COG' and i['COMPRESSION'] == 'LZW', i"
expect_error 'driver|format' detect "${SERIES[@]}" "${REPLACE[@]}" -o out -of NoSuchFormat
expect_error '-co' detect "${SERIES[@]}" "${REPLACE[@]}" -o out -co COMPRESS=NONSENSE
expect_error '-co' detect "${SERIES[@]}" "${REPLACE[@]}" -o out -co COMPRESS
# -json, -q
expect_ok detect "${SERIES[@]}" "${KNOWN[@]}" -o j -json
cp stdout result.json
expect_python 'JSON of detect' "
r = json.load(open('result.json'))
assert len(r['dates']) == 5
assert all(gdal.Open(d['mask']) for d in r['dates'])"
check "one line of JSON" test "$(wc -l <stdout)" -eq 1
expect_ok detect "${SERIES[@]}" "${REPLACE[@]}" -o q
check "-q prints nothing" test ! -s stdout
# Values that make no sense
expect_error 'threshold' detect "${SERIES[@]}" -threshold -0.1 -o out
expect_error '-shadow_threshold' detect "${SERIES[@]}" -shadow_threshold 2 -o out
expect_error '-dilate' detect "${SERIES[@]}" -dilate -1 -o out
expect_error '-prob' detect "${SERIES[@]}" "${KNOWN[@]}" -prob -o out
expect_error 'mem' detect "${SERIES[@]}" -mem -5 -o out
expect_error 'precision' detect "${SERIES[@]}" -precision fp64 -o out
# -mem and threads change nothing in the result
expect_ok detect "${SERIES[@]}" "${REPLACE[@]}" -o small -mem 1 --config GDAL_NUM_THREADS 1
expect_same small/"${name}"_mask.tif q/"${name}"_mask.tif

if [ "$CLEARVISION_NET" = none ] || ! ls "$CLV_SOURCE"/models/detect.safetensors >/dev/null 2>&1; then
    expect_error 'network|model|libtorch' detect "${SERIES[@]}" -o out
    finish
fi
# With the network
expect_ok detect "${SERIES[@]}" -o net -q -dilate 0
expect_ok detect "${SERIES[@]}" -o named -q -dilate 0 -detect_model detect -device cpu -precision fp32
expect_ok detect "${SERIES[@]}" -o path -q -dilate 0 -detect_model "$CLV_SOURCE/models/detect.safetensors"
expect_same net/"${name}"_mask.tif named/"${name}"_mask.tif
expect_same net/"${name}"_mask.tif path/"${name}"_mask.tif
expect_ok detect "${SERIES[@]}" -o low -q -dilate 0 -threshold 0.05 -shadow_threshold 0.05
expect_ok detect "${SERIES[@]}" -o high -q -dilate 0 -threshold 0.95 -shadow_threshold 0.95
expect_ok detect "${SERIES[@]}" -o wide -q -dilate 4
expect_ok detect "${SERIES[@]}" -o prob -q -prob
expect_ok detect "${SERIES[@]}" "${KNOWN[@]:2}" -mask_mode join -o joined -q -dilate 0
expect_python 'thresholds, dilation, probabilities, joined masks' "
import glob, os
total = {}
for d in ('net', 'low', 'high', 'wide', 'joined'):
    total[d] = sum(np.isin(read(f), (1, 2)).sum() for f in glob.glob(d + '/*_mask.tif'))
assert total['low'] > total['net'] > total['high'] and total['wide'] > total['net'], total
for k, f in enumerate(sorted(glob.glob('joined/*_mask.tif'))):
    t = read('$CLV_DATA/mask/' + os.path.basename(f).replace('_BGRN_mask', '_mask'))
    assert np.isin(read(f), (1, 2))[t > 0].all(), f
files = glob.glob('prob/*')
assert len(files) == 5
for f in files:
    p = gdal.Open(f)
    assert p.RasterCount == 2 and p.GetRasterBand(1).DataType == gdal.GDT_Float32
    x = p.ReadAsArray()
    assert x.min() >= -1 and x.max() <= 1 and x.max() > x.min()"
# The edge of an area that no date shows is no cloud's edge.
rm -rf wedge && mkdir wedge
expect_python 'a wedge without data in all dates' "
import os
for f in '${SERIES[*]}'.split():
    s = gdal.Open(f)
    a = s.ReadAsArray()
    y, x = np.mgrid[0:a.shape[1], 0:a.shape[2]]
    a[:, x + y // 3 < a.shape[2] // 3] = 0
    out = gdal.GetDriverByName('GTiff').CreateCopy('wedge/' + os.path.basename(f), s)
    out.WriteArray(a)
    out = None"
expect_ok detect wedge/*.tif -o wedged -q -dilate 0
expect_python 'beside the wedge is flagged what is flagged without it' "
import glob
more = clear = 0
for a, b in zip(sorted(glob.glob('net/*_mask.tif')), sorted(glob.glob('wedged/*_mask.tif'))):
    whole, cut = read(a), read(b)
    there = (cut != 255) & (whole == 0)
    clear += there.sum()
    more += np.isin(cut, (1, 2))[there].sum()
assert clear > 1000 and more < 0.01 * clear, (more, clear)"
# Bright ground that all dates show is ground; a cloud of one date at the same place is cloud. -no_review believes the network.
rm -rf bright && mkdir bright
expect_python 'a salt flat on all dates, a cloud over its middle on one' "
import os
rng = np.random.default_rng(7)
h, w = read('${SERIES[0]}').shape[-2:]
y, x = np.mgrid[0:h, 0:w]
form = 300 * rng.standard_normal((h, w)) + 200 * np.sin(x / 9) + 150 * np.cos(y / 7)
for k, f in enumerate('${SERIES[*]}'.split()):
    s = gdal.Open(f)
    a = s.ReadAsArray().astype(float)
    for b, level in enumerate((3600, 3900, 4100, 4400)):
        a[b] = level + form + 60 * (k % 3) + 15 * rng.standard_normal((h, w))
    if k == 2:
        cover = np.clip(8 - np.hypot(x - w / 2, y - h / 2) / 3, 0, 1)
        a[:4] = (1 - cover) * a[:4] + cover * (6200 + 40 * rng.standard_normal((4, h, w)))
    out = gdal.GetDriverByName('GTiff').CreateCopy('bright/' + os.path.basename(f), s)
    out.WriteArray(np.clip(a, 1, 65535).astype(np.uint16))
    out = None"
expect_ok detect bright/*.tif -o reviewed -q -dilate 0
expect_ok detect bright/*.tif -o believed -q -dilate 0 -no_review
expect_python 'ground that looks like cloud' "
import glob
def flagged(folder, k):
    m = np.isin(read(sorted(glob.glob(folder + '/*_mask.tif'))[k]), (1, 2))
    y, x = m.shape[0] // 2, m.shape[1] // 2
    return m.mean(), m[y - 6:y + 6, x - 6:x + 6].mean()
for k in range(5):
    if k != 2:
        assert flagged('reviewed', k)[0] < 0.01, (k, flagged('reviewed', k))
assert flagged('reviewed', 2)[1] > 0.95, flagged('reviewed', 2)
assert flagged('believed', 0)[0] > 0.3, flagged('believed', 0)"
expect_error 'device|cuda' detect "${SERIES[@]}" -o out -device cuda:99
expect_error 'device' detect "${SERIES[@]}" -o out -device abacus
expect_error 'model' detect "${SERIES[@]}" -o out -detect_model nothing_like_that
expect_error 'safetensors|model|weights' detect "${SERIES[@]}" -o out -detect_model "${SERIES[0]}"
# Every pixel of a classification counts, be it alone; it is dilated.
if python3 -c 'import numpy; from osgeo import gdal' 2>/dev/null; then
    cat >scl.py <<'END'
import sys
import numpy as np
from osgeo import gdal
for k, name in enumerate(sys.argv[1:]):
    source = gdal.Open(name)
    a = np.full((source.RasterYSize, source.RasterXSize), 4, np.uint8)
    a[10 + 2 * k, 31], a[a.shape[0] - 6:a.shape[0] - 4, 50], a[30, 8:10] = 9, 3, 8
    out = gdal.GetDriverByName('GTiff').Create('scl_%d.tif' % k, a.shape[1], a.shape[0])
    out.SetGeoTransform(source.GetGeoTransform())
    out.SetProjection(source.GetProjection())
    out.GetRasterBand(1).WriteArray(a)
END
    python3 scl.py "${SERIES[@]}" || fail 'scl.py'
    classes=()
    for k in "${!SERIES[@]}"; do classes+=(-scl "scl_$k.tif"); done
    for dilate in 0 1; do
        rm -rf out
        expect_ok detect "${SERIES[@]}" "${classes[@]}" -mask_mode replace -dilate "$dilate" -o out -q
        expect_python "spots of a classification, -dilate $dilate" "
import glob
files = sorted(glob.glob('out/*.tif'))
for k, f in enumerate(files):
    m, scl = read(f), read('scl_%d.tif' % k)
    found = {9: 1, 3: 2, 8: 1}
    for c in found:
        assert (m[scl == c] == found[c]).all(), (f, c)
    n = ((m != 0) & (m != 255)).sum()
    assert n == 5 if $dilate == 0 else n > 15, (f, n)"
    done
fi
finish
