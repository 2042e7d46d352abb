# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the zip that QGIS installs (Plugins > Manage and Install Plugins > Install from ZIP):

    python3 src/qgis/package.py out/clearvision_qgis.zip [--version 0.1.0] [--url ADDRESS --email ADDRESS]

The zip has one folder, the same bytes every time, and none of what QGIS's plug-in repository refuses (programs, tests,
caches, hidden files). To be published there it also needs the project's public address and an e-mail address, which
metadata.txt leaves open: with --url they are filled in; without, the zip is for installing by hand.
"""
import argparse
import configparser
import os
import sys
import zipfile

FOLDER = "clearvision_qgis"
SUFFIXES = (".py", ".txt", ".svg", ".md")
LIMIT = 25 * 1024 * 1024
REQUIRED = ("name", "description", "about", "version", "qgisMinimumVersion", "author", "license",
            "hasProcessingProvider", "icon", "tags")
PUBLIC = ("email", "homepage", "tracker", "repository")


def members(source):
    """Paths below `source`, sorted: Python, texts, the picture and the licence."""
    found = []
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")) and name not in ("test", "tests"))
        for name in sorted(names):
            if not name.startswith(".") and (name.endswith(SUFFIXES) or name == "LICENSE"):
                found.append(os.path.relpath(os.path.join(folder, name), source))
    return sorted(found)


def metadata(text, version, url, email):
    """metadata.txt with what is filled in; exits when something that QGIS asks for is missing."""
    filled = {"version": version, "email": email}
    if url:
        filled.update({"homepage": url, "tracker": url.rstrip("/") + "/issues", "repository": url})
    lines = []
    for line in text.splitlines():
        key = line.split("=", 1)[0]
        lines.append("{}={}".format(key, filled[key]) if filled.get(key) else line)
    text = "\n".join(lines) + "\n"
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str
    parsed.read_string(text)
    wanted = REQUIRED + (PUBLIC if url else ())
    missing = [key for key in wanted if not parsed.get("general", key, fallback="").strip()]
    if missing:
        sys.exit("package.py: metadata.txt lacks " + ", ".join(missing))
    return text


def main():
    parser = argparse.ArgumentParser(description="Make the zip of the QGIS plug-in")
    parser.add_argument("output")
    parser.add_argument("--version", help="of the plug-in; default: what metadata.txt says")
    parser.add_argument("--url", help="public address of the project, for the plug-in repository")
    parser.add_argument("--email", help="address for the plug-in repository; it is not shown there")
    given = parser.parse_args()
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), FOLDER)
    os.makedirs(os.path.dirname(os.path.abspath(given.output)), exist_ok=True)
    with zipfile.ZipFile(given.output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in members(source):
            with open(os.path.join(source, name), encoding="utf-8") as file:
                content = file.read()
            if name == "metadata.txt":
                content = metadata(content, given.version, given.url, given.email)
            entry = zipfile.ZipInfo("{}/{}".format(FOLDER, name.replace(os.sep, "/")), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    size = os.path.getsize(given.output)
    if size > LIMIT:
        sys.exit("package.py: {} bytes are more than the plug-in repository takes".format(size))
    note = "" if given.url else "; without --url it is for installing by hand, not for the plug-in repository"
    print("{}: {} bytes{}".format(given.output, size, note))


if __name__ == "__main__":
    main()
