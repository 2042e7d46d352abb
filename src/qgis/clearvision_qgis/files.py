# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that come out. No import of qgis.

What a run has written is found by looking into its folder before and after: the program names results after the
inputs, and appears with whole files only (it writes aside and renames).
"""
import os
from collections import namedtuple

PICTURE, MASK, QUALITY = "picture", "mask", "quality"
SIDECARS = (".xml", ".aux", ".ovr", ".msk", ".wld", ".tfw", ".pgw", ".jgw", ".hdr", ".prj", ".qml", ".tmp", ".txt")

Written = namedtuple("Written", "path kind")


def snapshot(folder):
    """What lies in a folder: {name: a value that changes when the file is written anew}. {} when there is no folder."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    state = entry.stat()
                    found[entry.name] = (state.st_ino, state.st_mtime_ns, state.st_size)
    except FileNotFoundError:
        return {}
    return found


def written(folder, before, masks=False, quality=False, without=()):
    """The rasters that have come into a folder since `before` (a snapshot), sorted by name, with their kinds.

    masks, quality: whether the run was to write NAME_mask and NAME_quality. without: paths that are no result.
    """
    without = {os.path.abspath(path) for path in without if path}
    after = snapshot(folder)
    names = sorted(name for name, state in after.items()
                   if before.get(name) != state and not name.startswith(".")
                   and not name.lower().endswith(SIDECARS)
                   and os.path.abspath(os.path.join(folder, name)) not in without)
    stems = {os.path.splitext(name)[0] for name in names}

    def kind(name):
        stem = os.path.splitext(name)[0]
        for suffix, wanted, result in (("_mask", masks, MASK), ("_quality", quality, QUALITY)):
            # An input may be called x_mask.tif: its result is a picture and has a mask of its own, x_mask_mask.tif.
            if wanted and stem.endswith(suffix) and stem + suffix not in stems:
                return result
        return PICTURE

    return [Written(os.path.join(folder, name), kind(name)) for name in names]
