# SPDX-License-Identifier: GPL-2.0-or-later
"""The zip: what QGIS and its plug-in repository ask of it."""
import configparser
import os
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

import common

PACKAGE = os.path.join(common.FOLDER, "package.py")


def pack(*words):
    """The zip's bytes and what was printed; raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "sub", "p.zip")
        said = subprocess.run([sys.executable, PACKAGE, path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=True, universal_newlines=True).stdout
        with zipfile.ZipFile(path) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        with open(path, "rb") as file:
            return content, file.read(), said


def general(content):
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str
    parsed.read_string(content["clearvision_qgis/metadata.txt"].decode("utf-8"))
    return parsed["general"]


class Package(unittest.TestCase):
    def test_content(self):
        content, data, _ = pack()
        self.assertLess(len(data), 25 * 1024 * 1024)
        self.assertEqual({name.split("/")[0] for name in content}, {"clearvision_qgis"})
        for name in ("__init__.py", "metadata.txt", "LICENSE", "README.md", "icon.svg", "plugin.py",
                     "algorithms/remove.py"):
            self.assertIn("clearvision_qgis/" + name, content)
        for name, text in content.items():
            self.assertNotRegex(name, r"__pycache__|\.pyc$|test|/\.|\.so$|\.exe$")
            if name.endswith(".py"):
                self.assertIn(b"SPDX-License-Identifier: GPL-2.0-or-later", text, name)
        self.assertIn(b"GNU GENERAL PUBLIC LICENSE", content["clearvision_qgis/LICENSE"])

    def test_same_bytes(self):
        self.assertEqual(pack()[1], pack()[1])

    def test_metadata(self):
        section = general(pack("--version", "9.8.7")[0])
        self.assertEqual(section["version"], "9.8.7")
        self.assertEqual(section["hasProcessingProvider"], "yes")
        self.assertEqual(section["qgisMinimumVersion"], "3.22")
        self.assertNotIn("plugin", section["name"].lower())
        self.assertIn("clearvision", section["about"])

    def test_version_is_the_projects(self):
        with open(os.path.join(common.SOURCE, "CMakeLists.txt"), encoding="utf-8") as file:
            version = re.search(r"project\(clearvision VERSION ([\d.]+)", file.read()).group(1)
        self.assertEqual(general(pack()[0])["version"], version)

    def test_addresses(self):
        section = general(pack("--url", "https://example.org/p", "--email", "a@example.org")[0])
        self.assertEqual(section["tracker"], "https://example.org/p/issues")
        self.assertEqual(section["repository"], "https://example.org/p")
        self.assertIn("by hand", pack()[2])
        with self.assertRaises(subprocess.CalledProcessError):
            pack("--url", "https://example.org/p")


class NoQgis(unittest.TestCase):
    def test_modules_without_qgis(self):
        code = "import clearvision_qgis.options, clearvision_qgis.console, clearvision_qgis.program, " \
               "clearvision_qgis.files, sys; sys.exit('qgis' in sys.modules)"
        subprocess.run([sys.executable, "-c", code], cwd=common.FOLDER, check=True)


if __name__ == "__main__":
    unittest.main()
