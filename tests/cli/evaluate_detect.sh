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
expect_error 'pooled is for EarthNet2021 cubes' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -protocol seed
expect_error 'together' evaluate detect "${SERIES[0]}" cube.npz "${LABELS[@]}"
expect_error 'protocol' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -protocol other
expect_error 'threshold' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -threshold 2
expect_error '[Uu]nknown option' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -mask_mode replace

mkdir there
expect_error 'there: exists; use -overwrite' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -report there
expect_error 'is a file' evaluate detect "${SERIES[@]}" "${LABELS[@]}" -report "${SERIES[0]}"
expect_error 'no labels' evaluate detect "${SERIES[@]}" -report out
check "no folder is left after a failure" test ! -e out

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
expect_python 'shadow has figures of its own' "
import glob
r = json.load(open('scl.json'))
label = np.array([read(f) for f in sorted(glob.glob('$CLV_DATA/mask/sim_*.tif'))])
mask = np.array([read(f) for f in sorted(glob.glob('found/*_mask.tif'))])
truth, found = (label == 2)[mask != 255], (mask == 2)[mask != 255]
hits = (truth & found).sum()
assert 0 < hits and abs(r['recall_shadow'] - hits / truth.sum()) < 1e-9, r
assert abs(r['precision_shadow'] - hits / found.sum()) < 1e-9
assert abs(r['f1_shadow'] - 2 * hits / (truth.sum() + found.sum())) < 1e-9
assert r['places'][0]['labels'] == 'cloud'"

# The table says the same.
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -labels flagged -q
expect_text stdout '^place .*F1 cloud .*mean F1'
check "the table has the figure" grep -q "$(python3 -c "import json; print('%.4f' % json.load(open('flagged.json'))['mean_f1'])")" stdout

# The report
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -json -report shown
cp stdout shown.json
check "the page of a series" python3 "$CLV_SOURCE/tests/cli/page.py" shown/index.html shown.json
check "only the page is there" test "$(ls -A shown)" = index.html
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -q -report again --config GDAL_NUM_THREADS 1
expect_same shown/index.html again/index.html
expect_ok evaluate detect "${SERIES[@]}" "${LABELS[@]}" -labels flagged -each -json -report shown -overwrite
cp stdout shown.json
check "the page of single pictures" python3 "$CLV_SOURCE/tests/cli/page.py" shown/index.html shown.json
expect_ok evaluate detect "${SERIES[@]}" -scl scl0.tif -scl scl1.tif -scl scl2.tif -scl scl3.tif -scl scl4.tif -json -report scl
cp stdout scl.json
check "the page with shadows" python3 "$CLV_SOURCE/tests/cli/page.py" scl/index.html scl.json
expect_python 'what the pictures show' "
import base64, glob, re
html = open('scl/index.html').read()
pictures = []
for i, data in enumerate(re.findall('base64,([^\"]*)', html)):
    gdal.FileFromMemBuffer('/vsimem/%d.png' % i, base64.b64decode(data))
    pictures.append(gdal.Open('/vsimem/%d.png' % i).ReadAsArray().astype(int))
names = re.findall('(Best|Middle|Worst): .*?, ([0-9-]+), window at ([0-9]+), ([0-9]+) .F1 of cloud ([0-9.]+)', html)
assert 1 <= len(names) == len(pictures) // 3 and names[0][0] == 'Best', names
assert [float(n[4]) for n in names] == sorted((float(n[4]) for n in names), reverse=True)
for k, (_, day, x, y, f1) in enumerate(names):
    picture, label, found = pictures[3 * k:3 * k + 3]
    x, y = int(x), int(y)
    h, w = label.shape[1:]
    truth = read(glob.glob('$CLV_DATA/mask/sim_%s*.tif' % day.replace('-', ''))[0])[y:y + h, x:x + w]
    red, blue = label[0] - label[1] > 60, label[2] - label[1] > 60
    assert (red == (truth == 1)).all() and (blue == (truth == 2)).all(), k
    cloud = found[0] - found[1] > 60
    assert abs(2 * (red & cloud).sum() / (red.sum() + cloud.sum()) - float(f1)) < 1e-3, k"

# Cubes: context and target of one cube are one place; the pooled protocol takes ten steps of it.
cubes=("$CLV_SHARED"/earthnet2021/*/*/*/*.npz "$CLV_SHARED"/data/earthnet2021/*/*/*/*.npz)
found=()
for cube in "${cubes[@]}"; do
    [ -f "$cube" ] && found+=("$cube")
done
if [ ${#found[@]} -gt 0 ]; then
    expect_ok evaluate detect -protocol pooled "${found[@]}" -json
    cp stdout seed.json
    expect_python 'the pooled protocol on cubes' "
import os
r = json.load(open('seed.json'))
names = {os.path.basename(f).split('_', 1)[1] for f in '''${found[*]}'''.split()}
assert len(r['places']) == len(names), (len(r['places']), names)
assert all(p['pixels'] == 10 * 128 * 128 and p['labels'] == 'flagged' for p in r['places'])
assert 0.5 < r['mean_f1'] <= 1"
fi
finish
