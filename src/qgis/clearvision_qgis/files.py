# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that go in and come out. No import of qgis.

What a run has written is found by looking into its folder before and after: the program names results after the
inputs, and appears with whole files only (it writes aside and renames).
"""
import os
from collections import namedtuple

PICTURE, MASK, QUALITY = "picture", "mask", "quality"
RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img", ".npz", ".nc", ".png", ".jpg", ".jpeg")
SIDE_PRODUCTS = ("_mask", "_quality", "_scl", "_clp", "_cld")
SIDECARS = (".xml", ".aux", ".ovr", ".msk", ".wld", ".tfw", ".pgw", ".jgw", ".hdr", ".prj", ".qml", ".tmp", ".txt")

Written = namedtuple("Written", "path kind")


def expand_folder(folder):
    """What a folder offers as inputs, sorted by name: a .SAFE folder is one input itself; else its rasters, cubes,
    SAFE folders and zipped products, without masks, qualities and classifications. Empty when there is none."""
    if folder.rstrip(os.sep).lower().endswith(".safe"):
        return [folder]
    inputs = []
    for name in sorted(os.listdir(folder)):
        stem, extension = os.path.splitext(name)
        extension = extension.lower()
        if name.startswith(".") or stem.lower().endswith(SIDE_PRODUCTS):
            continue
        # A scene classification of Sen2Cor may have its resolution in its name: _SCL_20m.
        if any(side + "_" in stem.lower() for side in ("_scl", "_clp")):
            continue
        if extension in RASTERS or extension == ".safe" or (extension == ".zip" and "MSIL" in stem):
            inputs.append(os.path.join(folder, name))
    return inputs


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
