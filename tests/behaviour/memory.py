#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Memory does not grow with the scene: the peak of `remove` at two heights of the same series.

    memory.py PROGRAM WORK_FOLDER

One thread, one malloc arena and a block cache of GDAL's that is full at both heights, so that what remains is what the program
holds. The rows that only the taller scene has are 25 MB in the inputs' own type and 50 MB as reflectance: LIMIT_KB lies
below one copy of them, and above the 10 MB that were measured. That the measurement sees a scene that is held is shown with
a block cache that keeps all of it.
"""
import os
import shutil
import sys

LIMIT_KB = 18000
WIDTH, SHORT, TALL, DATES = 512, 1024, 2560, 4


def peak_kb(program, arguments):
    """The largest resident size of one run."""
    environment = dict(os.environ, GDAL_NUM_THREADS="1", MALLOC_ARENA_MAX="1")
    pid = os.posix_spawn(program, [program] + arguments, environment)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit("clearvision %s failed" % " ".join(arguments[:1]))
    return usage.ru_maxrss


def crop(source, target, height):
    from osgeo import gdal
    os.makedirs(os.path.dirname(target), exist_ok=True)
    gdal.Translate(target, source, srcWin=[0, 0, WIDTH, height])


def tifs(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".tif"))


def make_scenes(program, work):
    """Folders of the tall and the short scene, masks in "mask"."""
    tall, short = os.path.join(work, "tall"), os.path.join(work, "short")
    peak_kb(program, ["simulate", "-q", "-o", tall, "-size", str(WIDTH), str(TALL), "-dates", str(DATES)])
    for part in ("", "mask"):
        for path in tifs(os.path.join(tall, part)):
            crop(path, os.path.join(short, part, os.path.basename(path)), SHORT)
    return short, tall


def remove_peak(program, folder, method, cache_mb):
    masks = [word for path in tifs(os.path.join(folder, "mask")) for word in ("-mask", path)]
    return peak_kb(program, ["remove", "-q", "-overwrite", "-method", method, "-mask_mode", "replace",
                             "--config", "GDAL_CACHEMAX", str(cache_mb), "-o", os.path.join(folder, "out")] + masks + tifs(folder))


def growth(program, scenes, method, cache_mb):
    short, tall = [remove_peak(program, folder, method, cache_mb) for folder in scenes]
    print("-method %s, block cache of %d MB: %d kB at %d rows, %d kB at %d" % (method, cache_mb, short, SHORT, tall, TALL))
    return tall - short


def main():
    program, work = sys.argv[1:3]
    try:
        import osgeo.gdal  # noqa: F401
    except ImportError:
        print("skipped: python3-gdal is not installed")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    scenes = make_scenes(program, work)
    failures = 0
    if growth(program, scenes, "linear", 400) < LIMIT_KB:
        print("FAILED: a scene that is held is not seen")
        failures += 1
    if growth(program, scenes, "gaussian", 16) > LIMIT_KB:
        print("FAILED: memory grows with the scene")
        failures += 1
    shutil.rmtree(work)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
