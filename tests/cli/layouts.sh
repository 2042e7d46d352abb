# SPDX-License-Identifier: MIT
# Folders as archives deliver them, with layers that are no reflectance beside the bands; inputs of one day that are parts
# of one picture.
. "$(dirname "$0")/common.sh"
need_python
need zip gdal_translate
MAKE=$CLV_SOURCE/tests/cli/make_layouts.py
REGRESSION=(-method regression -mask_mode replace -q)
PAIRS=()
for k in 0 1 2 3 4; do
    PAIRS+=("${SERIES[k]}" "${MASKS[k]}")
done
make() {
    python3 "$MAKE" "$1" "${2:-$1}" "${PAIRS[@]}" || fail "make_layouts.py $1"
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
# expect_dates WHAT BANDS MASK INPUT...: five dates with this word about bands and this mask.
expect_dates() {
    local bands=$1 mask=$2
    shift 2
    expect_ok info "$@" -json
    expect_value "len(i['dates'])" 5
    expect_value "' '.join({d['how']['mask'] for d in i['dates']})" "$mask"
    expect_value "all('$bands' in d['how']['bands'] for d in i['dates'])" True
    expect_value "{d['cloud_share_from'] for d in i['dates']}" "{'mask'}"
}
# expect_note PATTERN INPUT...: what info says besides.
expect_note() {
    local pattern=$1
    shift
    expect_ok info "$@"
    expect_text stdout "$pattern"
}
make whole
expect_ok remove whole "${REGRESSION[@]}" -o got_whole/
WHOLE=(got_whole/*.tif)

# ---- FORCE: a tile, both tiles of its grid, globs
make force
expect_dates 'band descriptions RED GREEN BLUE NIR' "QAI of the date's files" force/X0012_Y0034
expect_no_text stderr .
expect_dates 'band descriptions RED GREEN BLUE NIR' "QAI of the date's files" force/X0013_Y0034/*.tif
expect_dates '2 inputs of the day joined' "QAI of the date's files" force
expect_note "^5 dates are made of several inputs of one day, joined \(20[0-9-]*: X0012_Y0034/.*_BOA.tif and X0013_Y0034/.*_BOA.tif\); to keep FORCE's tiles apart give one tile's folder at a time" force
expect_ok remove force "${REGRESSION[@]}" -o got_force/
expect_ok remove force/X0012_Y0034 "${REGRESSION[@]}" -o got_tile/
expect_python 'tiles become one raster a date, filled across their edge' "
import glob
outputs, tiles = sorted(glob.glob('got_force/*.tif')), sorted(glob.glob('got_tile/*.tif'))
assert len(outputs) == len(tiles) == 5
filled = seen = 0
for o, t, s in zip(outputs, tiles, '${SERIES[*]}'.split()):
    got, truth = read(o), read(s)
    assert got.shape[1:] == truth.shape[1:], got.shape
    assert gdal.Open(o).GetGeoTransform()[0] == gdal.Open(t).GetGeoTransform()[0] == 4000000
    ds = gdal.Open(o)
    assert [ds.GetRasterBand(k).GetDescription() for k in (1, 3, 6)] == ['BLUE', 'RED', 'NIR'] and ds.GetRasterBand(1).GetNoDataValue() == -9999
    same = (got[:3] == truth[:3]).all(axis=0)
    filled += 1 - same.mean()
    half = truth.shape[2] // 2
    seen += same[:, :half].mean() > 0.5 and same[:, half:].mean() > 0.5
assert filled > 0.1 and seen > 1, (filled, seen)"

# ---- Theia: FRE, its masks; zips; syntheses
make theia
expect_dates 'FRE (not SRE)' "CLM of the date's files" theia
expect_no_text stderr .
expect_dates 'FRE (not SRE)' "CLM of the date's files" theia -tr 20
expect_value "[b['name'] for b in i['dates'][0]['bands']]" "['B04', 'B03', 'B02', 'B08', 'B05', 'B8A', 'B11']"
(cd theia && for product in *; do zip -q -r "../$product.zip" "$product"; done)
mkdir zips && mv ./*.zip zips
expect_dates 'FRE (not SRE)' "CLM of the date's files" zips
expect_dates 'FRE (not SRE)' "CLM of the date's files" zips/*.zip
expect_ok info theia/*/*_FRE_B[234].tif -json
expect_value "[d['how']['bands'] for d in i['dates']][:1]" "['files B02 B03 B04 (10 m), FRE']"
expect_ok remove theia "${REGRESSION[@]}" -o got_theia/
expect_python 'no value of SRE is there' "
import glob
for o, s, m in zip(sorted(glob.glob('got_theia/*.tif')), '${SERIES[*]}'.split(), '${MASKS[*]}'.split()):
    ds, truth, clear = gdal.Open(o), read(s).astype(int), read(m) == 0
    assert [ds.GetRasterBand(k + 1).GetDescription() for k in range(4)] == ['B02', 'B03', 'B04', 'B08']
    same = (ds.ReadAsArray() == truth).all(axis=0)
    if clear.mean() > 0.5:
        assert same[clear].mean() > 0.7, same[clear].mean()"
# One date without FRE is told, and what each date is made of.
rm "$(ls -d theia/* | sed -n 3p)"/*_FRE_*.tif
expect_ok info theia -json
expect_value "[d['how']['bands'].split(', ')[-1].split(';')[0] for d in i['dates']]" \
    "['FRE (not SRE)', 'FRE (not SRE)', 'SRE', 'FRE (not SRE)', 'FRE (not SRE)']"
expect_text stderr 'Warning 1: SENTINEL2A_20230421.*: 1 of 5 dates is in the variant SRE and not FRE, whose reflectances differ'
check "one warning of it" test "$(grep -c variant stderr)" -eq 1
make theia
# A date of which only SRE is whole: SRE, never a mixture.
rm theia/*/*_FRE_B3.tif
expect_dates 'SRE (not FRE)' "CLM of the date's files" theia
rm theia/*/*_SRE_B3.tif
expect_error 'of this date there are .* only; red, green and blue' info theia
rm theia/*/MASKS/*_CLM_R[12].tif
make l3a
expect_ok info l3a -json
expect_value "len(i['dates']), i['dates'][0]['how']['bands']" "(5, 'files B02 B03 B04 B08 (10 m), FRC')"
expect_no_text stderr .

# ---- Digital Earth Australia, Brazil Data Cube, sits, Sen2Like
make dea
expect_dates 'nbart (not nbar)' "oa_fmask of the date's files" dea
expect_value "[b['name'] for b in i['dates'][0]['bands']]" "['B04', 'B03', 'B02', 'B08', 'B05', 'B8A', 'B11']"
expect_note '^[0-9]+ files are left out, no dates: .*combined-terrain-shadow.tif' dea
make dea_landsat
expect_dates 'nbart (not nbar)' "oa_fmask of the date's files" dea_landsat
expect_value "[b['role'] for b in i['dates'][0]['bands']], {b['scale'] for d in i['dates'] for b in d['bands']}" \
    "(['red', 'green', 'blue', 'nir', 'other'], {0.0001})"
expect_ok remove dea_landsat "${REGRESSION[@]}" -o got_landsat/
expect_python 'bands of Landsat 9 and 7 are paired by wavelength, and filled' "
import glob
outputs = sorted(glob.glob('got_landsat/*.tif'))
assert len(outputs) == 5
for o in outputs:
    day, ds = o.split('_final')[0][-10:], gdal.Open(o)
    stem = glob.glob('dea_landsat/*%s*/*_oa_*fmask.tif' % day)[0]
    clear, out = read(stem) == 1, ds.ReadAsArray()
    assert len(out) == 5
    for b in range(5):
        number = ds.GetRasterBand(b + 1).GetDescription()[-1]
        given = read(stem.replace('_oa_', '_nbart_').replace('fmask', 'band0' + number))
        assert clear.mean() < .5 or (out[b] == given)[clear].mean() > .9, (o, number) # masks are dilated
        assert (out[b] != given)[~clear].mean() > .8, (o, number)
"
python3 - <<'END'
import glob, json, os
features = []
for folder in sorted(glob.glob('dea_landsat/*')):
    names = ['blue', 'green', 'red', 'nir', 'swir_1']
    def asset(pattern, name):
        return {'href': glob.glob('%s/%s.tif' % (folder, pattern))[0], 'type': 'image/tiff; application=geotiff', 'roles': ['data'],
                'eo:bands': [{'name': name}]}
    assets = {'oa_fmask': asset('*_oa_*_fmask', 'oa_fmask')}
    for variant in ('nbar', 'nbart'):
        for k, name in enumerate(names):
            key = '%s_%s' % (variant, name)
            assets[key] = asset('*_%s_*band%02d' % (variant, k + 1 + ('ls9c' in folder)), key)
    features.append({'type': 'Feature', 'stac_version': '1.0.0', 'id': os.path.basename(folder), 'geometry': None, 'links': [],
                     'properties': {'datetime': folder.split('_')[-2] + 'T00:10:00Z'}, 'assets': assets})
json.dump({'type': 'FeatureCollection', 'features': features}, open('dea.json', 'w'))
END
expect_dates 'files B02 B03 B04 B8A B11' 'oa_fmask of the STAC item' dea.json
expect_ok remove dea.json "${REGRESSION[@]}" -o got_item/
expect_python "nbart of STAC items" "
import glob
for a, b in zip(sorted(glob.glob('got_item/*.tif')), sorted(glob.glob('got_landsat/*.tif'))):
    assert (read(a) == read(b)).all(), a
"
make bdc
expect_dates 'files B02 B03 B04' "SCL of the date's files" bdc
expect_note '^5 files are left out, no dates: S2-16D_V2_012014_20[0-9]*_SLOPEANGLE.tif, .*\.\.\.$' bdc
rm bdc/*SLOPE*
expect_dates 'files B02 B03 B04' "SCL of the date's files" bdc/*.tif
expect_no_text stderr .
make sits
expect_dates 'files B02 B03 B04' "CLOUD of the date's files" sits
make sen2like
expect_dates 'B12 left out: 20 m' "SCL of the date's files" sen2like
expect_dates 'B12' "SCL of the date's files" sen2like -tr 20
expect_value "[b['name'] for b in i['dates'][0]['bands']]" "['B04', 'B03', 'B02', 'B08', 'B05', 'B8A', 'B11', 'B12']"
expect_ok info sen2like -json
expect_value "len(i['dates']), [b['name'] for b in i['dates'][0]['bands']]" "(5, ['B04', 'B03', 'B02', 'B08', 'B05', 'B8A', 'B11'])"

# ---- One layer more beside rasters of all bands; a folder above dates with a map of its own
mkdir extra
cp whole/* extra
gdal_translate -q -b 1 "${SERIES[0]}" extra/parcels.tif
expect_ok info extra -json
expect_value "len(i['dates'])" 5
expect_note '^1 file is left out, no date: parcels.tif$' extra
mkdir above
cp -r whole above/2023
cp extra/parcels.tif above
expect_ok info above -json
expect_value "len(i['dates'])" 5
mkdir alone
cp extra/parcels.tif alone/20230406_parcels.tif
expect_error 'one band only' info alone

# ---- Two halves of a day are one date: the same bytes as of the whole
make strips
make planetary
for layout in strips planetary; do
    expect_dates '2 inputs of the day joined' "SCL of the date's files" "$layout"
    expect_note '^5 dates are made of several inputs of one day, joined' "$layout"
    expect_ok remove "$layout" "${REGRESSION[@]}" -o "got_$layout/"
    outputs=("got_$layout"/*.tif)
    expect_python "$layout: pixels of the whole" "
a, b = '${outputs[*]}'.split(), '${WHOLE[*]}'.split()
assert len(a) == len(b) == 5
for x, y in zip(a, b):
    assert (read(x) == read(y)).all(), (read(x) != read(y)).mean()"
done
# ... also as rasters, with -if and -oo, and of JPEG 2000. -scl is obeyed to the pixel, a product's own is not.
make rasters
GIVEN=()
for f in whole/*_SCL.tif; do GIVEN+=(-scl "$f"); done
expect_ok remove whole/*_L2A.tif "${REGRESSION[@]}" "${GIVEN[@]}" -o got_whole_given/
WHOLE_GIVEN=(got_whole_given/*.tif)
joined() {
    expect_ok remove "$@" "${REGRESSION[@]}" "${GIVEN[@]}" -o got_rasters/
    outputs=(got_rasters/*.tif)
    expect_python "$*: pixels of the whole" "
a, b = '${outputs[*]}'.split(), '${WHOLE_GIVEN[*]}'.split()
assert len(a) == len(b) == 5
for x, y in zip(a, b):
    assert (read(x) == read(y)).all(), (read(x) != read(y)).mean()"
    rm -r got_rasters
}
GIVEN=()
for f in strips/*; do GIVEN+=(-scl "$f/SCL.tif"); done
joined rasters/*.tif -if GTiff
joined rasters/*.tif -if GTiff -oo NUM_THREADS=2
joined rasters/*.tif -oo NUM_THREADS=1
if ls rasters/*.jp2 >/dev/null 2>&1; then
    joined rasters/*.jp2 -b 3 -b 2 -b 1 -b 4
fi
# Masks of the user for halves: joined, too.
given=()
for f in strips/*; do given+=(-mask "$f/SCL_cloud.tif"); done
python3 -c "
import glob
from osgeo import gdal
import numpy as np
for f in glob.glob('strips/*/SCL.tif'):
    a = gdal.Open(f).ReadAsArray()
    gdal.Translate(f[:-4] + '_cloud.tif', f)
    ds = gdal.Open(f[:-4] + '_cloud.tif', 1)
    ds.GetRasterBand(1).SetNoDataValue(255)
    ds.GetRasterBand(1).WriteArray(np.where(a == 0, 255, np.isin(a, (3, 8, 9))))"
expect_ok remove strips -scl none "${given[@]}" "${REGRESSION[@]}" -o got_given/
expect_python 'masks of halves flag what the whole masks flag' "
import glob
for x, m, s in zip(sorted(glob.glob('got_given/*.tif')), '${MASKS[*]}'.split(), '${SERIES[*]}'.split()):
    same = (read(x) == read(s)).all(axis=0)
    assert same[read(m) != 0].mean() < 0.2, same[read(m) != 0].mean()
    if (read(m) == 0).mean() > 0.5:
        assert same[read(m) == 0].mean() > 0.6, same[read(m) == 0].mean()"
unset 'given[-1]' 'given[-1]'
expect_error '-mask: 9 given for 10 inputs' info strips -scl none "${given[@]}"
# Halves that do not show the same where both show something, of one satellite: an error that says so.
cp -r strips differ
python3 -c "
from osgeo import gdal
import glob
for f in glob.glob('differ/*_1_L2A/B0*.tif'):
    ds = gdal.Open(f, 1)
    a = ds.ReadAsArray()
    ds.GetRasterBand(1).WriteArray(a + 3000 * (a > 0).astype(a.dtype))"
expect_error 'are both of 20.* and differ where both show the ground \(in red by 0.3.*; leave one out' info differ
# ... of two satellites: two dates.
for f in differ/S2A*_1_L2A; do mv "$f" "${f/S2A/S2B}"; done
expect_ok info differ -json
expect_value "len(i['dates'])" 10
# A second delivery of the same pixels: the later one, and a word.
mkdir twice
for f in planetary/*T162101; do cp -r "$f" twice; cp -r "$f" "twice/$(basename "$f" | sed 's/T162101$/T193000/')"; done
expect_ok info twice -json
expect_value "len(i['dates']), {d['how']['bands'] for d in i['dates']}" "(5, {'files B02 B03 B04 B08 (10 m)'})"
expect_text stderr 'Warning 1: .*T162101.* shows the same pixels as .*T193000.*; the one that was processed last is used, here and on other days'
# Other pixel grids, copies of what is no product: as ever.
cp whole/S2A_32TPS_20230416_L2A.tif shifted_20230416.tif
python3 -c "
from osgeo import gdal
ds = gdal.Open('shifted_20230416.tif', 1)
ds.SetGeoTransform((500007, 20, 0, 5000000, 0, -20))"
expect_error 'are both of 2023-04-16 and do not lie on one pixel grid' info whole/S2A_32TPS_20230416_L2A.tif shifted_20230416.tif
cp whole/S2A_32TPS_20230416_L2A.tif copy_20230416.tif
expect_error 'are both of 2023-04-16 and show the same pixels' info copy_20230416.tif whole/S2A_32TPS_20230416_L2A.tif

# ---- A stack without names: what the error says to give works
python3 - <<PYTHON
from osgeo import gdal
import numpy as np
dates = [gdal.Open(f).ReadAsArray() for f in "${SERIES[*]}".split()]
stack = np.concatenate([np.stack([d[0], d[1], d[2], d[3], d[2], d[2], d[3], d[3], d[1], d[1]]) for d in dates])
ds = gdal.GetDriverByName("GTiff").Create("stack.tif", stack.shape[2], stack.shape[1], len(stack), gdal.GDT_Int16)
ds.WriteArray(stack.astype(np.int16))
PYTHON
expect_error '50 bands without names: when they are 5 dates of 10 bands, give -date 5 times, .* -b R,G,B\[,NIR\] .*-b 3,2,1,4' info stack.tif
expect_ok info stack.tif -b 3,2,1,4 -date 2023-04-06 -date 2023-04-16 -date 2023-04-21 -date 2023-04-26 -date 2023-05-01 -json
expect_value "len(i['dates']), len(i['dates'][4]['bands'])" '(5, 10)'

# ---- Real files
SAFE=$CLV_SHARED/data/products/safe_29UNU
if [ -d "$SAFE" ]; then
    expect_error '60 m only.*missing are B02 B03 B04 B08 at 10 m, B01 B02 B03 B04 B05 B06 B07 B8A B11 B12 at 20 m' info "$SAFE"
fi
L3A=$CLV_SHARED/data/series/toulouse_theia_l3a
if [ -d "$L3A" ]; then
    expect_error '70 bands without names: when they are 7 dates of 10 bands, give -date 7 times' info "$L3A"
    expect_ok info "$L3A" -b 3,2,1,4 -json -date 2018-04-29 -date 2018-05-13 -date 2018-07-08 -date 2018-08-15 -date 2018-09-15 -date 2018-10-15 -date 2018-11-15
    expect_value "len(i['dates'])" 7
fi
HLS=$CLV_SHARED/data/series/missouri_hls
if [ -d "$HLS" ]; then
    expect_ok info "$HLS" -json
    expect_value "len(i['dates'])" 33
fi
# ---- Folders that are called after the day of the month: outputs are called after the date ------------------------------------
python3 - <<'END'
import glob, os, re
from osgeo import gdal
for k, f in enumerate(sorted(glob.glob(os.environ["CLV_DATA"] + "/sim_*.tif"))):
    y, m, d = re.search(r"(\d{4})(\d\d)(\d\d)", f).groups()
    folder = "days/%s/%d/%d" % (y, int(m), int(d))
    os.makedirs(folder)
    for b, name in enumerate(("B02", "B03", "B04", "B08")):
        gdal.Translate("%s/%s.tif" % (folder, name), f, bandList=[b + 1])
END
expect_ok remove days -method linear -o day_outputs -q
NAMES="20230406.tif 20230416.tif 20230421.tif 20230426.tif 20230501.tif"
check "dates as names" test "$(cd day_outputs && echo *.tif)" = "$NAMES"

expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -method linear -o day_own -q
# ---- The open bucket's tree, a folder a band, Sentinel Hub's browser (whose names may hold colons), a packed archive --------
python3 - <<'END'
import glob, os, re, tarfile
import numpy as np
from osgeo import gdal
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
def save(path, source, bands, **more):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    gdal.Translate(path, source, bandList=bands, **more)
for f in sorted(glob.glob(os.environ["CLV_DATA"] + "/sim_*.tif")):
    y, m, d = re.search(r"(\d{4})(\d\d)(\d\d)", f).groups()
    day = "%s-%s-%s" % (y, m, d)
    for b, name in enumerate(("B02", "B03", "B04", "B08")):
        save("bucket/tiles/33/U/XP/%s/%d/%d/0/R10m/%s.tif" % (y, int(m), int(d), name), f, [b + 1])
        save("by_band/%s/S2_%s%s%s.tif" % (name, y, m, d), f, [b + 1])
        save("browser/%s-00_00_%s-23_59_Sentinel-2_L2A_%s_(Raw).tiff" % (day, day, name), f, [b + 1])
        save("colons/%s-00:00_%s-23:59_Sentinel-2_L2A_%s_(Raw).tiff" % (day, day, name), f, [b + 1])
    save("browser/%s-00_00_%s-23_59_Sentinel-2_L2A_True_color.tiff" % (day, day), f, [3, 2, 1],
         scaleParams=[[0, 3000, 1, 255]], outputType=gdal.GDT_Byte)
    save("packed/S2_%s.tif" % day, f, [1, 2, 3, 4])
with tarfile.open("packed.tar.gz", "w:gz") as archive:
    archive.add("packed")
END
mkdir by_band/SCL
for mask in "${MASKS[@]}"; do
    day=$(basename "$mask" | sed 's/[^0-9]//g')
    python3 -c "
import sys
import numpy as np
from osgeo import gdal
ds = gdal.GetDriverByName('GTiff').CreateCopy(sys.argv[2], gdal.Open(sys.argv[1]))
ds.WriteArray(np.array([5, 8, 3], np.uint8)[np.minimum(gdal.Open(sys.argv[1]).ReadAsArray(), 2)])" "$mask" "by_band/SCL/S2_$day.tif"
done
for list in bucket by_band browser colons packed.tar.gz; do
    expect_ok remove "$list" "${KNOWN[@]}" -method linear -o "got_$list" -q
    check "five dates of $list" test "$(ls "got_$list"/*.tif | wc -l)" -eq 5
    expect_python "$list: pixels of the series' own files" "
import glob
for a, b in zip(sorted(glob.glob('day_own/*.tif')), sorted(glob.glob('got_$list/*.tif'))):
    x, ds = read(a), gdal.Open(b)
    assert (x[[2, 1, 0, 3]] == ds.ReadAsArray()[[[ds.GetRasterBand(k + 1).GetDescription() for k in range(4)].index(n) for n in ('B04', 'B03', 'B02', 'B08')]]).all(), b
"
done
expect_ok remove bucket "${KNOWN[@]}" -method linear -o got_warned # 16 comes before 6 in the order of names
expect_text stderr '-mask: sim_20230406_mask.tif stands where the mask of .* is expected; the masks. names tell the inputs. days'
check "one warning" test "$(grep -c Warning stderr)" -eq 1
expect_ok remove by_band "${KNOWN[@]}" -method linear -o got_warned
expect_no_text stderr Warning
expect_ok info bucket -mask_mode replace -mask "${MASKS[1]}" -mask none -mask none -mask "${MASKS[2]}" -mask none
expect_text stderr '-mask: sim_20230421_mask.tif stands .*, and its name tells another input.s day; give the masks in the inputs. order'
# VRTs of gdalbuildvrt -separate have no names of bands, but those of their files.
mkdir separate
for day in 2023-04-06 2023-04-16 2023-04-21 2023-04-26 2023-05-01; do
    gdalbuildvrt -q -separate separate/$day.vrt browser/$day*B0[2348]*.tiff
done
gdalbuildvrt -q -separate separate.vrt browser/*B0[2348]*.tiff
for list in separate separate.vrt; do
    expect_ok info $list -json
    expect_value "[d['date'][:10] for d in i['dates']]" "['2023-04-06', '2023-04-16', '2023-04-21', '2023-04-26', '2023-05-01']"
    expect_value "[[(b['role'], b['index'] % 4) for b in d['bands']] for d in i['dates']][3]" \
        "[('red', 3), ('green', 2), ('blue', 1), ('nir', 0)]"
done

# One band of all dates in a file: the advice works when followed.
python3 - <<'END'
import glob, os
from osgeo import gdal
files = sorted(glob.glob(os.environ["CLV_DATA"] + "/sim_*.tif"))
os.makedirs("bricks")
for b, name in enumerate(("B02", "B03", "B04", "B08")):
    gdal.BuildVRT("one.vrt", [gdal.Translate("/vsimem/%s%d.tif" % (name, k), f, bandList=[b + 1]) for k, f in enumerate(files)], separate=True)
    gdal.Translate("bricks/%s.tif" % name, "one.vrt")
END
expect_error 'bricks/B02.tif and the files of the other bands hold 5 bands each.*gdal_translate -b 1 B02.tif DATE1/B02.tif' info bricks
for k in 1 2 3 4 5; do
    day=$(basename "${SERIES[k - 1]}" | cut -c 5-12)
    mkdir -p "dated/$day"
    for name in B02 B03 B04 B08; do
        gdal_translate -q -b $k bricks/$name.tif "dated/$day/$name.tif"
    done
done
expect_ok info dated
expect_text stdout '^5 dates'
check "names of the bucket's dates" test "$(cd got_bucket && echo *.tif)" = "$NAMES"
expect_ok info by_band -json
expect_value "{d['how']['mask'] for d in i['dates']}" "{\"SCL of the date's files\"}"
finish
