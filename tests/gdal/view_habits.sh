#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# CLEARVISION: datasets among others: threads that open VRTs of them, dates of other extents, GCPs, full disks, changed files.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
need gdalbuildvrt

run simulate -size 800 700 -dates 4 -seed 4 -o in
[ "$STATUS" -eq 0 ] || fail "simulate"
FILES=("$PWD"/in/sim_*.tif)
MANY=$(printf '%s;' "$PWD"/in/mask/*.tif)
KNOWN_VIEW="mask_mode=replace&mask=${MANY%;}"
printf '%s\n' "${FILES[@]}" >series.txt
STEM=$(basename "${FILES[0]}" .tif) OTHER=$(basename "${FILES[1]}" .tif)
VIEW="CLEARVISION:series.txt?$KNOWN_VIEW"
gdalbuildvrt -q mosaic.vrt "$VIEW&date=$OTHER"

# GDAL opens a VRT's sources under a mutex of its own, which computing needs too: nobody may wait for the other.
cat >meet.py <<'PY'
import sys, threading
from osgeo import gdal
gdal.UseExceptions()
failures = []
def read(name):
    try:
        for _ in range(4):
            gdal.Open(name).ReadAsArray(100, 100, 64, 64)
    except Exception as error:
        failures.append(str(error))
threads = [threading.Thread(target=read, args=(name,)) for name in sys.argv[1:] * 2]
for t in threads: t.start()
for t in threads: t.join()
assert not failures, failures
PY
done=$((done + 1))
timeout -k 5 100 python3 meet.py mosaic.vrt "$VIEW&date=$STEM" >check.log 2>&1 || fail "a VRT of a view and a view in threads: status $?, $(tail -c 200 check.log)"

# A date whose raster reaches further than the series: no overviews, for those would show another extent.
gdal_translate -q -srcwin -100 -50 1000 900 -a_nodata 0 "${FILES[2]}" wide_20230601.tif 2>/dev/null
printf '%s\n' "${FILES[0]}" "${FILES[1]}" wide_20230601.tif >wide.txt
cat >extents.py <<'PY'
import sys
from osgeo import gdal
gdal.UseExceptions()
wide, plain = gdal.Open(sys.argv[1]), gdal.Open(sys.argv[2])
assert wide.RasterXSize == 1000 and wide.GetRasterBand(1).GetOverviewCount() == 0
assert plain.GetRasterBand(1).GetOverviewCount() == 1
small = wide.ReadAsArray(buf_xsize=250, buf_ysize=225)[0]
empty = [k for k in range(250) if (small[:, k] == 0).all()]
assert len(empty) >= 49 and empty[:24] == list(range(24)), empty
PY
check "overviews only where they cover the date" python3 extents.py "CLEARVISION:wide.txt?date=wide_20230601&detect_model=detect&mask_mode=replace&mask=$(printf '%s;' "$PWD"/in/mask/*.tif | cut -d';' -f1-3)" \
    "$VIEW&date=$STEM"

# Ground control points instead of a geotransform.
mkdir gcp
for file in "${FILES[@]}"; do
    gdal_translate -q -gcp 0 0 11 46 -gcp 800 0 11.2 46 -gcp 0 700 11 45.8 -gcp 800 700 11.2 45.8 -a_srs EPSG:4326 "$file" "gcp/$(basename "$file")"
done
printf '%s\n' gcp/*.tif >gcp.txt
check "GCPs" test "$(gdalinfo "CLEARVISION:gcp.txt?$KNOWN_VIEW&date=$STEM" | grep -c '^GCP\[')" -eq 4

# A disk that is full for a while: the error says so, every time; a dataset that is opened anew works.
cat >full.py <<'PY'
import resource, signal, sys
from osgeo import gdal
gdal.UseExceptions()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def read(ds):
    try:
        return ds.ReadAsArray(0, 0, 800, 700)
    except RuntimeError as error:
        return str(error)
gdal.SetCacheMax(1000000)
ds = gdal.Open(sys.argv[1])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200000, hard))
first = read(ds)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert isinstance(first, str) and len(first) > 10, first
again = read(ds)
assert isinstance(again, str) and len(again) > 10, again
fresh = gdal.Open(sys.argv[1])
assert not isinstance(read(fresh), str)
PY
check "a full disk" python3 full.py "$VIEW&date=$STEM&cache=disk"

# A mask that has changed makes another series, also while the old one is open.
cat >changed.py <<'PY'
import shutil, sys, time
from osgeo import gdal
gdal.UseExceptions()
name, mask, empty = sys.argv[1:]
old = gdal.Open(name)
before = old.ReadAsArray()
shutil.copy(empty, mask)
new = gdal.Open(name)
assert (new.ReadAsArray() != before).any()
assert (old.ReadAsArray() == before).all()
PY
cp in/mask/*.tif .
gdal_calc.py --quiet -A "$(basename "$PWD"/in/mask/"${STEM%_BGRN}"_mask.tif)" --outfile=empty.tif --calc='A*0' --NoDataValue=255 2>/dev/null
check "a changed mask" python3 changed.py "CLEARVISION:series.txt?mask_mode=replace&mask=$(printf '%s;' sim_*_mask.tif | sed 's/;$//')&date=$STEM" \
    "${STEM%_BGRN}_mask.tif" empty.tif

# Bands that are no channels lie where they lay, also on a coarser grid, and in a view.
mkdir aux
cat >ramp.py <<'PY'
import glob, os
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
for path in sorted(glob.glob('in/sim_*.tif')):
    ds = gdal.Open(path)
    x = ds.ReadAsArray(0, 0, 799, 700)
    out = gdal.GetDriverByName('GTiff').Create('aux/' + os.path.basename(path), 799, 700, 5, gdal.GDT_UInt16)
    out.SetGeoTransform(ds.GetGeoTransform())
    out.SetProjection(ds.GetProjection())
    for k in range(5):
        out.GetRasterBand(k + 1).WriteArray(x[k] if k < 4 else np.add.outer(np.arange(700), 1000 * (np.arange(799) % 60)))
        out.GetRasterBand(k + 1).SetDescription(ds.GetRasterBand(k + 1).GetDescription() if k < 4 else 'QA60')
PY
cat >places.py <<'PY'
import sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
whole, view = (gdal.Open(name).ReadAsArray() for name in sys.argv[1:])
want = np.add.outer(np.arange(1, 701, 3).clip(0, 699), 1000 * (np.arange(1, 800, 3).clip(0, 798) % 60))
assert whole.shape == view.shape == (5,) + want.shape, (whole.shape, want.shape)
assert (whole[4] == want).all(), np.argwhere(whole[4] != want)[:3]
assert (whole == view).all()
PY
check "a series with a further band" python3 ramp.py
if [ "$CLEARVISION_NET" != none ]; then
    expect_ok remove aux/*.tif -tr 60 -scl none -method linear -o coarse
    check "its places" python3 places.py "coarse/$STEM.tif" "CLEARVISION:$(printf '%s;' aux/*.tif | sed 's/;$//')?tr=60&scl=none&method=linear&date=$STEM"
fi

# Two views of one name are refused before anything is written.
cp "${FILES[0]}" a.tif
cp "${FILES[1]}" a_mask.tif
expect_error 'two views would have this name' remove a.tif a_mask.tif "${FILES[2]}" -date 2023-04-01,2023-04-06,2023-04-11 -masks -of CLEARVISION -o out
expect_error 'srcwin: is not possible with a view' remove "${FILES[@]}" -srcwin 0 0 100 100 -of CLEARVISION -o out
finish
