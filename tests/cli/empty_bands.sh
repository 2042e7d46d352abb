# SPDX-License-Identifier: MIT
# Areas where a band of a date is 0, or its no data, while its other bands show ground: filled in that band, wherever
# they lie; dark water is none.
. "$(dirname "$0")/common.sh"
need_python
"$CLV_PROGRAM" simulate -o sim/ -size 300 260 -dates 5 -seed 11 -clouds 0.1 -tr 10 -q || fail "simulate"
cat >gone.py <<'END'
# What a band of date t lacks: [4, 260, 300].
import numpy as np
y, x = np.mgrid[:260, :300]


def gone_at(pattern, t):
    gone = np.zeros((4, 260, 300), bool)
    if pattern == 'quarter' and t == 2:
        gone[0] = (x >= 150) & (y < 130)
    elif pattern == 'strip' and t in (0, 3):
        gone[t] = (x >= 31) & (x < 131)
    elif pattern == 'wedge' and t == 1:  # along a slanted edge
        gone[2] = x > 250 - 0.37 * y
    elif pattern == 'two' and t == 4:  # of two bands
        gone[1] = (x + y > 120) & (x + y < 260)
        gone[3] = (x + y > 180) & (x + y < 300)
    elif pattern == 'disk' and t == 3:
        gone[1] = (x - 211) ** 2 + (y - 71) ** 2 < 44 ** 2
    elif pattern == 'all' and t == 1:
        gone[3] = True
    elif pattern == 'slant' and t == 2:  # slanted edges of single bands
        gone[0] = x < 40 - 0.2 * y
        gone[3] = x - 0.4 * y > 230
    elif pattern == 'dots' and t == 1:
        gone[2] = (7 * x + 13 * y) % 211 == 0
    elif pattern == 'line' and t == 3:
        gone[1] = x == 77
    return gone
END
cat >make.py <<'END'
# make.py NAME TYPE TAG FILL PATTERN [shifted]: the simulated dates with FILL in what is lacking; shifted: on a pixel grid of its own.
import glob, os, sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
name, kind, tag, fill, pattern = sys.argv[1:6]
from gone import gone_at, x, y
types = {'u2': gdal.GDT_UInt16, 'i2': gdal.GDT_Int16, 'f4': gdal.GDT_Float32}
os.makedirs(name, exist_ok=True)
for t, f in enumerate(sorted(glob.glob('sim/sim_*.tif'))):
    source = gdal.Open(f)
    a = source.ReadAsArray().astype(float)
    if kind == 'f4':
        a = a * 0.0001
    if pattern == 'lake':  # dark in near infrared and red in every date, a little brighter in one
        lake = (x - 90) ** 2 + (y - 120) ** 2 < 60 ** 2
        a[3][lake] = 0
        a[2][lake] = 0 if t != 2 else 60
    a[gone_at(pattern, t)] = float(fill)
    out = gdal.GetDriverByName('GTiff').Create(name + '/' + os.path.basename(f), 300, 260, a.shape[0], types[kind])
    place = list(source.GetGeoTransform())
    if len(sys.argv) > 6 and gone_at(pattern, t).any():
        place[0] += 3.3
        place[3] -= 2.1
    out.SetGeoTransform(place)
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
# judge.py NAME FILL PATTERN: what is lacking is filled, marked and near the truth; nothing else of an observed pixel changed.
import glob, os, sys
import numpy as np
from osgeo import gdal
from gone import gone_at
name, fill, pattern = sys.argv[1], float(sys.argv[2]), sys.argv[3]
read = lambda f: gdal.Open(f).ReadAsArray()
for t, f in enumerate(sorted(glob.glob(name + '/*.tif'))):
    stem = os.path.basename(f)[:-4]
    a, b, truth = read(f).astype(float), read('out/%s.tif' % stem).astype(float), read('sim/truth/%s.tif' % stem).astype(float)
    if a.max() < 10:
        a, b = a * 10000, b * 10000
    m, q = read('out/%s_mask.tif' % stem), read('out/%s_quality.tif' % stem)[0]
    gone = gone_at(pattern, t)
    any_gone = gone.any(0)
    cloud = (m == 1) | (m == 2)
    assert (b[gone] != fill).all(), (stem, 'left', int((b[gone] == fill).sum()), int(gone.sum()))
    assert (m[any_gone & ~cloud] == 255).all() and (m[~any_gone] != 255).all(), (stem, 'mask', int((m[any_gone & ~cloud] != 255).sum()), int((m[~any_gone] == 255).sum()))
    assert (q[any_gone] >= 2).all() and (q[~any_gone & ~cloud] == 1).all(), (stem, 'quality')
    kept = ~gone & ~cloud
    assert (a[kept] == b[kept]).all(), (stem, 'changed', int((a != b)[kept].sum()))
    for k in range(4):
        if gone[k].any():
            error = np.sqrt(((b - truth)[k][gone[k]] ** 2).mean())
            print(stem, k, error)
            assert error < 500, (stem, k, 'error', error)
END
masks=()
for mask in sim/mask/*.tif; do masks+=(-mask "$mask"); done
# try NAME TYPE TAG FILL PATTERN
try() {
    rm -rf out
    python3 make.py "$@" || fail "make $1"
    expect_ok remove "$1" "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -quality -o out -q
    check "$1" python3 judge.py "$1" "$4" "$5"
}
try quarter u2 0 0 quarter
[ "$(grep -c 'Warning' stderr)" -eq 1 ] || fail 'quarter: one warning'
expect_text stderr 'Warning.*sim_[0-9]+.*: B02 is 0 over an area.*-srcnodata none'
try strip u2 none 0 strip
expect_text stderr 'Warning.*and 1 more date\)'
try wedge i2 -9999 0 wedge
try two u2 65535 0 two
expect_text stderr 'B03, B08 is 0 over'
try disk f4 none 0 disk
try all u2 0 0 all
expect_ok info disk
expect_text stdout '0 over areas of B03 alone'
# A tag needs no word.
try tagged i2 -9999 -9999 quarter
expect_no_text stderr 'over an area'
# Dates on a pixel grid of their own: nothing of it leaks into what is around when they are resampled.
for how in 'i2 none -10000' 'u2 none 65535' 'u2 0 55536' 'i2 -9999 -3000' 'f4 none -9999' 'f4 nan -32768'; do
    # shellcheck disable=SC2086 # three words
    try "slant_${how// /_}" $how slant shifted
done
try dots_warped i2 -32768 -999 dots shifted
try dots_high_warped u2 none 65534 dots shifted
try line_warped u2 0 0 line shifted
expect_no_text stderr 'over an area'
try quarter_warped u2 none 0 quarter shifted
try two_warped i2 -9999 0 two shifted
expect_text stderr 'B03, B08 is 0 over'
# -srcnodata none: everything was measured.
rm -rf out
expect_ok remove quarter "${masks[@]}" -mask_mode replace -dilate 0 -method regression -o out -q -srcnodata none
expect_no_text stderr 'over an area'
# Dark water stays.
rm -rf out
python3 make.py lake u2 0 0 lake
expect_ok remove lake "${masks[@]}" -mask_mode replace -dilate 0 -method regression -masks -o out -q
expect_no_text stderr 'over an area'
expect_python 'dark water stays' "
import glob
for f in sorted(glob.glob('lake/*.tif')):
    a, b, m = read(f), read('out/' + f[5:]), read('out/' + f[5:-4] + '_mask.tif')
    assert (m != 255).all() and (a == b)[:, m == 0].all(), f"
finish
