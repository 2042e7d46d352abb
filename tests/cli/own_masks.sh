# SPDX-License-Identifier: MIT
# Masks that came with the data are compared with what the dates show; those that the user gives are obeyed.
. "$(dirname "$0")/common.sh"
need_python
TIME=300
if [ "$CLEARVISION_NET" = none ] || ! ls "$CLV_SOURCE"/models/detect.safetensors >/dev/null 2>&1; then
    skip "needs the network"
fi

# A series on steady ground, each date with an SCL among its bands. The SCL has the cloud (9) of the third date, calls a road
# cloud on every date, and on the second and the fourth a third of the clear ground shadow (3).
expect_python 'a series with wrong classes' "
import os
os.makedirs('own', exist_ok=True)
os.makedirs('scl', exist_ok=True)
rng = np.random.default_rng(3)
h, w = 160, 144
y, x = np.mgrid[:h, :w]
form = 300 * np.sin(x / 2.3) + 250 * np.cos(y / 1.7) + 200 * ((x // 12 + y // 9) % 2) + 60 * rng.standard_normal((h, w))
road = abs(x - 30 - 0.5 * y) < 2
for k in range(7):
    a = np.stack([level + part * form for level, part in ((700, .5), (800, .5), (600, .5), (2600, 1))]) + 8 * rng.standard_normal((4, h, w)) + 15 * (k % 2)
    a[:3, road] += 700
    scl = np.full((h, w), 4)
    if k == 2:
        cover = np.clip(3 - np.hypot(x - 100, y - 110) / 12, 0, 1)
        a = (1 - cover) * a + cover * (5200 + 300 * np.sin(x / 9))
        scl[cover > .1] = 9
    if k in (1, 3):
        scl[:, :w // 3] = 3
    scl[road] = 9
    for name, planes in (('own', [*a, scl]), ('scl', [scl]), ('plain', a)):
        os.makedirs(name, exist_ok=True)
        out = gdal.GetDriverByName('GTiff').Create('%s/s_202306%02d.tif' % (name, 1 + 3 * k), w, h, len(planes), gdal.GDT_UInt16, ['PHOTOMETRIC=MINISBLACK'])
        out.SetGeoTransform([600000, 20, 0, 5200000, 0, -20])
        out.SetProjection('EPSG:32632')
        for b, p in enumerate(planes):
            out.GetRasterBand(b + 1).WriteArray(np.round(np.clip(p, 0, 65535)).astype(np.uint16))
            out.GetRasterBand(b + 1).SetDescription(('B04 B03 B02 B08 SCL'.split() if len(planes) > 1 else ['SCL'])[b])
        out = None"
# The SCL has no data (0) across data that the other dates show, too: no cloud, and nothing is said of it.
expect_python 'a series with fill codes' "
import glob, os
os.makedirs('fill', exist_ok=True)
y, x = np.mgrid[:160, :144]
for f in sorted(glob.glob('own/*.tif')):
    source = gdal.Open(f)
    a = source.ReadAsArray()
    a[4] = np.where(x + y < 70, 0, 4)
    a[:4, x + y < 60] = 0
    out = gdal.GetDriverByName('GTiff').CreateCopy('fill/' + os.path.basename(f), source)
    out.WriteArray(a)
    out = None"
expect_ok detect fill -o filled
check "nothing is said of fill codes" test "$(grep -c 'came with the data' stderr)" -eq 0
expect_python 'no data is no cloud' "
import glob
y, x = np.mgrid[:160, :144]
for f in sorted(glob.glob('filled/*_mask.tif')):
    m = read(f)
    assert (m[x + y < 60] == 255).all() and np.isin(m[x + y < 90], (0, 255)).all() and (m[(x + y > 71) & (x + y < 90)] == 0).all(), f"
given=()
for f in scl/*.tif; do
    given+=(-scl "$f")
done
expect_ok detect own -dilate 0 -o believed -json
cp stdout believed.json
expect_text stderr 'masks that came with the data flag ground that other dates show .* on 7 of 7 dates \(2023-06-01 .* -mask_mode replace or -no_review'
check "one line" test "$(grep -c 'came with the data' stderr)" -eq 1
expect_ok detect own -dilate 0 -o obeyed -no_review -json
cp stdout obeyed.json
check "nothing is said where the masks are obeyed" test "$(grep -c 'came with the data' stderr)" -eq 0
expect_ok detect own -dilate 0 -o replaced -mask_mode replace
expect_ok detect plain "${given[@]}" -dilate 0 -o given -json
cp stdout given.json
expect_ok detect own -mask_mode replace "${given[@]}" -dilate 0 -o both -q
expect_python 'wrong classes are not believed, clouds are, and the user is obeyed' "
import glob
def masks(folder):
    return [np.isin(read(f), (1, 2)) for f in sorted(glob.glob(folder + '/*_mask.tif'))]
scl = [read(f) for f in sorted(glob.glob('scl/*.tif'))]
y, x = np.mgrid[:160, :144]
cloud = np.hypot(x - 100, y - 110) < 30
for k, (m, s) in enumerate(zip(masks('believed'), scl)):
    away = np.hypot(x - 100, y - 110) > 40
    assert m[(s == 9) & away].mean() < .1, (k, m[(s == 9) & away].mean())
    assert k not in (1, 3) or m[s == 3].mean() < .05, (k, m[s == 3].mean())
    assert k != 2 or m[cloud].mean() > .99, m[cloud].mean()
for folder in ('obeyed', 'replaced', 'given', 'both'):
    for m, s in zip(masks(folder), scl):
        assert m[(s == 9) | (s == 3)].all(), folder
believed, obeyed, given = (json.load(open(n + '.json')) for n in ('believed', 'obeyed', 'given'))
assert believed['dates'][1]['mask_refuted'] > .3 and 0 < believed['dates'][2]['mask_refuted'] < .1, believed['dates']
assert all(d['mask_refuted'] == 0 for d in obeyed['dates'])
assert not any('mask_refuted' in d for d in given['dates'])"
# What was observed there stays, bit by bit.
expect_ok remove own -method regression -o clear -q
expect_python 'ground that a wrong mask flags is not filled' "
a, b = read('own/s_20230604.tif'), read('clear/s_20230604.tif')
same = (a[:4] == b[:4]).all(axis=0)
assert same.mean() > .95, same.mean()"
finish
