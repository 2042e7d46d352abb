#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# CLEARVISION: datasets through GDAL's programs: their pixels are those of `clearvision remove`, bit for bit.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
need gdalbuildvrt gdalwarp gdal_calc.py

# A series of 3 x 2 cells, 800x500 pixels, with its true masks, so that no network is needed.
run simulate -size 800 500 -dates 3 -seed 4 -o in
[ "$STATUS" -eq 0 ] || fail "simulate"
ls "$PWD"/in/sim_*.tif >series.txt
MASK=() SETTINGS="mask_mode=replace&mask="
for m in "$PWD"/in/mask/*.tif; do
    MASK+=(-mask "$m")
    SETTINGS="$SETTINGS$m;"
done
SETTINGS=${SETTINGS%;}
expect_ok remove series.txt -mask_mode replace "${MASK[@]}" -masks -quality -o whole
STEM=$(basename "$(sed -n 3p series.txt)" .tif)
VIEW="CLEARVISION:series.txt?date=$STEM&$SETTINGS"

cat >same.py <<'PY'
import sys
from osgeo import gdal
gdal.UseExceptions()
a, b = (gdal.Open(name) for name in sys.argv[1:3])
window = [int(v) for v in sys.argv[3:7]] or [0, 0, a.RasterXSize, a.RasterYSize]
x, y = a.ReadAsArray(*window), b.ReadAsArray(0, 0, window[2], window[3]) if len(sys.argv) > 3 else b.ReadAsArray()
assert x.shape == y.shape and x.dtype == y.dtype, (x.shape, y.shape, x.dtype, y.dtype)
assert (x == y).all(), "%d pixels differ" % (x != y).sum()
PY
same() {
    check "the pixels of $2 are those of $1" python3 same.py "$@"
}

# The whole, and what describes it.
check "gdal_translate" gdal_translate -q "$VIEW" copy.tif
same whole/$STEM.tif copy.tif
for product in mask quality; do
    check "gdal_translate $product" gdal_translate -q "$VIEW&product=$product" $product.tif
    same whole/${STEM}_$product.tif $product.tif
done
check "gdalinfo" gdalinfo "$VIEW"
gdalinfo "$VIEW" >view.info
gdalinfo whole/$STEM.tif >file.info
for item in "Origin =" "Pixel Size =" "Description = B04" "NoData Value=0" CLEARVISION_METHOD ACQUISITIONDATETIME TIFFTAG_SOFTWARE; do
    done=$((done + 1))
    [ "$(grep "$item" view.info)" = "$(grep "$item" file.info)" ] || fail "gdalinfo tells another '$item'"
done
gdalinfo "CLEARVISION:series.txt?$SETTINGS" >list.info
check "9 subdatasets" test "$(grep -c '_NAME=CLEARVISION' list.info)" -eq 9
check "a listed name opens" gdalinfo "$(sed -n 's/.*SUBDATASET_7_NAME=//p' list.info)"

# Windows, warping, mosaics, arithmetic, tiles; in one block cache of 1 MB every cell is computed once.
check "a window" gdal_translate -q -srcwin 330 333 250 111 "$VIEW" part.tif
same whole/$STEM.tif part.tif 330 333 250 111
check "gdalwarp -multi" gdalwarp -q -multi -wo NUM_THREADS=2 -t_srs EPSG:4326 -r bilinear "$VIEW" warped.tif
gdalwarp -q -t_srs EPSG:4326 -r bilinear whole/$STEM.tif warped_file.tif
same warped_file.tif warped.tif
check "gdalbuildvrt" gdalbuildvrt -q mosaic.vrt "$VIEW"
check "a VRT is read" gdal_translate -q mosaic.vrt mosaic.tif
same whole/$STEM.tif mosaic.tif
expect_ok remove series.txt -mask_mode replace "${MASK[@]}" -of CLEARVISION -masks -o views # these two want a file
check "gdal_calc.py" gdal_calc.py --quiet -A views/$STEM.cvrt.json --A_band=3 --outfile=calc.tif --calc="A+1"
gdal_calc.py --quiet -A whole/$STEM.tif --A_band=3 --outfile=calc_file.tif --calc="A+1"
same calc_file.tif calc.tif
if command -v gdal_retile.py >/dev/null; then
    mkdir tiles
    check "gdal_retile.py" gdal_retile.py -q -ps 400 400 -targetDir tiles mosaic.vrt
    check "its first tile" python3 same.py whole/$STEM.tif tiles/mosaic_1_1.tif 0 0 400 400
fi
if command -v gdal2tiles.py >/dev/null; then
    gdal_translate -q -of VRT -expand rgba views/${STEM}_mask.cvrt.json colours.vrt
    check "gdal2tiles.py" gdal2tiles.py -q -z 11-12 colours.vrt web
fi
for cache in memory disk; do
    done=$((done + 1))
    GDAL_CACHEMAX=1 CPL_DEBUG=CLEARVISION gdal_translate -q "$VIEW&cache=$cache" once.tif 2>debug.log
    [ "$(grep -c 'cells computed' debug.log)" -eq 6 ] && grep -q ' 6 cells computed' debug.log ||
        fail "not 6 cells, each once, with cache=$cache: $(tail -1 debug.log)"
    same whole/$STEM.tif once.tif
done

if python3 -c 'import rasterio' 2>/dev/null; then
    cat >rio.py <<'PY'
import sys
import rasterio
from rasterio.windows import Window
with rasterio.open(sys.argv[1]) as view, rasterio.open(sys.argv[2]) as whole:
    assert view.crs == whole.crs and view.transform == whole.transform and view.descriptions == whole.descriptions
    part = Window(300, 200, 150, 120)
    assert (view.read(window=part) == whole.read(window=part)).all()
PY
    check "rasterio" python3 rio.py "$VIEW" whole/$STEM.tif
else
    echo "rasterio is not installed: left out"
fi

# A file that can be clicked on; its folder moves with its inputs. Deleting it leaves the inputs.
mkdir kept
cp in/sim_*.tif kept/
expect_ok remove kept/*.tif -mask_mode replace "${MASK[@]}" -of CLEARVISION -o kept
mv kept moved
check "a .cvrt.json" gdal_translate -q moved/$STEM.cvrt.json clicked.tif
same whole/$STEM.tif clicked.tif
before=$(ls moved | wc -l)
cp -a moved spared
sums=$(cat spared/*.tif | sha256sum)
expect_error 'is also an input' remove spared/*.cvrt.json -mask_mode replace "${MASK[@]}" -stack -o spared/$STEM.tif -overwrite
check "what a view reads is an input of who reads the view" test "$(cat spared/*.tif | sha256sum)" = "$sums"
check "gdalmanage delete" gdalmanage delete moved/$STEM.cvrt.json
check "only the view is deleted" test "$(ls moved | wc -l)" -eq $((before - 1))
expect_error 'exists; use -overwrite' remove moved/*.tif -mask_mode replace "${MASK[@]}" -of CLEARVISION -o moved

# Views beside their inputs, below a folder that both move with; names with semicolons and colons.
mkdir -p 'both/with;semicolon/in' both/views
for f in in/sim_*.tif; do
    cp "$f" "both/with;semicolon/in/10:30;$(basename "$f")"
done
expect_ok remove 'both/with;semicolon/in'/*.tif -mask_mode replace "${MASK[@]}" -of CLEARVISION -masks -o both/views
expect_ok remove 'both/with;semicolon/in'/*.tif -mask_mode replace "${MASK[@]}" -of CLEARVISION -o 'both/with;semicolon/in'
check "inputs are named from the view's folder" grep -q '"\.\./with;semicolon/in/10:30;sim' "both/views/10_30;$STEM.cvrt.json"
mv both all
check "a view and its inputs have moved together" gdal_translate -q "all/views/10_30;$STEM.cvrt.json" together.tif
same whole/$STEM.tif together.tif
check "a view in a folder with a semicolon" gdalinfo "all/with;semicolon/in/10_30;$STEM.cvrt.json"
first=$(gdalinfo "CLEARVISION:all/with;semicolon/in/10_30;$STEM.cvrt.json?date=10_30;$STEM" | grep -c '^Band')
check "... behind the prefix" test "$first" -eq 4
NAMES=
for f in 'all/with;semicolon/in'/*.tif; do
    NAMES="$NAMES;\"$f\""
done
check "names between quotes" gdalinfo "CLEARVISION:${NAMES#;}?date=10_30;$STEM&$SETTINGS"

# Of classes no mean is made, whoever asks for one.
cat >classes.py <<'PY'
import sys
import numpy
from osgeo import gdal
gdal.UseExceptions()
for path in sys.argv[1:]:
    view = gdal.Open(path)
    whole = view.GetRasterBand(1).ReadAsArray()
    for how in (gdal.GRIORA_Average, gdal.GRIORA_Bilinear):
        for part in (view.ReadAsArray(buf_xsize=751, buf_ysize=449, resample_alg=how),
                     view.GetRasterBand(1).ReadAsArray(buf_xsize=751, buf_ysize=449, resample_alg=how)):
            assert set(numpy.unique(part[0] if part.ndim > 2 else part)) <= set(numpy.unique(whole)), path
PY
check "masks and quality are read by the nearest pixel" python3 classes.py "$VIEW&product=mask" "$VIEW&product=quality"

# Dates, products and threads side by side.
cat >threads.py <<'PY'
import glob, os, sys, threading
from osgeo import gdal
gdal.UseExceptions()
settings, failures = sys.argv[1], []
def read(path, turn):
    try:
        stem = os.path.basename(path)[:-4]
        whole = gdal.Open("whole/%s.tif" % stem).ReadAsArray()
        for k in range(3):
            view = gdal.Open("CLEARVISION:series.txt?date=%s&%s" % (stem, settings))
            x, y = 100 * ((turn + k) % 5), 100 * ((turn * 3 + k) % 4)
            if (view.ReadAsArray(x, y, 300, 200) != whole[:, y:y + 200, x:x + 300]).any():
                failures.append(stem)
    except Exception as error:
        failures.append(str(error))
threads = [threading.Thread(target=read, args=(p, i)) for i, p in enumerate(sorted(glob.glob("in/sim_*.tif")) * 2)]
for t in threads: t.start()
for t in threads: t.join()
assert not failures, failures
PY
check "threads" python3 threads.py "$SETTINGS"

# Decimated reads take coarser views: near what averaging the whole would give, for a fraction of the work.
cat >coarse.py <<'PY'
import sys
import numpy
from osgeo import gdal
gdal.UseExceptions()
view, whole = gdal.Open(sys.argv[1]), gdal.Open(sys.argv[2])
band = view.GetRasterBand(1)
assert band.GetOverviewCount() == 1, band.GetOverviewCount()
small = band.GetOverview(0)
assert (small.XSize, small.YSize) == (400, 250), (small.XSize, small.YSize)
x = view.ReadAsArray(buf_xsize=400, buf_ysize=250, resample_alg=gdal.GRIORA_NearestNeighbour).astype(float)
y = whole.ReadAsArray(buf_xsize=400, buf_ysize=250, resample_alg=gdal.GRIORA_Average).astype(float)
rmse = numpy.sqrt(((x - y) ** 2).mean())
assert rmse < 120, rmse
PY
check "overviews" python3 coarse.py "$VIEW" whole/$STEM.tif
done=$((done + 1))
CPL_DEBUG=CLEARVISION gdal_translate -q -outsize 400 250 "$VIEW" small.tif 2>debug.log
[ "$(grep -c 'cells computed' debug.log)" -eq 2 ] || # of 400x250 pixels
    fail "a decimated read computes more than its own level"

# Who only lists formats loads the plug-in and nothing else with it.
libraries() {
    LD_DEBUG=files gdalinfo --formats 2>&1 >formats.txt | sed -n 's/.*calling init: //p' | sort -u
}
GDAL_DRIVER_PATH=disable libraries >without.txt
libraries >with.txt
check "the driver is listed" grep -q CLEARVISION formats.txt
check "it brings no library" test "$(diff without.txt with.txt | grep -c '^[<>]')" -eq 1
check "nothing is left in /tmp" bash -c '! ls -d /tmp/clearvision-view.* 2>/dev/null'
finish
