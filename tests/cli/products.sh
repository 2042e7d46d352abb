# SPDX-License-Identifier: MIT
# Products and archives as users have them: .SAFE folders, their metadata files and zips, HLS, one file a band, stacks of
# services. Small ones, made here out of the simulated series; Earth Search's real layout where it is at hand.
. "$(dirname "$0")/common.sh"
need_python
need zip
python3 -c "from osgeo import gdal; import sys; sys.exit(gdal.GetDriverByName('JP2OpenJPEG') is None)" ||
    skip "GDAL has no JPEG 2000 driver that writes"
MAKE=$CLV_SOURCE/tests/cli/make_products.py
REGRESSION=(-method regression -mask_mode replace -q)

# make LAYOUT OUT DATE [MORE...]: one date (0 .. 4).
make() {
    local layout=$1 out=$2 date=$3
    shift 3
    python3 "$MAKE" "$layout" "$out" "${SERIES[date]}" "${MASKS[date]}" "$@" >made || fail "make_products.py $layout"
}
# make_safe OUT DATE LEVEL BASELINE [MORE...]
make_safe() {
    local out=$1 date=$2 level=$3 baseline=$4
    shift 4
    python3 "$MAKE" safe "$out" "$level" "$baseline" "${SERIES[date]}" "${MASKS[date]}" "$@" >made ||
        fail "make_products.py safe"
}
value() {
    python3 -c "import json; i = json.load(open('stdout')); print(($1))"
}
expect_value() {
    done=$((done + 1))
    local found
    found=$(value "$1" 2>&1)
    [ "$found" = "$2" ] || fail "$1 is $found instead of $2"
}

# ---- SAFE: processing baselines mixed, as archives are
baselines=(02.14 02.14 04.00 04.00 05.09)
for k in 0 1 2 3 4; do
    make_safe safe $k 2A "${baselines[k]}"
    make_safe old $k 2A 02.14
done
PRODUCTS=(safe/*.SAFE)
first=$(basename "${PRODUCTS[0]}" .SAFE)
expect_ok info safe -json
expect_value "[d['how']['scale'] for d in i['dates']]" "['1/10000, offset 0 DN (MTD_MSIL2A.xml, baseline 02.14)', '1/10000, offset 0 DN (MTD_MSIL2A.xml, baseline 02.14)', '1/10000, offset -1000 DN (MTD_MSIL2A.xml, baseline 04.00)', '1/10000, offset -1000 DN (MTD_MSIL2A.xml, baseline 04.00)', '1/10000, offset -1000 DN (MTD_MSIL2A.xml, baseline 05.09)']"
expect_value "[b['name'] for b in i['dates'][0]['bands']]" "['B04', 'B03', 'B02', 'B08']"
expect_value "{d['how']['mask'] for d in i['dates']}" "{'SCL of the product'}"
expect_value "{d['cloud_share_from'] for d in i['dates']}" "{'mask'}"
expect_value "i['dates'][0]['how']['date'], i['dates'][0]['date'][10:]" "('DATATAKE_SENSING_START', 'T10:15:59Z')"
expect_value "i['dates'][0]['name']" "$first"
expect_no_text stderr 'Warning'
(cd safe && for product in *.SAFE; do zip -q -r "../${product%.SAFE}.zip" "$product"; done)
expect_ok remove safe "${REGRESSION[@]}" -o got_folder
expect_ok remove "${PRODUCTS[@]}" "${REGRESSION[@]}" -o got_folders
expect_ok remove safe/*/MTD_MSIL2A.xml "${REGRESSION[@]}" -o got_xml
expect_ok remove S2A_MSIL2A_*.zip "${REGRESSION[@]}" -o got_zip
expect_ok remove old "${REGRESSION[@]}" -o got_old
expect_file "got_folder/$first.tif"
for product in "${PRODUCTS[@]}"; do
    name=$(basename "$product" .SAFE).tif
    for other in got_folders got_xml got_zip; do
        expect_same "got_folder/$name" "$other/$name"
    done
done
expect_python 'outputs of products' "
import glob
products, outputs, old = sorted(glob.glob('safe/*.SAFE')), sorted(glob.glob('got_folder/*.tif')), sorted(glob.glob('got_old/*.tif'))
assert len(products) == len(outputs) == 5
filled = 0
for p, o, q in zip(products, outputs, old):
    ds = gdal.Open(o)
    assert [ds.GetRasterBand(k).GetDescription() for k in (1, 2, 3, 4)] == ['B02', 'B03', 'B04', 'B08']
    assert ds.GetProjection() and ds.GetGeoTransform() == (699960, 10, 0, 5000040, 0, -10), ds.GetGeoTransform()
    assert ds.GetMetadataItem('PRODUCT_URI') == p.split('/')[1] and ds.GetRasterBand(1).GetNoDataValue() == 0
    offset = -0.1 if '_N0214_' not in p else 0
    assert abs((ds.GetRasterBand(3).GetOffset() or 0) - offset) < 1e-12 and abs(ds.GetRasterBand(3).GetScale() - 1e-4) < 1e-12
    inside = [read(glob.glob(p + '/GRANULE/*/IMG_DATA/R10m/*_%s_10m.jp2' % b)[0]) for b in ('B02', 'B03', 'B04', 'B08')]
    scl = read(glob.glob(p + '/GRANULE/*/IMG_DATA/R20m/*_SCL_20m.jp2')[0])
    flagged = np.isin(scl, (3, 8, 9, 10)).repeat(2, 0).repeat(2, 1)
    same = (ds.ReadAsArray() == np.stack(inside)).all(axis=0)
    if flagged.mean() < 0.5: # around clouds a rim is filled too
        assert same[~flagged].mean() > 0.8, same[~flagged].mean()
    filled += (~same & flagged).sum() / max(1, flagged.sum())
    # The offset changes how numbers are written, not what is filled in.
    a, b = ds.ReadAsArray().astype(float) + 1e4 * offset, read(q).astype(float)
    assert abs(a - b).max() <= 2, abs(a - b).max()
assert filled > 4, filled"
expect_ok info got_folder -json
expect_value "[b['offset'] for b in i['dates'][4]['bands'][:1]]" '[-0.1]'
expect_ok info "${PRODUCTS[0]}" -tr 20 -json
expect_value "[b['name'] for b in i['dates'][0]['bands']]" "['B04', 'B03', 'B02', 'B08', 'B05', 'B06', 'B07', 'B8A', 'B11', 'B12']"
expect_ok remove safe -tr 20 "${REGRESSION[@]}" -o got_20
expect_python '20 m: the bands of R20m are taken as they are' "
import glob
product = sorted(glob.glob('safe/*.SAFE'))[1]
ds = gdal.Open(sorted(glob.glob('got_20/*.tif'))[1])
names = [ds.GetRasterBand(k + 1).GetDescription() for k in range(ds.RasterCount)]
assert names == ['B02', 'B03', 'B04', 'B05', 'B06', 'B07', 'B08', 'B8A', 'B11', 'B12'] and ds.RasterXSize == 96
for k, band in enumerate(names):
    if band != 'B08':
        a = read(glob.glob(product + '/GRANULE/*/IMG_DATA/R20m/*_%s_20m.jp2' % band)[0])
        assert (a == ds.GetRasterBand(k + 1).ReadAsArray()).mean() > 0.5, band"
# With a small cache the pictures are unpacked first: the same bytes, and nothing stays behind.
mkdir scratch
CPL_TMPDIR=$PWD/scratch expect_ok remove safe --config GDAL_CACHEMAX 1 "${REGRESSION[@]}" -o got_unpacked
CPL_TMPDIR=$PWD/scratch expect_ok detect safe --config GDAL_CACHEMAX 1 -mask_mode replace -o got_mask
expect_text stdout '5 dates in JPEG 2000 are decoded once into .*/scratch'
for product in "${PRODUCTS[@]}"; do
    name=$(basename "$product" .SAFE).tif
    expect_same "got_folder/$name" "got_unpacked/$name"
done
# Of a crop only what is read.
CROP=(-srcwin 40 30 100 90)
expect_ok remove safe "${CROP[@]}" "${REGRESSION[@]}" -o got_crop
CPL_TMPDIR=$PWD/scratch expect_ok remove safe "${CROP[@]}" --config GDAL_CACHEMAX 1 "${REGRESSION[@]}" -o got_crop_unpacked
for product in "${PRODUCTS[@]}"; do
    name=$(basename "$product" .SAFE).tif
    expect_same "got_crop/$name" "got_crop_unpacked/$name"
done
expect_error 'give -tr instead of -ovr' info safe -ovr 0
expect_error 'is a folder; name its rasters' info safe -if GTiff
done=$((done + 1))
[ -z "$(ls -A scratch)" ] || fail "left in scratch: $(ls -A scratch)"
# -scl none: without the product's classification; -mask_mode replace then has nothing to go by.
expect_ok info safe -scl none -json
expect_value "{d['how']['mask'] for d in i['dates']}" "{''}"
# Level 1C, alone and mixed.
make_safe l1c 1 1C 02.05
make_safe l1c 2 1C 05.10
expect_ok info l1c -json
expect_value "[d['how']['scale'][:30] for d in i['dates']]" "['1/10000, offset 0 DN (MTD_MSIL', '1/10000, offset -1000 DN (MTD_']"
expect_value "[d['how']['mask'] for d in i['dates']]" "['', '']"
expect_ok info "${PRODUCTS[0]}" l1c/*
expect_text stderr 'Warning 1: Level-1C and Level-2A are mixed'
make_safe zone 0 2A 05.09 tile=33TUL
expect_ok info "${PRODUCTS[1]}" zone
expect_text stderr 'Warning 1: the inputs are of several tiles \(32TQR, 33TUL\)|Warning 1: the inputs are of several tiles \(33TUL, 32TQR\)'
expect_error 'are both of' info "${PRODUCTS[0]}" zone

# ---- Two products of one tile, day and orbit, a data strip each: the date of the whole
for k in 1 2 3; do
    make_safe strips $k 2A 05.09 half=west
    make_safe strips $k 2A 05.09 half=east processed=181500
    make_safe one $k 2A 05.09
done
expect_ok info strips -json
expect_value "len(i['dates']), {d['how']['mask'] for d in i['dates']}, {d['how']['bands'] for d in i['dates']}" "(3, {'SCL of the product'}, {'files B02 B03 B04 B08 (10 m); B05 B06 B07 B8A B11 B12 left out: 20 m; -tr 20 takes all; 2 inputs of the day joined'})"
expect_ok remove strips "${REGRESSION[@]}" -o got_strips/
expect_ok remove one "${REGRESSION[@]}" -o got_one/
expect_python 'pixels of the whole products' "
import glob
a, b = sorted(glob.glob('got_strips/*.tif')), sorted(glob.glob('got_one/*.tif'))
assert len(a) == len(b) == 3
for x, y in zip(a, b):
    ds = gdal.Open(x)
    assert (read(x) == read(y)).all() and ds.GetRasterBand(1).GetOffset() == -0.1, (read(x) != read(y)).mean()"
expect_ok info strips -tr 20 -json
expect_value "{len(d['bands']) for d in i['dates']}" "{10}"
mv got_strips got_direct
CPL_TMPDIR=$PWD/scratch expect_ok remove strips --config GDAL_CACHEMAX 1 "${REGRESSION[@]}" -o got_strips/
for f in got_direct/*; do expect_same "$f" "got_strips/$(basename "$f")"; done
# ... of two baselines, as the archive was processed again: the offset of the one is left in the pixels, all are read alike.
for k in 1 2 3; do
    make_safe mixed $k 2A 02.14 half=west
    make_safe mixed $k 2A 05.09 half=east processed=181500
done
expect_ok info mixed -json
expect_value "len(i['dates']), {b['offset'] for d in i['dates'] for b in d['bands']}, {d['how']['scale'] for d in i['dates']}" "(3, {-0.1}, {'1/10000, offset -1000 DN (MTD_MSIL2A.xml, baseline 05.09)'})"
expect_ok info mixed
expect_text stdout '^S2A_.*_N0214_.* and S2A_.*_N0509_.* are parts of 2023-.* with offsets 0 and -1000: the first is brought to the numbers of the second; so are those of other days'
expect_ok remove mixed "${REGRESSION[@]}" -o got_mixed/
expect_python 'pixels of the whole products' "
import glob
a, b = sorted(glob.glob('got_mixed/*.tif')), sorted(glob.glob('got_one/*.tif'))
assert len(a) == len(b) == 3
for x, y in zip(a, b):
    ds = gdal.Open(x)
    assert (read(x) == read(y)).all() and ds.GetRasterBand(1).GetOffset() == -0.1, (read(x) != read(y)).mean()"
make_safe again 2 2A 05.09
make_safe again 2 2A 05.10 processed=200000
expect_ok info again -json
expect_value "len(i['dates']), i['dates'][0]['name'].split('_')[3], 'joined' in i['dates'][0]['how']['bands']" "(1, 'N0510', False)"
expect_text stderr 'Warning 1: .*_N0509_.* shows the same pixels as .*_N0510_.*; the one that was processed last is used'

# ---- Damaged products
broken() {
    rm -rf broken
    mkdir broken
    cp -r "${PRODUCTS[0]}" broken/
    PRODUCT=broken/$first.SAFE
}
broken
rm "$PRODUCT"/GRANULE/*/IMG_DATA/R10m/*_B03_10m.jp2
expect_error 'the product is incomplete: T32TQR_[0-9T]*_B03_10m.jp2 .*download it again' remove "$PRODUCT" -o out
broken
rm -r "$PRODUCT"/GRANULE/*/IMG_DATA/R10m
expect_ok info "$PRODUCT" -json
expect_value "round(i['grid']['pixel_m']), i['dates'][0]['bands'][3]['name']" "(20, 'B8A')"
rm -r "$PRODUCT"/GRANULE/*/IMG_DATA/R20m
expect_error 'at 60 m only' info "$PRODUCT"
rm "$PRODUCT"/GRANULE/*/IMG_DATA/R60m/*_B*
expect_error 'TCI and quick looks' info "$PRODUCT"
rm "$PRODUCT/MTD_MSIL2A.xml"
expect_error 'none is a date|has no MTD_MSIL1C' info "$PRODUCT"
broken
for file in "$PRODUCT"/GRANULE/*/IMG_DATA/R10m/*_B04_10m.jp2; do
    head -c 1000 "$file" >cut.jp2 && cp cut.jp2 "$file"
done
expect_error 'B04_10m.jp2' remove "$PRODUCT" "${PRODUCTS[@]:1}" -o out "${REGRESSION[@]}"
expect_error 'B04_10m.jp2' remove "$PRODUCT" "${PRODUCTS[@]:1}" -o out --config GDAL_CACHEMAX 1 "${REGRESSION[@]}"
head -c 5000 "$first.zip" >cut.zip
expect_error 'cut.zip' info cut.zip
: >empty.zip
expect_error 'empty.zip' info empty.zip
python3 - "$first" <<'END'
import sys, zipfile
xml = open('safe/%s.SAFE/MTD_MSIL2A.xml' % sys.argv[1]).read()
with zipfile.ZipFile('climbs.zip', 'w') as z: # only names that climb out of the archive
    z.write('safe/%s.SAFE/MTD_MSIL2A.xml' % sys.argv[1], '../../MTD_MSIL2A.xml')
    z.writestr('../B04.tif', b'II*')
with zipfile.ZipFile('lies.zip', 'w') as z: # metadata that name files above the product
    z.writestr('A.SAFE/MTD_MSIL2A.xml', xml.replace('<IMAGE_FILE>GRANULE', '<IMAGE_FILE>../../../GRANULE'))
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('A.SAFE/MTD_MSIL2A.xml', xml + ' ' * 200000000)
END
expect_error 'climbs.zip' info climbs.zip
expect_error 'names a file outside of the product' info lies.zip
expect_error 'at most 16 MB' info bomb.zip
python3 - <<'END'
# Bands of a million pixels a side in some hundred bytes.
from osgeo import gdal
import zipfile
gdal.UseExceptions()
for b in ('B02', 'B03', 'B04'):
    gdal.GetDriverByName('GTiff').Create('/vsimem/%s.tif' % b, 1000001, 1000, 1, gdal.GDT_UInt16, ['SPARSE_OK=TRUE', 'TILED=YES'])
    f = gdal.VSIFOpenL('/vsimem/%s.tif' % b, 'rb')
    data = gdal.VSIFReadL(1, 100000000, f)
    with zipfile.ZipFile('wide.zip', 'a', zipfile.ZIP_DEFLATED) as z:
        z.writestr('2022-08-01/%s.tif' % b, data)
END
expect_error 'pixels are more than' info wide.zip

# ---- One file a band
for k in 0 1 2 3 4; do
    make hls hls $k
    make hls l30 $k sensor=L30
    make planetary planetary $k
    make earthsearch search $k words=1 applied=yes
    make earthsearch raw $k offset=-1000 baseline=05.09
    make cdse cdse $k
    make bdc bdc $k
done
expect_ok info hls -json
expect_value "i['dates'][0]['how']['date'], i['dates'][0]['how']['mask']" "('SENSING_TIME', \"Fmask of the date's files\")"
expect_value "i['dates'][0]['bands'][0]['nodata'], i['dates'][0]['bands'][0]['scale']" '(-9999, 0.0001)'
expect_ok info l30 -json
expect_value "[b['name'] for b in i['dates'][0]['bands']]" "['B04', 'B03', 'B02', 'nir_B05', 'swir16_B06', 'swir22_B07']"
for layout in hls l30 planetary search raw cdse bdc; do
    masked=("${REGRESSION[@]}")
    [ $layout != bdc ] || masked=(-method regression "${KNOWN[@]}" -q)
    expect_ok remove $layout "${masked[@]}" -o got_$layout
    done=$((done + 1))
    [ "$(ls got_$layout/*.tif | wc -l)" -eq 5 ] || fail "got_$layout: $(ls got_$layout)"
done
expect_file got_hls/HLS.S30.T32TQR.*.v2.0.tif got_planetary/T32TQR_*T101559.tif got_search/S2A_32TQR_*_0_L2A.tif
expect_python 'raw numbers and applied offsets give one series' "
import glob
for a, b in zip(sorted(glob.glob('got_search/*.tif')), sorted(glob.glob('got_raw/*.tif'))):
    d = read(a).astype(int) - (read(b).astype(int) - 1000)
    assert abs(d).max() <= 2, abs(d).max()
    ds = gdal.Open(b)
    assert ds.GetRasterBand(1).GetOffset() == -0.1"
# All that a shell's star names, too; a file that is not there is no date.
expect_ok info planetary/*.tif -json
expect_value "len(i['dates']), i['dates'][0]['how']['mask']" "(5, \"SCL of the date's files\")"
expect_error 'of this date there are B02 B04 only' info planetary/*_B02_* planetary/*_B04_*
expect_error 'one band only' info "$(ls planetary/*_B02_* | head -1)"
mkdir colours && cp planetary/*TCI* colours/
expect_error 'colours: of its 5 rasters .* none is a date' info colours
ls -d "$PWD"/search/*/ >list.txt
expect_ok info list.txt -json
expect_value "len(i['dates'])" '5'

# ---- A raster a date with its classification beside it; stacks of services
python3 - "${SERIES[@]}" -- "${MASKS[@]}" <<'END'
import os, sys
sys.path.insert(0, os.path.join(os.environ['CLV_SOURCE'], 'tests', 'cli'))
import make_products as m
import numpy as np
cut = sys.argv.index('--')
def stack(path, bands, names, nodata=None):
    array = np.stack(bands)
    m.save(path, array, 10, 'GTiff', nodata=nodata)
    ds = m.gdal.Open(path, m.gdal.GA_Update)
    for k, name in enumerate(names or []):
        ds.GetRasterBand(k + 1).SetDescription(name)
for sim, mask in zip(sys.argv[1:cut], sys.argv[cut + 1:]):
    day, bands = m.date_of(sim), m.pictures(sim)
    scl = m.classes(mask, bands['B02'].shape).repeat(2, 0).repeat(2, 1)
    dn = {b: np.round(v).astype(np.uint16) for b, v in bands.items()}
    other = np.full(scl.shape, 90, np.uint16)
    gee = [b for b in m.BANDS if b != 'B10']
    stack('gee/%sT101559_%sT102103_T32TQR.tif' % (day, day), [dn[b] for b in gee] + [other] * 5 +
          [((scl == 9) * 1024).astype(np.uint16)],
          ['B8A' if b == 'B8A' else 'B%d' % int(b[1:]) for b in gee] + ['AOT', 'WVP', 'TCI_R', 'TCI_G', 'TCI_B', 'QA60'])
    stack('openeo/openEO_%s-%s-%sZ.tif' % (day[:4], day[4:6], day[6:]), [dn[b] for b in ('B02', 'B03', 'B04', 'B08')],
          ['B02', 'B03', 'B04', 'B08'])
    stack('sen2r/BOA/S2A2A_%s_022_site_BOA_10.tif' % day, [dn[b] for b in m.BANDS if b not in ('B10', 'B8A')], None)
    m.save('sen2r/SCL/S2A2A_%s_022_site_SCL_10.tif' % day, scl, 10, 'GTiff')
    stack('bdc_stack/S2_BDC_%s.tif' % day, [np.where(dn[b] > 0, dn[b].astype(int), -9999).astype(np.int16)
                                            for b in ('B02', 'B03', 'B04', 'B08')], ['B02', 'B03', 'B04', 'B08'])
    for y in (0, 96):
        for x in (0, 128):
            os.makedirs('tiles', exist_ok=True)
            part = m.gdal.Translate('tiles/S2_%s-%010d-%010d.tif' % (day, y, x),
                                    'openeo/openEO_%s-%s-%sZ.tif' % (day[:4], day[4:6], day[6:]),
                                    srcWin=[x, y, 64 if x else 128, 60 if y else 96])
            part = None
END
expect_ok info gee -json
expect_value "i['dates'][0]['how']['mask'], len(i['dates'][0]['bands'])" "('band QA60', 12)"
expect_ok remove gee "${REGRESSION[@]}" -o got_gee
expect_python 'bands that are no reflectance are copied' "
import glob
for a, b in zip(sorted(glob.glob('gee/*.tif')), sorted(glob.glob('got_gee/*.tif'))):
    ds = gdal.Open(b)
    assert (read(a)[12:] == read(b)[12:]).all() and ds.GetRasterBand(18).GetDescription() == 'QA60'"
expect_ok info openeo -json
expect_value "[d['date'] for d in i['dates']]" "$(python3 -c "
import sys, os
print([t[:4] + '-' + t[4:6] + '-' + t[6:] for t in (os.path.basename(s).split('_')[1] for s in sys.argv[1:])])" "${SERIES[@]}")"
expect_ok info sen2r -json
expect_value "i['dates'][0]['how']['mask'], [b['index'] for b in i['dates'][0]['bands'][:4]]" "(\"SCL of the date's files\", [4, 3, 2, 8])"
expect_no_text stderr Warning
expect_ok info bdc_stack -json
expect_value "i['dates'][0]['bands'][0]['type'], i['dates'][0]['bands'][0]['nodata']" "('Int16', -9999)"
KNOWN5=(-method regression "${KNOWN[@]}" -q)
expect_ok remove openeo "${KNOWN5[@]}" -o got_openeo
expect_ok remove tiles "${KNOWN5[@]}" -o got_tiles
expect_python 'tiles are mosaicked' "
import glob
tiles, whole = sorted(glob.glob('got_tiles/*.tif')), sorted(glob.glob('got_openeo/*.tif'))
assert len(tiles) == len(whole) == 5
for a, b in zip(tiles, whole):
    assert (read(a) == read(b)).all()"

# openEO's netCDF, where GDAL reads and writes it; sentinelhub-py's folders.
if python3 -c "from osgeo import gdal; import sys; sys.exit(gdal.GetDriverByName('netCDF') is None)"; then
    python3 - "${SERIES[@]}" -- "${MASKS[@]}" <<'END' >netcdf.log 2>&1 || fail "making the netCDF: $(tail -n 2 netcdf.log)"
import os, sys
sys.path.insert(0, os.path.join(os.environ['CLV_SOURCE'], 'tests', 'cli'))
import make_products as m
cut = sys.argv.index('--')
os.makedirs('cubes')
m.make_openeo('cubes/openEO.nc', sys.argv[1:cut], sys.argv[cut + 1:])
END
    for name in cubes cubes/openEO.nc; do
        expect_ok info $name -json
        expect_value "len(i['dates']), i['dates'][1]['how']['mask'], i['dates'][1]['bands'][0]['type']" "(5, 'band SCL', 'Int16')"
    done
    expect_value "[d['date'][:10] for d in i['dates']]" "$(python3 -c "
import sys, os
print([t[:4] + '-' + t[4:6] + '-' + t[6:] for t in (os.path.basename(s).split('_')[1] for s in sys.argv[1:])])" "${SERIES[@]}")"
    expect_ok remove cubes/openEO.nc "${REGRESSION[@]}" -o got_netcdf
    done=$((done + 1))
    [ "$(ls got_netcdf/openEO_*.tif | wc -l)" -eq 5 ] || fail "got_netcdf: $(ls got_netcdf)"
fi
for k in 0 1; do
    mkdir -p "hub/$k"
    gdal_translate -q "${SERIES[k]}" "hub/$k/response.tiff" -mo ACQUISITIONDATETIME= -mo TIFFTAG_DATETIME=
    python3 - "hub/$k" <<'END'
import sys
from osgeo import gdal
ds = gdal.Open(sys.argv[1] + '/response.tiff', gdal.GA_Update)
for key in ('ACQUISITIONDATETIME', 'TIFFTAG_DATETIME'):
    ds.SetMetadataItem(key, None)
END
    echo '{"request": {"payload": {"input": {"data": [{"dataFilter": {"timeRange": {"from": "2022-08-0'$((k + 1))'T00:00:00Z", "to": "2022-08-0'$((k + 1))'T23:59:59Z"}}}]}}}}' >"hub/$k/request.json"
done
expect_ok info hub -json
expect_value "[(d['date'], d['how']['date']) for d in i['dates']]" "[('2022-08-01', 'request.json'), ('2022-08-02', 'request.json')]"

# ---- The real layout of Earth Search
real=$CLV_SHARED/products/earthsearch_33TWM
[ -d "$real" ] || real=$CLV_SHARED/data/products/earthsearch_33TWM
if [ -d "$real" ]; then
    expect_ok info "$real" -json
    expect_value "len(i['dates']), i['dates'][0]['how']['scale']" "(5, '1/10000, offset 0 DN (STAC item: offset applied already)')"
    expect_value "i['grid']['text']" '915x915, 120 m, EPSG:32633'
fi
finish
