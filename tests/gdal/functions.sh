#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The pixel functions: their results are those of numpy, in every type.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
need gdal_translate
export PYTHONPATH=$CLV_SOURCE/tests/gdal PYTHONDONTWRITEBYTECODE=1

cat >vrt.py <<'PY'
import numpy as np
from osgeo import gdal, gdal_array

gdal.UseExceptions()
W, H = 61, 33


def source(name, values):
    ds = gdal.GetDriverByName('GTiff').Create(name, W, H, 1, gdal_array.NumericTypeCodeToGDALTypeCode(values.dtype.type))
    ds.WriteArray(values)


def vrt(name, function, sources, out, arguments='', transfer=None):
    """The file as a user would write it."""
    text = '<VRTDataset rasterXSize="%d" rasterYSize="%d"><VRTRasterBand dataType="%s" band="1" subClass="VRTDerivedRasterBand">' % (W, H, out)
    text += '<PixelFunctionType>%s</PixelFunctionType>' % function
    if arguments:
        text += '<PixelFunctionArguments %s/>' % arguments
    text += '<SourceTransferType>%s</SourceTransferType>' % (transfer or out)
    for s in sources:
        text += '<SimpleSource><SourceFilename relativeToVRT="1">%s</SourceFilename><SourceBand>1</SourceBand></SimpleSource>' % s
    open(name, 'w').write(text + '</VRTRasterBand></VRTDataset>')
    return name


def read(name):
    return gdal.Open(name).ReadAsArray()


TYPES = {'Byte': 'u1', 'UInt16': 'u2', 'Int16': 'i2', 'UInt32': 'u4', 'Int32': 'i4', 'Float32': 'f4', 'Float64': 'f8',
         'Int64': 'i8', 'UInt64': 'u8'}


def values(kind, r, missing):
    if kind[0] == 'f':
        x = r.rand(H, W).astype(kind)
        x[0, :5] = [np.nan, np.inf, -np.inf, -0.0, 0]
    else:
        info = np.iinfo(kind)
        x = r.randint(max(info.min, -2**62), min(info.max, 2**62), (H, W), np.int64).astype(kind)
        x[0, :2] = [info.min, info.max]
    x[r.rand(H, W) < 0.3] = missing
    return x
PY

expect_python "clv_apply_mask" "
sys.path.insert(0, '.')
from vrt import *
r = np.random.RandomState(1)
for name, kind in TYPES.items():
    x, nodata = values(kind, r, 7), 9
    for mask_kind in ('u1', 'f4', 'i2'):
        m = r.randint(0, 4, (H, W)).astype(mask_kind)
        if mask_kind == 'f4' and kind[0] == 'f':
            m[2, 2] = np.nan
        source('x.tif', x)
        source('m.tif', m)
        bad = (m != 0) | np.isnan(m)
        got = read(vrt('a.vrt', 'clv_apply_mask', ['x.tif', 'm.tif'], name, 'nodata=\"9\"'))
        assert got.dtype == kind and np.array_equal(got.view('u1'), np.where(bad, np.array(nodata, kind), x).view('u1')), name
        some = ((m == 1) | (m == 3)) | np.isnan(m)
        got = read(vrt('a.vrt', 'clv_apply_mask', ['x.tif', 'm.tif'], name, 'nodata=\"9\" values=\"1, 3\"'))
        assert np.array_equal(got.view('u1'), np.where(some, np.array(nodata, kind), x).view('u1')), name
        none = np.array(np.nan if kind[0] == 'f' else 0, kind)
        got = read(vrt('a.vrt', 'clv_apply_mask', ['x.tif', 'm.tif'], name))
        assert np.array_equal(got, np.where(bad, none, x), equal_nan=kind[0] == 'f'), name"

expect_python "clv_composite" "
import warnings
sys.path.insert(0, '.')
from vrt import *
warnings.simplefilter('ignore')
r = np.random.RandomState(2)
for name, kind in TYPES.items():
    n = 5
    for missing, argument in ((7, 'nodata=\"7\"'), (0, '')):
        x = np.stack([values(kind, r, missing) for _ in range(n)])
        if argument == '' and kind[0] == 'f':
            x[x == 0] = np.nan
            missing = np.nan
        x[:, 5, 6] = missing
        for i in range(n):
            source('x%d.tif' % i, x[i])
        files = ['x%d.tif' % i for i in range(n)]
        valid = (x != missing) & ~np.isnan(x.astype('f8'))
        for method in ('first', 'last', 'median'):
            got = read(vrt('c.vrt', 'clv_composite', files, name, argument + ' method=\"%s\"' % method))
            if method == 'median':
                if kind in ('i8', 'u8'):
                    continue
                y = np.where(valid, x.astype('f8'), np.nan)
                s = np.sort(y, axis=0)
                k = valid.sum(0)
                low = np.take_along_axis(s, np.maximum(k - 1, 0)[None] // 2, 0)[0]
                high = np.take_along_axis(s, (k // 2)[None].clip(0, n - 1), 0)[0]
                middle = low / 2 + high / 2
                want = np.where(k > 0, middle, missing)
                if kind[0] != 'f':
                    want = np.where(want < 0, np.ceil(want - 0.5), np.floor(want + 0.5))
                    assert np.array_equal(got.astype('f8'), want), (name, method)
                else:
                    assert np.array_equal(got, want.astype(kind), equal_nan=True), (name, method)
                continue
            order = range(n) if method == 'first' else range(n - 1, -1, -1)
            want, done = np.full((H, W), missing, kind), np.zeros((H, W), bool)
            for i in order:
                take = valid[i] & ~done
                want[take] = x[i][take]
                done |= valid[i]
            assert np.array_equal(got, want, equal_nan=kind[0] == 'f'), (name, method)
got = read(vrt('c.vrt', 'clv_composite', files, 'Float32', 'nodata=\"7\"', 'Float64'))
x = np.full((H, W), 0.1, 'f4')
x[0] = 0.5
source('a.tif', x)
got = read(vrt('c.vrt', 'clv_composite', ['a.tif'], 'Float32', 'nodata=\"0.1\" method=\"first\"'))
assert (got[0] == 0.5).all() and (got[1:] == np.float32(0.1)).all()
source('b.tif', np.full((H, W), 2, 'f4'))
got = read(vrt('c.vrt', 'clv_composite', ['a.tif', 'b.tif'], 'Float32', 'nodata=\"0.1\" method=\"first\"'))
assert (got[0] == 0.5).all() and (got[1:] == 2).all(), 'nodata is compared in the type of the sources'"

# The example of the manual, on a series with its masks.
python3 - "$CLV_SOURCE/man/clearvision-cubes.7" <<'PY' || fail "the manual's example"
import re
import sys
page = open(sys.argv[1]).read().replace('935', '96').replace('705', '80')
red, clear = re.findall(r'<VRTDataset.*?</VRTDataset>', page, re.S)
open('red.vrt', 'w').write(red)
for name in 'ab':
    open(name + '_clear.vrt', 'w').write(clear.replace('>a', '>' + name))
PY
for i in 0 1; do
    name=$([ $i = 0 ] && echo a || echo b)
    cp "${SERIES[$i]}" $name.tif
    cp "${MASKS[$i]}" ${name}_mask.tif
done
check "the manual's example opens" gdal_translate -q red.vrt red.tif
expect_python "the manual's example" "
x = [read(n + '.tif')[2] for n in 'ab']
m = [np.isin(read(n + '_mask.tif'), (1, 2)) | (v == 0) for n, v in zip('ab', x)]
assert m[0].any() and (m[0] & ~m[1]).any()
assert np.array_equal(read('red.tif'), np.where(~m[0], x[0], np.where(~m[1], x[1], 0)))"

# Mistakes.
python3 - <<'PY'
from vrt import *
source('x.tif', np.ones((H, W), 'f4'))
vrt('one.vrt', 'clv_apply_mask', ['x.tif'], 'Float32')
vrt('three.vrt', 'clv_apply_mask', ['x.tif'] * 3, 'Float32')
vrt('complex.vrt', 'clv_apply_mask', ['x.tif'] * 2, 'Float32', transfer='CFloat32')
vrt('complex_out.vrt', 'clv_composite', ['x.tif'] * 2, 'CFloat32', transfer='Float32')
vrt('method.vrt', 'clv_composite', ['x.tif'] * 2, 'Float32', 'method="mean"')
vrt('number.vrt', 'clv_composite', ['x.tif'] * 2, 'Float32', 'nodata="none"')
vrt('type.vrt', 'clv_composite', ['x.tif'] * 2, 'Byte', 'nodata="-9999"')
vrt('fraction.vrt', 'clv_composite', ['x.tif'] * 2, 'Byte', 'nodata="0.5"')
vrt('values.vrt', 'clv_apply_mask', ['x.tif'] * 2, 'Byte', 'values="1,x"')
vrt('many.vrt', 'clv_apply_mask', ['x.tif'] * 2, 'Byte', 'values="%s"' % ','.join('1' * 65))
vrt('none.vrt', 'clv_composite', [], 'Byte')
PY
expect_gdal_error 'clv_apply_mask: takes two sources' gdal_translate -q one.vrt out.tif
expect_gdal_error 'clv_apply_mask: takes two sources' gdal_translate -q three.vrt out.tif
expect_gdal_error 'complex numbers' gdal_translate -q complex.vrt out.tif
expect_gdal_error 'complex numbers' gdal_translate -q complex_out.vrt out.tif
expect_gdal_error 'method must be first, last or median' gdal_translate -q method.vrt out.tif
expect_gdal_error 'nodata is not a number' gdal_translate -q number.vrt out.tif
expect_gdal_error 'nodata is not a number of the sources' gdal_translate -q type.vrt out.tif
expect_gdal_error 'nodata is not a number of the sources' gdal_translate -q fraction.vrt out.tif
expect_gdal_error 'values is not a list' gdal_translate -q values.vrt out.tif
expect_gdal_error 'values is not a list' gdal_translate -q many.vrt out.tif
finish
