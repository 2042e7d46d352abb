# SPDX-License-Identifier: GPL-2.0-or-later
"""What results look like, on the sample."""
import glob
import os
import tempfile
import unittest

import common

try:
    from clearvision_qgis import rasters
    from osgeo import gdal
except ImportError:
    rasters = None

SAMPLE = os.path.join(common.SOURCE, "data", "sample")


@unittest.skipIf(rasters is None, "GDAL for Python is not installed")
class Rasters(unittest.TestCase):
    def test_describe_a_picture(self):
        raster = rasters.describe(os.path.join(SAMPLE, "sim_20230408_BGRN.tif"))
        self.assertEqual((raster.date, raster.bands, raster.classes, raster.band_count), ("2023-04-08", (3, 2, 1), [], 4))
        self.assertEqual(rasters.describe(raster.path, (4, 3, 2)).bands, (4, 3, 2))
        self.assertEqual(rasters.describe(raster.path, (9, 3, 2)).bands, (3, 2, 1))

    def test_describe_a_mask(self):
        raster = rasters.describe(os.path.join(SAMPLE, "mask", "sim_20230408_mask.tif"))
        self.assertEqual([(value, name) for value, name, _ in raster.classes],
                         [(0, "clear"), (1, "cloud"), (2, "cloud shadow")])
        self.assertEqual(raster.classes[1][2][:3], (255, 255, 255))

    def test_what_is_no_raster(self):
        self.assertIsNone(rasters.describe(os.path.join(SAMPLE, "none.tif")))
        self.assertIsNone(rasters.describe(__file__))

    def test_one_stretch(self):
        found = [rasters.describe(path) for path in sorted(glob.glob(os.path.join(SAMPLE, "truth", "*.tif")))]
        ranges = rasters.stretch(found)
        self.assertEqual(len(ranges), 3)
        for low, high in ranges:
            self.assertTrue(0 < low < high < 10000, ranges)
        before = sorted(os.listdir(os.path.join(SAMPLE, "truth")))
        self.assertEqual([name for name in before if name.endswith(".aux.xml")], [])

    def test_nodata_nan_and_constant(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, "a.tif")
            dataset = gdal.GetDriverByName("GTiff").Create(path, 3, 2, 1, gdal.GDT_Float32)
            import struct
            dataset.GetRasterBand(1).SetNoDataValue(-1)
            dataset.GetRasterBand(1).WriteRaster(0, 0, 3, 2, struct.pack("6f", -1, 5, 5, float("nan"), 5, -1))
            dataset = None
            self.assertEqual(rasters.stretch([rasters.describe(path)]), [(5, 6)])
        self.assertIsNone(rasters.stretch([]))

    def test_band_numbers(self):
        self.assertEqual(rasters.band_numbers("3,2,1,4"), (3, 2, 1))
        self.assertEqual(rasters.band_numbers("3 2 1"), (3, 2, 1))
        for text in ("", None, "3,2", "a,b,c", "0,1,2"):
            self.assertEqual(rasters.band_numbers(text), ())


if __name__ == "__main__":
    unittest.main()
