# SPDX-License-Identifier: MIT
# Dates of several extents: worked on their union, in crops and parts too; limits say what they leave out.
. "$(dirname "$0")/common.sh"
need_python

expect_ok simulate -size 230 190 -dates 5 -seed 21 -clouds 0.3 -o sim -q
# Windows of the scene; date 3 has pixels of 10 m, date 4 lies in the next UTM zone, the first in time is the smallest.
python3 - <<'END'
import glob, os
from osgeo import gdal
gdal.UseExceptions()
windows = [(60, 50, 90, 80), (0, 0, 130, 190), (40, 30, 150, 120), (100, 60, 130, 130), (20, 40, 190, 110)]
for folder in ('in', 'mask', 'truth'):
    os.makedirs(folder)
for k, (f, w) in enumerate(zip(sorted(glob.glob('sim/sim_*.tif')), windows)):
    name = os.path.basename(f)
    mask = name.replace('.tif', '_mask.tif') if os.path.exists('sim/mask/' + name.replace('.tif', '_mask.tif')) else name
    if not os.path.exists('sim/mask/' + mask):
        mask = os.path.basename(sorted(glob.glob('sim/mask/*.tif'))[k])
    for source, to, method in ((f, 'in/', 'cubic'), ('sim/truth/' + name, 'truth/', 'cubic'), ('sim/mask/' + mask, 'mask/', 'near')):
        size = dict(width=2 * w[2], height=2 * w[3], resampleAlg=method) if k == 2 else {}
        gdal.Translate(to + name, source, srcWin=w, **size)
        if k == 3 and to != 'mask/':
            os.rename(to + name, 'x.tif')
            gdal.Warp(to + name, 'x.tif', dstSRS='EPSG:32633', xRes=20, yRes=20, resampleAlg=method, srcNodata=0, dstNodata=0)
            d = gdal.Open(to + name, 1)
            for b, role in enumerate(('B02', 'B03', 'B04', 'B08')):
                d.GetRasterBand(b + 1).SetDescription(role)
END
IN=(in/*.tif)
WITH=(-mask_mode replace)
for f in mask/*.tif; do WITH+=(-mask "$f"); done
a=$(basename "${IN[0]}") b=$(basename "${IN[1]}") c=$(basename "${IN[2]}") d=$(basename "${IN[3]}") e=$(basename "${IN[4]}")

expect_ok remove "${IN[@]}" "${WITH[@]}" -masks -quality -o out -q
expect_python "every cloud is filled, on the date's own grid, beyond the first extent as within" "
import glob, os
for name in ('$a', '$b', '$c', '$e'):
    i, o, t = (gdal.Open(p + '/' + name) for p in ('in', 'out', 'truth'))
    assert i.GetGeoTransform() == o.GetGeoTransform() and i.RasterXSize == o.RasterXSize, name
    cloud, m, q = read('mask/' + name) > 0, read('out/' + name[:-4] + '_mask.tif'), read('out/' + name[:-4] + '_quality.tif')
    i, o, t = (x.ReadAsArray().astype(float) for x in (i, o, t))
    assert (m[cloud] == 1).all() and (q[0][cloud] >= 2).all(), name
    assert (q[0][m == 0] == 1).all() and ((i == o).all(0) | (m > 0)).all(), name
    g = gdal.Open('in/' + name).GetGeoTransform()
    x, y = np.meshgrid(g[0] + g[1] * (np.arange(m.shape[1]) + .5) - 661200, 5159000 - g[3] - g[5] * (np.arange(m.shape[0]) + .5))
    first = (x > 0) & (x < 1800) & (y > 0) & (y < 1600)
    rmse = lambda where: np.sqrt(((o - t)[:, where & (q[0] == 2)] ** 2).mean())
    if name != '$a':
        # Fewer dates lie there.
        assert (cloud & ~first).sum() > 100 and rmse(~first) < 3 * rmse(first) + 60, (name, rmse(first), rmse(~first))
        assert np.sqrt(((i - t)[:, cloud & ~first] ** 2).mean()) > 2.5 * rmse(~first), name
q, m = read('out/' + '$d'[:-4] + '_quality.tif'), read('out/' + '$d'[:-4] + '_mask.tif')
i, o = read('in/$d'), read('out/$d')
assert (q[0][(m == 1)] >= 2).all() and ((i == o).all(0) | (q[0] >= 2)).all() and (q[0] == 1).sum() > 3000"
# The page of a run shows nothing of a date beyond its raster; of the warped one at most a pixel around it.
expect_ok remove "${IN[@]}" "${WITH[@]}" -method linear -o page_out -report page -q
expect_python "the page shows no date beyond its raster" "
page = json.load(open('page/series.json'))
g, grey = page['grid']['geotransform'], [int(c['color'][1:3], 16) for c in page['legend']['mask'] if c['text'] == 'no data'][0]
fine = page['picture']['width'] // page['grid']['width']
for d in page['dates']:
    name = d['stem'] + '.tif'
    if name == '$d':
        continue
    o = gdal.Open('page_out/' + name)
    t = o.GetGeoTransform()
    x, y = round((t[0] - g[0]) / 20 * fine), round((g[3] - t[3]) / 20 * fine)
    w, h = round(o.RasterXSize * t[1] / 20 * fine), round(o.RasterYSize * t[1] / 20 * fine)
    outside = np.ones((page['picture']['height'], page['picture']['width']), bool)
    outside[y:y + h, x:x + w] = False
    assert outside.sum() > 5000, name
    mask, clear, quality, seen = (read('page/' + d['images'][k]) for k in ('mask', 'clear', 'quality', 'input'))
    assert (mask[0] == grey)[outside].all(), name
    for what in (clear, quality, seen):
        assert (what[3][outside] == 0).all(), (name, (what[3][outside] != 0).sum())
    assert (clear[3][~outside] == 255).all(), name
"
# same_mask A B: on native pixels; a warped date's edge is known to the pixel by remove alone.
same_mask() {
    expect_python "detect's mask of $1" "
a, b = read('$1'), read('$2')
edge = (a == 255) != (b == 255)
assert (a == b)[~edge].all() and edge.mean() < (0.02 if '$d'[:-4] in '$1' else 1e-9), edge.mean()"
}
expect_ok detect "${IN[@]}" "${WITH[@]}" -o found -q
for name in "$a" "$b" "$c" "$d"; do
    same_mask "found/${name%.tif}_mask.tif" "out/${name%.tif}_mask.tif"
done

# info says so; what lies within the first input needs no word.
expect_ok info "${IN[@]}"
expect_text stdout 'extent .*beyond the first input, which is 90x80'
expect_ok info "${IN[@]}" -json
expect_python "the extent of all dates" "
j = json.load(open('stdout')); x, y, w, h = j['extent']['first']
assert (w, h) == (90, 80) and x >= 60 and y >= 50 and j['grid']['width'] >= 230 and j['grid']['height'] >= 190
t = j['grid']['transform']
assert t[0] + 20 * x == 661200 and t[3] - 20 * y == 5159000 and j['extent']['bounds'][0] == t[0]"
expect_ok info in/"$b" in/"$e" -ref in/"$b" -json
expect_no_text stdout '"extent"'
expect_ok info sim/sim_*.tif -json
expect_no_text stdout '"extent"'

# Crops count the first input's pixels, and reach where the dates reach.
same() {
    expect_python "$1 is a part of out" "
import glob, os
files = sorted(glob.glob('$1/*.tif'))
assert len(files) >= $2
for f in files:
    p, w = gdal.Open(f), gdal.Open('out/' + os.path.basename(f))
    s, t = p.GetGeoTransform(), w.GetGeoTransform()
    x, y = round((s[0] - t[0]) / t[1]), round((s[3] - t[3]) / t[5])
    a, b = p.ReadAsArray().astype(int), w.ReadAsArray(x, y, p.RasterXSize, p.RasterYSize).astype(int)
    # The warper approximates coordinates, from other points for another window.
    assert (abs(a - b) <= (30 if f.endswith('$d') else 0)).all(), f"
}
expect_ok remove "${IN[@]}" "${WITH[@]}" -masks -quality -o crop -q -srcwin 31 7 50 60
same crop 12
expect_python "-srcwin counts the first input" "
p = gdal.Open('crop/$a'); t = p.GetGeoTransform()
assert (t[0], t[3], p.RasterXSize, p.RasterYSize) == (661200 + 620, 5159000 - 140, 50, 60)"
expect_ok remove "${IN[@]}" "${WITH[@]}" -masks -quality -o te -q -te 660100 5159200 661500 5159900
same te 6
expect_error '-srcwin.*90x80' remove "${IN[@]}" "${WITH[@]}" -o out2 -srcwin -500 0 5 5

# In parts.
DIRECT=("${IN[0]}" "${IN[1]}" "${IN[2]}" "${IN[4]}")
NEAR=(-mask_mode replace)
for f in "${DIRECT[@]}"; do NEAR+=(-mask "mask/$(basename "$f")"); done
expect_ok remove "${DIRECT[@]}" "${NEAR[@]}" -quality -o direct -q -mem 20
expect_ok remove "${DIRECT[@]}" "${NEAR[@]}" -quality -o parts -of VRT -q --config CLEARVISION_PART_ROWS 70
expect_python "parts are the whole" "
for n in ('$a', '$b', '$c', '$e'):
    for k in ('', '_quality'):
        p, w = gdal.Open('parts/' + n[:-4] + k + '.vrt'), gdal.Open('direct/' + n[:-4] + k + '.tif')
        assert p.GetGeoTransform() == w.GetGeoTransform() and (p.ReadAsArray() == w.ReadAsArray()).all(), n"

# A limit: nothing is claimed about what lies outside.
expect_ok remove "${IN[@]}" "${WITH[@]}" -masks -quality -o limited -ref in/"$a"
expect_text stderr "lies outside of in/$a, of 3 other dates less: that is not worked.*leave out -ref"
check "one warning of it" test "$(grep -c 'lies outside' stderr)" -eq 1
expect_python "outside of -ref" "
i, o, m, q = (read(p) for p in ('in/$b', 'limited/$b', 'limited/${b%.tif}_mask.tif', 'limited/${b%.tif}_quality.tif'))
out = np.ones(m.shape, bool); out[48:132, 58:] = False
assert (m[out] == 255).all() and (q[0][out] == 0).all() and (i == o).all(0)[out].all()
assert (m[50:130, 60:130] != 255).all() and (q[0][50:130, 60:130] > 0).all()
m, q = read('limited/${d%.tif}_mask.tif'), read('limited/${d%.tif}_quality.tif')
assert (m == 255).mean() > 0.5 and (q[0][m == 255] == 0).mean() > 0.9 and not (m == 0)[:, -30:].any()
m = read('limited/${c%.tif}_mask.tif')
assert (m[:30] == 255).all() and (m[44:200, 44:216] != 255).all()"
expect_ok detect "${IN[@]}" "${WITH[@]}" -o limited_masks -ref in/"$a" -q
for name in "$b" "$d"; do
    same_mask "limited_masks/${name%.tif}_mask.tif" "limited/${name%.tif}_mask.tif"
done

# A date that lies half a pixel off, all cloud: it is worked up to its last row and column.
python3 - sim/sim_*.tif <<'END'
import os, sys
from osgeo import gdal
for k, way in enumerate((0.5, -0.5)):
    os.makedirs(f'half{k}')
    for date, f in enumerate(sys.argv[1:]):
        d = gdal.Translate(f'half{k}/' + os.path.basename(f), f, srcWin=(60, 50, 90, 80))
        if date == 1:
            t = list(d.GetGeoTransform()); t[0] += way * t[1]; t[3] += way * t[5]; d.SetGeoTransform(t)
            d.WriteArray((6000 + 0.2 * d.ReadAsArray()).astype('uint16'))
END
for k in 0 1; do
    expect_ok remove half$k -method linear -masks -quality -o half_out$k -q
    expect_python "half a pixel off, $k: every pixel is filled" "
m, q = read('half_out$k/${b%.tif}_mask.tif'), read('half_out$k/${b%.tif}_quality.tif')
assert (m == 1).all() and (q[0] != 1).all() and (q[0] >= 2).mean() > 0.9, ((m != 1).sum(), (q[0] == 1).sum())"
done

# Dates that touch no other, and two groups.
python3 - "${IN[0]}" <<'END'
import sys
from osgeo import gdal
for k, (x, day) in enumerate(((0, '2023-01-01'), (-200000, '2023-01-06'), (-200400, '2023-01-11'))):
    d = gdal.GetDriverByName('GTiff').CreateCopy(f'far{k}.tif', gdal.Open(sys.argv[1]))
    d.SetMetadata({}); d.SetMetadataItem('ACQUISITIONDATETIME', day)
    t = list(d.GetGeoTransform()); t[0] += x; d.SetGeoTransform(t)
END
expect_error 'far1.tif does not overlap any other date' remove "${DIRECT[@]}" far1.tif -o out2
expect_error 'far[12].tif does not overlap .*process them apart' remove "${DIRECT[@]}" far1.tif far2.tif -o out2
expect_error 'far1.tif does not overlap in/.*; leave it out, or choose the extent with -ref' remove "${DIRECT[@]}" far1.tif -stack -o out2.tif
expect_error 'does not overlap in/' remove "${DIRECT[@]}" far1.tif far2.tif -ref in/"$a" -o out2
finish
