#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""drivers.py PROGRAM SAMPLE: a mask and a picture in every raster driver of this GDAL that can write.

Prints a table: equal value by value, changed by a lossy compression and how far, or refused with the reason; beside it
what gdal_translate makes of the same raster. Fails where gdal_translate writes equal values and the program does not,
where values differ without a lossy driver, where a refusal leaves something or touches the file that was there, where
hidden files stay behind, and where an input has changed. Exit status 77: something is missing.
"""
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from osgeo import gdal
except ImportError:
    print("skipped: python3 with numpy and GDAL is not installed")
    sys.exit(77)
if not shutil.which("gdal_translate"):
    print("skipped: gdal_translate is not installed")
    sys.exit(77)

gdal.UseExceptions()
PROGRAM, SAMPLE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
DATES = sorted(glob.glob(SAMPLE + "/sim_*_BGRN.tif"))[:3]
STEM = os.path.basename(DATES[0])[:-4]
# Their own compression changes values; a mask must be equal or refused.
LOSSY = {"JPEG", "WEBP", "JP2OpenJPEG", "JPEGXL", "HEIF", "AVIF", "ECW", "JP2ECW", "JP2KAK", "JP2MrSID", "PDF", "GPKG"}
# Put the picture onto a grid of their own, or are folders.
RESAMPLED = {"MBTiles"}
FOLDERS = {"Zarr", "MFF2"}
# These write elsewhere than into files.
ELSEWHERE = {"MEM", "VRT", "CLEARVISION", "WMS", "WMTS", "NGW", "PostGISRaster", "MongoDB", "EEDA"}
failures = []


def masks():
    for date in DATES:
        yield "-mask"
        yield SAMPLE + "/mask/" + os.path.basename(date).replace("_BGRN", "_mask")


def run(kind, *options):
    command = ["remove", "-method", "gaussian"] if kind == "picture" else ["detect"]
    command = [PROGRAM] + command + DATES + list(masks()) + ["-mask_mode", "replace", "-srcwin", "64", "64", "64", "48"]
    return subprocess.run(command + ["-q"] + list(options), capture_output=True, text=True, timeout=100)


def read(path):
    """All bands; those of netCDF and Zarr are subdatasets."""
    dataset = gdal.Open(path)
    if dataset.RasterCount:
        array = dataset.ReadAsArray()
        return array if array.ndim == 3 else array[None]
    parts = [gdal.Open(name) for name, _ in dataset.GetSubDatasets()]
    parts = [p.ReadAsArray() for p in parts if p.RasterCount == 1 and p.RasterXSize > 1 and p.RasterYSize > 1]
    return np.stack(parts)


def judge(want, folder, stem):
    """Of the datasets in the folder that begin with the stem: "equal", ("differs", text, error); None: nothing opens."""
    best = None
    for name in sorted(os.listdir(folder)):
        if not name.startswith(stem):
            continue
        try:
            got = read(os.path.join(folder, name))
        except Exception:
            continue
        if got.shape != want.shape:
            best = best or ("differs", "shape %s" % "x".join(map(str, got.shape)), float("inf"))
            continue
        error = float(np.abs(got.astype(float) - want).mean())
        if error <= 1e-6:
            return ("equal", "", 0)
        best = ("differs", "mean difference %.3g" % error, error)
    return best


def apart(function, *arguments):
    """In a process of its own: some drivers crash."""
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(r)
        with os.fdopen(w, "w") as pipe:
            pipe.write(repr(function(*arguments)))
            pipe.flush()
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return eval(text, {"inf": float("inf"), "nan": float("nan")}) if text else None


def first_line(text):
    lines = [line for line in text.strip().split("\n") if line.startswith("ERROR")] or text.strip().split("\n")
    return lines[0]


def translate(driver, source, want, name):
    folder = tempfile.mkdtemp(dir=".")
    done = subprocess.run(["gdal_translate", "-q", "-of", driver, source, folder + "/" + name], capture_output=True,
                          text=True, timeout=100)
    verdict = apart(judge, want, folder, STEM) if done.returncode == 0 else ("refused", first_line(done.stderr), 0)
    shutil.rmtree(folder)
    return verdict or ("unreadable", "", 0)


def extension(driver):
    meta = driver.GetMetadata()
    if driver.ShortName in ("Zarr", "PAux"):
        return "zarr" if driver.ShortName == "Zarr" else "raw"
    return meta.get("DMD_EXTENSION") or meta.get("DMD_EXTENSIONS", "").split(" ")[0]


def digest():
    whole = hashlib.sha256()
    for name in sorted(glob.glob(SAMPLE + "/**", recursive=True)):
        whole.update(name.encode())
        if os.path.isfile(name):
            whole.update(open(name, "rb").read())
    return whole.hexdigest()


def fail(driver, kind, text):
    failures.append("%s, %s: %s" % (driver, kind, text))


def ours(driver, kind, want, name):
    folder = tempfile.mkdtemp(dir=".")
    old = folder + "/" + name
    if driver not in FOLDERS:
        with open(old, "w") as file:
            file.write("old\n")
    done = run(kind, "-of", driver, "-o", folder + "/", "-overwrite")
    left = sorted(os.listdir(folder))
    if done.returncode == 0:
        verdict = apart(judge, want, folder, STEM) or ("unreadable", "", 0)
        if verdict[0] == "unreadable":
            fail(driver, kind, "cannot be read: %s" % left)
        elif verdict[0] == "differs" and driver not in RESAMPLED and (kind == "mask" or driver not in LOSSY):
            fail(driver, kind, "%s, without a word" % verdict[1])
    else:
        line = first_line(done.stderr).split(": ", 1)[-1].split("; choose")[0]
        verdict = ("refused", line.replace("-of %s: " % driver, ""), 0)
        if done.returncode != 1 or done.stderr.count("ERROR") != 1:
            fail(driver, kind, "status %d, %s" % (done.returncode, done.stderr))
        if left != ([name] if driver not in FOLDERS else []) or (left and open(old).read() != "old\n"):
            fail(driver, kind, "the refusal leaves %s" % left)
    if [f for f in left if f.startswith(".")]:
        fail(driver, kind, "hidden files stay: %s" % left)
    shutil.rmtree(folder)
    return verdict


def main():
    before = digest()
    sources = {}
    for kind, suffix in (("mask", "_mask"), ("picture", "")):
        done = run(kind, "-o", kind + "/")
        if done.returncode:
            sys.exit("the run without -of failed: " + done.stderr)
        path = "%s/%s%s.tif" % (kind, STEM, suffix)
        sources[kind] = (path, read(path), STEM + suffix)
    assert sources["picture"][1].max() > 300 and len(np.unique(sources["mask"][1])) > 1
    only = sys.argv[3:]
    print("%-15s %-8s %-60s %s" % ("driver", "raster", "clearvision", "gdal_translate"))
    for i in range(gdal.GetDriverCount()):
        driver = gdal.GetDriver(i)
        meta, short = driver.GetMetadata(), driver.ShortName
        if "DCAP_RASTER" not in meta or not ("DCAP_CREATE" in meta or "DCAP_CREATECOPY" in meta) or short in ELSEWHERE:
            continue
        if only and short not in only:
            continue
        for kind, (path, want, stem) in sources.items():
            end = extension(driver)
            name = stem + ("." + end if end else "")
            a, b = ours(short, kind, want, name), translate(short, path, want, name)
            if b[0] == "equal" and a[0] != "equal":
                fail(short, kind, "gdal_translate writes equal values, the program: %s" % (a,))
            print("%-15s %-8s %-60s %s" % (short, kind, (a[0] + (": " if a[1] else "") + a[1])[:160],
                                           (b[0] + (": " if b[1] else "") + b[1])[:70]), flush=True)
    if digest() != before:
        failures.append("an input has changed")
    for text in failures:
        print("FAILED: " + text)
    sys.exit(bool(failures))


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    try:
        main()
    finally:
        os.chdir("/")
