#!/bin/bash
# SPDX-License-Identifier: MIT
# Landsat and HLS: bands are paired by wavelength, never by number; Collection 2's scale; bands that some dates lack.
. "$(dirname "$0")/common.sh"
need_python

cat >make.py <<'END'
import glob, os, sys
import numpy as np
from osgeo import gdal, osr
gdal.UseExceptions()
data = os.environ['CLV_DATA']
crs = osr.SpatialReference()
crs.ImportFromEPSG(32632)
NAMES = ('B02', 'B03', 'B04', 'B08')

def save(path, bands, kind, nodata=None, names=None, scale=None):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    h, w = bands[0].shape
    ds = gdal.GetDriverByName('GTiff').Create(path, w, h, len(bands), kind)
    ds.SetGeoTransform((600000, 30, 0, 5200020, 0, -30))
    ds.SetProjection(crs.ExportToWkt())
    for k, values in enumerate(bands):
        band = ds.GetRasterBand(k + 1)
        if nodata is not None: band.SetNoDataValue(nodata)
        if names: band.SetDescription(names[k])
        if scale: band.SetScale(scale)
        band.WriteArray(np.asarray(values))

dates = []
for n, path in enumerate(sorted(glob.glob(data + '/sim_*.tif'))):
    day = os.path.basename(path).split('_')[1]
    b = dict(zip(NAMES, gdal.Open(path).ReadAsArray().astype(float)))
    mask = np.minimum(gdal.Open('%s/mask/sim_%s_mask.tif' % (data, day)).ReadAsArray(), 2)
    b.update(B05=b['B04'] * .5 + b['B08'] * .5, B8A=b['B08'] * 1.01, B11=b['B08'] * .7, B12=b['B04'] * 1.4, B01=b['B02'] * .9)
    dates.append((n, day, b, mask))
END
python3 - <<'END'
exec(open('make.py').read())
for n, day, b, mask in dates:
    qa = np.array([21824, 22280, 23888], np.uint16)[mask]  # clear, cloud with high confidence, shadow
    # HLS: every other date is Landsat's.
    s30 = {x: x for x in ('B02', 'B03', 'B04', 'B05', 'B08', 'B8A', 'B11', 'B12')}
    l30 = {'B01': 'B01', 'B02': 'B02', 'B03': 'B03', 'B04': 'B04', 'B05': 'B8A', 'B06': 'B11', 'B07': 'B12'}
    key = 'HLS.%s.T33UUP.2023%03dT100559.v2.0' % ('L30' if n % 2 == 0 else 'S30', 100 + 8 * n)
    for own, band in (l30 if n % 2 == 0 else s30).items():
        save('hls/%s.%s.tif' % (key, own), [b[band]], gdal.GDT_Int16, -9999, scale=1e-4)
    if n % 2 == 0:
        save('hls/%s.B10.tif' % key, [b['B02'] + 3000], gdal.GDT_Int16, -9999)  # thermal
    save('hls/%s.Fmask.tif' % key, [np.array([64, 2, 8], np.uint8)[mask]], gdal.GDT_Byte, 255)
    # Collection 2, Level 2: Landsat 9, 7; numbers and classification.
    dn = lambda v: np.clip(np.rint((v / 1e4 + .2) / 2.75e-5), 1, 65535)
    for folder, product, bands in (('l9', 'LC09_L2SP_192027_%s_%s_02_T1' % (day, day), {'B2': 'B02', 'B3': 'B03', 'B4': 'B04', 'B5': 'B8A', 'B6': 'B11', 'B7': 'B12'}),
                                   ('l7', 'LE07_L2SP_192027_%s_%s_02_T1' % (day, day), {'B1': 'B02', 'B2': 'B03', 'B3': 'B04', 'B4': 'B8A', 'B5': 'B11', 'B7': 'B12'})):
        for own, band in bands.items():
            save('%s/%s_SR_%s.TIF' % (folder, product, own), [dn(b[band])], gdal.GDT_UInt16, 0)
        save('%s/%s_ST_B%s.TIF' % (folder, product, '10' if folder == 'l9' else '6'), [b['B02'] + 40000], gdal.GDT_UInt16, 0)
        save('%s/%s_QA_PIXEL.TIF' % (folder, product), [qa], gdal.GDT_UInt16, 1)
    # A stack whose bands alone tell that it is Landsat 5's.
    order = ('SR_B1', 'SR_B2', 'SR_B3', 'SR_B4', 'SR_B5', 'SR_B7')
    save('tm/scene_%s.tif' % day, [dn(b[x]) for x in ('B02', 'B03', 'B04', 'B8A', 'B11', 'B12')], gdal.GDT_UInt16, 0, order)
END

expect_ok info -json hls
expect_text stderr 'bands that some dates lack .*left out of the outputs of 5 dates: .*B01.* \(hls/HLS.[LS]30.T33UUP.20231[0-9]*T100559.v2.0 has no [a-z_]*B01\)$'
expect_python "HLS: the bands of all dates, by wavelength; scale; masks" "
j = json.load(open('stdout'))
assert len(j['dates']) == 5
for n, d in enumerate(j['dates']):
    names = [b['name'] for b in d['bands']]
    assert names == (['B04', 'B03', 'B02', 'nir_B05', 'swir16_B06', 'swir22_B07'] if n % 2 == 0 else ['B04', 'B03', 'B02', 'B8A', 'B11', 'B12']), names
    assert 'Fmask' in d['how']['mask']
"
run info -json l9
expect_python "Landsat 9: near infrared is B5, scale of Collection 2, QA_PIXEL" "
for d in json.load(open('stdout'))['dates']:
    assert [b['name'] for b in d['bands']][:4] == ['B04', 'B03', 'B02', 'nir_B05'], d['bands']
    assert all(abs(b['scale'] - 2.75e-5) < 1e-12 and abs(b['offset'] + .2) < 1e-12 for b in d['bands'])
    assert 'QA_PIXEL' in d['how']['mask'], d['how']
"
run info -json l7
expect_python "Landsat 7: red is B3" "
for d in json.load(open('stdout'))['dates']:
    assert [b['name'] for b in d['bands']] == ['red_B03', 'green_B02', 'blue_B01', 'nir_B04', 'swir16_B05', 'swir22_B07'], d['bands']
    assert all(abs(b['scale'] - 2.75e-5) < 1e-12 for b in d['bands'])
"
run info -json tm
expect_python "SR_B1 to SR_B7 without an SR_B6 are Landsat 5's or 7's" "
for d in json.load(open('stdout'))['dates']:
    assert [b['name'] for b in d['bands']] == ['SR_B3', 'SR_B2', 'SR_B1', 'SR_B4', 'SR_B5', 'SR_B7'], d['bands']
"

# Every band of every output is ground where the product's mask says cloud, and untouched elsewhere.
for folder in hls l9 l7; do
    expect_ok remove $folder -mask_mode replace -dilate 0 -masks -q -o res_$folder
done
expect_python "clouds are gone from all bands" "
exec(open('make.py').read())
partner = {'B8A': 'B8A', 'nir_B05': 'B8A', 'nir_B04': 'B8A', 'swir16_B06': 'B11', 'swir16_B05': 'B11', 'swir22_B07': 'B12', 'B11': 'B11',
           'B12': 'B12', 'B02': 'B02', 'B03': 'B03', 'B04': 'B04', 'red_B03': 'B04', 'green_B02': 'B03', 'blue_B01': 'B02'}
for folder, scale, offset in (('hls', 1, 0), ('l9', .275, -2000), ('l7', .275, -2000)):
    files = sorted((f for f in glob.glob('res_%s/*.tif' % folder) if '_mask' not in f), key=lambda f: f.split('.')[3] if folder == 'hls' else f)
    assert len(files) == 5, files
    for (n, day, b, mask), file in zip(dates, files):
        truth = dict(zip(NAMES, gdal.Open('%s/truth/sim_%s_BGRN.tif' % (data, day)).ReadAsArray().astype(float)))
        truth.update(B8A=truth['B08'] * 1.01, B11=truth['B08'] * .7, B12=truth['B04'] * 1.4)
        ds = gdal.Open(file)
        assert ds.RasterCount == 6, (file, ds.RasterCount)
        assert (read(file[:-4] + '_mask.tif')[mask == 0] == 0).mean() > .99
        for k in range(ds.RasterCount):
            name = ds.GetRasterBand(k + 1).GetDescription()
            x = ds.GetRasterBand(k + 1).ReadAsArray().astype(float) * scale + offset
            assert abs(x - b[partner[name]])[mask == 0].max() < 1, (file, name, 'observed pixels changed')
            if (mask == 1).any():
                before = np.median(abs(b[partner[name]] - truth[partner[name]])[mask == 1])
                after = np.median(abs(x - truth[partner[name]])[mask == 1])
                assert after < max(200, .3 * before), (file, name, before, after)
"

# One raster of all dates, whose fourth band is not the same in all: the stack has the bands of the input.
python3 - <<'END'
exec(open('make.py').read())
bands, names = [], []
for n, day, b, mask in dates:
    for band in ('B02', 'B03', 'B04', 'B05' if n % 2 else 'B11'):
        bands.append(b[band])
        names.append('%s_%s' % (band, day))
save('all.tif', bands, gdal.GDT_UInt16, 0, names)
END
KNOWN_STACK=(-mask_mode replace -method regression)
for mask in "${MASKS[@]}"; do
    gdal_translate -q -a_srs EPSG:32632 -a_ullr 600000 5200020 602880 5197620 "$mask" "$(basename "$mask")"
done
gdalbuildvrt -q -separate masks.vrt sim_*_mask.tif
expect_ok remove all.tif -mask masks.vrt "${KNOWN_STACK[@]}" -stack -o stacked.tif
expect_text stderr '3 bands are common to all dates; .*left out of the outputs of 5 dates, but copied as they are, clouds and all, by -stack: B11'
expect_ok remove all.tif -mask masks.vrt "${KNOWN_STACK[@]}" -q -o apart/
expect_python "bands that some dates lack are copied into the stack, and in no file of a date" "
import glob
given, out = gdal.Open('all.tif'), gdal.Open('stacked.tif')
assert out.RasterCount == given.RasterCount == 20
changed = 0
for k in range(1, 21):
    assert out.GetRasterBand(k).GetDescription() == given.GetRasterBand(k).GetDescription()
    same = (out.GetRasterBand(k).ReadAsArray() == given.GetRasterBand(k).ReadAsArray()).all()
    assert same if k % 4 == 0 else True, k
    changed += not same
assert changed >= 12, changed
for f in glob.glob('apart/*.tif'):
    ds = gdal.Open(f)
    assert ds.RasterCount == 3, f
"
finish
