# SPDX-License-Identifier: MIT
# Dates whose level does not fit, tags that the values contradict, metadata that are damaged.
. "$(dirname "$0")/common.sh"
need_python

# Series of six dates of four bands, 96 x 96 pixels of 20 m, with clouds on two dates, made of the same ground.
cat >make.py <<'END'
import json, os, sys
import numpy as np
from osgeo import gdal, osr
gdal.UseExceptions()
NAMES = ['B04', 'B03', 'B02', 'B08']
DAYS = ['20200402', '20200412', '20200417', '20200427', '20200507', '20200512', '20200517']
def pictures():
    r = np.random.default_rng(11)
    kinds = np.array([[250, 420, 230, 2900], [640, 830, 520, 3700], [1750, 1350, 940, 2450], [200, 300, 350, 150]], float)
    coarse = np.kron(r.choice(4, (12, 12), p=[.4, .3, .2, .1]), np.ones((8, 8), int))
    truth = kinds[coarse].transpose(2, 0, 1) * (0.75 + 0.5 * r.random((96, 96)))
    out = []
    for k in range(len(DAYS)):
        a = truth * (0.97 + 0.06 * r.random((4, 1, 1))) + 40 * r.random() + r.normal(0, 25, truth.shape)
        if k in (1, 4):
            a[:, :50] = 4000 + 3000 * r.random((50, 96))
        out.append(np.maximum(a, 1))
    return out
def save(path, bands, names, dtype=gdal.GDT_UInt16, scale=None, offset=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    ds = gdal.GetDriverByName('GTiff').Create(path, 96, 96, len(bands), dtype)
    ds.SetGeoTransform((600000, 20, 0, 5200020, 0, -20))
    srs = osr.SpatialReference(); srs.ImportFromEPSG(32633); ds.SetProjection(srs.ExportToWkt())
    for k, a in enumerate(bands):
        band = ds.GetRasterBand(k + 1)
        band.SetDescription(names[k]); band.SetNoDataValue(0)
        if scale is not None: band.SetScale(scale)
        if offset is not None: band.SetOffset(offset)
        band.WriteArray(a if dtype == gdal.GDT_Float32 else np.rint(a))
P = pictures()
def plain(root, change=lambda k, a: a, dates=range(len(DAYS)), year='2020', **how):
    for k in dates:
        save('%s/scene_%s.tif' % (root, year + DAYS[k][4:]), change(k, P[k]), NAMES, **how)
def item(root, applied, raw=(), baseline='05.09', text=None):
    for k, day in enumerate(DAYS):
        name = 'S2A_33TVN_%s_0_L2A' % day
        for b, a in zip(NAMES, P[k]):
            save('%s/%s/%s.tif' % (root, name, b), [a + (1000 if k in raw else 0)], [b])
        whole = {'type': 'Feature', 'stac_version': '1.0.0', 'id': name, 'assets': {},
                 'properties': {'datetime': '%s-%s-%sT10:00:00Z' % (day[:4], day[4:6], day[6:]),
                                's2:processing_baseline': baseline, 'earthsearch:boa_offset_applied': applied(k)}}
        open('%s/%s/%s.json' % (root, name, name), 'w').write(text(k, json.dumps(whole)) if text else json.dumps(whole))
plain('even')
plain('one', lambda k, a: a + 1000 * (k == 2))
plain('late', lambda k, a: a + 1000 * (k >= 3))
plain('other', lambda k, a: a + 600 * (k == 5))
def band(b, change): return lambda k, a: np.stack([change(x) if k == 3 and i == b else x for i, x in enumerate(a)])
plain('green', band(1, lambda x: x + 900))
plain('blue', band(2, lambda x: x * 10))
plain('between', lambda k, a: a + 640 * (k == 2))
plain('double', lambda k, a: a * (2.2 if k == 2 else 1))
plain('twice', lambda k, a: a * (2 if k == 5 else 1))
plain('third', lambda k, a: a * (0.4 if k == 3 else 1), dates=(0, 2, 3))
plain('gain', lambda k, a: a * (0.7 if k == 3 else 1))
plain('gain_up', lambda k, a: a * (1.35 if k == 2 else 1))
plain('mirrored', lambda k, a: a[:, ::-1] if k == 3 else a)
plain('exchanged', lambda k, a: a.transpose(0, 2, 1) if k == 5 else a)
plain('cut_off', lambda k, a: np.maximum(a - 600, 0) if k == 2 else a)
plain('two', lambda k, a: a * (3 if k == 2 else 1) + 1500 * (k == 6))
plain('below', lambda k, a: a - 450 * (k == 3), dtype=gdal.GDT_Int16)
# Near infrared grows with the season; haze in patches is no factor.
R = np.random.default_rng(5)
GROWN = np.stack([np.ones((96, 96))] * 3 + [1.2 + 0.4 * R.random((96, 96))])
plain('season', lambda k, a: a * GROWN + 1000 if k == 6 else a)
plain('season_other', lambda k, a: a * GROWN + 650 if k == 6 else a)
PATCHES = 0.15 + 0.15 * np.sin(np.arange(96) / 9)[:, None] * np.sin(np.arange(96) / 7) + 0.03 * R.random((96, 96))
plain('hazy', lambda k, a: (1 - PATCHES) * a * GROWN + PATCHES * 5000 if k == 6 else a)
plain('large', lambda k, a: a * 20 if k == 2 else a, dtype=gdal.GDT_UInt32)
plain('percent', lambda k, a: a / 100 if k == 2 else a / 1e4, dtype=gdal.GDT_Float32)
plain('decibel', lambda k, a: 10 * np.log10(a / 1e4), dtype=gdal.GDT_Float32)
plain('copied_band', lambda k, a: a[[1, 1, 2, 3]] if k == 2 else a)
plain('copied_date', lambda k, a: P[3] if k == 2 else a)
plain('all_large', lambda k, a: a * 20, dtype=gdal.GDT_UInt32)
plain('all_tenfold', lambda k, a: np.minimum(a * 10, 65000), dates=(0, 2, 3, 5, 6))
plain('clipped', lambda k, a: np.maximum(a - 1000, 0) if k == 2 else a)
plain('shadows', lambda k, a: np.where(np.arange(96) < 3, 0, a) if k == 2 else a)
plain('eight')
save('eight/scene_20200427.tif', [a * 255 / 1e4 for a in P[3]], NAMES, gdal.GDT_Byte)
item('flag', lambda k: k != 3)
item('silent', lambda k: True, raw=(5,))
item('words', lambda k: 'true' if k else 'yes')
item('torn', lambda k: True, text=lambda k, t: t[:len(t) // 2] if k in (1, 2) else t)
item('list', lambda k: True, text=lambda k, t: '[1, 2]' if k == 4 else t)
F = dict(dtype=gdal.GDT_Float32)
plain('float', lambda k, a: a / 1e4, **F)
plain('float_scale', lambda k, a: a / 1e4, scale=0.0002, **F)
plain('float_both', lambda k, a: a / 1e4, scale=0.0001, offset=-0.1, **F)
plain('float_offset', lambda k, a: a / 1e4, scale=1, offset=-0.1, **F)
# A dark date and a snowy one among the others, all with one tag.
def weather(k, a): return a * 0.15 if k == 2 else 7000 + a if k == 5 else a
plain('thousandth', weather, scale=0.001)
plain('hundred_thousandth', lambda k, a: a * 0.15 if k == 2 else a, scale=0.00001)
plain('float_weather', lambda k, a: weather(k, a) / 1e4, scale=1, offset=-0.1, **F)
plain('right', weather, scale=0.0001)
plain('raised', lambda k, a: a + 1000, year='2023', scale=0.0001)
plain('raised_float', lambda k, a: a / 1e4 + 0.1, year='2024', **F)
plain('tagged', year='2023', scale=0.0001)
plain('integer_offset', lambda k, a: a + 1000, scale=1, offset=-1000)
END
python3 make.py || fail "the series could not be made"

# level FOLDER CODE: CODE holds for d, the dates of info, and w, the lines of its warnings.
level() {
    local folder=$1 code=$2
    shift 2
    expect_ok info "$folder" -json "$@"
    expect_python "$folder: $code" "d = json.load(open('stdout'))['dates']
w = [l for l in open('stderr') if l.startswith('Warning')]
offsets = [round(x['bands'][3]['offset'], 6) for x in d]
scales = [x['bands'][0]['scale'] for x in d]
taken = [round(x['level']['taken'], 3) if 'level' in x else None for x in d]
assert $code, (offsets, scales, taken, w)"
}

# The pixels decide, and it is said once.
level even "not w and offsets == [0] * 7 and taken == [0] * 7"
level even "all(abs(x['level']['difference']) < 0.02 and x['level']['compared'] >= 3 for x in d)"
level one "offsets == [0, 0, -0.1, 0, 0, 0, 0] and len(w) == 1 and '2020-04-17' in w[0] and '-in_offset' in w[0]"
level one "abs(d[2]['level']['difference'] - 0.1) < 0.015 and 'the pixels' in d[2]['how']['scale']"
level late "offsets == [0] * 3 + [-0.1] * 4 and len(w) == 1 and '2020-04-27' in w[0] and '2020-05-07, 2020-05-12 and 2020-05-17' in w[0]"
level flag "offsets == [0] * 7 and taken == [0, 0, 0, 0.1, 0, 0, 0] and len(w) == 1 and 'applied already' in w[0]"
level silent "offsets == [0] * 5 + [-0.1, 0] and len(w) == 1 and 'left in' in w[0] and 'applied already' in w[0]"
# A crop decides as the whole does.
level one "offsets == [0, 0, -0.1, 0, 0, 0, 0]" -srcwin 60 60 20 20
# Other differences are said, and the date is judged at the level of the others.
level other "-0.07 < offsets[5] < -0.05 and offsets[:5] + offsets[6:] == [0] * 6 and len(w) == 1 and '2020-05-12' in w[0] and 'is taken here' in w[0]"
level other "0.05 < d[5]['level']['difference'] < 0.07"
level twice "abs(scales[5] - 5e-5) < 3e-6 and scales[:5] == [1e-4] * 5 and len(w) == 1 and '2020-05-12' in w[0] and '-in_scale' in w[0]"
level third "scales[:2] == [1e-4] * 2 and 2e-4 <= scales[2] < 3e-4 and len(w) == 1 and '2020-04-27' in w[0] and abs(d[2]['level']['factor'] - 0.4) < 0.05 and '-in_scale' in w[0]"
level gain "abs(d[3]['level']['factor'] - 0.7) < 0.04 and len(w) == 1 and '2020-04-27' in w[0] and 'times those of the other dates' in w[0] and '-in_scale' in w[0]"
level gain_up "abs(d[2]['level']['factor'] - 1.35) < 0.06 and len(w) == 1 and '2020-04-17' in w[0] and '-in_scale' in w[0]"
# Dates that lie otherwise.
level mirrored "sum('scene_20200427.tif: it lies mirrored top to bottom' in l for l in w) == 1 and sum('it lies' in l for l in w) == 1"
level exchanged "sum('scene_20200512.tif: it lies with rows and columns exchanged' in l for l in w) == 1 and sum('it lies' in l for l in w) == 1"
level two "len(w) == 2 and any('2020-04-17' in l and '-in_scale' in l for l in w) and any('2020-05-17' in l and '-in_offset' in l for l in w)"
level below "len(w) == 1 and '2020-04-27' in w[0] and 'below' in w[0] and '-in_offset' in w[0] and -0.06 < d[3]['level']['difference'] < -0.03"
level season "offsets == [0] * 6 + [-0.1] and len(w) == 1 and '2020-05-17' in w[0] and 'may be left in' in w[0] and '-in_offset' in w[0]"
level season_other "len(w) == 1 and '2020-05-17' in w[0] and 'is taken here' in w[0] and 0.05 < d[6]['level']['difference'] < 0.08"
level hazy "not w"
# One band alone.
level green "len(w) == 1 and '2020-04-27' in w[0] and 'B03 alone lies 0.0' in w[0] and offsets == [0] * 7"
level green "[round(x['bands'][1]['offset'], 2) for x in d] == [0, 0, 0, -0.09, 0, 0, 0] and d[3]['bands'][0]['offset'] == 0"
level blue "len(w) == 1 and '2020-04-27' in w[0] and 'B02 alone is' in w[0] and abs(d[3]['bands'][2]['scale'] - 1e-5) < 1e-6"
level green "not w and d[3]['bands'][1]['offset'] == 0" -in_offset 0
# A scale that nothing tells is that of the other dates; where none tells it, it is asked for.
level large "abs(scales[2] - 5e-6) < 5e-7 and scales[:2] == [1e-4] * 2 and len(w) == 1 and '2020-04-17' in w[0] and '-in_scale' in w[0]"
expect_error 'values up to .*-in_scale' info all_large
expect_error 'values up to .*-in_scale' info large/scene_20200417.tif
level percent "abs(scales[2] - 0.01) < 1e-9 and scales[:2] == [1] * 2 and len(w) == 1 and 'scene_20200417' in w[0] and '-in_scale' in w[0]"
# Bands and dates that are copies.
level copied_band "sum('scene_20200417.tif: B04 and B03 (bands 1 and 2) hold the same numbers' in l for l in w) == 1"
level copied_date "len(w) == 1 and 'scene_20200427.tif: the same picture as scene_20200417.tif' in w[0]"
# Reflectances that are none.
level decibel "sum('lies below' in l and '-in_scale' in l for l in w) == 1"
level all_tenfold "sum('one of 20 pixels lies above' in l and '-in_scale' in l for l in w) == 1"
level even "len(w) == 1 and 'lies above' in w[0] and 'obeyed' in w[0] and scales == [0.001] * 7" -in_scale 0.001
level even "len(w) == 1 and 'in every band, below' in w[0] and 'obeyed' in w[0] and scales == [1e-5] * 7" -in_scale 0.00001
level even "len(w) == 1 and 'lies below' in w[0] and 'give another -in_offset' in w[0]" -in_offset -0.2
level even "not w" -in_scale 0.0001 -in_offset 0
# Dark ground cut off at 0 is said, with its date; a strip of zeros is no such thing.
level clipped "sum('scene_20200417.tif: ' in l and 'exactly 0 in a visible band' in l and '-in_offset' in l for l in w) == 1"
level clipped "any('(about 0.1 for this one)' in l for l in w)"
level cut_off "any('exactly 0' in l and '(about 0.0' in l for l in w)"
level shadows "not any('exactly 0' in l for l in w)"
# What is stored with 8 bits is not compared, and that is said.
level eight "not w and d[3]['level']['how'] == 'not compared: 8 bit' and d[2]['level']['how'] == 'that of the other dates'"
expect_ok info eight
expect_text stdout 'scene_20200427.*8-bit values'
# Two dates alone: said, and judged at one level.
expect_ok info one/scene_20200402.tif one/scene_20200417.tif -json
expect_text stderr 'are judged at the level of the others'
expect_python "two dates" "assert [x['level']['taken'] for x in json.load(open('stdout'))['dates']] == [0, -0.1]"
expect_ok info one
expect_text stdout '^  level .*to the other dates; offset -0.1 taken \(2020-04-17\)'
expect_text stdout '^  level .*that of the other dates \(6 dates\)'

# -in_offset and -in_scale: one for all, or one for each date in the inputs' order.
level one "not w and offsets == [0, 0, -0.1, 0, 0, 0, 0]" -in_offset 0,0,-0.1,0,0,0,0
level one "offsets == [0] * 7 and not w" -in_offset 0
level one "offsets == [0, 0, -0.05, 0, 0, 0, 0]" -in_offset auto,auto,-0.05,auto,auto,auto,auto
level twice "scales[5] == 5e-05 and scales[:5] == [1e-4] * 5" -in_scale auto -in_scale auto -in_scale auto -in_scale auto \
    -in_scale auto -in_scale 1/20000 -in_scale auto
expect_ok info one/scene_20200417.tif one/scene_20200402.tif -json -in_offset -0.1 -in_offset 0
expect_python "the inputs' order" "assert [x['bands'][0]['offset'] for x in json.load(open('stdout'))['dates']] == [0, -0.1]"
expect_error 'in_offset: 3 given, .* 7 dates' info one -in_offset 0,0,-0.1
expect_error 'in_scale: 2 given, .* 7 dates' info one -in_scale 1 -in_scale 2
expect_error 'in_offset: "x" is not a number' info one -in_offset 0,x

# Metadata that are damaged are named, once.
level torn "sum('20200412_0_L2A.json' in l and 'no JSON' in l and '1 more date' in l for l in w) == 1"
level list "sum('no STAC item' in l and '20200507' in l for l in w) == 1"
level words "sum('neither true nor false' in l and '20200402' in l for l in w) == 1"

# Tags that the values contradict.
level float "not w and scales == [1] * 7"
level float_scale "scales == [1] * 7 and offsets == [0] * 7 and len(w) == 1 and '6 more dates' in w[0] and '-in_scale' in w[0]"
level float_both "scales == [1] * 7 and offsets == [0] * 7 and len(w) == 1 and '-in_offset' in w[0]"
level float_offset "scales == [1] * 7 and offsets == [0] * 7 and len(w) == 1"
level float_scale "scales == [0.0002] * 7" -in_scale 0.0002
level integer_offset "scales == [1e-4] * 7 and offsets == [-0.1] * 7 and len(w) == 1"
level thousandth "scales[:2] == [1e-4] * 2 and scales[3:] == [1e-4] * 4 and sum('left aside' in l and '6 more dates' in l for l in w) == 1"
level hundred_thousandth "scales[:2] == [1e-4] * 2 and scales[3:] == [1e-4] * 4 and sum('left aside' in l and '6 more dates' in l for l in w) == 1"
level float_weather "scales[:2] == [1] * 2 and scales[3:] == [1] * 4 and offsets == [0] * 7 and sum('left aside' in l and '6 more dates' in l for l in w) == 1"
level right "scales[:2] == [1e-4] * 2 and scales[3:] == [1e-4] * 4 and not any('left aside' in l or 'metadata' in l for l in w)"
# An offset that all dates have kept, whatever their type.
level raised "len(w) == 1 and 'begin near 1000' in w[0] and '-in_offset' in w[0]"
level raised_float "len(w) == 1 and 'begin near 1000' in w[0]"
level tagged "not w"

# What is observed stays, and a date that was mended is filled at its own level.
masks=(-mask_mode replace)
python3 - <<'END'
from osgeo import gdal
import glob, numpy as np
for k, f in enumerate(sorted(glob.glob('one/*.tif'))):
    ds = gdal.GetDriverByName('GTiff').Create('mask_%d.tif' % k, 96, 96)
    source = gdal.Open(f)
    ds.SetGeoTransform(source.GetGeoTransform()); ds.SetProjection(source.GetProjection())
    a = np.zeros((96, 96), np.uint8)
    a[:50] = k in (1, 4)
    a[60:80, 30:50] = k == 2
    ds.GetRasterBand(1).WriteArray(a)
END
for k in 0 1 2 3 4 5 6; do
    masks+=(-mask "mask_$k.tif")
done
expect_ok remove even "${masks[@]}" -method linear -q -o out_even
expect_ok remove one "${masks[@]}" -method linear -q -o out_one
expect_python "filled at the date's level" "
a, b = (read('out_%s/scene_20200417.tif' % n).astype(int) for n in ('even', 'one'))
d = (b - a)[:, 60:80, 30:50]
assert (abs(d - 1000) <= 1).all(), (d.min(), d.max())
a, b = (read('out_%s/scene_20200412.tif' % n).astype(int) for n in ('even', 'one'))
assert abs(b - a).max() <= 1"
expect_ok remove between "${masks[@]}" -method linear -q -o out_between
expect_ok remove double "${masks[@]}" -method linear -q -o out_double
expect_python "filled at the level of a date that is away" "
a, b, c = (read('out_%s/scene_20200417.tif' % n).astype(float) for n in ('even', 'between', 'double'))
d = (b - a)[:, 60:80, 30:50]
assert abs(np.median(d) - 640) < 25 and abs(d).max() < 720, (d.min(), np.median(d), d.max())
r = (c / a)[:, 60:80, 30:50]
assert abs(np.median(r) - 2.2) < 0.1, np.median(r)
for n, out in (('between', b), ('double', c)):
    seen = np.ones((96, 96), bool)
    seen[60:80, 30:50] = False
    assert (out == read(n + '/scene_20200417.tif'))[:, seen].all(), n
a, b, c = (read('out_%s/scene_20200412.tif' % n).astype(float) for n in ('even', 'between', 'double'))
assert np.median(abs(b - a)) <= 30 and np.median(abs(c - a)) <= 30"
# In one raster of all dates each band tells its own scale and offset, where they differ.
for n in even one double; do
    expect_ok remove $n "${masks[@]}" -method linear -stack -q -o stack_$n.tif
done
expect_text stderr 'the dates have different scales or offsets'
expect_python "a stack of several levels, as reflectance" "
open_stacks = {n: gdal.Open('stack_%s.tif' % n) for n in ('even', 'one', 'double')}
bands = lambda n: [open_stacks[n].GetRasterBand(i + 1) for i in range(28)]
value = lambda b: b.ReadAsArray() * (b.GetScale() or 1e-4) + (b.GetOffset() or 0)
assert all(b.GetScale() is None and b.GetOffset() is None for b in bands('even'))
for n in ('one', 'double'):
    for k, (x, y) in enumerate(zip(bands('even'), bands(n))):
        assert np.median(abs(value(x) - value(y))) < 0.012, (n, k)
assert [round(b.GetOffset(), 3) for b in bands('one')] == [0] * 8 + [-0.1] * 4 + [0] * 16"
finish
