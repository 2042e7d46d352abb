#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# QGIS opens cloud-free datasets like any layer, and a virtual raster that QGIS makes of one reads the same pixels.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
. "$CLV_SOURCE/tests/qgis/environment.sh"

STEM=$(basename "${SERIES[0]}" .tif)
expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -masks -o whole
expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -masks -of CLEARVISION -o views

# As a double click does: by the file's name alone, with QGIS's own reading, several windows and a decimated one.
cat >layer.py <<'PY'
import sys
from osgeo import gdal
from qgis.core import QgsApplication, QgsRasterLayer, QgsRectangle
app = QgsApplication([], False)
app.initQgis()
layer = QgsRasterLayer(sys.argv[1], "view")
assert layer.isValid(), layer.error().message()
whole = gdal.Open(sys.argv[2])
assert layer.bandCount() == whole.RasterCount and layer.crs().isValid()
assert layer.bandName(1).endswith(whole.GetRasterBand(1).GetDescription()), layer.bandName(1)
pixels = whole.ReadAsArray()
box, provider = layer.extent(), layer.dataProvider()
step = layer.rasterUnitsPerPixelX()
for x, y, w, h in ((0, 0, layer.width(), layer.height()), (30, 20, 60, 40)):
    part = QgsRectangle(box.xMinimum() + x * step, box.yMaximum() - (y + h) * step,
                        box.xMinimum() + (x + w) * step, box.yMaximum() - y * step)
    for band in range(1, whole.RasterCount + 1):
        block = provider.block(band, part, w, h)
        plane = pixels[band - 1] if pixels.ndim == 3 else pixels
        wrong = sum(block.value(r, c) != plane[y + r, x + c] for r in range(h) for c in range(w))
        assert wrong == 0, "band %d: %d pixels differ" % (band, wrong)
assert provider.block(1, box, 40, 30).isValid()
del layer, provider, block, whole
app.exitQgis()
PY
check "a layer" /usr/bin/python3 layer.py "views/$STEM.cvrt.json" "whole/$STEM.tif"
check "a layer of the mask" /usr/bin/python3 layer.py "views/${STEM}_mask.cvrt.json" "whole/${STEM}_mask.tif"

check "QGIS's virtual raster" "$QGIS_PROCESS" run gdal:buildvirtualraster -- INPUT="$PWD/views/$STEM.cvrt.json" SEPARATE=false OUTPUT="$PWD/made.vrt"
check "the virtual raster is read" gdal_translate -q made.vrt made.tif
check "its pixels" python3 -c '
import sys
from osgeo import gdal
a, b = (gdal.Open(n).ReadAsArray() for n in sys.argv[1:])
assert a.shape == b.shape and (a == b).all()' "whole/$STEM.tif" made.tif
finish
