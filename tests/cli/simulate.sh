# SPDX-License-Identifier: MIT
# Every option of clearvision simulate.
. "$(dirname "$0")/common.sh"
need_python
SMALL=(-size 64 48 -q)

expect_ok simulate -o a "${SMALL[@]}" -dates 3 -seed 5
check "3 dates" test "$(ls a/sim_*.tif | wc -l)" -eq 3
check "their truth" test "$(ls a/truth/sim_*.tif | wc -l)" -eq 3
check "their masks" test "$(ls a/mask/sim_*.tif | wc -l)" -eq 3
# -seed
expect_ok simulate -o b "${SMALL[@]}" -dates 3 -seed 5
for file in $(cd a && find . -type f); do
    expect_same a/"$file" b/"$file"
done
expect_ok simulate -o c "${SMALL[@]}" -dates 3 -seed 6
expect_different "$(ls a/sim_* | head -n 1)" "$(ls c/sim_* | head -n 1)"
# -size, -tr
expect_ok simulate -o big --size=80x72 -dates 1 -tr 10 -q
expect_python '-size and -tr' "
import glob
d = gdal.Open(glob.glob('big/sim_*.tif')[0])
assert (d.RasterXSize, d.RasterYSize) == (80, 72) and d.GetGeoTransform()[1] == 10 and d.GetSpatialRef()"
# -nir, -no_nir
expect_ok simulate -o rgb "${SMALL[@]}" -dates 1 -no_nir
expect_ok simulate -o nir "${SMALL[@]}" -dates 1 -nir
expect_python '-no_nir' "
import glob
assert gdal.Open(glob.glob('rgb/sim_*.tif')[0]).RasterCount == 3
assert gdal.Open(glob.glob('nir/sim_*.tif')[0]).RasterCount == 4"
# -clouds
expect_ok simulate -o none "${SMALL[@]}" -dates 4 -clouds 0
expect_ok simulate -o many -size 128 128 -dates 6 -clouds 0.6 -q
expect_python '-clouds' "
import glob
share = lambda d: np.mean([(read(f) == 1).mean() for f in glob.glob(d + '/mask/*.tif')])
assert share('none') == 0 and 0.4 < share('many') < 0.8, (share('none'), share('many'))
for f in glob.glob('none/sim_*.tif'):
    assert np.abs(read(f).astype(float) - read(f.replace('none/', 'none/truth/'))).max() <= 1"
# -of, -co, -overwrite
expect_ok simulate -o cog "${SMALL[@]}" -dates 1 -of COG -co COMPRESS=LZW
expect_python '-of and -co' "
import glob
i = gdal.Info(glob.glob('cog/sim_*.tif')[0], format='json')['metadata']['IMAGE_STRUCTURE']
assert i['LAYOUT'] == 'COG' and i['COMPRESSION'] == 'LZW'"
expect_error 'exists; use -overwrite' simulate -o a "${SMALL[@]}" -dates 3 -seed 5
expect_ok simulate -o a "${SMALL[@]}" -dates 3 -seed 5 -overwrite
# -q, -json
check "-q prints nothing" test ! -s stdout
expect_ok simulate -o j -size 64 48 -dates 2 -json
cp stdout result.json
expect_python 'JSON of simulate' "
r = json.load(open('result.json'))
assert len(r['outputs']) == len(r['truth']) == len(r['masks']) == len(r['dates']) == 2
assert all(gdal.Open(f) for f in r['outputs'] + r['truth'] + r['masks'])"
expect_error 'out of range' simulate -o out -dates 0
expect_error 'out of range' simulate -o out -clouds 2
expect_error '-size' simulate -o out -size 8 8
expect_error 'folder' simulate -o out.tif "${SMALL[@]}"
# What is made suits the rest of the program without a word from the user.
expect_ok info a/sim_*.tif -json
expect_text stdout '"nir"'
finish
