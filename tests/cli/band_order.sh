# SPDX-License-Identifier: MIT
# Dates without band names whose bands lie in another order than those of the other dates; 8-bit dates among others.
. "$(dirname "$0")/common.sh"
need_python
"$CLV_PROGRAM" simulate -o sim/ -size 200 180 -dates 6 -seed 21 -clouds 0.1 -q || fail "simulate"
cat >make.py <<'END'
# make.py NAME ORDER DATES NAMED: bands R, G, B, N as files without names, those of DATES in ORDER; NAMED: the others with names.
import glob, os, sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
name, order, dates, named = sys.argv[1:]
dates = [int(d) for d in dates.split(',')]
os.makedirs(name, exist_ok=True)
for t, f in enumerate(sorted(glob.glob('sim/sim_*.tif'))):
    source = gdal.Open(f)
    names = [source.GetRasterBand(k + 1).GetDescription() for k in range(4)]
    usual = 'RGBN'[:len(order)]
    wanted = [dict(R='B04', G='B03', B='B02', N='B08')[c] for c in (order if t in dates else usual)]
    eight = named == 'eight' and t in dates
    kind = gdal.GDT_Byte if eight else gdal.GDT_UInt16
    out = gdal.GetDriverByName('GTiff').Create('%s/d_%s.tif' % (name, os.path.basename(f).split('_')[1]), source.RasterXSize,
                                               source.RasterYSize, len(wanted), kind, ['PHOTOMETRIC=MINISBLACK'])
    out.SetGeoTransform(source.GetGeoTransform())
    out.SetProjection(source.GetProjection())
    for k, band in enumerate(wanted):
        a = source.ReadAsArray()[names.index(band)].astype(float)
        out.GetRasterBand(k + 1).WriteArray(np.clip(a / (10000 if name == 'fits' else 3000) * 255, 0, 255) if eight else a)
        if named == 'eight' or (named == 'named' and t not in dates):
            out.GetRasterBand(k + 1).SetDescription(band)
    out = None
END
# One among files without names, and several among files with names.
python3 make.py one BGR 2 no || fail 'make one'
expect_ok info one -json
expect_text stderr 'Warning.*d_[0-9]+.tif: no names say .* bands 3,2,1 are taken as red, green, blue.*-b'
[ "$(grep -c 'another order' stderr)" -eq 1 ] || fail 'said more than once'
expect_python 'info tells' "
d = json.load(open('stdout'))['dates']
assert ['as other dates show' in i['how']['bands'] for i in d] == [False, False, True, False, False, False], [i['how']['bands'] for i in d]"
python3 make.py several BGR 1,4 named || fail 'make several'
expect_ok info several
expect_text stderr 'and 1 more date: no names say .* bands 3,2,1 are taken as red, green, blue'
# The result is that of the right order, in the order of the file.
masks=()
for mask in sim/mask/*.tif; do masks+=(-mask "$mask"); done
python3 make.py right RGB 99 no || fail 'make right'
for name in one right; do
    expect_ok remove "$name" "${masks[@]}" -mask_mode replace -method regression -o "out_$name" -q
done
expect_python 'as with the right order' "
import glob
for t, f in enumerate(sorted(glob.glob('out_right/*.tif'))):
    a, b = read(f), read(f.replace('right', 'one'))
    assert (a == (b[::-1] if t == 2 else b)).all(), f"
# Without a majority, and against -b, nothing is changed, but said.
python3 make.py half BGR 0,2,4 no || fail 'make half'
expect_ok info half
expect_text stderr 'Warning.*seem to lie in another order.*Nothing is changed.*-b'
expect_no_text stdout 'as other dates show'
python3 make.py given BGRN 3 no || fail 'make given'
expect_ok info given -b 1,2,3,4
expect_text stderr 'Warning.*: the bands seem to lie in another order.*-b'
# Names that lie: of one date the others tell it, of a whole series its plants, and -b is obeyed.
cat >lie.py <<'END'
# lie.py NAME PERMUTATION DATES: the named bands of the simulated series, whose pixels are those of other bands.
import glob, os, sys
from osgeo import gdal
gdal.UseExceptions()
name, order, dates = sys.argv[1:]
os.makedirs(name)
for t, f in enumerate(sorted(glob.glob('sim/sim_*.tif'))):
    gdal.Translate('%s/d_%s.tif' % (name, os.path.basename(f).split('_')[1]), f)
    ds = gdal.Open('%s/d_%s.tif' % (name, os.path.basename(f).split('_')[1]), gdal.GA_Update)
    a = ds.ReadAsArray()
    for k in range(4):
        ds.GetRasterBand(k + 1).WriteArray(a[int(order[k]) - 1 if str(t) in dates.split(',') else k])
    ds = None
END
python3 lie.py truth 1234 none || fail 'lie truth'
expect_ok info truth
expect_no_text stderr 'names say'
python3 lie.py one_lies 3214 2 || fail 'lie one'
expect_ok info one_lies -json
expect_text stderr 'Warning.*d_[0-9]+.tif: the bands are not what their names say, other dates .* bands 1,2,3,4 are taken as .*-b'
expect_python 'info tells' "
d = json.load(open('stdout'))['dates']
assert ['against their names' in i['how']['bands'] for i in d] == [False, False, True, False, False, False]"
for name in one_lies truth; do
    expect_ok remove "$name" "${masks[@]}" -mask_mode replace -method regression -o "named_$name" -q
done
expect_python 'as with the right names' "
import glob
for t, f in enumerate(sorted(glob.glob('named_truth/*.tif'))):
    a, b = read(f), read(f.replace('truth', 'one_lies'))
    assert (a == (b[[2, 1, 0, 3]] if t == 2 else b)).all(), f"
python3 lie.py two_lie 1243 1,4 || fail 'lie two'
expect_ok info two_lie
expect_text stderr 'Warning.*d_[0-9]+.tif and 1 more date: the bands are not what their names say.* bands 4,2,1,3 are taken'
python3 lie.py all_lie 1243 0,1,2,3,4,5 || fail 'lie all'
expect_ok info all_lie
expect_text stderr 'Warning.*names say: plants are brightest in B04 \(band 3\), not in B08 \(band 4\)\. Nothing is changed.*-b'
expect_ok info all_lie -b 4,2,1,3
expect_no_text stderr 'plants'
expect_ok info truth -b 4,2,1,3
expect_text stderr 'Warning.*-b says: plants are brightest in'
# One order: no word.
expect_ok info right
expect_no_text stderr 'another order'
python3 make.py four RGBN 99 no || fail 'make four'
expect_ok info four -b 1,2,3,4
expect_no_text stderr 'another order'
# 8-bit dates that were stretched for the eye are named; reflectance in 8 bits is not.
python3 make.py eight RGBN 1,3 eight || fail 'make eight'
expect_ok info eight
expect_text stderr 'Warning.*d_[0-9]+.tif and 1 more date: 8-bit values.*-in_scale'
python3 make.py fits RGBN 2 eight || fail 'make fits'
expect_ok info fits
expect_no_text stderr '8-bit'
finish
