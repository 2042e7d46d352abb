# SPDX-License-Identifier: MIT
# clearvision evaluate detect: its figures against masks that detect wrote, counted independently.
. "$(dirname "$0")/common.sh"
need_python
TIME=300
LABELS=()
for mask in "${MASKS[@]}"; do
    LABELS+=(-mask "$mask")
done

# What makes no sense
expect_error 'No input' evaluate detect
expect_error 'what to evaluate' evaluate
expect_error 'no labels' evaluate detect "${SERIES[@]}"
expect_error '-mask' evaluate detect "${SERIES[@]}" -mask "${MASKS[0]}"
expect_error '-mask: 1 given for 5 inputs' evaluate detect "${SERIES[@]}" -each -mask "${MASKS[0]}"
expect_error 'seed is for EarthNet2021 cubes' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -protocol seed
expect_error 'together' evaluate detect "${SERIES[0]}" cube.npz "${LABELS[@]}"
expect_error 'protocol' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -protocol other
expect_error 'threshold' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -threshold 2
expect_error '[Uu]nknown option' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -mask_mode replace

if [ "$CLEARVISION_NET" = none ] || ! ls "$CLV_SOURCE"/models/detect.safetensors >/dev/null 2>&1; then
    expect_error 'network|model|libtorch' evaluate detect "${SERIES[@]}" "${LABELS[@]}"
    finish
fi

# The same masks, counted with numpy. The labels of the simulation know shadow (2), but -mask makes one class of them.
expect_ok detect "${SERIES[@]}" -o found -q
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -labels flagged -json
cp stdout flagged.json
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -json
cp stdout cloud.json
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -labels flagged -each -json -threshold 0.3 -dilate 0
cp stdout each.json
expect_python 'figures of one series' "
import glob
labels = [read(f) > 0 for f in sorted(glob.glob('$CLV_DATA/mask/sim_*.tif'))]
masks = [read(f) for f in sorted(glob.glob('found/*_mask.tif'))]
assert len(labels) == len(masks) == 5
label, mask = np.array(labels), np.array(masks)
seen = mask != 255
def figures(truth, found):
    hit, miss, false = (truth & found).sum(), (truth & ~found).sum(), (~truth & found).sum()
    return 2 * hit / (2 * hit + miss + false), hit / (hit + false), hit / (hit + miss)
def same(r, found):
    f1, precision, recall = figures(label[seen], found[seen])
    clear = figures(~label[seen], ~found[seen])[0]
    want = dict(f1_cloud=f1, f1_clear=clear, mean_f1=(f1 + clear) / 2, precision=precision, recall=recall, pixels=seen.sum())
    for key, value in want.items():
        assert abs(r[key] - value) < 1e-9, (key, r[key], value)
    assert r['f1_shadow'] is None
r = json.load(open('flagged.json'))
same(r, mask > 0)
same(r['places'][0], mask > 0)
assert r['protocol'] == 'utilise' and r['places'][0]['dates'] == 5 and r['places'][0]['labels'] == 'flagged'
same(json.load(open('cloud.json')), mask == 1)
each = json.load(open('each.json'))
assert len(each['places']) == 5 and sum(p['pixels'] for p in each['places']) == each['pixels'] == r['pixels']
assert each['f1_cloud'] != r['f1_cloud']"

# A scene classification knows shadow too.
for i in "${!MASKS[@]}"; do
    expect_python "SCL $i" "
m = gdal.Open('${MASKS[$i]}')
d = gdal.GetDriverByName('GTiff').CreateCopy('scl$i.tif', m)
d.GetRasterBand(1).WriteArray(np.array([4, 9, 3], 'u1')[m.ReadAsArray()])"
done
expect_ok evaluate detect "${SERIES[@]}" -scl scl0.tif -scl scl1.tif -scl scl2.tif -scl scl3.tif -scl scl4.tif -json
cp stdout scl.json
expect_python 'shadow has a figure of its own' "
r = json.load(open('scl.json'))
assert 0 <= r['f1_shadow'] <= 1 and r['places'][0]['labels'] == 'cloud'"

# The table says the same.
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -labels flagged -q
expect_text stdout '^place .*F1 cloud .*mean F1'
check "the table has the figure" grep -q "$(python3 -c "import json; print('%.4f' % json.load(open('flagged.json'))['mean_f1'])")" stdout

# Cubes: context and target of one cube are one place; the seed protocol takes ten steps of it.
cubes=("$CLV_SHARED"/earthnet2021/*/*/*/*.npz "$CLV_SHARED"/data/earthnet2021/*/*/*/*.npz)
found=()
for cube in "${cubes[@]}"; do
    [ -f "$cube" ] && found+=("$cube")
done
if [ ${#found[@]} -gt 0 ]; then
    expect_ok evaluate detect -protocol seed "${found[@]}" -json
    cp stdout seed.json
    expect_python 'the seed protocol on cubes' "
import os
r = json.load(open('seed.json'))
names = {os.path.basename(f).split('_', 1)[1] for f in '''${found[*]}'''.split()}
assert len(r['places']) == len(names), (len(r['places']), names)
assert all(p['pixels'] == 10 * 128 * 128 and p['labels'] == 'flagged' for p in r['places'])
assert 0.5 < r['mean_f1'] <= 1"
fi
finish
