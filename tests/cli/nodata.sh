# SPDX-License-Identifier: MIT
# Pixels without data: what no tag tells, edges that cut through working pixels, single bands, negative reflectance.
. "$(dirname "$0")/common.sh"
need_python
"$CLV_PROGRAM" simulate -o sim/ -size 120 104 -dates 4 -seed 3 -clouds 0.15 -tr 10 -q || fail "simulate"
cat >gone.py <<'END'
# What has no data at date t, by band: [4, 104, 120].
import numpy as np
y, x = np.mgrid[:104, :120]


def gone_at(pattern, t):
    gone = np.zeros((4, 104, 120), bool)
    if pattern == 'edge':  # slanted, through 2 x 2 blocks, from opposite sides
        gone[:] = (3 * x + 2 * y < 90) if t % 2 else (3 * x + 2 * y > 460)
    elif pattern == 'line':
        gone[2] = y == 31 + 9 * t
    elif pattern == 'dot':
        gone[2] = (y == 31 + 9 * t) & (x == 50)
    elif pattern == 'dots':  # in all bands
        gone[:] = (7 * x + 13 * y + 29 * t) % 211 == 0
    elif pattern == 'empty':  # one band of one date
        gone[2] = t == 1
    elif pattern == 'block':  # inside, in all bands
        gone[:] = (x > 6 + 27 * t) & (x < 26 + 27 * t) & (y > 20) & (y < 50)
    elif pattern.startswith('column'):  # columnN: of a band, N pixels wide; columnsN: of all
        width = int(pattern[-1])
        gone[slice(None) if 's' in pattern else 1 + t % 3] = (x >= 41 + 7 * t) & (x < 41 + 7 * t + width)
    elif pattern == 'row6':  # not from rim to rim
        gone[t] = (y >= 47 + 8 * t) & (y < 53 + 8 * t) & (x >= 30)
    elif pattern == 'rim':  # a pixel or two along one side
        gone[:] = (y < 1, x > 118, y > 101, x < 2)[t]
    elif pattern == 'stagger':  # each band ends elsewhere
        for band, more in enumerate((0, 5, 9, 3)):
            gone[band] = (5 * x + y < 150 + 5 * more) if t % 2 else (5 * (119 - x) + y < 150 + 5 * more)
    return gone
END
cat >make.py <<'END'
# make.py NAME TYPE TAG FILL SCALE PATTERN: the simulated dates with FILL where the pattern has no data.
import glob, os, sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
name, kind, tag, fill, scale, pattern = sys.argv[1:]
from gone import gone_at, x, y
types = {'u1': gdal.GDT_Byte, 'u2': gdal.GDT_UInt16, 'i2': gdal.GDT_Int16, 'f4': gdal.GDT_Float32}
os.makedirs(name, exist_ok=True)
for t, f in enumerate(sorted(glob.glob('sim/sim_*.tif'))):
    source = gdal.Open(f)
    a = source.ReadAsArray().astype(float) * float(scale)
    a[gone_at(pattern, t)] = float(fill)
    if pattern == "water":
        a = np.where((x > 20) & (x < 90) & (y > 20), -130 + 3 * (x % 4), a)
    out = gdal.GetDriverByName('GTiff').Create(name + '/' + os.path.basename(f), 120, 104, a.shape[0], types[kind])
    out.SetGeoTransform(source.GetGeoTransform())
    out.SetProjection(source.GetProjection())
    for k in range(a.shape[0]):
        band = out.GetRasterBand(k + 1)
        band.SetDescription(source.GetRasterBand(k + 1).GetDescription())
        if tag != 'none':
            band.SetNoDataValue(float(tag))
        band.WriteArray(np.rint(a[k]) if kind != 'f4' else a[k])
    out = None
END
cat >judge.py <<'END'
# judge.py NAME FILL SCALE PATTERN MOST: what had no data is filled, marked and near the truth; nothing else of an observed pixel changed.
# detect's masks are those of remove.
import glob, os, sys
import numpy as np
from osgeo import gdal
from gone import gone_at
name, fill, scale, pattern, most = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4], float(sys.argv[5])
read = lambda f: gdal.Open(f).ReadAsArray()
for t, f in enumerate(sorted(glob.glob(name + '/*.tif'))):
    stem = os.path.basename(f)[:-4]
    a, b, truth = read(f).astype(float), read('out/%s.tif' % stem).astype(float), read('sim/truth/%s.tif' % stem) * scale
    m, q = read('out/%s_mask.tif' % stem), read('out/%s_quality.tif' % stem)[0]
    gone = gone_at(pattern, t)
    found = read('found/%s_mask.tif' % stem)
    assert (found == m).all(), (stem, 'detect', int((found != m).sum()))
    any_gone = gone.any(0)
    cloud = (m == 1) | (m == 2)
    assert (b[gone] != fill).all(), (stem, 'left', int((b[gone] == fill).sum()))
    assert (m[any_gone & ~cloud] == 255).all() and (m[~any_gone] != 255).all(), (stem, 'mask')
    assert (q[any_gone] >= 2).all() and (q[~any_gone & ~cloud] == 1).all(), (stem, 'quality')
    kept = ~gone & ~cloud
    assert (a[kept] == b[kept]).all(), (stem, 'changed', int((a != b)[kept].sum()))
    error = np.sqrt(((b - truth)[gone] ** 2).mean()) / scale if gone.any() else 0
    assert error < most, (stem, 'error', error)
END
masks=()
for mask in sim/mask/*.tif; do masks+=(-mask "$mask"); done
# try NAME TYPE TAG FILL SCALE PATTERN MOST
try() {
    rm -rf out found
    python3 make.py "$1" "$2" "$3" "$4" "$5" "$6" || fail "make $1"
    expect_ok detect "$1" "${masks[@]}" -mask_mode replace -dilate 0 -o found -q
    expect_ok remove "$1" "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q
    check "$1" python3 judge.py "$1" "$4" "$5" "$6" "$7"
}

# Edges of 10 m pixels, with a tag: no word.
try tagged i2 -9999 -9999 1 edge 400
expect_no_text stderr 'no data'
try tagged_zero u2 0 0 1 edge 400
# What no tag tells.
try default_fill u2 0 65535 1 edge 400
expect_text stderr 'Warning.*65535 fills all bands.*-srcnodata'
[ "$(grep -c '65535 fills' stderr)" -eq 1 ] || fail 'said more than once'
try wrong_tag i2 -9999 -32767 1 edge 400
expect_text stderr '[-]32767 fills all bands'
try float_zero f4 none 0 0.0001 edge 400
try float_fill f4 nan 9.96921e36 0.0001 edge 400
expect_ok info wrong_tag -json
expect_python 'what info tells' "
i = json.load(open('stdout'))['dates'][1]
assert i['nodata']['values'] == [-9999, -32767] and 'how the pixels lie' in i['nodata']['how'] and i['how']['nodata'] == i['nodata']['how'], i['nodata']"
expect_ok info wrong_tag
expect_text stdout 'nodata +-9999, declared; -32767, by how the pixels lie'
# -srcnodata wins.
expect_ok info wrong_tag -json -srcnodata -9999
expect_python '-srcnodata' "assert json.load(open('stdout'))['dates'][1]['nodata']['values'] == [-9999]"
expect_no_text stderr 'fills all bands'
# -keep_nodata keeps it all.
rm -rf out
expect_ok remove tagged "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q -keep_nodata
expect_python '-keep_nodata' "
import glob, os
for f in sorted(glob.glob('tagged/*.tif')):
    a, b, m, q = read(f), read('out/' + f[7:]), read('out/' + f[7:-4] + '_mask.tif'), read('out/' + f[7:-4] + '_quality.tif')[0]
    gone = (a == -9999).all(0)
    assert (b[:, gone] == -9999).all() and (q[gone] == 0).all() and (m[gone] == 255).all() and (b[:, ~gone] != -9999).all()"
# 8-bit pictures: areas along the rim that end straight, be they black or white; what is black or white elsewhere is kept.
try bytes_zero u1 none 0 0.0255 edge 400
expect_text stderr 'Warning.*bytes_zero.* and 3 more dates: 0 fills all bands at once in whole areas along the rim.*-srcnodata'
[ "$(grep -c 'fills all' stderr)" -eq 1 ] || fail 'said more than once'
try bytes_white u1 none 255 0.0255 edge 400
expect_text stderr 'Warning.*bytes_white.* and 3 more dates: 255 fills all bands at once in whole areas along the rim.*-srcnodata'
expect_ok info bytes_white -json
expect_python 'what info tells of 8 bit' "
i = json.load(open('stdout'))['dates'][1]
assert i['nodata']['values'] == [255] and not i['nodata']['zero_in_all_bands'] and i['nodata']['how'] == '255 in all bands, in areas along the rim, by how the pixels lie', i['nodata']"
expect_ok info bytes_white -json -srcnodata none
expect_python '-srcnodata none of 8 bit' "assert json.load(open('stdout'))['dates'][1]['nodata']['values'] == []"
expect_no_text stderr 'fills all'
for pair in "bytes_zero 0" "bytes_white 255"; do
    rm -rf out
    expect_ok remove "${pair% *}" "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q -keep_nodata
    expect_python "-keep_nodata of ${pair% *}" "
import glob
from gone import gone_at
for t, f in enumerate(sorted(glob.glob('${pair% *}/*.tif'))):
    stem = f.split('/')[-1][:-4]
    b, m, q = read('out/%s.tif' % stem), read('out/%s_mask.tif' % stem), read('out/%s_quality.tif' % stem)[0]
    gone = gone_at('edge', t)[0]
    assert (b[:, gone] == ${pair#* }).all() and (q[gone] == 0).all() and (m[gone] == 255).all() and (m[~gone] != 255).all(), f"
done
for name in bytes_roof bytes_dots; do # inside; single pixels
    pattern=block fill=255
    [ "$name" = bytes_roof ] || pattern=dots fill=0
    python3 make.py "$name" u1 none "$fill" 0.0255 "$pattern" || fail "make $name"
    expect_ok info "$name" -json
    expect_python "$name" "assert all(d['nodata']['values'] == [] for d in json.load(open('stdout'))['dates'])"
    expect_no_text stderr 'fills all'
done
# Of a date alone, on another grid, and in a part of the scene.
rm -rf found shifted
python3 - <<'END' || fail 'shifted'
import os
from osgeo import gdal
os.makedirs('shifted')
for name in sorted(os.listdir('bytes_white')):
    out = gdal.Translate('shifted/' + name, 'bytes_white/' + name)
    g = list(out.GetGeoTransform())
    if name.endswith('07.tif'):
        g[0] += 3.7
        g[3] -= 2.2
    out.SetGeoTransform(g)
END
rm -rf out found
expect_ok remove shifted "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q
expect_ok detect bytes_white "${masks[@]}" -mask_mode replace -dilate 0 -o found -q -srcwin 5 7 60 71
expect_python '8 bit, warped and cut' "
import glob
from gone import gone_at
for t, f in enumerate(sorted(glob.glob('shifted/*.tif'))):
    stem = f.split('/')[-1][:-4]
    b, m, part = read('out/%s.tif' % stem), read('out/%s_mask.tif' % stem), read('found/%s_mask.tif' % stem)
    gone = gone_at('edge', t)[0]
    cloud = (m == 1) | (m == 2)
    assert (b[:, gone] != 255).any(0).all() and ((m == 255) == (gone & ~cloud)).all(), f
    cloud = (part == 1) | (part == 2)
    assert ((part == 255) == (gone[7:78, 5:65] & ~cloud)).all(), f"
# Where one band alone has none, under a cloud too: it stays so and the pixel says it.
rm -rf out
python3 make.py line_keep i2 -9999 -9999 1 line || fail 'make line_keep'
expect_ok remove line_keep "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q -keep_nodata
expect_python '-keep_nodata of one band' "
import glob
hidden = 0
for f in sorted(glob.glob('line_keep/*.tif')):
    a, b, m, q = read(f), read('out/' + f[10:]), read('out/' + f[10:-4] + '_mask.tif'), read('out/' + f[10:-4] + '_quality.tif')[0]
    gone = a == -9999
    some = gone.any(0)
    assert (b[gone] == -9999).all() and (b[~gone] != -9999).all(), f
    assert (m[some] == 255).all() and (q[some] == 0).all() and (m[~some] != 255).all(), f
    hidden += int((b != a)[:, some].sum())
assert hidden > 0"
# A line of one band is filled in that band alone, also where its number is 0; a single 0 is a dark place.
try line_nan f4 none nan 0.0001 line 400
try line_tag i2 -999 -999 1 line 400
try line_zero u2 0 0 1 line 400
# Rows and columns of dead detectors, in one band or in all, whatever the tag; strips of a pixel; bands that end elsewhere.
try column_3 u2 none 0 1 column3 400
try column_8 i2 -9999 0 1 column8 400
try columns_1 i2 -9999 0 1 columns1 400
try columns_2 f4 none 0 0.0001 columns2 400
try columns_4 u2 65535 0 1 columns4 400
try row_6 u2 0 0 1 row6 400
try rim_zero i2 -9999 0 1 rim 500
try rim_fill u2 0 65535 1 rim 500
try rim_float f4 -9999 -999 0.0001 rim 500
try columns_fill i2 -9999 -32768 1 columns1 400
try stagger_zero u2 none 0 1 stagger 500
try stagger_tag i2 -9999 0 1 stagger 500
# A band that is 0 all over a date is named, and filled where other dates show it.
try empty u2 0 0 1 empty 500
expect_text stderr 'Warning.*sim_20230407.*: B04 is 0 over an area'
python3 make.py alone u2 0 0 1 empty
expect_ok info alone/*20230407*.tif
expect_text stderr 'Warning.*sim_20230407.*band B04 is 0 in [0-9]+ % of the middle'
# What no reflectance is, in one band or in all, whatever the tag.
try never_high u2 none 65535 1 column1 400
try never_low i2 none -10000 1 column2 400
try never_tag i2 -32768 -10000 1 columns1 400
try never_float f4 nan -9999 0.0001 line 400
try never_row u2 0 65535 1 row6 400
try never_dots i2 none -3000 1 dots 400
try never_dots_high u2 none 65535 1 dots 400
expect_no_text stderr 'fills all bands'
try never_block i2 none -999 1 block 400
# Single pixels that are 0 in all bands, of real numbers.
try dots_float f4 none 0 0.0001 dots 400
python3 make.py dot u2 0 0 1 dot
rm -rf out
expect_ok remove dot "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -o out -q
expect_python 'a dark pixel stays' "
import glob, os
f = sorted(glob.glob('dot/*.tif'))
for t, f in enumerate(f):
    m = read('out/' + f[4:-4] + '_mask.tif')[31 + 9 * t, 50]
    assert m in (1, 2) or (m == 0 and read('out/' + f[4:])[2, 31 + 9 * t, 50] == 0), (f, m)"
# What detect says of edges through working pixels, with the network as well.
rm -rf out found
expect_ok detect tagged -o found -q
expect_ok remove tagged -method regression -masks -o out -q
expect_python "detect's masks with the network" "
import glob, os
for f in sorted(glob.glob('found/*.tif')):
    assert (read(f) == read('out' + f[5:])).all(), f"
# A band that no date has somewhere: nothing is made up under clouds, the rest is filled, and all is marked.
cat >unseen.py <<'END'
import glob, os
import numpy as np
from osgeo import gdal
for name, fill, kind in (('unseen', -9999, gdal.GDT_Int16), ('unseen_float', np.nan, gdal.GDT_Float32)):
    os.makedirs(name)
    for t, f in enumerate(sorted(glob.glob('sim/sim_*.tif'))):
        source = gdal.Open(f)
        a = source.ReadAsArray().astype(float)
        a = np.concatenate([a, a[3:] * 0.6])
        a[4, 40:80, 30:90] = fill
        def write(path, planes, kind, names):
            out = gdal.GetDriverByName('GTiff').Create(path, 120, 104, len(planes), kind)
            out.SetGeoTransform(source.GetGeoTransform())
            out.SetProjection(source.GetProjection())
            for k, band in enumerate(names):
                out.GetRasterBand(k + 1).SetDescription(band)
                out.GetRasterBand(k + 1).SetNoDataValue(float(fill))
            for k, plane in enumerate(planes):
                out.GetRasterBand(k + 1).WriteArray(plane)
        write(name + '/sim_%s.tif' % os.path.basename(f)[4:12], a if kind == gdal.GDT_Float32 else np.rint(a), kind, ('B02', 'B03', 'B04', 'B08', 'B11'))
        mask = np.zeros((1, 104, 120), np.uint8)
        mask[:, 60:100, 10:100] = t == 1
        write('cover_%d.tif' % t, mask, gdal.GDT_Byte, ())
END
python3 unseen.py || fail 'unseen.py'
covers=()
for mask in cover_*.tif; do covers+=(-mask "$mask"); done
for name in unseen unseen_float; do
    rm -rf out found
    expect_ok detect "$name" "${covers[@]}" -mask_mode replace -dilate 0 -o found -q
    expect_ok remove "$name" "${covers[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q
    expect_text stderr 'Warning.*no date has data of band B11 in up to 19.2 %'
    expect_python "$name" "
import glob, os
for t, f in enumerate(sorted(glob.glob('$name/*.tif'))):
    stem = os.path.basename(f)[:-4]
    a, b, m, q = read(f), read('out/%s.tif' % stem), read('out/%s_mask.tif' % stem), read('out/%s_quality.tif' % stem)
    hole = np.zeros(m.shape, bool); hole[40:80, 30:90] = True
    cloud = np.zeros(m.shape, bool); cloud[60:100, 10:100] = t == 1
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    assert same[4][hole].all() and same[:, ~cloud].all(), (f, 'changed')
    assert t != 1 or (not same[:4, cloud].all() and not same[4, cloud & ~hole].all()), (f, 'filled')
    assert (m == np.where(cloud, 1, np.where(hole, 255, 0))).all() and (m == read('found/%s_mask.tif' % stem)).all(), (f, 'mask')
    assert (q[0] == np.where(hole, 0, np.where(cloud, 2, 1))).all() and (q[1:, hole] == 65535).all(), (f, 'quality')"
done
# Fill codes of masks: SCL's 0 where there is no data adds nothing to that, along the edges neither. Where the bands do show
# values it is no data, nothing grows from it, and -keep_nodata keeps it.
cat >scl.py <<'END'
import glob, os
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
from gone import gone_at, x, y
for t, f in enumerate(sorted(glob.glob('sim/sim_*.tif'))):
    source = gdal.Open(f)
    m = gdal.Open('sim/mask/' + os.path.basename(f).replace('_BGRN', '_mask')).ReadAsArray()
    a, gone = source.ReadAsArray(), gone_at('edge', t)
    a[gone] = 0
    clear = np.where(gone[0], 4, np.where(m == 1, 9, np.where(m == 2, 3, 4)))
    patch = (x >= 40) & (x < 60) & (y >= 50) & (y < 64) if t == 1 else x < 0
    for name, scl in (('clear', clear), ('fill', np.where(gone[0], 0, clear)), ('patch', np.where(patch, 0, 4)), ('bare', None)):
        planes = [*a, scl] if scl is not None else a
        for folder, p in ((name, planes), ('scl_' + name, planes[4:])):
            if len(p) == 0:
                continue
            os.makedirs(folder, exist_ok=True)
            out = gdal.GetDriverByName('GTiff').Create(folder + '/' + os.path.basename(f), 120, 104, len(p), gdal.GDT_UInt16)
            out.SetGeoTransform(source.GetGeoTransform())
            out.SetProjection(source.GetProjection())
            for k, plane in enumerate(p):
                out.GetRasterBand(k + 1).WriteArray(plane)
                out.GetRasterBand(k + 1).SetDescription('SCL' if plane is scl else source.GetRasterBand(k + 1).GetDescription())
            out = None
END
python3 scl.py || fail 'scl.py'
for keep in '' -keep_nodata; do
    rm -rf out_*
    for name in clear fill patch; do
        expect_ok remove $name -mask_mode replace $keep -method regression -masks -quality -o out_$name -q
    done
    given=()
    for f in scl_fill/*.tif; do given+=(-scl "$f"); done
    expect_ok remove bare "${given[@]}" -mask_mode replace $keep -method regression -masks -quality -o out_given -q
    given=()
    for f in scl_clear/*.tif; do given+=(-scl "$f"); done
    expect_ok remove bare "${given[@]}" -mask_mode replace $keep -method regression -masks -quality -o out_bare -q
    expect_python "fill codes $keep" "
import glob, os
keep = '$keep' != ''
for t, f in enumerate(sorted(glob.glob('fill/*.tif'))):
    stem = os.path.basename(f)[:-4]
    for more in ('', '_mask', '_quality'):
        for one, other in (('clear', 'fill'), ('bare', 'given')):
            p, q = (read('out_%s/%s%s.tif' % (n, stem, more))[:4] for n in (one, other))
            assert (p == q).all(), (stem + more, one, other, int((p != q).sum()))
    a, b, m, q = read('patch/%s.tif' % stem)[:4], *(read('out_patch/%s%s.tif' % (stem, more)) for more in ('', '_mask', '_quality'))
    patch = np.zeros(m.shape, bool); patch[50:64, 40:60] = t == 1
    nothing = (a == 0).all(0)
    assert (m == np.where(patch | nothing, 255, 0)).all(), (stem, 'mask', np.unique(m))
    assert (q[0][patch] == (0 if keep else 2)).all(), (stem, 'quality')
    assert (a == b[:4])[:, ~patch & ~nothing].all() and (a == b[:4])[:, patch].all() == (keep or t != 1), (stem, 'values')"
done
# Parts of the scene are those of the whole.
rm -rf out
expect_ok remove tagged "${masks[@]}" -mask_mode replace -method regression -masks -quality -o whole -q
expect_ok remove tagged "${masks[@]}" -mask_mode replace -method regression -masks -quality -o part -q -srcwin 5 7 60 71
expect_python 'crop' "
import glob, os
for f in sorted(glob.glob('part/*.tif')):
    a, b = read('whole/' + f[5:]), read(f)
    assert (a[..., 7:78, 5:65] == b).all(), f"
# Below 0 stays below 0.
python3 make.py water i2 -9999 -9999 1 water
rm -rf out
expect_ok remove water "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -o out -q
expect_python 'negative reflectance' "
import glob, os
seen = 0
for f in sorted(glob.glob('water/*.tif')):
    b, m = read('out/' + f[6:]), read('out/' + f[6:-4] + '_mask.tif')
    w = np.zeros(m.shape, bool); w[24:, 26:84] = True; w &= (m == 1) | (m == 2); seen += w.sum()
    assert w.sum() < 20 or (np.median(b[:, w]) < -90 and b[:, w].min() >= -140), (f, np.median(b[:, w]), b[:, w].min())
assert seen > 50"
finish
