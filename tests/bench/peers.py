#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peers.py PROGRAM DATA: clouds and shadows as found by `clearvision detect` and by ukis-csmask (DLR, Apache-2.0), on the
same pixels of 20 m and against the same labels. Skips (exit 77) where ukis-csmask (pip install ukis-csmask onnxruntime),
GDAL's Python or the pictures are missing. Results go to standard output.

DATA has the folders of models/detect.train.txt. Every set is written as reflectance of 20 m first; both read that. Labels
say nothing where they are unknown; where they know no shadows, a shadow that is found counts as clear, and where
they have one class for cloud and shadow, both are it. "+2": dilated by two pixels, as clearvision does unasked.
"""
import glob
import os
import subprocess
import sys
import tempfile

SKIP = 77
try:
    import numpy as np
    from osgeo import gdal, osr
    from scipy.ndimage import distance_transform_edt
    from ukis_csmask.mask import CSmask
except ImportError as e:
    print("skipped:", str(e).splitlines()[0])
    sys.exit(SKIP)
gdal.UseExceptions()

CLEAR, CLOUD, SHADOW, UNKNOWN = 0, 1, 2, 255
BANDS = ("red", "green", "blue", "nir")


class Set:
    """Dates of one place, or single pictures; labels: 'cloud' (no shadows known), 'both', 'flagged' (one class)."""

    def __init__(self, name, labels, single=False):
        self.name, self.labels, self.single, self.dates = name, labels, single, []

    def add(self, day, planes, label):
        self.dates.append((day, np.asarray(planes, "f4"), np.asarray(label, "u1")))


def block_mean(x):
    h, w = x.shape[-2] // 2 * 2, x.shape[-1] // 2 * 2
    return x[..., :h, :w].reshape(*x.shape[:-2], h // 2, 2, w // 2, 2).mean(axis=(-3, -1))


def block_vote(label):
    """The most frequent class of 2 x 2 pixels; among equals cloud, shadow, unknown, clear."""
    h, w = label.shape[0] // 2 * 2, label.shape[1] // 2 * 2
    blocks = label[:h, :w].reshape(h // 2, 2, w // 2, 2).transpose(0, 2, 1, 3).reshape(h // 2, w // 2, 4)
    order = (CLOUD, SHADOW, UNKNOWN, CLEAR)
    votes = np.stack([(blocks == c).sum(-1) for c in order])
    return np.array(order, "u1")[votes.argmax(0)]


def read(path):
    return gdal.Open(path).ReadAsArray()


def of_bgrn(path):
    """Red, green, blue, NIR in reflectance at 20 m; NaN where there is no data."""
    x = read(path).astype("f4")
    x[:, (x == 0).all(0)] = np.nan
    return block_mean(x[[2, 1, 0, 3]] / 10000)


def human(data):
    sets = []
    for path in sorted(glob.glob(data + "/cloud_labels/*_BGRN_10m.tif")):
        s = Set("On Cloud N, scene %d (people)" % (len(sets) + 1), "cloud", True)
        s.add("20200601", of_bgrn(path), block_vote(read(path.replace("_BGRN_10m", "_label"))))
        sets.append(s)
    return sets


def bolzano(data):
    s = Set("Bolzano (Sen2Cor)", "both")
    of_scl = np.full(256, UNKNOWN, "u1")
    of_scl[[8, 9]], of_scl[3], of_scl[[4, 5, 6, 11]] = CLOUD, SHADOW, CLEAR
    for path in sorted(glob.glob(data + "/series/bolzano/*_BGRN_10m.tif")):
        s.add(path.split("_")[-3], of_bgrn(path), block_vote(of_scl[read(path.replace("BGRN", "SCL"))]))
    return [s] if s.dates else []


def greenearthnet(data):
    sets = []
    for path in sorted(glob.glob(data + "/greenearthnet/*.nc")):
        import xarray
        cube = xarray.open_dataset(path)
        s = Set("GreenEarthNet (its own mask)", "both")
        of_mask = np.array([CLEAR, CLOUD, CLOUD, SHADOW] + [UNKNOWN] * 252, "u1")
        for t in np.flatnonzero(cube.s2_avail.values == 1):
            planes = np.stack([cube["s2_" + b].values[t] for b in ("B04", "B03", "B02", "B8A")])
            mask = cube.s2_dlmask.values[t]
            label = of_mask[np.where(np.isfinite(mask), mask, 255).astype("u1")]
            label[~np.isfinite(planes).all(0)] = UNKNOWN
            s.add(str(cube.time.values[t])[:10].replace("-", ""), planes, label)
        sets.append(s)
    return sets


def earthnet(data):
    import datetime
    pooled = []
    for path in sorted(glob.glob(data + "/earthnet2021/*/target/*/*.npz")):
        s = Set("EarthNet2021 (quality masks)", "flagged")
        other = path.replace("/target/", "/context/").replace("/target_", "/context_")
        parts = [p for p in (other, path) if os.path.exists(p)]
        steps = np.concatenate([np.load(p)["highresdynamic"] for p in parts], axis=3)
        first = datetime.date(2020, 1, 1) # the days do not matter, five apart
        for t in range(steps.shape[3]):
            planes = steps[:, :, [2, 1, 0, 3], t].transpose(2, 0, 1).astype("f4")
            mask = steps[:, :, 4, t]
            label = np.where(np.isfinite(mask), mask > 0, UNKNOWN).astype("u1")
            planes[:, ~np.isfinite(planes).all(0)] = np.nan
            label[~np.isfinite(planes).all(0)] = UNKNOWN
            day = (first + datetime.timedelta(5 * t)).strftime("%Y%m%d")
            if (label != UNKNOWN).any():
                s.add(day, planes, label)
        pooled.append(s)
    return pooled


def write(path, planes):
    out = gdal.GetDriverByName("GTiff").Create(path, planes.shape[2], planes.shape[1], 4, gdal.GDT_Float32)
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32632)
    out.SetProjection(srs.ExportToWkt())
    out.SetGeoTransform((600000, 20, 0, 5200000, 0, -20))
    for b, name in enumerate(("B04", "B03", "B02", "B08")):
        band = out.GetRasterBand(b + 1)
        band.SetDescription(name)
        band.SetNoDataValue(float("nan"))
        band.WriteArray(planes[b])


def ours(program, s, folder, dilate):
    files = []
    for day, planes, _ in s.dates:
        files.append("%s/%s.tif" % (folder, day))
        if not os.path.exists(files[-1]):
            write(files[-1], planes)
    out = "%s/out%d" % (folder, dilate)
    subprocess.run([program, "detect", "-q", "-in_scale", "1", "-in_offset", "0", "-dilate", str(dilate), *files, "-o", out],
                   check=True)
    masks = sorted(glob.glob(out + "/*_mask.tif")) if os.path.isdir(out) else [out]
    return [read(f) for f in masks]


def theirs(s):
    found = []
    for _, planes, _ in s.dates:
        x = np.nan_to_num(planes).transpose(1, 2, 0)
        h, w = x.shape[:2]
        padded = np.pad(x, ((0, max(0, 256 - h)), (0, max(0, 256 - w)), (0, 0)), "symmetric").astype("f4")
        mask = CSmask(np.ascontiguousarray(padded), list(BANDS), product_level="l2a", intra_op_num_threads=1,
                      providers=["CPUExecutionProvider"]).csm[:h, :w, 0]
        found.append(mask)
    return found


def dilated(mask):
    """As clearvision does: by two pixels; what is shadow stays shadow where a cloud grows over it."""
    out = mask.copy()
    for c in (SHADOW, CLOUD):
        if (mask == c).any():
            near = distance_transform_edt(mask != c) <= 2
            out[near & (mask != SHADOW if c == CLOUD else out == CLEAR)] = c
    return out


def f1(label, found, c):
    hit = ((label == c) & (found == c)).sum()
    all_ = (label == c).sum() + (found == c).sum()
    return 2 * hit / all_ if (label == c).any() else float("nan")


def figures(s, found):
    label = np.concatenate([d[2].ravel() for d in s.dates])
    got = np.concatenate([m.ravel() for m in found])
    known = (label != UNKNOWN) & (got != UNKNOWN)
    label, got = label[known], got[known].copy()
    if s.labels == "flagged":
        got[got == SHADOW] = CLOUD
    elif s.labels == "cloud":
        got[got == SHADOW] = CLEAR
    return f1(label, got, CLOUD), f1(label, got, SHADOW), len(label)


WHO = ("clearvision", "clearvision +2", "ukis-csmask", "ukis-csmask +2")


def measure(program, sets, folder):
    """Sets of one name are counted together."""
    one = Set(sets[0].name, sets[0].labels)
    results = {who: [] for who in WHO}
    for i, s in enumerate(sets):
        place = "%s/%d" % (folder, i)
        os.makedirs(place)
        one.dates += s.dates
        results[WHO[0]] += ours(program, s, place, 0)
        results[WHO[1]] += ours(program, s, place, 2)
        masks = theirs(s)
        results[WHO[2]] += masks
        results[WHO[3]] += [dilated(m) for m in masks]
    row = {who: figures(one, results[who]) for who in WHO}
    for k, c in enumerate(("cloud", "shadow")):
        if not all(np.isnan(row[who][k]) for who in WHO):
            print("%-32s %-8s %9d" % (one.name, c, row[WHO[0]][2]) + "".join("%16.3f" % row[who][k] for who in WHO), flush=True)


def main(program, data):
    sets = human(data) + bolzano(data) + greenearthnet(data) + earthnet(data)
    if not sets:
        print("skipped: no pictures in", data)
        return SKIP
    print("%-32s %-8s %9s" % ("place (labels)", "F1 of", "pixels") + "".join("%16s" % who for who in WHO))
    for name in dict.fromkeys(s.name for s in sets):
        with tempfile.TemporaryDirectory() as folder:
            measure(program, [s for s in sets if s.name == name], folder)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: peers.py PROGRAM DATA")
    sys.exit(main(sys.argv[1], sys.argv[2]))
