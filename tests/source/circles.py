#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the object files of a build tree with nm: which file uses symbols of which. No two files may use each other, directly
or through others, and no file may use another room's symbols against the order of the rooms (includes.py).

    circles.py SOURCE_TREE BUILD_TREE [NM]   one line for each circle and arrow; exit status 1 if there is any, 77 without nm
"""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import includes  # noqa: E402

# Circles that are known, each a set of files below src. One that has gone must go from here, too.
KNOWN = [
    {"base/journal.c", "base/temporary.c"},  # entering a folder ends journals, which are temporary files themselves
    {"synth/grounds.c", "synth/grounds_air.c", "synth/grounds_surface.c", "synth/grounds_water.c"},  # one table of makers
]


def source_of(path, tree):
    """The source below src that an object was made from; None when it is no longer there (an old object)."""
    relative = os.path.relpath(path, os.path.join(tree, "src"))
    relative = re.sub(r"CMakeFiles/[^/]+\.dir/", "", relative)
    return relative[:-len(".o")]


def objects(source_tree, build_tree):
    """{source below src: its object}"""
    found = {}
    for where, _, names in os.walk(os.path.join(build_tree, "src")):
        for name in names:
            path = os.path.join(where, name)
            if name.endswith((".c.o", ".cpp.o")):
                source = source_of(path, build_tree)
                if os.path.isfile(os.path.join(source_tree, "src", source)):
                    found[source] = path
    return found


def symbols(nm, path):
    """(defined, undefined) external symbols. Weak ones are left out: inline functions of C++ lie in every object."""
    defined, undefined = set(), set()
    for line in subprocess.run([nm, "-P", "-g", path], check=True, capture_output=True, text=True).stdout.splitlines():
        name, kind = line.split()[:2]
        if kind == "U":
            undefined.add(name)
        elif kind in "TDBRCSG":
            defined.add(name)
    return defined, undefined


def uses(nm, found):
    """{source: the sources whose symbols it uses}"""
    table = {source: symbols(nm, path) for source, path in found.items()}
    owners = {}
    for source, (defined, _) in table.items():
        for name in defined:
            owners.setdefault(name, []).append(source)
    graph = {}
    for source, (_, undefined) in table.items():
        # A symbol that several files define belongs to alternatives of which one is linked: neither is meant.
        graph[source] = {owners[name][0] for name in undefined if len(owners.get(name, [])) == 1} - {source}
    return graph


def reachable(graph, start):
    seen, todo = set(), list(graph[start])
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += graph[node]
    return seen


def circles(graph):
    """Sets of files that all reach each other, sorted."""
    reach = {node: reachable(graph, node) for node in graph}
    found = []
    for node in sorted(graph):
        if node in reach[node] and not any(node in circle for circle in found):
            found.append({other for other in reach[node] if node in reach[other]})
    return found


def faults(graph, known):
    lines = []
    now = circles(graph)
    for circle in now:
        if circle not in known:
            pairs = sorted("%s -> %s" % (a, b) for a in circle for b in graph[a] & circle)
            lines.append("a circle of files: " + ", ".join(pairs))
    for circle in known:
        if circle not in now:
            lines.append("no circle any more, to be taken out of KNOWN: " + ", ".join(sorted(circle)))
    for source in sorted(graph):
        for other in sorted(graph[source]):
            fault = includes.arrow(source.split("/")[0], other.split("/")[0])
            if fault:
                lines.append("%s uses %s: %s" % (source, other, fault))
    return lines


def main():
    nm = sys.argv[3] if len(sys.argv) > 3 else "nm"
    if not shutil.which(nm):
        print("skipped: nm is not installed (binutils)")
        return 77
    found = objects(sys.argv[1], sys.argv[2])
    if not found:
        print("no object files below " + sys.argv[2])
        return 1
    lines = faults(uses(nm, found), KNOWN)
    print("\n".join(lines) if lines else "%d object files, no circle but %d known" % (len(found), len(KNOWN)))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
