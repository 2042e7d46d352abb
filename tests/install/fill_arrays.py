# SPDX-License-Identifier: MIT
"""fill_arrays.py CLEARVISION FILL_ARRAYS SAMPLE FOLDER

The example fill_arrays gets the sample's reflectance and masks as plain arrays; what it fills must equal what the program
writes for the same pixels, within the rounding of the file's integers, and what was observed must come back bit for bit.
"""
import datetime
import glob
import os
import re
import subprocess
import sys

import numpy as np
from osgeo import gdal

gdal.UseExceptions()
RED_GREEN_BLUE_NIR = [3, 2, 1, 4]  # bands of the sample's files
SCALE = 1e-4  # reflectance of a digital number


def read(path, bands):
    raster = gdal.Open(path)
    return np.stack([raster.GetRasterBand(number).ReadAsArray() for number in bands]) * SCALE


def main(program, example, sample, folder):
    pictures = sorted(glob.glob(os.path.join(sample, "*_BGRN.tif")))
    masks = sorted(glob.glob(os.path.join(sample, "mask", "*_mask.tif")))
    dates = [datetime.datetime.strptime(re.search(r"_(\d{8})_", path).group(1), "%Y%m%d").date() for path in pictures]
    days = [date.toordinal() for date in dates]
    x = np.stack([read(path, RED_GREEN_BLUE_NIR) for path in pictures]).astype(np.float32)
    mask = np.stack([gdal.Open(path).ReadAsArray() != 0 for path in masks])
    assert len(pictures) == len(masks) >= 5 and 0.05 < mask.mean() < 0.95, (len(pictures), mask.mean())

    # Values under the masks are not looked at, so nonsense must do no harm.
    given = np.where(mask[:, None], np.float32(np.nan), x)
    given[: len(pictures) // 2] = np.where(mask[: len(pictures) // 2, None], 7, x[: len(pictures) // 2])
    names = [os.path.join(folder, name) for name in ("x.f32", "mask.u8", "filled.f32")]
    given.tofile(names[0])
    mask.astype(np.uint8).tofile(names[1])
    subprocess.run([example, names[0], names[1], *map(str, x.shape), *map(str, days), names[2]], check=True,
                   stdout=subprocess.DEVNULL)
    filled = np.fromfile(names[2], np.float32).reshape(x.shape)

    removed = os.path.join(folder, "removed")
    options = [word for path in masks for word in ("-mask", path)]
    options += [word for date in dates for word in ("-date", str(date))]  # without the time of day
    subprocess.run([program, "remove", *pictures, "-q", "-method", "gaussian", *options, "-mask_mode", "replace", "-o", removed],
                   check=True)
    written = np.stack([read(os.path.join(removed, os.path.basename(path)), RED_GREEN_BLUE_NIR) for path in pictures])
    inside = np.broadcast_to(mask[:, None], x.shape)
    assert (filled.view(np.uint32)[~inside] == x.view(np.uint32)[~inside]).all(), "observed pixels were changed"
    worst = np.abs(filled - written)[inside].max()
    assert worst <= 0.51 * SCALE, f"differs from what remove writes by up to {worst:.2e}"
    print(f"fill_arrays: {inside.sum()} values filled as remove does, within {worst:.1e}")


main(*sys.argv[1:])
