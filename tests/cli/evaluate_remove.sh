# SPDX-License-Identifier: MIT
# clearvision evaluate remove: protocols, methods, figures that can be foretold, and what makes no sense.
. "$(dirname "$0")/common.sh"
need_python
TIME=300

# A series whose land does not change: whoever copies from another date is right. Values tell date and place apart only by
# the gain of each date in the second series.
python3 - <<'END' || fail "the series could not be made"
import numpy as np
from osgeo import gdal, osr
rng = np.random.default_rng(1)
land = rng.integers(500, 3000, (3, 140, 150)).astype('u2')
srs = osr.SpatialReference(); srs.ImportFromEPSG(32632)
def write(name, data, day=None):
    d = gdal.GetDriverByName('GTiff').Create(name, data.shape[2], data.shape[1], data.shape[0], gdal.GDT_UInt16 if data.dtype == np.uint16 else gdal.GDT_Byte)
    d.SetGeoTransform((600000, 20, 0, 5100000, 0, -20)); d.SetSpatialRef(srs); d.WriteArray(data)
    if day:
        d.SetMetadataItem('ACQUISITIONDATETIME', '2022-06-%02d 10:00:00' % day, 'IMAGERY')
        for b, n in enumerate(('B04', 'B03', 'B02')): d.GetRasterBand(b + 1).SetDescription(n)
for t in range(7):
    still, mask = land.copy(), np.zeros((1, 140, 150), np.uint8)
    if t == 3:
        mask[0, :, :90] = 1
    write(f'still_{t}.tif', still, 1 + 4 * t)
    # Every date its own brightness, the same everywhere.
    write(f'gain_{t}.tif', (land * (0.7 + 0.1 * t)).astype('u2'), 1 + 4 * t)
    write(f'mask_{t}.tif', mask)
shape = np.zeros((2, 128, 128), np.uint8); shape[0, 20:90, 30:100] = 1; shape[1, :, :50] = 1
write('shapes.tif', shape)
write('other.tif', shape[:, ::2].repeat(2, 1)[:, :, ::-1])
write('empty.tif', np.zeros((1, 128, 128), np.uint8))
END
STILL=() GAIN=() KNOWN=()
for t in 0 1 2 3 4 5 6; do
    STILL+=("still_$t.tif") GAIN+=("gain_$t.tif") KNOWN+=(-mask "mask_$t.tif")
done

expect_ok evaluate remove "${STILL[@]}" "${KNOWN[@]}" -json
cp stdout still.json
expect_python 'still land: everything but averages over places is exact' "
r = json.load(open('still.json'))
assert r['protocol'] == 'utilise' and r['sequences'] == 1 and r['windows'] == 1
assert set(r['methods']) == {'last', 'next', 'closest', 'median', 'linear', 'regression', 'gaussian'}
for name, m in r['methods'].items():
    assert m['occluded']['rmse'] < 1e-5, (name, m['occluded'])
    assert m['observed']['rmse'] == 0 and m['observed']['psnr'] is None
    assert m['unseen_frames']['rmse'] is None"

# Brightness that differs by date: the nearest dates are wrong by a tenth of the land's, the regression knows better.
expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -json
cp stdout gain.json
expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -json --config GDAL_NUM_THREADS 1
expect_same stdout gain.json
expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -json -seed 2
expect_different stdout gain.json
expect_python 'brightness by date' "
r = json.load(open('gain.json'))
m = {k: v['occluded'] for k, v in r['methods'].items()}
assert m['regression']['psnr'] > m['last']['psnr'] + 15, m
assert m['regression']['psnr'] > m['next']['psnr'] + 15, m
assert m['gaussian']['psnr'] > m['next']['psnr'] + 15, m
# last and next are off by 0.1 of the land per date that lies between: at least 0.1 * rms of the land
assert m['last']['rmse'] > 0.1 * 0.18 and m['last']['sam'] < 0.1, m
assert abs(20 * np.log10(1 / m['last']['rmse']) - m['last']['psnr']) < 1e-6 # one sequence
pools = r['by_gap']['last'], r['by_cover']['last']
assert sum(p['pixels'] for p in pools[0].values()) == sum(p['pixels'] for p in pools[1].values()) > 0
assert set(pools[0]) == {'1', '2', '3+'} and set(pools[1]) == {'0-30', '30-60', '60-90', '90-100'}"

# -method, -whole_frames, -consecutive
expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -json -method linear -method last -whole_frames -consecutive -seed 5
cp stdout some.json
expect_python 'methods that were asked for, whole frames' "
r = json.load(open('some.json'))
assert list(r['methods']) == ['last', 'linear']"
unseen=
for seed in 1 2 3 4 5 6; do
    expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -json -method linear -whole_frames -seed $seed
    grep -qE '"unseen_frames":\{"psnr":[0-9]' stdout && unseen=yes
done
check "some seed masks a whole frame" test -n "$unseen"

# The table
expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -q
expect_text stdout '^method +PSNR gaps'
expect_text stdout "^regression +$(python3 -c "import json; print('%.2f' % json.load(open('gain.json'))['methods']['regression']['occluded']['psnr'])")"
expect_text stdout '^masked dates in a row +1 +2 +3\+'

# What makes no sense
expect_error 'No input' evaluate remove
expect_error 'is not one of last, next' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -method nonsense
expect_error '-model' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -method model
expect_error 'nothing to measure' evaluate remove "${STILL[@]:0:4}" "${KNOWN[@]:0:8}" -shapes shapes.tif
expect_error 'nothing to measure' evaluate remove still_0.tif still_1.tif still_2.tif still_4.tif still_5.tif -mask mask_0.tif \
    -mask mask_1.tif -mask mask_2.tif -mask mask_4.tif -mask mask_5.tif
expect_error 'no mask with 10 %' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -shapes empty.tif
expect_error 'missing.tif' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -shapes missing.tif
expect_error 'pooled is for EarthNet2021 cubes' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -protocol seed
expect_error 'leave out -shapes' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -protocol pooled -shapes shapes.tif
expect_error 'out of range' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -window 1
expect_error 'missing.safetensors|network|libtorch' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -model missing.safetensors

# A training set: two places with NIR, one without, the second held out; single pictures are no sequences.
"$CLV_PROGRAM" simulate -o east -size 256 256 -dates 9 -clouds 0.2 -seed 5 -q || fail "no series east"
"$CLV_PROGRAM" simulate -o south -size 128 128 -dates 8 -clouds 0.2 -seed 6 -q || fail "no series south"
"$CLV_PROGRAM" simulate -o west -size 128 128 -dates 8 -clouds 0.2 -seed 7 -no_nir -q || fail "no series west"
ls east/truth/sim_*.tif >/dev/null || fail "no truth"
for place in east south west; do # all dates clear, so that it is known how many sequences there are
    echo "series $place/truth/sim_*.tif labels=clear place=$place$([ $place = south ] && echo ' hold=yes')"
done >list.txt
echo 'clear east/truth/sim_*.tif place=single
shapes shapes.tif place=masks' >>list.txt
expect_ok prepare list.txt -o set.safetensors -q
expect_ok evaluate remove set.safetensors -json -method linear -method regression -method last -whole_frames
cp stdout set.json
expect_ok evaluate remove set.safetensors -json -method linear -method regression -method last -whole_frames \
    --config GDAL_NUM_THREADS 1
expect_same stdout set.json
expect_ok evaluate remove set.safetensors -json -method linear -place east -place west -whole_frames
cp stdout two.json
expect_ok evaluate remove set.safetensors -json -method linear -split hold -whole_frames
cp stdout hold.json
expect_ok evaluate remove set.safetensors -json -method linear -split train -place=east -whole_frames
cp stdout train.json
expect_ok evaluate remove set.safetensors -json -method linear -whole_frames -shapes other.tif
expect_different stdout set.json
expect_python 'places of a training set' "
header = open('set.safetensors', 'rb').read()
size = int.from_bytes(header[:8], 'little')
facts = json.loads(json.loads(header[8:8 + size])['__metadata__']['clearvision.manifest'])['sequences']
count = {p: sum(f['place'] == p and f['clear_dates'] >= 5 for f in facts) for p in ('east', 'south', 'west')}
assert count == {'east': 4, 'south': 1, 'west': 1}, count
r = json.load(open('set.json'))
assert {k: p['sequences'] for k, p in r['places'].items()} == count and list(r['places']) == list(count)
assert r['sequences'] == 6 and r['windows'] == len(facts) > 6 and list(r['methods']) == ['last', 'linear', 'regression']
for name, m in r['methods'].items():
    for scope in ('occluded', 'unseen_frames', 'occluded_nir'):
        want = sum(p['methods'][name].get(scope, {}).get('sequences', 0) for p in r['places'].values())
        assert m[scope]['sequences'] == want
    mean = sum(p['methods'][name]['occluded']['psnr'] * p['sequences'] for p in r['places'].values()) / 6
    assert abs(mean - m['occluded']['psnr']) < 1e-9
assert r['methods']['linear']['occluded_nir']['sequences'] == 5 and 'occluded_nir' not in r['places']['west']['methods']['linear']
assert r['methods']['regression']['occluded']['psnr'] > 20
def alone(name, *places):
    s = json.load(open(name))
    assert list(s['places']) == list(places) and s['sequences'] == sum(count[p] for p in places), s
    for p in places: # the same gaps as when all are measured
        assert s['places'][p]['methods']['linear'] == r['places'][p]['methods']['linear'], p
alone('two.json', 'east', 'west')
alone('hold.json', 'south')
alone('train.json', 'east')"
expect_ok evaluate remove set.safetensors -q -method regression
expect_text stdout '^place +sequences +method'
expect_text stdout '^east +4 +regression +[0-9.]+ '
expect_text stdout '^west +1 +regression( +[0-9.]+){5} +- +-$'
expect_error 'no such place; it has east, south, west, single' evaluate remove set.safetensors -place north
expect_error 'nothing to measure.*-place and -split leave' evaluate remove set.safetensors -place east -split hold
expect_error 'nothing to measure' evaluate remove set.safetensors -place single
expect_error 'not one of all, train, hold' evaluate remove set.safetensors -split none
expect_error 'pooled is for EarthNet2021 cubes' evaluate remove set.safetensors -protocol pooled
expect_error 'by itself' evaluate remove set.safetensors still_0.tif
expect_error 'leave out -mask' evaluate remove set.safetensors -mask mask_0.tif
expect_error 'choose from a training set' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -place east
expect_error 'choose from a training set' evaluate remove "${STILL[@]}" "${KNOWN[@]}" -split hold
expect_error 'missing.safetensors' evaluate remove missing.safetensors
head -c 3000 set.safetensors >cut.safetensors
expect_error 'cut.safetensors' evaluate remove cut.safetensors
grep -v shapes list.txt >bare.txt
expect_ok prepare bare.txt -o bare.safetensors -q
expect_error 'no cloud shape' evaluate remove bare.safetensors

# The report: one page, whole or not at all.
expect_ok evaluate remove set.safetensors -json -report shown -whole_frames
cp stdout shown.json
check "the page of a training set" python3 "$CLV_SOURCE/tests/cli/page.py" shown/index.html shown.json
check "only the page is there" test "$(ls -A shown)" = index.html
expect_ok evaluate remove set.safetensors -q -report deep/er/shown/ -whole_frames --config GDAL_NUM_THREADS 1
expect_same shown/index.html deep/er/shown/index.html
expect_error 'shown: exists; use -overwrite' evaluate remove set.safetensors -report shown -method last
touch shown/mine
expect_ok evaluate remove set.safetensors -json -report shown -overwrite -method last -place south
cp stdout shown.json
check "the page that replaced it" python3 "$CLV_SOURCE/tests/cli/page.py" shown/index.html shown.json
check "other files stay" test -e shown/mine
expect_ok evaluate remove "${GAIN[@]}" "${KNOWN[@]}" -shapes shapes.tif -json -report gain
cp stdout gain.json
check "the page of a series" python3 "$CLV_SOURCE/tests/cli/page.py" gain/index.html gain.json
expect_ok evaluate remove "${STILL[@]}" "${KNOWN[@]}" -json -report still
cp stdout still.json
check "the page without any error" python3 "$CLV_SOURCE/tests/cli/page.py" still/index.html still.json
expect_python 'what the pictures show' "
import base64, re
def pictures(name):
    for i, data in enumerate(re.findall('base64,([^\"]*)', open(name).read())):
        gdal.FileFromMemBuffer('/vsimem/%d.png' % i, base64.b64decode(data))
        yield gdal.Open('/vsimem/%d.png' % i).ReadAsArray().astype(int)
before, mask, linear, regression, gaussian, truth = pictures('still/index.html')
gap = (before == 255).all(0)
assert 0.1 < gap.mean() < 1 and (before[:, ~gap] == truth[:, ~gap]).all()
assert (linear == truth).all() and np.abs(regression - truth).max() <= 1 and np.abs(gaussian - truth).max() <= 1
assert (mask[0] - mask[1])[gap].min() > 60 and (mask[0] == mask[1])[~gap].all()"
mkdir -p 'odd <&"'
cp set.safetensors "odd <&\"/it's & <b>.safetensors"
expect_ok evaluate remove "odd <&\"/it's & <b>.safetensors" -method linear -json -report "odd <&\"/report"
cp stdout odd.json
check "odd names" python3 "$CLV_SOURCE/tests/cli/page.py" "odd <&\"/report/index.html" odd.json
check "the name is escaped" grep -q 'it&#39;s &amp; &lt;b&gt;.safetensors' "odd <&\"/report/index.html"
expect_error 'is a file' evaluate remove set.safetensors -report list.txt
expect_error 'is a file' evaluate remove set.safetensors -report list.txt -overwrite
expect_error 'list.txt' evaluate remove set.safetensors -report list.txt/out
expect_error 'folder of this machine' evaluate remove set.safetensors -report /vsimem/out
expect_error 'folder of this machine' evaluate remove set.safetensors -report -
expect_error 'nothing to measure' evaluate remove set.safetensors -place single -report out
check "no folder is left after a failure" test ! -e out
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    expect_error 'locked' evaluate remove set.safetensors -report locked/out
    expect_error 'locked' evaluate remove set.safetensors -report locked -overwrite
fi
TMPDIR=$PWD/nowhere expect_error 'temporary file.*TMPDIR' evaluate remove set.safetensors -report out
if [ "$CLEARVISION_NET" != none ]; then
    weights=$CLV_SOURCE/tests/golden/utilise_att_mean.safetensors
    expect_ok evaluate remove set.safetensors -json -report model -place south -place west -method model -method linear -model "$weights"
    cp stdout model.json
    check "the page with a model" python3 "$CLV_SOURCE/tests/cli/page.py" model/index.html model.json
    expect_text model.json "\"model_sha256\":\"$(sha256sum "$weights" | cut -c 1-64)"
fi

# Real cubes: the regression is far better than interpolation in time, and all dates at once better still.
found=()
for cube in "$CLV_SHARED"/data/earthnet2021/*/*/*/*.npz; do
    [ -f "$cube" ] && found+=("$cube")
done
if [ ${#found[@]} -gt 0 ]; then
    expect_ok evaluate remove "${found[@]}" -shapes "$CLV_SHARED"/data/cloud_masks/eo_learn_test.tif -json
    cp stdout cubes.json
    expect_ok evaluate remove "${found[@]}" -protocol pooled -json
    cp stdout seed.json
    expect_python 'EarthNet2021 cubes' "
r = json.load(open('cubes.json'))
m = {k: v['occluded']['psnr'] for k, v in r['methods'].items()}
assert r['sequences'] == 5, r['sequences'] # context and target of one cube are one sequence
assert m['regression'] > m['linear'] + 2 and m['regression'] > 40, m
assert m['gaussian'] > m['regression'] + 0.5, m
d = r['methods']['gaussian']['deviation']
assert 0.6 < d['within_1'] < 0.8 and 0.87 < d['within_2'] < 1 and 'deviation' not in r['methods']['regression'], d
assert m['linear'] > m['last'] and m['linear'] > m['median'], m
assert r['methods']['regression']['occluded_nir']['psnr'] > 34
s = json.load(open('seed.json'))
assert all(v['seed']['psnr'] > 30 for v in s['methods'].values()), s['methods']"
fi

# -end_to_end: clouds laid, found, filled; and with the true masks.
expect_error 'leave out -protocol' evaluate remove "${SERIES[@]}" -end_to_end -whole_frames
expect_error 'training sets' evaluate remove set.safetensors -end_to_end
if [ "$CLEARVISION_NET" != none ]; then
    expect_ok simulate -size 160 130 -dates 7 -clouds 0 -seed 3 -o plain
    runs=0
    for seed in 1 1 4; do
        expect_ok evaluate remove plain/sim_*.tif -end_to_end -seed $seed -json
        cp stdout whole_run$seed.$((++runs)).json
    done
    expect_python '-end_to_end' "
a, b, c = (json.load(open(f)) for f in ('whole_run1.1.json', 'whole_run1.2.json', 'whole_run4.3.json'))
assert a == b and a['mean'] != c['mean'] and a['protocol'] == 'end_to_end' and a['draws'] == 3
p = a['places'][0]
assert 5 <= p['clear_dates'] <= 7 and (p['width'], p['height']) == (160, 130), p
for v in (p, c['places'][0]):
    assert abs(v['price'] - v['rmse'] / v['rmse_true_masks']) < 1e-6
    assert v['rmse_spoilt_before'] > 0.1 > 0.05 > v['rmse_spoilt'] and 0.4 < v['spoilt_found'] <= 1 and v['false_alarms'] < 0.1, v
    assert 0.8 < v['price'] < 4, v"
    expect_error 'has 5 dates' evaluate remove plain/sim_202304*_BGRN.tif -end_to_end
fi
finish
