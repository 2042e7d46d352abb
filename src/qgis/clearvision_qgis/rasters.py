# SPDX-License-Identifier: GPL-2.0-or-later
"""What a result looks like: its date, its visible bands, its classes, and one stretch for a whole series.

Only GDAL (which comes with QGIS), no import of qgis. Nothing is written: statistics are taken from a sample of windows,
not through GDAL's own, which would leave .aux.xml files.
"""
import array
import math
import re
from collections import namedtuple

from osgeo import gdal

WINDOWS, SIDE = 4, 64  # windows a side, and their pixels: what is looked at for the stretch
LOW, HIGH = 0.002, 0.99  # quantiles that become black and white: water and dark forest keep their detail

# date: "YYYY-MM-DD" or "". bands: numbers of red, green and blue, or of one band. classes: [(value, label, (r, g, b, a))]
# of the first band; empty when it has none. kind_of_numbers: GDAL's name of the first band's type.
Raster = namedtuple("Raster", "path date bands classes band_count kind_of_numbers")

_ROLES = ((gdal.GCI_RedBand, r"(b0?4\b|red)"), (gdal.GCI_GreenBand, r"(b0?3\b|green)"),
          (gdal.GCI_BlueBand, r"(b0?2\b|blue)"))


def _open(path):
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        return gdal.Open(path)
    except RuntimeError:  # where another plug-in has switched GDAL's exceptions on
        return None
    finally:
        gdal.PopErrorHandler()


def _visible(dataset, wanted):
    count = dataset.RasterCount
    if wanted and max(wanted) <= count:
        return tuple(wanted)
    bands = [dataset.GetRasterBand(i + 1) for i in range(count)]
    colours = [band.GetColorInterpretation() for band in bands]
    names = [band.GetDescription().lower().replace("_", " ") for band in bands]
    found = []
    for colour, pattern in _ROLES:
        by_name = [i + 1 for i, name in enumerate(names) if re.match(pattern, name)]
        by_colour = [i + 1 for i, c in enumerate(colours) if c == colour]
        found += (by_colour or by_name)[:1]
    if len(found) == 3:
        return tuple(found)
    return (1, 2, 3) if count >= 3 else (1,)


def _classes(band):
    names = band.GetCategoryNames() or []
    table = band.GetColorTable()
    known = table.GetCount() if table else 0
    return [(value, name, tuple(table.GetColorEntry(value)) if value < known else None)
            for value, name in enumerate(names) if name]


def describe(path, wanted=()):
    """A Raster, or None when GDAL does not open the file. wanted: the band numbers that the user gave, if any."""
    dataset = _open(path)
    if dataset is None or dataset.RasterCount < 1:
        return None
    first = dataset.GetRasterBand(1)
    date = (dataset.GetMetadataItem("ACQUISITIONDATETIME") or first.GetMetadataItem("ACQUISITIONDATETIME") or "")[:10]
    if not re.match(r"\d{4}-\d\d-\d\d$", date):
        date = ""
    return Raster(path, date, _visible(dataset, wanted), _classes(first), dataset.RasterCount,
                  gdal.GetDataTypeName(first.DataType))


def band_numbers(text):
    """Red, green and blue of what the user gave for -b, () when it is not three numbers or more."""
    words = re.split(r"[\s,]+", (text or "").strip())
    numbers = [int(word) for word in words if re.match(r"[1-9]\d*$", word)]
    return tuple(numbers[:3]) if len(numbers) == len(words) and len(numbers) >= 3 else ()


def _sample(band):
    nodata = band.GetNoDataValue()
    width, height = min(SIDE, band.XSize), min(SIDE, band.YSize)
    values = array.array("d")
    places = {(((band.XSize - width) * x) // max(WINDOWS - 1, 1), ((band.YSize - height) * y) // max(WINDOWS - 1, 1))
              for x in range(WINDOWS) for y in range(WINDOWS)}
    for x, y in sorted(places):
        data = band.ReadRaster(x, y, width, height, buf_type=gdal.GDT_Float64)
        if data:
            values.frombytes(bytes(data))
    return [v for v in values if math.isfinite(v) and v != nodata]


def stretch(rasters):
    """[(minimum, maximum)] for each visible band, pooled over all rasters (as describe() gives them), so that dates
    can be compared by eye. None where there are no values."""
    pooled = {}
    for raster in rasters:
        dataset = _open(raster.path)
        for place, number in enumerate(raster.bands if dataset else ()):
            pooled.setdefault(place, []).extend(_sample(dataset.GetRasterBand(number)))
    ranges = []
    for place in sorted(pooled):
        values = sorted(pooled[place])
        if not values:
            return None
        low = values[int(LOW * (len(values) - 1))]
        high = values[int(math.ceil(HIGH * (len(values) - 1)))]
        ranges.append((low, high if high > low else low + 1))
    return ranges or None
