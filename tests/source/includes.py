#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads every #include of src and include and holds the order of the rooms: which room may include which.

    includes.py SOURCE_TREE      one line for each include that breaks a rule; exit status 1 if there is any
"""
import os
import re
import sys

# From the lowest to the highest: a room may include itself and the rooms before it, never one after it.
CHAIN = ["base", "formats", "sentinel2", "image", "synth", "gapfill", "raster", "products", "series", "output",
         "pipeline", "learn", "serve", "cli"]
# Rooms beside the chain and what they may include.
BESIDE = {
    "web": ["base"],
    "net": CHAIN[:CHAIN.index("gapfill") + 1],
    "gdal": CHAIN[:CHAIN.index("products") + 1],
}
WEB_USERS = ["pipeline", "learn", "serve", "cli"]
NET_USERS = ["pipeline", "learn", "serve"]  # of net/net.h, the module's interface in C; no other header of net
GDAL_USERS = CHAIN[CHAIN.index("raster"):] + ["gdal"]

# Headers of the libraries that only some rooms may know.
TORCH = re.compile(r"(ATen|c10|caffe2|torch)/")
GDAL = re.compile(r"(cpl_|gdal|ogr|vrtdataset)[a-z0-9_]*\.h$")
MICROHTTPD = re.compile(r"microhttpd\.h$")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = (".c", ".h", ".cpp", ".h.in")


def rooms():
    return CHAIN + list(BESIDE)


def allowed(room):
    """The rooms whose headers a room may include."""
    if room in BESIDE:
        return [room] + BESIDE[room]
    found = CHAIN[:CHAIN.index(room) + 1]
    return found + [name for name, users in (("web", WEB_USERS), ("net", NET_USERS)) if room in users]


def arrow(room, other):
    """What is wrong with room using other; None when it may."""
    if other in allowed(room):
        return None
    return "%s may not include %s, only %s" % (room, other, ", ".join(allowed(room)))


def check_own(tree, room, path):
    """An include written "path" by a file of a room; what is wrong with it, or None."""
    other = path.split("/")[0]
    if "/" not in path or other not in rooms():
        return 'our headers are included as "room/file.h"'
    if not os.path.isfile(os.path.join(tree, "src", path)):
        return "there is no src/" + path
    if other == "net" and room != "net" and path != "net/net.h":
        return "outside net only net/net.h may be included of net"
    return arrow(room, other)


def check_library(tree, room, path):
    """An include written <path>."""
    if path.split("/")[0] in rooms() and os.path.isfile(os.path.join(tree, "src", path)):
        return 'our headers are included as "room/file.h", not in angle brackets'
    if TORCH.match(path) and room != "net":
        return "only net may include libtorch's headers"
    if GDAL.match(path) and room not in GDAL_USERS:
        return "only raster and the rooms above it may include GDAL's headers"
    if MICROHTTPD.match(path) and room != "serve":
        return "only serve may include libmicrohttpd's header"
    return None


def check_public(path, quoted):
    """An include of the public headers: the standard library and each other."""
    if quoted or ("/" in path and not path.startswith("clearvision/") and not path.startswith("sys/")):
        return "public headers include the C library and <clearvision/...> only"
    if TORCH.match(path) or GDAL.match(path) or MICROHTTPD.match(path):
        return "public headers include the C library and <clearvision/...> only"
    return None


def files_of(folder):
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(SOURCES):
                yield os.path.join(where, name)


def without_comments(text):
    """The text with comments blanked, line by line, so that line numbers stay."""
    blank = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return blank.sub(lambda m: m.group() if m.group()[0] == '"' else re.sub(r"[^\n]", " ", m.group()), text)


def check_file(tree, path):
    relative = os.path.relpath(path, tree)
    parts = relative.split(os.sep)
    room = parts[1] if parts[0] == "src" and len(parts) > 2 else None
    with open(path, encoding="utf-8") as file:
        text = without_comments(file.read())
    if parts[0] == "src" and room not in rooms():
        return ["%s: src/%s is no room of tests/source/includes.py: say there what it may include" % (relative, parts[1])]
    faults = []
    for match in INCLUDE.finditer(text):
        quoted, name = match.group(1) == '"', match.group(2)
        if room is None:
            fault = check_public(name, quoted)
        else:
            fault = check_own(tree, room, name) if quoted else check_library(tree, room, name)
        if fault:
            line = text.count("\n", 0, match.start()) + 1
            faults.append("%s:%d: %s: %s" % (relative, line, match.group().strip(), fault))
    return faults


def faults(tree):
    found = []
    for folder in ("src", "include"):
        for path in files_of(os.path.join(tree, folder)):
            found += check_file(tree, path)
    return found


if __name__ == "__main__":
    lines = faults(sys.argv[1])
    print("\n".join(lines) if lines else "every include keeps to the order of the rooms")
    sys.exit(1 if lines else 0)
