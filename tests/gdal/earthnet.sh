#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cubes through GDAL's programs: every value is the one that numpy reads.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
need gdalwarp gdalbuildvrt
export PYTHONPATH=$CLV_SOURCE/tests/gdal PYTHONDONTWRITEBYTECODE=1
NAME=29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz

# python WHAT CODE: as expect_python, with the helpers of cubes.py.
python() {
    expect_python "$1" "from cubes import *
DAYS = [str(np.datetime64('2017-06-24') + 5 * t) for t in range(30)]
$2"
}

python "number types, orders, sizes" "
x = pictures()
for i, kind in enumerate(['<f2', '<f4', '>f4', '<f8', '>f2']):
    for order in 'CF':
        path = '%d%s/' % (i, order) + NAME
        write(path, np.array(x, kind, order=order))
        check_cube(path, x, DAYS)
y = pictures(6, 7, 5, 6, 4)[..., :1]
write('small/' + NAME, y.astype('<f4'))
check_cube('small/' + NAME, y, DAYS[:1])
u = np.nan_to_num(pictures(8, 8, 5, 6) * 3)
write('u/' + NAME, u.astype('u1'))
check_cube('u/' + NAME, np.floor(u), DAYS[:6])"

python "what lies beside the series" "
r = np.random.RandomState(2)
high, meso = r.rand(20, 24, 1).astype('f2'), r.rand(8, 9, 1).astype('f4')
weather = r.rand(8, 9, 5, 150).astype('f4')
write('extras/' + NAME, pictures().astype('f2'), highresstatic=high, mesostatic=meso, mesodynamic=weather)
def part(name):
    return gdal.Open('EARTHNET:\"extras/%s\":%s' % (NAME, name))
same(part('highresstatic').ReadAsArray(), high[..., 0].astype('f4'))
ds = part('highresstatic')
band = ds.GetRasterBand(1)
assert (band.GetScale(), band.GetOffset(), band.GetUnitType()) == (4000, -2000, 'm')
assert part('highresstatic').GetGeoTransform()[1] == 20 and part('mesostatic').GetSpatialRef() is None
same(part('mesostatic').ReadAsArray(), meso[..., 0])
for v, name in enumerate(['RR', 'PP', 'TG', 'TN', 'TX']):
    ds = part('mesodynamic:' + name)
    same(ds.ReadAsArray(), np.moveaxis(weather[:, :, v, :], 2, 0))
    assert ds.GetRasterBand(150).GetDescription() == name + '_20171116'
names = [n.split('\":')[1] for n, _ in gdal.Open('extras/' + NAME).GetSubDatasets()]
assert names[-7:] == ['highresstatic', 'mesostatic'] + ['mesodynamic:' + v for v in ['RR', 'PP', 'TG', 'TN', 'TX']]"

ln -s 1C/$NAME $NAME # the <f4 one
CUBE="EARTHNET:\"$NAME\""

python "description, dates, place" "
ds = gdal.Open('EARTHNET:\"%s\":2017-07-04' % NAME)
assert [ds.GetRasterBand(b).GetDescription() for b in (1, 2, 3, 4)] == ['B02', 'B03', 'B04', 'B8A']
assert ds.GetMetadataItem('ACQUISITIONDATETIME') == ds.GetMetadataItem('ACQUISITIONDATETIME', 'IMAGERY') == '2017-07-04 00:00:00'
assert ds.GetMetadataItem('TIFFTAG_DATETIME') == '2017:07:04 00:00:00'
assert ds.GetMetadataItem('GEOREFERENCE').startswith('reconstructed from the file name: tile 29SND')
assert ds.GetGeoTransform() == (499980 + 20 * 2873, 20, 0, 4400040 - 20 * 2105, 0, -20)
assert ds.GetSpatialRef().GetAuthorityCode(None) == '32629'
band = ds.GetRasterBand(3)
assert np.isnan(band.GetNoDataValue()) and band.GetColorInterpretation() == gdal.GCI_RedBand
assert band.GetMetadataItem('CENTRAL_WAVELENGTH_UM', 'IMAGERY') == '0.665'
assert ds.GetFileList() == [NAME]
stack = gdal.Open('EARTHNET:\"%s\":stack' % NAME)
assert stack.RasterCount == 120 and stack.GetRasterBand(9).GetDescription() == 'B02_20170704'
assert stack.GetRasterBand(9).GetMetadataItem('ACQUISITIONDATETIME') == '2017-07-04 00:00:00'
mask = gdal.Open('EARTHNET:\"%s\":mask:stack' % NAME)
assert mask.RasterCount == 30 and mask.GetRasterBand(1).GetCategoryNames() == ['good', 'bad']
assert mask.GetRasterBand(1).GetColorTable().GetColorEntry(1) == (255, 255, 255, 255)
scl_ds, cld_ds = (gdal.Open('EARTHNET:\"%s\":%s:step2' % (NAME, n)) for n in ('SCL', 'CLD'))
scl, cld = scl_ds.GetRasterBand(1), cld_ds.GetRasterBand(1)
assert scl.GetCategoryNames()[9] == 'cloud, high probability' and scl.GetNoDataValue() == 0
assert cld.GetNoDataValue() == 255 and cld.GetUnitType() == '%'
try:
    gdal.Open('EARTHNET:\"%s\":stack' % NAME, gdal.GA_Update)
    raise SystemExit('opened for writing')
except RuntimeError as e:
    assert 'can only be read' in str(e), e"

# Programs.
check "gdalinfo" gdalinfo "$NAME"
check "gdal_translate" gdal_translate -q "$CUBE:2017-07-04" date.tif
check "gdalwarp" gdalwarp -q -t_srs EPSG:4326 "$CUBE:2017-07-04" warped.tif
check "gdalwarp of the copy" gdalwarp -q -t_srs EPSG:4326 date.tif warped_copy.tif
check "gdalwarp -multi" gdalwarp -q -multi -wo NUM_THREADS=2 -t_srs EPSG:32630 -tr 25 25 "$CUBE:stack" multi.tif
check "gdalwarp alone" gdalwarp -q -t_srs EPSG:32630 -tr 25 25 "$CUBE:stack" single.tif
check "gdalbuildvrt" gdalbuildvrt -q -separate dates.vrt "$CUBE:2017-07-04" "$CUBE:2017-08-03"
python "what programs made" "
cube = gdal.Open('EARTHNET:\"%s\":2017-07-04' % NAME)
copy = gdal.Open('date.tif')
same(copy.ReadAsArray(), cube.ReadAsArray())
assert copy.GetRasterBand(4).GetDescription() == 'B8A' and copy.GetMetadataItem('ACQUISITIONDATETIME') == '2017-07-04 00:00:00'
assert copy.GetGeoTransform() == cube.GetGeoTransform()
same(read('warped.tif'), read('warped_copy.tif'))
assert np.isfinite(read('warped.tif')).sum() > 500
same(read('multi.tif'), read('single.tif'))
dates = read('dates.vrt') # the first band of each date, with GDAL 3.8 and newer all of them
same(dates[0], cube.ReadAsArray()[0])
same(dates[len(dates) // 2], gdal.Open('EARTHNET:\"%s\":2017-08-03' % NAME).ReadAsArray()[0])"
if command -v gdal_calc.py >/dev/null; then
    check "gdal_calc.py" gdal_calc.py --quiet -A "$CUBE:2017-07-04" --A_band=4 -B "$CUBE:2017-07-04" --B_band=3 \
        --calc '(A-B)/(A+B)' --type Float32 --outfile ndvi.tif
    python "gdal_calc.py" "
x = gdal.Open('date.tif').ReadAsArray()
assert np.allclose(read('ndvi.tif'), (x[3] - x[2]) / (x[3] + x[2]), equal_nan=True)"
fi
if command -v gdal_retile.py >/dev/null; then
    mkdir tiles
    check "gdal_retile.py" gdal_retile.py -q -ps 10 10 -targetDir tiles date.tif
    printf '%s\n' "$CUBE:2017-07-04" >list.txt
    mkdir tiles_of_cube
    check "gdal_retile.py of the cube" gdal_retile.py -q -ps 10 10 -targetDir tiles_of_cube --optfile list.txt
    [ "$(find tiles_of_cube -name '*.tif' | wc -l)" = 6 ] || fail "gdal_retile.py: $(ls tiles_of_cube)"
fi
if command -v gdal2tiles.py >/dev/null; then
    check "to bytes" gdal_translate -q -ot Byte -a_nodata 0 -b 3 -b 2 -b 1 -scale 0 0.5 1 255 -of VRT "$CUBE:2017-07-04" bytes.vrt
    check "gdal2tiles.py" gdal2tiles.py -q -z 10-12 bytes.vrt web
    expect_file web/tilemapresource.xml
fi

# Names.
python "names" "
import shutil
x = read('EARTHNET:\"%s\":step2' % NAME)
for text in ['EARTHNET:%s:2017-06-29', 'earthnet:%s:Step2', 'EARTHNET:./%s:2017-06-29']:
    same(read(text % NAME), x, text)
with zipfile.ZipFile('all.zip', 'w') as z:
    z.write(NAME, 'deep/' + NAME)
for path in ['/vsizip/all.zip/deep/' + NAME, '/vsizip/{all.zip}/deep/' + NAME]:
    for text in ['EARTHNET:\"%s\":2017-06-29', 'EARTHNET:%s:2017-06-29']:
        same(read(text % path), x, path)
gdal.FileFromMemBuffer('/vsimem/a/' + NAME, open(NAME, 'rb').read())
same(read('EARTHNET:/vsimem/a/%s:2017-06-29' % NAME), x)
for odd in ['with space.npz', 'quo\"te.npz', 'col:on.npz', 'uml\u00e4ut \u96f2.npz', 'a:stack.npz', 'no date']:
    shutil.copy(NAME, odd)
    for text in ['EARTHNET:\"%s\":step2', 'EARTHNET:%s:step2']:
        ds = gdal.Open(text % odd)
        same(ds.ReadAsArray(), x, odd)
        assert ds.GetSpatialRef() is None and not ds.GetMetadataItem('GEOREFERENCE') and not ds.GetMetadataItem('ACQUISITIONDATETIME')
ds = gdal.Open('with space.npz')
assert ds.GetSubDatasets()[1][0] == 'EARTHNET:\"with space.npz\":step1'
same(read(ds.GetSubDatasets()[2][0]), x)
for part, first in (('context', DAYS[0]), ('target', DAYS[10])):
    n = 10 if part == 'context' else 20
    y = pictures(channels=5, steps=n, seed=n)
    write(part + '_' + NAME, y.astype('f2'))
    check_cube(part + '_' + NAME, y, DAYS[:10] if part == 'context' else DAYS[10:])"

# A file that was replaced by one of the same size within a second is read anew.
python "no stale archive" "
for value in (1, 2):
    y = np.full((4, 4, 5, 1), value, 'f4')
    np.savez(NAME.replace('29SND', '29SNC'), highresdynamic=y)
    assert read('EARTHNET:%s:step1' % NAME.replace('29SND', '29SNC'))[0, 0, 0] == value"

python "several at once, and threads" "
a, b = (gdal.Open('EARTHNET:\"%s\":stack' % NAME) for _ in 'ab')
assert a.GetRasterBand(7).ReadAsArray().tobytes() == b.GetRasterBand(7).ReadAsArray().tobytes()
want = a.ReadAsArray()
def work(i):
    for k in range(5):
        ds = gdal.Open('EARTHNET:\"%s\":stack' % NAME)
        same(ds.GetRasterBand(1 + (7 * i + k) % 120).ReadAsArray(), want[(7 * i + k) % 120])
in_threads(work, 8)"

# Minicubes.
if gdalinfo --formats | grep -q netCDF; then
    python "minicubes" "
n, days = 32, 12
r = np.random.RandomState(3)
bands = r.randint(0, 8000, (4, days, n, n)).astype('i2')
bands[:, [d for d in range(days) if d % 5 != 4]] = -32767
bands[1, 9, 3, 4] = -32767
scl, deep = r.randint(0, 12, (days, n, n)).astype('i2'), r.randint(0, 4, (days, n, n)).astype('i2')
places = [(32629, 536640, 4350340, 20.36, -20.16, 'a_29SND_1.nc'), (32733, 710000, 6300000, 21.5, -20.1, 'south.nc'),
          (32629, 536640, 4350340, 20.36, 20.16, 'b_29SND_up.nc'), (32632, 200000, 5300000, 20.1, -21.6, '31UGP_edge.nc')]
for epsg, x0, y0, dx, dy, path in places:
    lon, lat = diagonal(epsg, x0, y0, dx, dy, n)
    write_minicube(path, lon, lat, bands, scl, deep)
    ds = gdal.Open('EARTHNET:\"%s\":stack' % path)
    zone = ds.GetSpatialRef().GetAuthorityCode(None)
    assert zone == ('32631' if path.startswith('31') else str(epsg)), zone
    got = np.array(ds.GetGeoTransform())
    top = y0 if dy < 0 else y0 + n * dy
    if zone == str(epsg):
        assert np.abs(got - [x0, dx, 0, top, 0, -abs(dy)]).max() < 0.01, got
    want = np.where(bands == -32767, np.nan, bands * 1e-4).astype('f4')[:, [4, 9]]
    if dy > 0:
        want = want[:, :, ::-1]
    same(ds.ReadAsArray(), np.moveaxis(want, 1, 0).reshape(8, n, n))
    assert ds.GetRasterBand(5).GetDescription() == 'B02_20210519'
    for layer, values in (('mask', deep), ('SCL', scl)):
        m = gdal.Open('EARTHNET:%s:%s:2021-05-19' % (path, layer))
        same(m.ReadAsArray(), (values[9] if dy < 0 else values[9, ::-1]).astype('u1'))
assert gdal.Open('south.nc').GetDriver().ShortName == 'netCDF'
lon, lat = diagonal(32629, 536640, 4350340, 20.36, -20.16, n)
write_minicube('uneven.nc', lon, lat[np.r_[0, 2, 1, 3:n]], bands, scl, deep)
assert gdal.Open('EARTHNET:uneven.nc:stack').GetSpatialRef() is None
write_minicube('masks.nc', lon, lat, bands, scl)
assert not [s for s, _ in gdal.Open('EARTHNET:masks.nc').GetSubDatasets() if ':mask:' in s]
write_minicube('nothing.nc', lon, lat, np.full_like(bands, -32767))
write_minicube('hours.nc', lon, lat, bands, unit='hours since 2021-05-10')
write_minicube('other.nc', lon, lat, bands, variables=['a', 'b', 'c', 'd'])"
    expect_gdal_error 'no date of the minicube has any pixel' gdalinfo EARTHNET:nothing.nc
    expect_gdal_error 'not in days since a date' gdalinfo EARTHNET:hours.nc
    expect_gdal_error 'not a minicube: no variable s2_B02' gdalinfo EARTHNET:other.nc
    expect_gdal_error 'no such file' gdalinfo EARTHNET:none.nc
    # The program takes them as they are, with the same grid and masks.
    expect_ok info a_29SND_1.nc
    expect_text stdout '2 dates from 1 input.*32x32, 20.26 m, EPSG:32629'
    expect_text stdout "minicube's s2_dlmask and s2_SCL"
    expect_ok remove a_29SND_1.nc -mask_mode replace -method linear -masks -o out
    python "remove" "
ds = gdal.Open('out/a_29SND_1_20210514.tif')
assert ds.GetGeoTransform() == gdal.Open('EARTHNET:a_29SND_1.nc:stack').GetGeoTransform()
assert ds.GetRasterBand(4).GetDescription() == 'B8A'"
    expect_error 'other.nc: .*red, green and blue .* are needed' info other.nc
fi

# Real cubes.
REAL=("$CLV_SHARED"/data/earthnet2021/*/*/*/*.npz)
if [ -e "${REAL[0]}" ]; then
    for cube in "${REAL[@]}"; do
        python "$(basename "$cube")" "
path = '$cube'
x = np.load(path)['highresdynamic'].astype(np.float64)
name = os.path.basename(path).split('_')
first = np.datetime64(name[2]) + 4 + (50 if name[0] == 'target' else 0)
check_cube(path, x, [str(first + 5 * t) for t in range(x.shape[3])])"
    done
fi
MINI=("$CLV_SHARED"/data/greenearthnet/*.nc)
if [ -e "${MINI[0]}" ] && gdalinfo --formats | grep -q netCDF; then
    python "the real minicube" "
path = '${MINI[0]}'
root = gdal.OpenEx(path, gdal.OF_MULTIDIM_RASTER).GetRootGroup()
def values(name):
    return root.OpenMDArray(name).ReadAsArray()
stack = gdal.Open('EARTHNET:\"%s\":stack' % path)
got = stack.ReadAsArray()
assert got.shape == (120, 128, 128)
for b, name in enumerate(['s2_B02', 's2_B03', 's2_B04', 's2_B8A']):
    a = root.OpenMDArray(name)
    raw = values(name)[4::5]
    want = np.where(raw == -32767, np.nan, raw * a.GetScale() + a.GetOffset()).astype('f4')
    same(got[b::4], want, name)
    lon, lat = values('lon'), values('lat')
# Every pixel of the diagonal comes back to where the cube says that it lies.
to = osr.SpatialReference()
to.ImportFromEPSG(32629)
degrees = osr.SpatialReference()
degrees.ImportFromEPSG(4326)
degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
turn = osr.CoordinateTransformation(degrees, to)
g = stack.GetGeoTransform()
worst = 0
for i in range(128):
    e, n, _ = turn.TransformPoint(float(lon[i]), float(lat[i]))
    worst = max(worst, abs((e - g[0]) / g[1] - i - .5), abs((n - g[3]) / g[5] - i - .5))
assert worst < 0.1, worst
assert gdal.Open(path).GetDriver().ShortName == 'netCDF'"
fi

[ -z "$(find . -name '*.npz.*' -o -name '*.nc.aux.xml')" ] || fail "left beside the cubes: $(find . -name '*.npz.*')"
finish
