#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""EarthNet2021 cubes with simulated gaps given by -mask: `clearvision remove` against the numpy reference of the prior.

    earthnet_gaps.py PROGRAM SHARED_FOLDER [METHOD]

Real cloud shapes are laid on clear frames; every pixel that the cube itself calls bad is masked too. PSNR is taken over the
laid gaps only, RGB, mean of the cubes' values. Fails when the tool is more than 0.1 dB below the reference. Exit status 77: skipped.
"""
import glob
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from osgeo import gdal
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)
gdal.UseExceptions()

WINDOW = 10


def reference(shared):
    path = os.path.join(shared, "research", "prior_reference.py")
    spec = importlib.util.spec_from_file_location("prior_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shapes(shared):
    """All cloud shapes (name, mask) as booleans."""
    found = []
    for path in sorted(glob.glob(os.path.join(shared, "data", "cloud_masks", "*.tif"))):
        data = gdal.Open(path).ReadAsArray()
        found += [band != 0 for band in data]
    return found


def lay_gaps(clear, height, width, pool, rng):
    """A cloud shape on half of the clear frames, never on the first."""
    gaps = np.zeros((len(clear), height, width), bool)
    frames = [t for t in range(1, len(clear)) if clear[t]]
    for t in rng.permutation(frames)[: len(frames) // 2]:
        while not 0.05 < gaps[t].mean() < 0.95:
            shape = np.rot90(pool[rng.integers(len(pool))], rng.integers(4))
            shape = np.tile(shape, (2, 2)) if min(shape.shape) < max(height, width) else shape
            y, x = (rng.integers(shape.shape[i] - n + 1) for i, n in enumerate((height, width)))
            gaps[t] = shape[y : y + height, x : x + width]
    return gaps


def write_mask(path, mask):
    ds = gdal.GetDriverByName("GTiff").Create(path, mask.shape[2], mask.shape[1], mask.shape[0], gdal.GDT_Byte)
    for t, plane in enumerate(mask):
        ds.GetRasterBand(t + 1).WriteArray(plane.astype(np.uint8))
    ds = None


def psnr(predicted, truth, where):
    error = (predicted - truth)[np.broadcast_to(where[:, None], truth.shape)]
    return -10 * np.log10(np.mean(error.astype(float) ** 2))


def sliding(method, x, gap, days):
    """The reference in windows of WINDOW dates; each date from the window in which it is most central."""
    dates = len(days)
    if dates <= WINDOW:
        return method(x, gap, days)
    starts = sorted({min(s, dates - WINDOW) for s in range(0, dates, WINDOW // 2)})
    out = {s: method(x[s : s + WINDOW], gap[s : s + WINDOW], days[s : s + WINDOW]) for s in starts}
    best = [min((s for s in starts if s <= t < s + WINDOW), key=lambda s: abs(t - s - (WINDOW - 1) / 2)) for t in range(dates)]
    return np.stack([out[s][t - s] for t, s in enumerate(best)])


def measure(program, path, pool, module, method, rng):
    cube = np.load(path)["highresdynamic"].astype(np.float32)
    x = cube[:, :, :4].transpose(3, 2, 0, 1)
    bad = (cube[:, :, -1].transpose(2, 0, 1) != 0) | np.isnan(x).any(1)
    gaps = lay_gaps([b.mean() < 0.01 for b in bad], x.shape[2], x.shape[3], pool, rng) & ~bad
    mask = bad | gaps
    with tempfile.TemporaryDirectory() as work:
        name = os.path.basename(path).split("_", 1)[1] # without the split's prefix: read as it is, not joined
        os.symlink(os.path.abspath(path), os.path.join(work, name))
        write_mask(os.path.join(work, "gaps.tif"), mask)
        run = subprocess.run(
            [program, "remove", "-json", "-method", method, "-mask_mode", "replace", "-mask", os.path.join(work, "gaps.tif"),
             "-o", os.path.join(work, "out"), os.path.join(work, name)], stdout=subprocess.PIPE, check=True)
        outputs = [date["output"] for date in json.loads(run.stdout)["dates"]]
        ours = np.stack([gdal.Open(o).ReadAsArray()[:4] for o in outputs])
    x = np.nan_to_num(x)
    truth = x[:, :3]
    untouched = np.array_equal(np.moveaxis(ours, 1, -1)[~mask], np.moveaxis(x, 1, -1)[~mask])
    days = np.arange(len(x)) * 5.0
    theirs = sliding(module.regression_prior if method == "regression" else module.interpolate, x, mask, days)
    return psnr(ours[:, :3], truth, gaps), psnr(theirs[:, :3], truth, gaps), untouched


def main():
    program, shared = sys.argv[1:3]
    method = sys.argv[3] if len(sys.argv) > 3 else "regression"
    cubes = sorted(glob.glob(os.path.join(shared, "data", "earthnet2021", "**", "*.npz"), recursive=True))
    if not cubes or not os.path.exists(os.path.join(shared, "research", "prior_reference.py")):
        print("skipped: no EarthNet2021 cubes or no reference in", shared)
        return 77
    module, pool, rng = reference(shared), shapes(shared), np.random.default_rng(1)
    ours, theirs, failed = [], [], False
    for cube in cubes:
        a, b, untouched = measure(program, cube, pool, module, method, rng)
        ours.append(a)
        theirs.append(b)
        failed |= not untouched
        print(f"{os.path.basename(cube)[:50]:50s} clearvision {a:6.2f} dB  reference {b:6.2f} dB"
              + ("" if untouched else "  OBSERVED PIXELS CHANGED"))
    print(f"{'mean of ' + str(len(cubes)) + ' cubes':50s} clearvision {np.mean(ours):6.2f} dB  reference {np.mean(theirs):6.2f} dB")
    return 1 if failed or np.mean(ours) < np.mean(theirs) - 0.1 else 0


if __name__ == "__main__":
    sys.exit(main())
